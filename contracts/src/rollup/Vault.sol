// SPDX-License-Identifier: GPL-3.0-only
pragma solidity ^0.8.28;

import {SafeERC20, IERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {IVault} from "../interfaces/IVault.sol";
import {RollupBase} from "./RollupBase.sol";

/// @title The tokens of the exchange, and what owners may claim of them
abstract contract Vault is RollupBase, IVault {
    using SafeERC20 for IERC20;
    using SafeCast for uint256;

    /// @inheritdoc IVault
    mapping(address owner => uint256) public claimable;

    /// @inheritdoc IVault
    function claim(address owner) external nonReentrant returns (uint256 amount) {
        amount = claimable[owner];
        if (amount == 0) revert NothingToClaim(owner);
        delete claimable[owner];
        totalClaimable -= amount.toUint64();
        emit Claimed(owner, amount);
        _pay(owner, amount);
    }

    /// @dev The last thing that a function does. If the token refuses, nothing has happened, and it can be tried again.
    function _pay(address to, uint256 amount) internal {
        vaultBalance -= amount.toUint64();
        token.safeTransfer(to, amount);
    }
}
