// SPDX-License-Identifier: GPL-3.0-only
pragma solidity ^0.8.28;

import {Rollup} from "../src/Rollup.sol";
import {IBatchSettlement} from "../src/interfaces/IBatchSettlement.sol";
import {IBatchVerifier} from "../src/interfaces/IBatchVerifier.sol";
import {IRequestInbox} from "../src/interfaces/IRequestInbox.sol";
import {IRollupState} from "../src/interfaces/IRollupState.sol";
import {ITimelock} from "../src/interfaces/ITimelock.sol";
import {Constants} from "../src/libraries/Constants.sol";
import {ExpectedInputsVerifier} from "./mocks/ExpectedInputsVerifier.sol";
import {RollupFixture} from "./utils/RollupFixture.sol";

/// @notice What changes is announced, waits, goes through the queue, and holds from the batch after
contract TimelockTest is RollupFixture {
    uint256 private constant NEW_HASH = 999;
    uint256 private constant DELAY = 7 days;

    address private immutable mallory = makeAddr("mallory");

    ITimelock private timelock;
    ExpectedInputsVerifier private newVerifier;

    function setUp() public override {
        super.setUp();
        timelock = rollup.timelock();
        newVerifier = new ExpectedInputsVerifier();
        vm.deal(mallory, 1 ether);
    }

    function test_announcesTheWordsAndTheTime() external {
        vm.expectEmit(address(timelock));
        emit ITimelock.ChangeScheduled(NEW_HASH, address(newVerifier), START + DELAY, configuration());
        schedule();
        assertPending(NEW_HASH, newVerifier, START + DELAY);
        assertEq(rollup.configurationHash(), CONFIGURATION_HASH);
        assertEq(address(rollup.verifier()), address(verifier));
    }

    function test_anyoneQueuesTheChangeOnceItsDelayIsOverAndOnce() external {
        schedule();
        vm.warp(START + DELAY - 1);
        refuseEnactment(
            abi.encodeWithSelector(ITimelock.ChangeNotReady.selector, START + DELAY - 1, START + DELAY)
        );
        skip(1);
        uint256 verifierWord = uint160(address(newVerifier));
        uint176 queueHash = chain(0, headWord(6, 0, 0, address(1)), NEW_HASH, verifierWord);
        vm.expectEmit(address(timelock));
        emit ITimelock.ChangeEnacted(NEW_HASH, address(newVerifier));
        vm.expectEmit(address(rollup));
        emit IRequestInbox.RequestQueued(
            0, 6, 0, address(1), 0, NEW_HASH, verifierWord, START + DELAY + 3 days, queueHash
        );
        enact();
        assertRequest(0, headWord(6, 0, 0, address(1)), NEW_HASH, verifierWord);
        assertPending(0, IBatchVerifier(address(0)), 0);
        refuseEnactment(abi.encodeWithSelector(ITimelock.NoChangePending.selector));
    }

    /// @dev The batch that consumes the change is the last one under the words and the verifier before.
    function test_aChangeHoldsFromTheBatchAfterTheOneThatConsumesIt() external {
        queueChange();
        skip(60);
        Draft memory draft = nextBatch(1);
        prove(draft);
        vm.expectEmit(address(rollup));
        emit IBatchSettlement.Changed(NEW_HASH, address(newVerifier));
        vm.expectEmit(address(rollup));
        emit IBatchSettlement.RequestSettled(0, 0, 0);
        send(draft);
        assertEq(rollup.configurationHash(), NEW_HASH);
        assertEq(address(rollup.verifier()), address(newVerifier));
        assertRequest(0, 0, 0, 0);

        skip(60);
        draft = nextBatch(0);
        prove(draft);
        vm.expectRevert(IBatchSettlement.InvalidProof.selector);
        send(draft);
        verifier = newVerifier;
        draft.header[Constants.HEADER_CONFIG_HASH] = CONFIGURATION_HASH;
        prove(draft);
        vm.expectRevert(
            abi.encodeWithSelector(
                IBatchSettlement.WrongConfigurationHash.selector, CONFIGURATION_HASH, NEW_HASH
            )
        );
        send(draft);
        submit(nextBatch(0));
    }

    function test_batchesThatDoNotConsumeTheChangeGoOnAsBefore() external {
        depositAs(alice, 1);
        queueChange();
        submit(nextBatch(1));
        assertEq(rollup.configurationHash(), CONFIGURATION_HASH);
        skip(1);
        submit(nextBatch(1));
        assertEq(rollup.configurationHash(), NEW_HASH);
    }

    /// @dev Two changes in one batch: the later one holds.
    function test_changesHoldInTheOrderOfTheQueue() external {
        queueChange();
        schedule(NEW_HASH + 1, verifier);
        skip(DELAY);
        enact();
        submit(nextBatch(2));
        assertEq(rollup.configurationHash(), NEW_HASH + 1);
        assertEq(address(rollup.verifier()), address(verifier));
    }

    function test_anAnnouncementTakesThePlaceOfTheLastAndWaitsAnew() external {
        schedule();
        skip(DELAY - 1);
        schedule(NEW_HASH + 1, verifier);
        assertPending(NEW_HASH + 1, verifier, START + 2 * DELAY - 1);
        skip(1);
        refuseEnactment(
            abi.encodeWithSelector(ITimelock.ChangeNotReady.selector, START + DELAY, START + 2 * DELAY - 1)
        );
    }

    function test_theGovernorMayTakeAnAnnouncementBack() external {
        vm.prank(governor);
        vm.expectRevert(ITimelock.NoChangePending.selector);
        timelock.cancelChange();
        schedule();
        vm.expectEmit(address(timelock));
        emit ITimelock.ChangeCancelled();
        vm.prank(governor);
        timelock.cancelChange();
        skip(DELAY);
        refuseEnactment(abi.encodeWithSelector(ITimelock.NoChangePending.selector));
    }

    function test_revertsOnWhatCouldNeverHold() external {
        vm.startPrank(governor);
        vm.expectRevert(abi.encodeWithSelector(ITimelock.ConfigurationNotInField.selector, P));
        timelock.scheduleChange(P, newVerifier, configuration());
        vm.expectRevert(abi.encodeWithSelector(IRollupState.NotAContract.selector, bob));
        timelock.scheduleChange(NEW_HASH, IBatchVerifier(bob), configuration());
        timelock.scheduleChange(P - 1, newVerifier, configuration());
    }

    function test_aChangeCostsTheFeeOfARequest() external {
        schedule();
        skip(DELAY);
        vm.prank(mallory);
        vm.expectRevert(abi.encodeWithSelector(IRequestInbox.WrongRequestFee.selector, FEE - 1, FEE));
        timelock.enactChange{value: FEE - 1}();
        assertPending(NEW_HASH, newVerifier, START + DELAY);
        enact();
        assertEq(address(rollup).balance, FEE);
        assertEq(address(timelock).balance, 0);
    }

    function test_withoutAGovernorNothingEverChanges() external {
        IRollupState.Deployment memory parameters = deployment(token);
        parameters.governor = address(0);
        timelock = new Rollup(parameters).timelock();
        vm.prank(governor);
        vm.expectRevert(abi.encodeWithSelector(ITimelock.NotGovernor.selector, governor));
        timelock.scheduleChange(NEW_HASH, newVerifier, configuration());
    }

    /// @dev Neither operator nor stranger announces, and nobody reaches the queue or the rollup past the timelock.
    function test_attack_timelockBypass() external {
        address[3] memory others = [operator, mallory, address(timelock)];
        for (uint256 i = 0; i < others.length; ++i) {
            vm.startPrank(others[i]);
            vm.expectRevert(abi.encodeWithSelector(ITimelock.NotGovernor.selector, others[i]));
            timelock.scheduleChange(NEW_HASH, newVerifier, configuration());
            vm.expectRevert(abi.encodeWithSelector(ITimelock.NotGovernor.selector, others[i]));
            timelock.cancelChange();
            vm.stopPrank();
        }
        address[3] memory callers = [operator, mallory, governor];
        for (uint256 i = 0; i < callers.length; ++i) {
            vm.deal(callers[i], FEE);
            vm.prank(callers[i]);
            vm.expectRevert(abi.encodeWithSelector(IRequestInbox.NotTimelock.selector, callers[i]));
            rollup.queueChange{value: FEE}(NEW_HASH, newVerifier);
        }
    }

    /// @dev The governor hides a harmful change behind a harmless one in the last second: it waits from its own announcement.
    function test_attack_changeSwappedBeforeItsEnactment() external {
        schedule();
        skip(DELAY);
        schedule(666, newVerifier);
        refuseEnactment(
            abi.encodeWithSelector(ITimelock.ChangeNotReady.selector, START + DELAY, START + 2 * DELAY)
        );
    }

    /// @dev Alice asks to leave on the last day. The change stands behind her in the queue.
    function test_attack_changeOvertakesAWithdrawal() external {
        depositAs(alice, 100);
        submit(nextBatch(1));
        schedule();
        skip(3 days);
        submit(nextBatch(0));
        skip(DELAY - 3 days);
        withdrawAs(alice, 100);
        enact();
        Draft memory draft = nextBatch(1);
        draft.outcomes[0] = outcome(0, 100);
        submit(draft);
        assertEq(rollup.configurationHash(), CONFIGURATION_HASH);
        assertEq(rollup.claimable(alice), 100);
    }

    /// @dev A queued change dies with the queue, and a pending one finds none.
    function test_attack_changeAfterTheFreeze() external {
        queueChange();
        schedule();
        skip(DELAY + 1);
        rollup.freeze();
        refuseEnactment(abi.encodeWithSelector(IRollupState.IsFrozen.selector));
        Draft memory draft = nextBatch(1);
        prove(draft);
        vm.expectRevert(IRollupState.IsFrozen.selector);
        send(draft);
        assertEq(rollup.configurationHash(), CONFIGURATION_HASH);
        assertEq(address(rollup.verifier()), address(verifier));
    }

    /// @dev A batch proven under the new words, in the batch that consumes them or before.
    function test_attack_changeAppliedTooSoon() external {
        queueChange();
        Draft memory draft = nextBatch(1);
        draft.header[Constants.HEADER_CONFIG_HASH] = NEW_HASH;
        prove(draft);
        vm.expectRevert(
            abi.encodeWithSelector(
                IBatchSettlement.WrongConfigurationHash.selector, NEW_HASH, CONFIGURATION_HASH
            )
        );
        send(draft);
    }

    function schedule() private {
        schedule(NEW_HASH, newVerifier);
    }

    function schedule(uint256 configurationHash, IBatchVerifier verifier_) private {
        vm.prank(governor);
        timelock.scheduleChange(configurationHash, verifier_, configuration());
    }

    function enact() private {
        vm.prank(mallory);
        timelock.enactChange{value: FEE}();
    }

    function queueChange() private {
        schedule();
        skip(DELAY);
        enact();
    }

    function refuseEnactment(bytes memory reason) private {
        vm.expectRevert(reason);
        enact();
    }

    function configuration() private pure returns (uint256[21] memory words) {
        for (uint256 i = 0; i < words.length; ++i) {
            words[i] = 1_000 + i;
        }
    }

    function assertPending(uint256 configurationHash, IBatchVerifier verifier_, uint256 readyAt)
        private
        view
    {
        (uint256 actualHash, IBatchVerifier actualVerifier, uint40 actualReadyAt) = timelock.pendingChange();
        assertEq(actualHash, configurationHash, "configuration hash");
        assertEq(address(actualVerifier), address(verifier_), "verifier");
        assertEq(actualReadyAt, readyAt, "ready at");
    }
}
