// SPDX-License-Identifier: GPL-3.0-only
pragma solidity ^0.8.28;

import {IBatchSettlement} from "./IBatchSettlement.sol";
import {IExitHatch} from "./IExitHatch.sol";
import {IReceiptCourt} from "./IReceiptCourt.sol";
import {IRequestInbox} from "./IRequestInbox.sol";
import {IRollupState} from "./IRollupState.sol";
import {IVault} from "./IVault.sol";
import {IWeiLedger} from "./IWeiLedger.sol";

/// @title Vault, request queue and state root of the exchange
/// @notice Users deposit, register trading keys and withdraw through one queue. The operator submits batches of trades;
/// a batch counts only with a proof that it consumed the head of the queue and followed the rules of the exchange. If
/// the operator fails, anyone freezes the contract, and everyone leaves with what the last batch says.
/// @dev Amounts are units of the token. Words are elements of the BN254 scalar field; docs/spec/data.md lists them,
/// docs/spec/chain.md says who may do what.
interface IRollup is
    IRollupState,
    IVault,
    IWeiLedger,
    IRequestInbox,
    IBatchSettlement,
    IExitHatch,
    IReceiptCourt
{}
