// SPDX-License-Identifier: GPL-3.0-only
pragma solidity ^0.8.28;

import {SafeERC20, IERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {Brake} from "../Brake.sol";
import {Timelock} from "../Timelock.sol";
import {IBatchVerifier} from "../interfaces/IBatchVerifier.sol";
import {IBrake} from "../interfaces/IBrake.sol";
import {IRequestInbox} from "../interfaces/IRequestInbox.sol";
import {ITimelock} from "../interfaces/ITimelock.sol";
import {BabyJubjub} from "../libraries/BabyJubjub.sol";
import {Constants} from "../libraries/Constants.sol";
import {RequestQueue} from "../libraries/RequestQueue.sol";
import {RollupBase} from "./RollupBase.sol";

/// @title What users ask of the exchange, on its way into the queue
abstract contract RequestInbox is RollupBase, IRequestInbox {
    using SafeERC20 for IERC20;
    using SafeCast for uint256;
    using RequestQueue for RequestQueue.Queue;

    uint256 private constant P = Constants.FIELD_MODULUS;
    uint256 private constant MAX_WITHDRAWAL = 2 ** Constants.AMOUNT_BITS - 1;
    uint256 private constant ACCOUNT_MASK = 2 ** Constants.ACCOUNT_BITS - 1;
    /// @dev The last field of either word of a message ends there.
    uint256 private constant W0_END = 2 ** (Constants.MESSAGE_MAX_FEE_AT + Constants.PPM_BITS);
    uint256 private constant W1_END = 2 ** (Constants.MESSAGE_TARGET_AT + Constants.SEQUENCE_BITS);
    /// @dev Ids run from 1; account 0 is the insurance fund.
    uint256 private constant MAX_ACCOUNTS =
        Constants.TREE_ARITY ** Constants.ACCOUNT_DEPTH - Constants.FIRST_ACCOUNT;

    /// @dev Nobody's. What concerns no account names the insurance fund: every request names one that the circuit finds.
    address private constant INSURANCE_OWNER = address(uint160(Constants.INSURANCE_OWNER));

    /// @inheritdoc IRequestInbox
    ITimelock public immutable timelock;
    /// @inheritdoc IRequestInbox
    IBrake public immutable brake;
    /// @inheritdoc IRequestInbox
    uint256 public immutable vaultCap;
    /// @inheritdoc IRequestInbox
    uint256 public immutable requestDeadline;
    /// @inheritdoc IRequestInbox
    uint256 public immutable serviceTime;

    /// @inheritdoc IRequestInbox
    mapping(address owner => uint32) public accountOf;

    constructor(Deployment memory deployment) {
        timelock = new Timelock(deployment.governor, deployment.periods.changeDelay);
        brake = new Brake();
        vaultCap = deployment.vaultCap;
        requestDeadline = deployment.periods.requestDeadline;
        serviceTime = deployment.periods.serviceTime;
    }

    /// @inheritdoc IRequestInbox
    function deposit(uint256 amount) external payable nonReentrant whenLive {
        _deposit(_openAccount(msg.sender), msg.sender, amount);
    }

    /// @inheritdoc IRequestInbox
    function insure(uint256 amount) external payable nonReentrant whenLive {
        _deposit(Constants.INSURANCE_ACCOUNT, INSURANCE_OWNER, amount);
    }

    /// @inheritdoc IRequestInbox
    function registerKey(uint256 x, uint256 y) external payable nonReentrant whenLive {
        if (x >= P || y >= P) revert KeyNotInField(x, y);
        if (!BabyJubjub.isOnCurve(x, y)) revert KeyNotOnCurve(x, y);
        if (BabyJubjub.isSmallOrder(x, y)) revert KeyOfSmallOrder(x, y);
        _request(Constants.REQUEST_KIND_REGISTER_KEY, _openAccount(msg.sender), msg.sender, 0, x, y);
    }

    /// @inheritdoc IRequestInbox
    function withdraw(uint256 amount) external payable nonReentrant whenLive {
        if (amount == 0 || amount > MAX_WITHDRAWAL) revert WithdrawalOutOfRange(amount, MAX_WITHDRAWAL);
        _request(Constants.REQUEST_KIND_WITHDRAW, _accountOf(msg.sender), msg.sender, amount, 0, 0);
    }

    /// @inheritdoc IRequestInbox
    function forceMessage(uint256 w0, uint256 w1) external payable nonReentrant whenLive {
        uint256 account = _accountOf(msg.sender);
        if (w0 >= W0_END || w1 >= W1_END) revert MessageOutOfRange(w0, w1);
        if (w0 & ACCOUNT_MASK != account) revert MessageOfAnotherAccount(w0 & ACCOUNT_MASK, account);
        _request(Constants.REQUEST_KIND_MESSAGE, account, msg.sender, 0, w0, w1);
    }

    /// @inheritdoc IRequestInbox
    function liquidate(address owner, uint8 market, bool sells, uint48 size)
        external
        payable
        nonReentrant
        whenLive
    {
        _byRule(_accountOf(owner), owner, market, sells, sells ? 0 : Constants.RANK_MAX, size);
    }

    /// @inheritdoc IRequestInbox
    function unwind(uint8 market, bool sells, uint32 price, uint48 size)
        external
        payable
        nonReentrant
        whenLive
    {
        _byRule(Constants.INSURANCE_ACCOUNT, INSURANCE_OWNER, market, sells, price, size);
    }

    /// @inheritdoc IRequestInbox
    function queueChange(uint256 newConfigurationHash, IBatchVerifier newVerifier)
        external
        payable
        nonReentrant
        whenLive
    {
        if (msg.sender != address(timelock)) revert NotTimelock(msg.sender);
        _instruct(Constants.REQUEST_KIND_CHANGE, newConfigurationHash, uint160(address(newVerifier)));
    }

    /// @inheritdoc IRequestInbox
    function queueRestriction(uint256 word) external payable nonReentrant whenLive {
        if (msg.sender != address(brake)) revert NotBrake(msg.sender);
        _instruct(Constants.REQUEST_KIND_RESTRICT, word, 0);
    }

    /// @inheritdoc IRequestInbox
    function requestWords(uint256 index) external view returns (uint256 head, uint256 data0, uint256 data1) {
        RequestQueue.Words storage words = _queue.words[index];
        return (words.head, words.data0, words.data1);
    }

    /// @inheritdoc IRequestInbox
    function ticket(uint256 index)
        external
        view
        returns (uint40 queuedAt, uint40 deadline, uint176 queueHash)
    {
        RequestQueue.Ticket storage ticket_ = _queue.tickets[index];
        return (ticket_.queuedAt, ticket_.deadline, ticket_.queueHash);
    }

    function _openAccount(address owner) private returns (uint256 account) {
        account = accountOf[owner];
        if (account != 0) return account;
        if (accountCount == MAX_ACCOUNTS) revert AccountsExhausted(accountCount);
        accountOf[owner] = ++accountCount;
        account = accountCount;
        emit AccountOpened(account, owner);
    }

    function _accountOf(address owner) private view returns (uint256 account) {
        account = accountOf[owner];
        if (account == 0) revert NoAccount(owner);
    }

    /// @dev What the insurance fund is paid is the exchange's at once: nobody gets it back, and a freeze leaves it in the pot.
    function _deposit(uint256 account, address owner, uint256 amount) private {
        uint256 room = vaultCap - vaultBalance;
        if (amount == 0) revert ZeroDeposit();
        if (amount > room) revert VaultCapExceeded(amount, room);
        vaultBalance += amount.toUint64();
        if (account != Constants.INSURANCE_ACCOUNT) pendingDeposits += amount.toUint64();
        _request(Constants.REQUEST_KIND_DEPOSIT, account, owner, amount, 0, 0);

        uint256 balanceBefore = token.balanceOf(address(this));
        token.safeTransferFrom(msg.sender, address(this), amount);
        uint256 received = token.balanceOf(address(this)) - balanceBefore;
        if (received != amount) revert DepositNotReceived(amount, received);
    }

    /// @dev A message that nobody signs: its fields are these, and 0.
    function _byRule(uint256 account, address owner, uint256 market, bool sells, uint256 price, uint256 size)
        private
    {
        uint256 side = sells ? Constants.SIDE_SELL : Constants.SIDE_BUY;
        uint256 w0 = account | (Constants.MESSAGE_KIND_BY_RULE << Constants.MESSAGE_KIND_AT)
            | (market << Constants.MESSAGE_MARKET_AT) | (side << Constants.MESSAGE_SIDE_AT);
        uint256 w1 = price | (size << Constants.MESSAGE_SIZE_AT);
        _request(Constants.REQUEST_KIND_MESSAGE, account, owner, 0, w0, w1);
    }

    /// @dev A request that concerns no account.
    function _instruct(uint256 kind, uint256 data0, uint256 data1) private {
        _request(kind, Constants.INSURANCE_ACCOUNT, INSURANCE_OWNER, 0, data0, data1);
    }

    function _request(
        uint256 kind,
        uint256 account,
        address owner,
        uint256 amount,
        uint256 data0,
        uint256 data1
    ) private {
        if (msg.value != requestFee) revert WrongRequestFee(msg.value, requestFee);
        RequestQueue.Request memory request = RequestQueue.Request({
            kind: kind, account: account, owner: owner, amount: amount, data0: data0, data1: data1
        });
        (uint256 index, RequestQueue.Ticket memory ticket_) =
            _queue.push(request, requestDeadline, serviceTime);
        emit RequestQueued({
            index: index,
            kind: kind,
            account: account,
            owner: owner,
            amount: amount,
            data0: data0,
            data1: data1,
            deadline: ticket_.deadline,
            queueHash: ticket_.queueHash
        });
    }
}
