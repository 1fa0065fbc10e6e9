// SPDX-License-Identifier: GPL-3.0-only
pragma solidity ^0.8.28;

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {Rollup} from "../../src/Rollup.sol";
import {IReceiptCourt} from "../../src/interfaces/IReceiptCourt.sol";
import {IRollupState} from "../../src/interfaces/IRollupState.sol";
import {ReceiptFixture} from "../utils/ReceiptFixture.sol";

contract ReceiptChallengeTest is ReceiptFixture {
    /// @dev The order of the group of secp256k1.
    uint256 private constant N = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141;

    function test_aDueReceiptIsChallengedForTheBond() external {
        IReceiptCourt.Receipt memory receipt = receiptOf(1, 0);
        bytes memory signature = sign(receipt);
        uint256 deadline = START + PROMISE + 1 + rollup.answerPeriod();
        pastDue();

        vm.expectEmit(address(rollup));
        emit IReceiptCourt.ReceiptChallenged(digestOf(receipt), alice, deadline, receipt);
        vm.prank(alice);
        rollup.challengeReceipt{value: BOND}(receipt, signature);

        (address challenger, uint40 until) = rollup.challenges(digestOf(receipt));
        assertEq(challenger, alice);
        assertEq(until, deadline);
        assertEq(address(rollup).balance, BOND);
        assertEq(rollup.receiptDigest(receipt), digestOf(receipt));
    }

    function test_aReceiptIsNotDueInTheSecondThatItNames() external {
        IReceiptCourt.Receipt memory receipt = receiptOf(1, 0);
        vm.warp(receipt.dueBy);
        refuse(receipt, sign(receipt), abi.encodeWithSelector(IReceiptCourt.NotDue.selector, receipt.dueBy));
        skip(1);
        challenge(receipt);
    }

    function testFuzz_aChallengeCostsTheBondToTheWei(uint256 sent) external {
        sent = bound(sent, 0, 1 ether);
        vm.assume(sent != BOND);
        IReceiptCourt.Receipt memory receipt = receiptOf(1, 0);
        bytes memory signature = sign(receipt);
        pastDue();
        vm.expectRevert(abi.encodeWithSelector(IReceiptCourt.WrongBond.selector, sent, BOND));
        vm.prank(alice);
        rollup.challengeReceipt{value: sent}(receipt, signature);
    }

    function test_nobodyElseSignsReceipts() external {
        pastDue();
        (address recovered, uint256 key) = makeAddrAndKey("another signer");
        IReceiptCourt.Receipt memory receipt = receiptOf(1, 0);
        bytes memory signature = signWith(key, receipt);
        refuse(receipt, signature, abi.encodeWithSelector(IReceiptCourt.NotSigned.selector, recovered));
    }

    function test_everyFieldIsUnderTheSignature() external {
        pastDue();
        bytes memory signature = sign(receiptOf(1, 0));
        for (uint256 field = 0; field < 7; ++field) {
            IReceiptCourt.Receipt memory changed = receiptOf(1, 0);
            if (field == 0) changed.batchNumber += 1;
            if (field == 1) changed.sequence += 1;
            if (field == 2) changed.messageHash += 1;
            if (field == 3) changed.dueBy -= 1;
            if (field == 4) changed.epochHash += 1;
            if (field == 5) changed.requestsEnd += 1;
            if (field == 6) changed.queueHash += 1;
            refuseUnsigned(changed, signature);
        }
    }

    function test_aReceiptOfAnotherDeploymentIsWorthNothingHere() external {
        pastDue();
        IReceiptCourt.Receipt memory receipt = receiptOf(1, 0);
        bytes memory signature = sign(receipt);
        rollup = new Rollup(deployment(token));
        refuseUnsigned(receipt, signature);
    }

    function test_aReceiptOfAnotherChainIsWorthNothingHere() external {
        pastDue();
        IReceiptCourt.Receipt memory receipt = receiptOf(1, 0);
        bytes memory signature = sign(receipt);
        vm.chainId(block.chainid + 1);
        refuseUnsigned(receipt, signature);
    }

    function test_theOtherRootOfASignatureIsRefused() external {
        pastDue();
        IReceiptCourt.Receipt memory receipt = receiptOf(1, 0);
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(RECEIPT_KEY, digestOf(receipt));
        bytes32 other = bytes32(N - uint256(s));
        refuse(
            receipt,
            abi.encodePacked(r, other, v == 27 ? 28 : 27),
            abi.encodeWithSelector(ECDSA.ECDSAInvalidSignatureS.selector, other)
        );
    }

    function test_aShortSignatureIsRefused() external {
        pastDue();
        refuse(
            receiptOf(1, 0),
            new bytes(64),
            abi.encodeWithSelector(ECDSA.ECDSAInvalidSignatureLength.selector, 64)
        );
    }

    /// @dev ecrecover's failure is address 0, which is nobody's.
    function test_aSignatureOfNobodyIsRefused() external {
        pastDue();
        refuse(receiptOf(1, 0), new bytes(65), abi.encodeWithSelector(ECDSA.ECDSAInvalidSignature.selector));
    }

    function test_aReceiptIsChallengedOnce() external {
        pastDue();
        IReceiptCourt.Receipt memory receipt = receiptOf(1, 0);
        bytes32 digest = challenge(receipt);
        refuse(
            receipt, sign(receipt), abi.encodeWithSelector(IReceiptCourt.AlreadyChallenged.selector, digest)
        );
    }

    function test_anAnsweredReceiptIsNotChallengedAgain() external {
        finalizeBatch();
        pastDue();
        IReceiptCourt.Receipt memory receipt = receiptOf(1, 0);
        bytes32 digest = challenge(receipt);
        rollup.answerReceipt(receipt, answerOf(1, 0));
        refuse(
            receipt, sign(receipt), abi.encodeWithSelector(IReceiptCourt.AlreadyChallenged.selector, digest)
        );
    }

    function test_aFrozenRollupTakesNoChallenges() external {
        IReceiptCourt.Receipt memory receipt = receiptOf(1, 0);
        bytes memory signature = sign(receipt);
        skip(rollup.silence() + 1);
        rollup.freeze();
        refuse(receipt, signature, abi.encodeWithSelector(IRollupState.IsFrozen.selector));
    }

    function refuse(IReceiptCourt.Receipt memory receipt, bytes memory signature, bytes memory reason)
        private
    {
        vm.expectRevert(reason);
        vm.prank(alice);
        rollup.challengeReceipt{value: BOND}(receipt, signature);
    }

    function refuseUnsigned(IReceiptCourt.Receipt memory receipt, bytes memory signature) private {
        vm.expectPartialRevert(IReceiptCourt.NotSigned.selector);
        vm.prank(alice);
        rollup.challengeReceipt{value: BOND}(receipt, signature);
    }
}
