// SPDX-License-Identifier: GPL-3.0-only
pragma solidity ^0.8.28;

import {Address} from "@openzeppelin/contracts/utils/Address.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {IWeiLedger} from "../interfaces/IWeiLedger.sol";

/// @title Wei that owners collect
abstract contract WeiLedger is ReentrancyGuardTransient, IWeiLedger {
    /// @inheritdoc IWeiLedger
    mapping(address owner => uint256) public weiOwed;

    /// @inheritdoc IWeiLedger
    function collectWei(address owner) external nonReentrant returns (uint256 amount) {
        amount = weiOwed[owner];
        if (amount == 0) revert NothingToCollect(owner);
        delete weiOwed[owner];
        emit WeiCollected(owner, amount);
        Address.sendValue(payable(owner), amount);
    }

    function _creditWei(address owner, uint256 amount) internal {
        weiOwed[owner] += amount;
    }
}
