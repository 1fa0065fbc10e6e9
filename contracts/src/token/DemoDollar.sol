// SPDX-License-Identifier: GPL-3.0-only
pragma solidity ^0.8.28;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";

/// @title A worthless dollar for local demonstrations and tests: anyone may mint any amount
contract DemoDollar is ERC20("Demo Dollar", "demoUSD") {
    /// @notice Creates tokens out of nothing
    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }

    /// @notice One dollar is 1,000,000 units, as the exchange counts money
    function decimals() public pure override returns (uint8) {
        return 6;
    }
}
