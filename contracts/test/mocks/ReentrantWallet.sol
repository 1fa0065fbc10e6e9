// SPDX-License-Identifier: GPL-3.0-only
pragma solidity ^0.8.28;

import {Address} from "@openzeppelin/contracts/utils/Address.sol";

/// @notice An owner that is a contract, and that calls back when it is paid in wei
contract ReentrantWallet {
    address private immutable TARGET;
    bytes private _call;

    constructor(address target) payable {
        TARGET = target;
    }

    receive() external payable {
        Address.functionCall(TARGET, _call);
    }

    function arm(bytes calldata call) external {
        _call = call;
    }

    function request(bytes calldata call, uint256 fee) external {
        Address.functionCallWithValue(TARGET, call, fee);
    }
}
