// SPDX-License-Identifier: GPL-3.0-only
pragma solidity ^0.8.28;

import {RollupFixture} from "./RollupFixture.sol";
import {Constants} from "../../src/libraries/Constants.sol";

/// @notice An exchange in which alice (account 1) has put 600 and bob (account 2) 400, and which may freeze
abstract contract ExitFixture is RollupFixture {
    uint32 internal constant ALICE = 1;
    uint32 internal constant BOB = 2;
    uint256 internal constant POT = 1_000;
    uint256 internal constant FEE_POOL = 25;

    function setUp() public virtual override {
        super.setUp();
        trade();
    }

    /// @dev The first batch credits both deposits; its exit root is 20,001.
    function trade() internal {
        depositAs(alice, 600);
        depositAs(bob, 400);
        Draft memory draft = nextBatch(2);
        draft.header[Constants.HEADER_FEE_POOL] = FEE_POOL;
        submit(draft);
    }

    function freezeBySilence() internal {
        vm.warp(rollup.lastTimestamp() + 7 days + 1);
        rollup.freeze();
    }

    function closeExitWindow() internal {
        vm.warp(rollup.frozenAt() + 14 days + 1);
    }

    function closeLateWindow() internal {
        vm.warp(rollup.frozenAt() + 379 days + 1);
    }

    /// @notice Makes the exit verifier accept this statement under the current root
    function proveExit(uint32 account, address owner, uint64 equity) internal {
        exitVerifier.expect(proof(), [rollup.exitRoot(), account, uint256(uint160(owner)), uint256(equity)]);
    }

    /// @notice Proves and exits
    function exitFor(uint32 account, address owner, uint64 equity) internal {
        proveExit(account, owner, equity);
        rollup.exit(account, owner, equity, proof());
    }

    /// @notice What an owner has received since it put its deposit in
    function received(address owner, uint256 deposited) internal view returns (uint256) {
        return token.balanceOf(owner) + deposited - FUNDS;
    }

    function assertExit(uint32 account, address owner, uint64 claim, bool paid) internal view {
        (address actualOwner, uint64 actualClaim, bool actualPaid) = rollup.exits(account);
        assertEq(actualOwner, owner, "owner");
        assertEq(actualClaim, claim, "claim");
        assertEq(actualPaid, paid, "paid");
    }
}
