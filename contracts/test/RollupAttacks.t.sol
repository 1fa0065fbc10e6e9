// SPDX-License-Identifier: GPL-3.0-only
pragma solidity ^0.8.28;

import {IBatchSettlement} from "../src/interfaces/IBatchSettlement.sol";
import {IExitHatch} from "../src/interfaces/IExitHatch.sol";
import {IRequestInbox} from "../src/interfaces/IRequestInbox.sol";
import {IRollupState} from "../src/interfaces/IRollupState.sol";
import {Constants} from "../src/libraries/Constants.sol";
import {ExitFixture} from "./utils/ExitFixture.sol";

/// @notice Attacks by name, from operators, users and strangers; each must leave the exchange as it was
contract RollupAttacksTest is ExitFixture {
    address private immutable mallory = makeAddr("mallory");

    function test_attack_replayedBatch() external {
        skip(60);
        Draft memory draft = nextBatch(0);
        submit(draft);
        vm.expectRevert(abi.encodeWithSelector(IBatchSettlement.WrongBatchNumber.selector, 2, 3));
        send(draft);
        draft.header[Constants.HEADER_BATCH_NUMBER] = 3;
        prove(draft);
        vm.expectRevert(
            abi.encodeWithSelector(
                IBatchSettlement.WrongOldStateRoot.selector, STATE_ROOT + 1, STATE_ROOT + 2
            )
        );
        send(draft);
    }

    /// @dev Mallory sends bob's key first. It becomes the key of an account of hers: bob's registration is not hers to make.
    function test_attack_frontRunRegistration() external {
        fund(mallory);
        registerAs(mallory, KEY_X, KEY_Y);
        registerAs(bob, KEY_X, KEY_Y);
        assertEq(rollup.accountOf(mallory), 3);
        assertEq(rollup.accountOf(bob), BOB);
        assertRequest(3, headWord(2, BOB, 0, bob), KEY_X, KEY_Y);
    }

    /// @dev A thousand requests in one block, at any price: each moves the deadline behind it, so an operator that serves
    /// one in a service time is never frozen, and the last one waits no longer than the queue is long.
    function test_attack_griefedQueueDelaysButCannotFreeze() external {
        fund(mallory);
        for (uint256 i = 0; i < 1_000; ++i) {
            registerAs(mallory, KEY_X, KEY_Y);
        }
        withdrawAs(alice, 1);
        (, uint40 deadline,) = rollup.ticket(1_002);
        assertEq(deadline, START + 3 days + 1_002 minutes);
        vm.warp(START + 3 days - 7 minutes);
        for (
            uint256 waiting = 1_001;
            waiting != 0;
            waiting = rollup.requestCount() - rollup.requestsConsumed()
        ) {
            skip(7 minutes);
            submit(nextBatch(waiting < REQUESTS_PER_BATCH ? waiting : REQUESTS_PER_BATCH));
            vm.expectRevert(IExitHatch.OperatorOnTime.selector);
            rollup.freeze();
        }
        assertEq(rollup.requestsConsumed(), 1_003);
    }

    /// @dev Each forced message costs the operator a batch of its own. One batch in a service time is enough for ever.
    function test_attack_queueGriefedByMessagesDelaysButCannotFreeze() external {
        fund(mallory);
        uint256 messages = 100;
        for (uint256 i = 0; i < messages / 2; ++i) {
            forceOrderAs(bob);
            liquidateAs(mallory, alice);
        }
        withdrawAs(alice, 1);
        (, uint40 deadline,) = rollup.ticket(2 + messages);
        assertEq(deadline, START + 3 days + (2 + messages) * 1 minutes);
        vm.warp(START + 3 days + 1 minutes);
        for (uint256 i = 0; i <= messages; ++i) {
            skip(1 minutes);
            submit(nextBatch(1));
            vm.expectRevert(IExitHatch.OperatorOnTime.selector);
            rollup.freeze();
        }
        assertEq(rollup.requestsConsumed(), rollup.requestCount());
    }

    function test_attack_operatorIgnoresAForcedMessage() external {
        forceOrderAs(alice);
        vm.warp(START + 3 days + 2 minutes);
        Draft memory draft = nextBatch(0);
        prove(draft);
        vm.expectRevert(abi.encodeWithSelector(IBatchSettlement.TooFewRequests.selector, 0, 1));
        send(draft);
        skip(1);
        rollup.freeze();
    }

    function test_attack_operatorIgnoresALiquidation() external {
        fund(mallory);
        liquidateAs(mallory, alice);
        vm.warp(START + 3 days + 2 minutes);
        Draft memory draft = nextBatch(0);
        prove(draft);
        vm.expectRevert(abi.encodeWithSelector(IBatchSettlement.TooFewRequests.selector, 0, 1));
        send(draft);
        skip(1);
        rollup.freeze();
    }

    /// @dev Mallory's transaction is in the place of no signature: what bob's account is made to do has a kind and fields that
    /// mallory has no say in.
    function test_attack_anotherMessageByALiquidation() external {
        fund(mallory);
        liquidateAs(mallory, bob, type(uint8).max, true, type(uint48).max);
        assertRequest(2, headWord(4, BOB, 0, bob), BOB + (2 ** 11 - 1) * 2 ** 84, (2 ** 48 - 1) * 2 ** 32);
        liquidateAs(mallory, bob, 0, false, 0);
        assertRequest(3, headWord(4, BOB, 0, bob), BOB + 3 * 2 ** 84, 2 ** 32 - 1);
    }

    /// @dev Account 0 has an owner whom the rollup does not know: nobody sends the fund a message.
    function test_attack_insuranceFundLiquidation() external {
        vm.expectRevert(abi.encodeWithSelector(IRequestInbox.NoAccount.selector, address(1)));
        liquidateAs(bob, address(1));
        vm.expectRevert(abi.encodeWithSelector(IRequestInbox.NoAccount.selector, address(0)));
        liquidateAs(bob, address(0));
    }

    /// @dev The words are bob's own; the transaction is mallory's, and so is nothing in the queue.
    function test_attack_forcedMessageOfAnotherAccount() external {
        (uint256 w0, uint256 w1) = orderWords(BOB);
        vm.deal(mallory, 1 ether);
        vm.expectRevert(abi.encodeWithSelector(IRequestInbox.NoAccount.selector, mallory));
        forceAs(mallory, w0, w1);
        vm.expectRevert(abi.encodeWithSelector(IRequestInbox.MessageOfAnotherAccount.selector, BOB, ALICE));
        forceAs(alice, w0, w1);
        assertEq(rollup.requestCount(), 2);
    }

    /// @dev Another order of alice's in the place of the one that she forced.
    function test_attack_operatorAltersAForcedMessage() external {
        forceOrderAs(alice);
        skip(60);
        Draft memory draft = nextBatch(1);
        uint256[] memory stream = fullStream(draft);
        stream[Constants.HEADER_WORDS + 2] += 1;
        proveStream(draft.commitment, stream);
        vm.expectRevert(IBatchSettlement.InvalidProof.selector);
        send(draft);
    }

    /// @dev The proof is of bob's 400. No other root, account, owner or equity goes with it.
    function test_attack_forgedExit() external {
        freezeBySilence();
        proveExit(BOB, bob, 400);
        refuseExit(BOB, bob, 401, IExitHatch.InvalidExitProof.selector);
        refuseExit(BOB, mallory, 400, IExitHatch.InvalidExitProof.selector);
        refuseExit(ALICE, bob, 400, IExitHatch.InvalidExitProof.selector);
        IRollupState.Proof memory forged = proof();
        forged.a[0] += 1;
        vm.expectRevert(IExitHatch.InvalidExitProof.selector);
        rollup.exit(BOB, bob, 400, forged);
    }

    function test_attack_doubleExit() external {
        freezeBySilence();
        exitFor(BOB, bob, 400);
        refuseExit(BOB, bob, 400, abi.encodeWithSelector(IExitHatch.ExitTaken.selector, BOB));
        closeExitWindow();
        refuseExit(BOB, bob, 400, abi.encodeWithSelector(IExitHatch.ExitTaken.selector, BOB));
        rollup.payExit(BOB);
        vm.expectRevert(abi.encodeWithSelector(IExitHatch.NoExitToPay.selector, BOB));
        rollup.payExit(BOB);
        refuseExit(BOB, bob, 400, abi.encodeWithSelector(IExitHatch.ExitTaken.selector, BOB));
    }

    function test_attack_doubleLateExit() external {
        freezeBySilence();
        closeExitWindow();
        exitFor(BOB, bob, 400);
        refuseExit(BOB, bob, 400, abi.encodeWithSelector(IExitHatch.ExitTaken.selector, BOB));
        vm.expectRevert(abi.encodeWithSelector(IExitHatch.NoExitToPay.selector, BOB));
        rollup.payExit(BOB);
        assertEq(received(bob, 400), 400);
    }

    /// @dev Bob had 400 in batch 1 and lost it in batch 2: the root of batch 1 proves nothing any more.
    function test_attack_staleExitRoot() external {
        proveExit(BOB, bob, 400);
        skip(60);
        submit(nextBatch(0));
        freezeBySilence();
        refuseExit(BOB, bob, 400, IExitHatch.InvalidExitProof.selector);
    }

    function test_attack_exitBeforeTheFreeze() external {
        proveExit(BOB, bob, 400);
        refuseExit(BOB, bob, 400, IRollupState.NotFrozen.selector);
    }

    function test_attack_insuranceFundExit() external {
        freezeBySilence();
        proveExit(0, mallory, 100);
        refuseExit(0, mallory, 100, IExitHatch.InsuranceFundStays.selector);
        proveExit(0, address(1), 100);
        refuseExit(0, address(1), 100, IExitHatch.InsuranceFundStays.selector);
    }

    /// @dev A deposit that would be frozen with the vault is refused with the freeze, and no tokens move.
    function test_attack_depositIntoAFrozenVault() external {
        freezeBySilence();
        vm.expectRevert(IRollupState.IsFrozen.selector);
        depositAs(bob, 100);
        assertEq(rollup.vaultBalance(), POT);
    }

    function test_attack_feePoolBeforeItsTime() external {
        freezeBySilence();
        uint256 opensAfter = rollup.frozenAt() + 379 days;
        vm.warp(opensAfter);
        vm.prank(operator);
        vm.expectRevert(abi.encodeWithSelector(IExitHatch.TooEarly.selector, opensAfter));
        rollup.payFeePool();
        skip(1);
        assertEq(rollup.payFeePool(), FEE_POOL);
    }

    /// @dev Alice's withdrawal is the head. The operator may take both or none, but not bob's alone.
    function test_attack_operatorSkipsTheHeadOfTheQueue() external {
        withdrawAs(alice, 600);
        withdrawAs(bob, 400);
        skip(60);
        Draft memory draft = nextBatch(1);
        draft.header[Constants.HEADER_REQUESTS_BEGIN] = 3;
        prove(draft);
        vm.expectRevert(abi.encodeWithSelector(IBatchSettlement.WrongRequestsBegin.selector, 3, 2));
        send(draft);
        draft = nextBatch(1);
        uint256[] memory stream = fullStream(draft);
        (stream[Constants.HEADER_WORDS],,) = rollup.requestWords(3);
        proveStream(draft.commitment, stream);
        vm.expectRevert(IBatchSettlement.InvalidProof.selector);
        send(draft);
    }

    /// @dev Batches go on, the queue does not: refused as soon as the request is older than patience.
    function test_attack_operatorIgnoresTheQueue() external {
        withdrawAs(alice, 600);
        skip(1 hours);
        Draft memory draft = nextBatch(0);
        prove(draft);
        vm.expectRevert(abi.encodeWithSelector(IBatchSettlement.TooFewRequests.selector, 0, 1));
        send(draft);
    }

    /// @dev Alice has registered and is slow to be paid. Late exits and the operator take what is left, nothing of hers.
    function test_attack_lateExitsStealFromRegisteredOnes() external {
        freezeBySilence();
        exitFor(ALICE, alice, 900);
        closeExitWindow();
        exitFor(BOB, bob, 400);
        assertEq(received(bob, 400), 100);
        proveExit(3, mallory, type(uint64).max);
        refuseExit(3, mallory, type(uint64).max, IExitHatch.NothingLeft.selector);
        closeLateWindow();
        vm.expectRevert(IExitHatch.NothingLeft.selector);
        rollup.payFeePool();
        assertEq(rollup.payExit(ALICE), 900);
    }

    /// @dev Late exits are measured by the same ratio: waiting for the window's end wins nothing.
    function test_attack_lateExitAvoidsTheHaircut() external {
        freezeBySilence();
        exitFor(ALICE, alice, 4_000);
        closeExitWindow();
        proveExit(BOB, bob, 400);
        refuseExit(BOB, bob, 400, IExitHatch.NothingLeft.selector);
        assertEq(rollup.payExit(ALICE), POT);
    }

    function refuseExit(uint32 account, address owner, uint64 equity, bytes4 reason) private {
        refuseExit(account, owner, equity, abi.encodeWithSelector(reason));
    }

    function refuseExit(uint32 account, address owner, uint64 equity, bytes memory reason) private {
        vm.expectRevert(reason);
        rollup.exit(account, owner, equity, proof());
    }
}
