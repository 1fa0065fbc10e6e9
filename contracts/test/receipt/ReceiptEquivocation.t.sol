// SPDX-License-Identifier: GPL-3.0-only
pragma solidity ^0.8.28;

import {IReceiptCourt} from "../../src/interfaces/IReceiptCourt.sol";
import {IRollupState} from "../../src/interfaces/IRollupState.sol";
import {ReceiptFixture} from "../utils/ReceiptFixture.sol";

/// @notice Two receipts that no history can keep freeze at once: nobody waits until one of them is due
contract ReceiptEquivocationTest is ReceiptFixture {
    IReceiptCourt.Receipt private first;
    IReceiptCourt.Receipt private second;

    function setUp() public override {
        super.setUp();
        depositAs(alice, 1);
        first = receiptOf(1, 0);
        second = first;
    }

    function test_oneSequenceForTwoMessages() external {
        second.messageHash += 1;
        vm.expectEmit(address(rollup));
        emit IReceiptCourt.Equivocation(digestOf(first), digestOf(second));
        vm.expectEmit(address(rollup));
        emit IRollupState.Frozen(IRollupState.FreezeReason.ReceiptsContradict, EXIT_ROOT, 0, 0);
        accuse();
        assertEq(rollup.frozenAt(), vm.getBlockTimestamp());
    }

    function test_oneSequenceInTwoBatches() external {
        second.batchNumber += 1;
        accuse();
    }

    function test_oneSequenceUnderTwoEpochs() external {
        second.epochHash += 1;
        accuse();
    }

    /// @dev An operator that shows each of two traders another oracle round means to choose between them later.
    function test_oneBatchUnderTwoEpochs() external {
        second = receiptOf(1, 1);
        second.epochHash += 1;
        accuse();
    }

    function test_oneBatchWithTwoEndsOfTheQueue() external {
        second = receiptOf(1, 1);
        second.requestsEnd = 0;
        second.queueHash = 0;
        accuse();
    }

    function test_theOrderOfTheTwoDoesNotMatter() external {
        second.messageHash += 1;
        swap();
        accuse();
    }

    function test_oneReceiptTwiceIsNoContradiction() external {
        acquit();
    }

    function test_aReceiptWithALaterDueTimeIsNoContradiction() external {
        second.dueBy += 1;
        acquit();
    }

    function test_twoMessagesOfOneBatchAreNoContradiction() external {
        second = receiptOf(1, 1);
        acquit();
    }

    function test_twoBatchesAreNoContradiction() external {
        second = receiptOf(2, 0);
        acquit();
    }

    /// @dev What an operator signed before a reorganisation and what it signs after it may differ.
    function test_aReceiptOfAnotherQueueContradictsNothing() external {
        second.epochHash += 1;
        second.queueHash += 1;
        refuse(abi.encodeWithSelector(IReceiptCourt.NotIntact.selector, digestOf(second)));
        swap();
        refuse(abi.encodeWithSelector(IReceiptCourt.NotIntact.selector, digestOf(first)));
    }

    function test_aQueueThatIsNotThereYetContradictsNothing() external {
        second.epochHash += 1;
        second.requestsEnd += 1;
        refuse(abi.encodeWithSelector(IReceiptCourt.NotIntact.selector, digestOf(second)));
    }

    function test_bothMustBeSigned() external {
        second.messageHash += 1;
        (bytes memory one, bytes memory other) = (sign(first), sign(second));
        vm.expectPartialRevert(IReceiptCourt.NotSigned.selector);
        rollup.freezeEquivocation(first, other, second, other);
        vm.expectPartialRevert(IReceiptCourt.NotSigned.selector);
        rollup.freezeEquivocation(first, one, second, one);
    }

    function test_itFreezesOnce() external {
        second.messageHash += 1;
        accuse();
        refuse(abi.encodeWithSelector(IRollupState.IsFrozen.selector));
    }

    function swap() private {
        IReceiptCourt.Receipt memory held = first;
        first = second;
        second = held;
    }

    function accuse() private {
        (bytes memory one, bytes memory other) = (sign(first), sign(second));
        rollup.freezeEquivocation(first, one, second, other);
        assertNotEq(rollup.frozenAt(), 0);
    }

    function acquit() private {
        refuse(
            abi.encodeWithSelector(IReceiptCourt.NoContradiction.selector, digestOf(first), digestOf(second))
        );
    }

    function refuse(bytes memory reason) private {
        (bytes memory one, bytes memory other) = (sign(first), sign(second));
        vm.expectRevert(reason);
        rollup.freezeEquivocation(first, one, second, other);
    }
}
