// SPDX-License-Identifier: GPL-3.0-only
pragma solidity ^0.8.28;

import {IReceiptCourt} from "../../src/interfaces/IReceiptCourt.sol";
import {ReceiptFixture} from "../utils/ReceiptFixture.sol";

/// @notice Receipts of six messages, kept and broken ones, in any order of calls: every bond is somebody's
contract ReceiptInvariantTest is ReceiptFixture {
    uint256 private constant RECEIPTS = 2 * MESSAGES;

    /// @dev The first six are of the one batch that comes, the others of one that never does.
    bytes32[RECEIPTS] private digests;
    uint256 private openBonds;

    function setUp() public override {
        super.setUp();
        finalizeBatch();
        for (uint256 i = 0; i < RECEIPTS; ++i) {
            digests[i] = digestOf(promised(i));
        }
        pastDue();
        vm.deal(alice, BOND * RECEIPTS);
        bytes4[] memory calls = new bytes4[](6);
        calls[0] = this.challengeOne.selector;
        calls[1] = this.answerOne.selector;
        calls[2] = this.freezeOne.selector;
        calls[3] = this.reclaimOne.selector;
        calls[4] = this.collect.selector;
        calls[5] = this.wait.selector;
        targetSelector(FuzzSelector({addr: address(this), selectors: calls}));
        targetContract(address(this));
    }

    /// forge-config: default.invariant.runs = 16
    function invariant_theContractHoldsOpenBondsAndWhatItOwes() external view {
        assertEq(address(rollup).balance, openBonds + rollup.weiOwed(alice) + rollup.weiOwed(bob));
    }

    /// forge-config: default.invariant.runs = 16
    function invariant_everyBondIsAlicesOrWasEarned() external view {
        uint256 alices = alice.balance + rollup.weiOwed(alice);
        uint256 bobs = bob.balance - 1 ether + rollup.weiOwed(bob);
        assertEq(alices + bobs + openBonds, BOND * RECEIPTS);
    }

    function challengeOne(uint256 which) external {
        IReceiptCourt.Receipt memory receipt = promised(which % RECEIPTS);
        (, uint40 deadline) = rollup.challenges(digestOf(receipt));
        if (rollup.frozenAt() != 0 || deadline != 0) return;
        challenge(receipt);
        openBonds += BOND;
    }

    function answerOne(uint256 place) external {
        place = place % MESSAGES;
        (address challenger, uint40 deadline) = rollup.challenges(digests[place]);
        if (rollup.frozenAt() != 0 || challenger == address(0) || vm.getBlockTimestamp() > deadline) return;
        IReceiptCourt.Receipt memory receipt = promised(place);
        IReceiptCourt.Answer memory answer = answerOf(1, place);
        vm.prank(bob);
        rollup.answerReceipt(receipt, answer);
        openBonds -= BOND;
    }

    function freezeOne(uint256 which) external {
        bytes32 digest = digests[which % RECEIPTS];
        (address challenger, uint40 deadline) = rollup.challenges(digest);
        if (rollup.frozenAt() != 0 || challenger == address(0) || vm.getBlockTimestamp() <= deadline) return;
        rollup.freezeUnanswered(digest);
        openBonds -= BOND;
    }

    function reclaimOne(uint256 which) external {
        bytes32 digest = digests[which % RECEIPTS];
        (address challenger,) = rollup.challenges(digest);
        if (rollup.frozenAt() == 0 || challenger == address(0)) return;
        rollup.reclaimBond(digest);
        openBonds -= BOND;
    }

    function collect(bool ofAlice) external {
        address owner = ofAlice ? alice : bob;
        if (rollup.weiOwed(owner) != 0) rollup.collectWei(owner);
    }

    function wait(uint256 time) external {
        skip(bound(time, 1, rollup.answerPeriod()));
    }

    function promised(uint256 which) private view returns (IReceiptCourt.Receipt memory) {
        return which < MESSAGES ? receiptOf(1, which) : receiptOf(2, which - MESSAGES);
    }
}
