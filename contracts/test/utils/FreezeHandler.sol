// SPDX-License-Identifier: GPL-3.0-only
pragma solidity ^0.8.28;

import {Rollup} from "../../src/Rollup.sol";
import {IExitHatch} from "../../src/interfaces/IExitHatch.sol";
import {RequestQueue} from "../../src/libraries/RequestQueue.sol";
import {DemoDollar} from "../../src/token/DemoDollar.sol";
import {ExpectedExitVerifier} from "../mocks/ExpectedExitVerifier.sol";
import {ExpectedInputsVerifier} from "../mocks/ExpectedInputsVerifier.sol";
import {RollupHandler} from "./RollupHandler.sol";

/// @notice An operator that may fail, and what strangers do then, in any order
contract FreezeHandler is RollupHandler {
    ExpectedExitVerifier private _exitVerifier;

    /// @notice Tokens that exits and the fee pool have taken out of the pot
    uint256 public potPaid;
    /// @notice Requests that were refunded
    uint256 public refunds;

    mapping(uint256 account => uint256) public payments;
    mapping(uint256 index => bool) private _refunded;

    modifier frozen() {
        if (rollup.frozenAt() != 0) _;
    }

    constructor(
        Rollup rollup_,
        ExpectedInputsVerifier verifier_,
        ExpectedExitVerifier exitVerifier_,
        DemoDollar token_
    ) RollupHandler(rollup_, verifier_, token_) {
        _exitVerifier = exitVerifier_;
    }

    /// @notice What the contract must keep for exits of the window that were not paid
    function reserved() external view returns (uint256 sum) {
        for (uint256 account = 1; account <= rollup.accountCount(); ++account) {
            (address owner, uint64 claimed, bool paid) = rollup.exits(account);
            if (owner != address(0) && !paid) sum += share(claimed);
        }
    }

    /// @notice Wei that users have paid in or are owed, and the operator's earned fees
    function weiInTrust() external view returns (uint256 sum) {
        sum = rollup.requestFee() * (rollup.requestCount() - rollup.requestsConsumed() - refunds);
        sum += rollup.earnedFees() + rollup.weiOwed(address(1));
        for (uint256 i = 0; i < _owners.length; ++i) {
            sum += rollup.weiOwed(_owners[i]);
        }
    }

    function freeze() external monotone live {
        bool late = false;
        if (rollup.requestsConsumed() < rollup.requestCount()) {
            (, uint40 deadline,) = rollup.ticket(rollup.requestsConsumed());
            late = vm.getBlockTimestamp() > deadline;
        }
        uint256 lastSign = rollup.batchCount() == 0 ? rollup.deployedAt() : rollup.lastTimestamp();
        if (!late && vm.getBlockTimestamp() <= lastSign + rollup.silence()) {
            vm.expectRevert(IExitHatch.OperatorOnTime.selector);
        }
        rollup.freeze();
    }

    /// @dev Equity is what was put in, more or less: trading moves it, and losses that nobody covers let claims exceed
    /// the pot.
    function exit(uint256 who, uint64 equity) external monotone frozen {
        address owner = pick(who);
        uint32 account = rollup.accountOf(owner);
        if (account == 0) return;
        equity = uint64(bound(equity, 1, 2 * _collateral[owner] + 1));
        _exitVerifier.expect(proof(), [rollup.exitRoot(), account, uint256(uint160(owner)), uint256(equity)]);
        uint256 balance = _token.balanceOf(owner);
        (address taken,,) = rollup.exits(account);
        bool late = vm.getBlockTimestamp() > rollup.frozenAt() + rollup.exitWindow();
        uint256 due = late ? least(equity, rollup.exitRemainder()) : 0;
        if (taken != address(0)) {
            vm.expectRevert(abi.encodeWithSelector(IExitHatch.ExitTaken.selector, account));
        } else if (late && due == 0) {
            vm.expectRevert(IExitHatch.NothingLeft.selector);
        }
        rollup.exit(account, owner, equity, proof());
        if (taken != address(0) || due == 0) return;
        assertEq(_token.balanceOf(owner), balance + due);
        book(account, due);
    }

    function payExit(uint256 who) external monotone frozen {
        address owner = pick(who);
        uint256 account = rollup.accountOf(owner);
        (address exited, uint64 claimed, bool paid) = rollup.exits(account);
        uint256 balance = _token.balanceOf(owner);
        uint256 end = rollup.frozenAt() + rollup.exitWindow();
        bool early = vm.getBlockTimestamp() <= end;
        bool refused = early || paid || exited == address(0);
        if (early) vm.expectRevert(abi.encodeWithSelector(IExitHatch.TooEarly.selector, end));
        else if (refused) vm.expectRevert(abi.encodeWithSelector(IExitHatch.NoExitToPay.selector, account));
        rollup.payExit(account);
        if (refused) return;
        assertEq(_token.balanceOf(owner), balance + share(claimed), "claim times ratio, whatever the order");
        book(account, share(claimed));
    }

    function refund(uint256 index) external monotone frozen {
        if (rollup.requestCount() == 0) return;
        index = bound(index, 0, rollup.requestCount() - 1);
        (uint256 head,,) = rollup.requestWords(index);
        address owner = RequestQueue.ownerOf(head);
        (uint256 balance, uint256 wei_) = (_token.balanceOf(owner), rollup.weiOwed(owner));
        bool refused = index < rollup.requestsConsumed() || _refunded[index];
        if (refused) vm.expectRevert(abi.encodeWithSelector(IExitHatch.NotRefundable.selector, index));
        rollup.refund(index);
        if (refused) return;
        _refunded[index] = true;
        ++refunds;
        assertEq(_token.balanceOf(owner), balance + RequestQueue.depositOf(head));
        assertEq(rollup.weiOwed(owner), wei_ + rollup.requestFee());
    }

    function collectWei(uint256 who) external monotone {
        if (rollup.weiOwed(pick(who)) != 0) rollup.collectWei(pick(who));
    }

    function collectFees() external monotone {
        if (rollup.earnedFees() != 0) rollup.collectFees();
    }

    function payFeePool() external monotone frozen {
        uint256 opensAfter = rollup.frozenAt() + rollup.exitWindow() + rollup.lateWindow();
        if (vm.getBlockTimestamp() <= opensAfter) {
            vm.expectRevert(abi.encodeWithSelector(IExitHatch.TooEarly.selector, opensAfter));
            rollup.payFeePool();
            skip(30 days);
            return;
        }
        uint256 due = least(rollup.feePool(), rollup.exitRemainder());
        if (payments[0] != 0) vm.expectRevert(IExitHatch.FeePoolPaid.selector);
        else if (due == 0) vm.expectRevert(IExitHatch.NothingLeft.selector);
        rollup.payFeePool();
        if (payments[0] == 0 && due != 0) book(0, due);
    }

    /// @dev The fee pool is booked under account 0, which cannot exit.
    function book(uint256 account, uint256 amount) private {
        potPaid += amount;
        ++payments[account];
    }

    function share(uint256 claimed) private view returns (uint256) {
        (uint256 pot, uint256 claims) = (rollup.exitPot(), rollup.exitClaims());
        return claims <= pot ? claimed : claimed * pot / claims;
    }

    function least(uint256 a, uint256 b) private pure returns (uint256) {
        return a < b ? a : b;
    }
}
