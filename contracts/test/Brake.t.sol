// SPDX-License-Identifier: GPL-3.0-only
pragma solidity ^0.8.28;

import {Rollup} from "../src/Rollup.sol";
import {IBrake} from "../src/interfaces/IBrake.sol";
import {IRequestInbox} from "../src/interfaces/IRequestInbox.sol";
import {IRollupState} from "../src/interfaces/IRollupState.sol";
import {Constants} from "../src/libraries/Constants.sol";
import {RollupFixture} from "./utils/RollupFixture.sol";

/// @notice What L1 restricts: only ever more, for a time, and through the queue
contract BrakeTest is RollupFixture {
    uint256 private constant AGE = 30 minutes;
    uint256 private constant PATIENCE = 1 hours;

    address private immutable mallory = makeAddr("mallory");

    IBrake private brake;

    function setUp() public override {
        super.setUp();
        brake = rollup.brake();
        vm.deal(mallory, 1 ether);
    }

    function test_startsWithoutARestriction() external view {
        assertEq(address(brake.rollup()), address(rollup));
        assertHeld(0, 0, 0);
        assertEq(brake.CONGESTION_AGE(), 30 * 60);
        assertEq(brake.CONGESTION_SECONDS(), 3_600);
        assertEq(brake.MAX_RESTRICTION(), 86_400);
    }

    function test_anyoneReportsThatNoBatchCame() external {
        submit(nextBatch(0));
        skip(AGE + 1);
        uint256 until = START + AGE + 1 + PATIENCE + 1 hours;
        vm.expectEmit(address(brake));
        emit IBrake.CongestionReported(until);
        vm.expectEmit(address(rollup));
        emit IRequestInbox.RequestQueued(
            0,
            5,
            0,
            address(1),
            0,
            until,
            0,
            START + AGE + 1 + 3 days,
            chain(0, headWord(5, 0, 0, address(1)), until, 0)
        );
        report(mallory);
        assertRequest(0, headWord(5, 0, 0, address(1)), until, 0);
        assertHeld(until, 0, 0);
        assertEq(mallory.balance, 1 ether - FEE);
        assertEq(address(brake).balance, 0);
    }

    function test_theDeploymentCountsBeforeTheFirstBatch() external {
        refuseReport(0);
        skip(AGE);
        refuseReport(AGE);
        skip(1);
        report(mallory);
    }

    /// @dev What counts is what the batch says of its time, which may lie an hour behind the block that brings it.
    function test_theTimestampOfTheLastBatchCounts() external {
        skip(1 days);
        Draft memory draft = nextBatch(0);
        draft.header[Constants.HEADER_TIMESTAMP] -= AGE + 1;
        submit(draft);
        report(mallory);
        submit(nextBatch(1));
        refuseReport(0);
    }

    function test_aBatchAheadOfTheBlockIsOnTime() external {
        Draft memory draft = nextBatch(0);
        draft.header[Constants.HEADER_TIMESTAMP] += 60;
        submit(draft);
        refuseReport(0);
        skip(AGE + 60);
        refuseReport(AGE);
    }

    function test_aLaterReportHoldsLonger() external {
        skip(AGE + 1);
        report(mallory);
        skip(10 minutes);
        report(alice);
        assertHeld(START + 40 minutes + 1 + PATIENCE + 1 hours, 0, 0);
        assertEq(rollup.requestCount(), 2);
    }

    function test_theOperatorRestrictsMarketsForATime() external {
        uint256 until = START + 3_600;
        uint256 word = 5 * 2 ** 40 + until * 2 ** 44;
        vm.expectEmit(address(brake));
        emit IBrake.Restricted(5, until);
        vm.expectEmit(address(rollup));
        emit IRequestInbox.RequestQueued(
            0, 5, 0, address(1), 0, word, 0, START + 3 days, chain(0, headWord(5, 0, 0, address(1)), word, 0)
        );
        restrictAs(operator, 5, 3_600);
        assertRequest(0, headWord(5, 0, 0, address(1)), word, 0);
        assertHeld(0, 5, until);
        assertEq(operator.balance, 0);
        assertEq(address(brake).balance, 0);
    }

    function test_eachRequestSaysAllThatL1Restricts() external {
        restrictAs(operator, 15, 1 days);
        uint256 restriction = 15 * 2 ** 40 + (START + 1 days) * 2 ** 44;
        skip(AGE + 1);
        report(mallory);
        uint256 congestedUntil = START + AGE + 1 + PATIENCE + 1 hours;
        assertRequest(1, headWord(5, 0, 0, address(1)), congestedUntil + restriction, 0);
        skip(2 days);
        restrictAs(operator, 1, 1);
        restriction = 2 ** 40 + (vm.getBlockTimestamp() + 1) * 2 ** 44;
        assertRequest(2, headWord(5, 0, 0, address(1)), congestedUntil + restriction, 0);
    }

    function test_aRestrictionMayBecomeStronger() external {
        restrictAs(operator, 1, 100);
        restrictAs(operator, 1, 100);
        restrictAs(operator, 3, 100);
        skip(1);
        restrictAs(operator, 3, 99);
        restrictAs(operator, 11, 1 days - 1);
        assertHeld(0, 11, START + 1 days);
        assertEq(brake.restrictedSince(), START);
    }

    /// @dev In its last second it holds; a day after its end the operator begins anew.
    function test_afterItsEndARestrictionBindsNobody() external {
        restrictAs(operator, 3, 100);
        vm.warp(START + 99);
        refuse(operator, 1, 100, weaker(3, START + 100));
        vm.warp(START + 100 + 1 days);
        restrictAs(operator, 4, 1);
        assertHeld(0, 4, START + 101 + 1 days);
        assertEq(brake.restrictedSince(), START + 100 + 1 days);
    }

    function test_aBatchConsumesARestrictionLikeAnyRequest() external {
        restrictAs(operator, 1, 100);
        skip(60);
        submit(nextBatch(1));
        assertRequest(0, 0, 0, 0);
        assertEq(rollup.earnedFees(), FEE);
        assertEq(rollup.configurationHash(), CONFIGURATION_HASH);
        assertHeld(0, 1, START + 100);
    }

    function testFuzz_theWordHasEachOfItsPlace(uint8 markets, uint40 time, uint40 wait) external {
        markets = uint8(bound(markets, 1, 15));
        time = uint40(bound(time, 1, 1 days));
        wait = uint40(bound(wait, AGE + 1, 10 * 365 days));
        skip(wait);
        report(mallory);
        restrictAs(operator, markets, time);
        (, uint256 word, uint256 rest) = rollup.requestWords(1);
        assertEq(word % 2 ** 40, START + wait + PATIENCE + 1 hours, "congested until");
        assertEq(word >> 40 & 15, markets, "restricted markets");
        assertEq(word >> 44 & 2 ** 40 - 1, START + wait + time, "restricted until");
        assertEq(word >> 84, 0, "whether the fund is below its floor is the exchange's to say");
        assertEq(rest, 0);
    }

    function test_attack_someoneElseRestricts() external {
        address[5] memory others =
            [mallory, governor, address(rollup), address(rollup.timelock()), address(brake)];
        for (uint256 i = 0; i < others.length; ++i) {
            refuse(others[i], 1, 100, abi.encodeWithSelector(IBrake.NotOperator.selector, others[i]));
        }
        assertHeld(0, 0, 0);
    }

    /// @dev The operator would favour someone who knows when: each way to give back what was taken.
    function test_attack_operatorWeakensARestriction() external {
        restrictAs(operator, 6, 1_000);
        bytes memory reason = weaker(6, START + 1_000);
        refuse(operator, 2, 1_000, reason);
        refuse(operator, 9, 1_000, reason);
        refuse(operator, 13, 1_000, reason);
        refuse(operator, 6, 999, reason);
        refuse(operator, 15, 1, reason);
        skip(500);
        refuse(operator, 15, 499, reason);
        assertHeld(0, 6, START + 1_000);
        restrictAs(operator, 6, 500);
    }

    function test_attack_restrictionOutOfRange() external {
        refuseOutOfRange(0, 100);
        refuseOutOfRange(16, 100);
        refuseOutOfRange(17, 100);
        refuseOutOfRange(255, 100);
        refuseOutOfRange(1, 0);
        refuseOutOfRange(1, 1 days + 1);
        restrictAs(operator, 15, 1 days);
        refuseOutOfRange(15, type(uint40).max);
    }

    /// @dev The operator would keep new orders out for ever, a day at a time, until the fund is stuck and its market settles.
    function test_attack_operatorRestrictsForEver() external {
        restrictAs(operator, 1, 1 days);
        skip(1 hours);
        refuseOutOfRange(1, 1 days);
        restrictAs(operator, 1, 23 hours);
        vm.warp(START + 1 days);
        bytes memory tooSoon = abi.encodeWithSelector(IBrake.RestrictionTooSoon.selector, START + 2 days);
        refuse(operator, 1, 1, tooSoon);
        refuse(operator, 2, 1, tooSoon);
        vm.warp(START + 2 days - 1);
        refuse(operator, 1, 1, tooSoon);
        assertHeld(0, 1, START + 1 days);
        vm.warp(START + 2 days);
        restrictAs(operator, 1, 1 days);
    }

    /// @dev The operator serves the report as late as it may: an hour of it is left.
    function test_attack_operatorOutlastsAReport() external {
        skip(AGE + 1);
        report(mallory);
        uint256 latest = vm.getBlockTimestamp() + rollup.patience();
        assertEq(brake.congestedUntil(), latest + brake.CONGESTION_SECONDS());
    }

    /// @dev Mallory would make everybody's margin dearer while batches come as ever.
    function test_attack_congestionOfAnExchangeOnTime() external {
        for (uint256 i = 0; i < 4; ++i) {
            skip(AGE);
            refuseReport(AGE);
            submit(nextBatch(0));
            refuseReport(0);
        }
        assertHeld(0, 0, 0);
    }

    /// @dev Nobody reaches the queue past the brake, and nobody writes a word that it did not.
    function test_attack_brakeBypass() external {
        address[5] memory callers = [operator, mallory, governor, address(rollup.timelock()), address(rollup)];
        for (uint256 i = 0; i < callers.length; ++i) {
            vm.deal(callers[i], FEE);
            vm.prank(callers[i]);
            vm.expectRevert(abi.encodeWithSelector(IRequestInbox.NotBrake.selector, callers[i]));
            rollup.queueRestriction{value: FEE}(1);
        }
        vm.deal(address(brake), FEE);
        vm.prank(address(brake));
        vm.expectRevert(abi.encodeWithSelector(IRequestInbox.NotTimelock.selector, address(brake)));
        rollup.queueChange{value: FEE}(1, verifier);
    }

    /// @dev What the queue does not take, the brake does not keep.
    function test_attack_restrictionWithoutItsFee() external {
        skip(AGE + 1);
        uint256[3] memory values = [0, FEE - 1, FEE + 1];
        for (uint256 i = 0; i < values.length; ++i) {
            bytes memory reason =
                abi.encodeWithSelector(IRequestInbox.WrongRequestFee.selector, values[i], FEE);
            vm.deal(operator, 1 ether);
            vm.startPrank(operator);
            vm.expectRevert(reason);
            brake.reportCongestion{value: values[i]}();
            vm.expectRevert(reason);
            brake.restrict{value: values[i]}(1, 100);
            vm.stopPrank();
        }
        assertHeld(0, 0, 0);
        assertEq(rollup.requestCount(), 0);
    }

    function test_attack_restrictionOfAFrozenExchange() external {
        restrictAs(operator, 1, 100);
        skip(7 days + 1);
        rollup.freeze();
        vm.expectRevert(IRollupState.IsFrozen.selector);
        report(mallory);
        refuse(operator, 3, 100, abi.encodeWithSelector(IRollupState.IsFrozen.selector));
        assertHeld(0, 1, START + 100);
        rollup.refund(0);
        assertEq(rollup.weiOwed(address(1)), FEE);
    }

    /// @dev The brake of another rollup, whose operator is mallory, is nobody here.
    function test_attack_brakeOfAnotherRollup() external {
        IRollupState.Deployment memory parameters = deployment(token);
        parameters.operator = mallory;
        Rollup other = new Rollup(parameters);
        IBrake otherBrake = other.brake();
        vm.prank(mallory);
        otherBrake.restrict{value: FEE}(15, 1 days);
        assertEq(other.requestCount(), 1);
        assertEq(rollup.requestCount(), 0);
        vm.deal(address(otherBrake), FEE);
        vm.prank(address(otherBrake));
        vm.expectRevert(abi.encodeWithSelector(IRequestInbox.NotBrake.selector, address(otherBrake)));
        rollup.queueRestriction{value: FEE}(1);
    }

    function report(address sender) private {
        vm.prank(sender);
        brake.reportCongestion{value: FEE}();
    }

    function refuseReport(uint256 age) private {
        vm.expectRevert(abi.encodeWithSelector(IBrake.NotCongested.selector, age, AGE));
        report(mallory);
    }

    function refuse(address sender, uint8 markets, uint40 time, bytes memory reason) private {
        vm.deal(sender, FEE);
        vm.prank(sender);
        vm.expectRevert(reason);
        brake.restrict{value: FEE}(markets, time);
    }

    function refuseOutOfRange(uint8 markets, uint40 time) private {
        refuse(
            operator,
            markets,
            time,
            abi.encodeWithSelector(IBrake.RestrictionOutOfRange.selector, markets, time)
        );
    }

    function weaker(uint256 markets, uint256 until) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IBrake.RestrictionWeaker.selector, markets, until);
    }

    function assertHeld(uint256 congestedUntil, uint256 markets, uint256 until) private view {
        assertEq(brake.congestedUntil(), congestedUntil, "congested until");
        assertEq(brake.restrictedMarkets(), markets, "restricted markets");
        assertEq(brake.restrictedUntil(), until, "restricted until");
    }
}
