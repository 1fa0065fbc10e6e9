// SPDX-License-Identifier: GPL-3.0-only
pragma solidity ^0.8.28;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";

/// @notice A token whose issuer may pause it and ban addresses, or which answers nothing at all or `false`
contract MoodyToken is ERC20("Moody", "MOO") {
    enum Mood {
        Kind,
        Paused,
        Silent,
        Lying
    }

    error TokenPaused();
    error Banned(address account);

    Mood private _mood;
    mapping(address => bool) private _banned;

    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }

    function set(Mood mood) external {
        _mood = mood;
    }

    function ban(address account, bool banned) external {
        _banned[account] = banned;
    }

    function transfer(address to, uint256 value) public override returns (bool) {
        return _answer(_mood != Mood.Lying && super.transfer(to, value));
    }

    function transferFrom(address from, address to, uint256 value) public override returns (bool) {
        return _answer(_mood != Mood.Lying && super.transferFrom(from, to, value));
    }

    function _update(address from, address to, uint256 value) internal override {
        if (_mood == Mood.Paused) revert TokenPaused();
        if (_banned[to]) revert Banned(to);
        super._update(from, to, value);
    }

    /// @dev As tokens do that were written before a transfer had to answer.
    function _answer(bool success) private view returns (bool) {
        if (_mood == Mood.Silent) {
            assembly ("memory-safe") {
                return(0, 0)
            }
        }
        return success;
    }
}
