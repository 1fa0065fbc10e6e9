// SPDX-License-Identifier: GPL-3.0-only
pragma solidity ^0.8.28;

import {IBatchVerifier} from "./IBatchVerifier.sol";
import {IBrake} from "./IBrake.sol";
import {ITimelock} from "./ITimelock.sol";

/// @title Requests that users make on chain, which the operator must serve in their order and in time
/// @dev Every request costs `requestFee` wei: the operator's once a batch consumes it, given back if none does.
interface IRequestInbox {
    /// @notice Thrown when a request does not carry its fee to the wei
    error WrongRequestFee(uint256 sent, uint256 expected);
    /// @notice Thrown when a deposit, or a payment into the insurance fund, is 0
    error ZeroDeposit();
    /// @notice Thrown when a deposit would lift the vault above its cap
    error VaultCapExceeded(uint256 amount, uint256 room);
    /// @notice Thrown when the token moved another amount than was deposited, as one with a fee does
    error DepositNotReceived(uint256 amount, uint256 received);
    /// @notice Thrown when an owner would get an account id that the account tree has no place for
    error AccountsExhausted(uint256 accounts);
    /// @notice Thrown when there is no account to withdraw from, to send a message for, or to liquidate
    error NoAccount(address owner);
    /// @notice Thrown when the amount to withdraw is 0 or does not fit a request
    error WithdrawalOutOfRange(uint256 amount, uint256 max);
    /// @notice Thrown when a coordinate of a trading key is not below the field's order
    error KeyNotInField(uint256 x, uint256 y);
    /// @notice Thrown when a trading key is not a point of Baby Jubjub
    error KeyNotOnCurve(uint256 x, uint256 y);
    /// @notice Thrown when eight times a trading key is the identity: anyone could sign for it
    error KeyOfSmallOrder(uint256 x, uint256 y);
    /// @notice Thrown when a word of a message has bits beyond its fields
    error MessageOutOfRange(uint256 w0, uint256 w1);
    /// @notice Thrown when a message names another account than the caller's
    error MessageOfAnotherAccount(uint256 named, uint256 account);
    /// @notice Thrown when a change does not come from the timelock
    error NotTimelock(address caller);
    /// @notice Thrown when a restriction does not come from the brake
    error NotBrake(address caller);
    /// @notice Thrown when fewer requests than that were ever queued
    error RequestNotQueued(uint256 index, uint256 count);

    /// @notice Emitted when an owner gets its account id
    event AccountOpened(uint256 indexed account, address indexed owner);
    /// @notice Emitted when a request joins the queue
    /// @param index Place in the queue, from 0 up
    /// @param kind 1 deposit, 2 registration of a key, 3 withdrawal, 4 forced message, liquidation or unwinding, 5 restriction,
    /// 6 change
    /// @param account Account id of the owner; that of the insurance fund too for what concerns no account, kinds 5 and 6
    /// @param owner Whose account it is, and to whom payments go: who asked, but for a liquidation; the address 1 for the fund
    /// @param amount Deposited, or asked to withdraw; 0 for other kinds
    /// @param data0 First coordinate of the key to register, first word of the message, word of the restriction, or
    /// configuration hash of the change; 0 for other kinds
    /// @param data1 Second coordinate of that key, second word of that message, or verifier of that change; 0 for other kinds
    /// @param deadline If it still waits at the head of the queue after that second, anyone may freeze the rollup
    /// @param queueHash Chained hash of the queue up to and including this request
    event RequestQueued(
        uint256 indexed index,
        uint256 kind,
        uint256 indexed account,
        address indexed owner,
        uint256 amount,
        uint256 data0,
        uint256 data1,
        uint256 deadline,
        uint256 queueHash
    );

    /// @notice Moves tokens from the caller into the vault and queues the credit of its account, which is opened if new
    /// @param amount At least 1, at most the room below the cap
    function deposit(uint256 amount) external payable;

    /// @notice Moves tokens from the caller into the vault and queues their credit to the insurance fund
    /// @dev For good: if a freeze comes first, they are in the pot that the exits share, and the fee is nobody's.
    /// @param amount At least 1, at most the room below the cap
    function insure(uint256 amount) external payable;

    /// @notice Queues the caller's first or next trading key; its account is opened if new
    /// @param x First coordinate of a Baby Jubjub point that is not of small order
    /// @param y Second coordinate
    function registerKey(uint256 x, uint256 y) external payable;

    /// @notice Queues a withdrawal; the batch that consumes it pays the smaller of `amount` and what margin leaves free
    /// @param amount From 1 to 2^64 - 1, more than the account holds to withdraw all that is free
    function withdraw(uint256 amount) external payable;

    /// @notice Queues any message of the caller's account; this transaction stands in place of its signature
    /// @dev Key epoch, nonce, expiry, kind and limits are judged as those of a signed message, by proven verdicts.
    /// It is the last request of the batch that consumes it, and that batch's first message.
    /// @param w0 First word of the message, as traders sign it
    /// @param w1 Second word
    function forceMessage(uint256 w0, uint256 w1) external payable;

    /// @notice Queues a liquidation of the account of `owner` as a forced message, by anyone
    /// @dev Nobody signs a liquidation: what it may do follows from the state and the marks of the batch that consumes it. It
    /// does nothing where the account is healthy by then, or fewer lots are due (`NOT_DUE`), and of an account with orders it
    /// cancels these alone. If a freeze comes first, the fee is owed to `owner`: the queue does not keep who asked.
    /// @param owner Whose account is to be liquidated
    /// @param market Number of the market to trade in
    /// @param sells Whether the account sells, as one that is long does, or buys
    /// @param size Lots to trade at most
    function liquidate(address owner, uint8 market, bool sells, uint48 size) external payable;

    /// @notice Queues an unwinding of the insurance fund as a forced message, by anyone
    /// @dev Like a liquidation: it does nothing where the fund holds nothing to trade away on that side, and `price` is bound
    /// to the mark of the batch that consumes it. If a freeze comes first, the fee is nobody's.
    /// @param market Number of the market to trade in
    /// @param sells Whether the fund sells, as one that is long does, or buys
    /// @param price Limit in ticks
    /// @param size Lots to trade at most
    function unwind(uint8 market, bool sells, uint32 price, uint48 size) external payable;

    /// @notice Queues a change of the timelock; it holds from the batch after the one that consumes it
    /// @dev By the timelock alone. If a freeze comes first, the change is void, and so is its fee.
    function queueChange(uint256 newConfigurationHash, IBatchVerifier newVerifier) external payable;

    /// @notice Queues what L1 restricts; it holds from the batch after the one that consumes it
    /// @dev By the brake alone. If a freeze comes first, it is void, and so is its fee.
    /// @param word The first 84 bits of the venue word: docs/spec/breakers.md
    function queueRestriction(uint256 word) external payable;

    /// @notice Where changes are announced and wait
    function timelock() external view returns (ITimelock);

    /// @notice Where restrictions come from
    function brake() external view returns (IBrake);

    /// @notice Largest vault balance
    function vaultCap() external view returns (uint256);

    /// @notice How long a request may wait
    function requestDeadline() external view returns (uint256);

    /// @notice How far deadlines of successive requests lie apart at least
    function serviceTime() external view returns (uint256);

    /// @notice Account id of an owner; 0 if it has none
    function accountOf(address owner) external view returns (uint32);

    /// @notice The three stream words of a waiting request; zeros once it is consumed or refunded
    function requestWords(uint256 index) external view returns (uint256 head, uint256 data0, uint256 data1);

    /// @notice When a request was queued, until when it must be served, and the hash of the queue up to it
    /// @dev Tickets stay when requests are consumed; zeros if no such request was queued.
    function ticket(uint256 index) external view returns (uint40 queuedAt, uint40 deadline, uint176 queueHash);
}
