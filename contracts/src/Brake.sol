// SPDX-License-Identifier: GPL-3.0-only
pragma solidity ^0.8.28;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {IBrake} from "./interfaces/IBrake.sol";
import {IRollup} from "./interfaces/IRollup.sol";
import {Constants} from "./libraries/Constants.sol";

/// @title The switches that make the exchange stricter, and nothing else
/// @dev Created by the rollup's constructor, as the timelock is. What it keeps is what L1 asked for last; the queue gets all of
/// it with each call, so that the last request says everything.
contract Brake is IBrake {
    using SafeCast for uint256;
    using Math for uint256;

    /// @inheritdoc IBrake
    uint256 public constant CONGESTION_AGE = 30 minutes;
    /// @inheritdoc IBrake
    uint256 public constant CONGESTION_SECONDS = 1 hours;
    /// @inheritdoc IBrake
    uint256 public constant MAX_RESTRICTION = 1 days;

    /// @inheritdoc IBrake
    IRollup public immutable rollup;

    // One slot
    /// @inheritdoc IBrake
    uint40 public congestedUntil;
    /// @inheritdoc IBrake
    uint8 public restrictedMarkets;
    /// @inheritdoc IBrake
    uint40 public restrictedSince;
    /// @inheritdoc IBrake
    uint40 public restrictedUntil;

    constructor() {
        rollup = IRollup(msg.sender);
    }

    /// @inheritdoc IBrake
    function reportCongestion() external payable {
        uint256 age = block.timestamp.saturatingSub(Math.max(rollup.lastTimestamp(), rollup.deployedAt()));
        if (age <= CONGESTION_AGE) revert NotCongested(age, CONGESTION_AGE);
        // The operator must serve the report within its patience: what it asks for must outlast that.
        congestedUntil = (block.timestamp + rollup.patience() + CONGESTION_SECONDS).toUint40();
        emit CongestionReported(congestedUntil);
        _queue();
    }

    /// @inheritdoc IBrake
    function restrict(uint8 markets, uint40 time) external payable {
        if (msg.sender != rollup.operator()) revert NotOperator(msg.sender);
        uint256 until = block.timestamp + time;
        _extendOrBegin(markets, until);
        bool known = markets != 0 && markets < 2 ** Constants.MARKETS;
        if (!known || time == 0 || until > restrictedSince + MAX_RESTRICTION) {
            revert RestrictionOutOfRange(markets, time);
        }
        restrictedMarkets = markets;
        restrictedUntil = until.toUint40();
        emit Restricted(markets, until);
        _queue();
    }

    /// @dev With all that is added a restriction lasts no longer than one, and the markets rest from it as long: it must not
    /// become a way to keep new orders out for ever.
    function _extendOrBegin(uint8 markets, uint256 until) private {
        if (block.timestamp < restrictedUntil) {
            bool weaker = restrictedMarkets & ~markets != 0 || until < restrictedUntil;
            if (weaker) revert RestrictionWeaker(restrictedMarkets, restrictedUntil);
            return;
        }
        uint256 earliest = restrictedUntil == 0 ? 0 : restrictedUntil + MAX_RESTRICTION;
        if (block.timestamp < earliest) revert RestrictionTooSoon(earliest);
        restrictedSince = block.timestamp.toUint40();
    }

    /// @dev The first 84 bits of the venue word.
    function _queue() private {
        uint256 markets = uint256(restrictedMarkets) << Constants.VENUE_MARKETS_AT;
        uint256 until = uint256(restrictedUntil) << Constants.VENUE_RESTRICTED_UNTIL_AT;
        rollup.queueRestriction{value: msg.value}(congestedUntil | markets | until);
    }
}
