// SPDX-License-Identifier: GPL-3.0-only
pragma solidity ^0.8.28;

import {IRollup} from "./interfaces/IRollup.sol";
import {BatchSettlement} from "./rollup/BatchSettlement.sol";
import {ExitHatch} from "./rollup/ExitHatch.sol";
import {ReceiptCourt} from "./rollup/ReceiptCourt.sol";
import {RequestInbox} from "./rollup/RequestInbox.sol";
import {RollupBase} from "./rollup/RollupBase.sol";

/// @title The rollup contract: immutable, without an owner, trusting its operator with nothing but the trading of the day
contract Rollup is IRollup, RequestInbox, BatchSettlement, ExitHatch, ReceiptCourt {
    constructor(Deployment memory deployment)
        RollupBase(deployment)
        RequestInbox(deployment)
        BatchSettlement(deployment)
        ExitHatch(deployment)
        ReceiptCourt(deployment)
    {}
}
