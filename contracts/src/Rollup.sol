// SPDX-License-Identifier: GPL-3.0-only
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {IBatchVerifier} from "./interfaces/IBatchVerifier.sol";
import {IRollup} from "./interfaces/IRollup.sol";
import {BabyJubjub} from "./libraries/BabyJubjub.sol";
import {BatchHeader} from "./libraries/BatchHeader.sol";
import {Constants} from "./libraries/Constants.sol";
import {DataStream} from "./libraries/DataStream.sol";
import {Outcome} from "./libraries/Outcome.sol";
import {RequestQueue} from "./libraries/RequestQueue.sol";

/// @title The rollup contract: immutable, without an owner, trusting its operator with liveness only
/// @dev Every function that changes state is guarded against reentrancy: the token is foreign code, and between a
/// transfer and its check no other call may move the balance or the queue.
contract Rollup is IRollup, ReentrancyGuardTransient {
    using SafeERC20 for IERC20;
    using SafeCast for uint256;
    using Math for uint256;
    using RequestQueue for RequestQueue.Queue;

    /// @inheritdoc IRollup
    uint256 public constant MAX_TIMESTAMP_LAG_SECONDS = 3600;
    /// @inheritdoc IRollup
    uint256 public constant MAX_TIMESTAMP_LEAD_SECONDS = 60;

    uint256 private constant P = Constants.FIELD_MODULUS;
    uint256 private constant MAX_WITHDRAWAL = 2 ** Constants.AMOUNT_BITS - 1;
    /// @dev Ids run from 1; account 0 is the insurance fund.
    uint256 private constant MAX_ACCOUNTS =
        Constants.TREE_ARITY ** Constants.ACCOUNT_DEPTH - Constants.FIRST_ACCOUNT;

    /// @inheritdoc IRollup
    IERC20 public immutable token;
    /// @inheritdoc IRollup
    IBatchVerifier public immutable verifier;
    /// @inheritdoc IRollup
    address public immutable operator;
    /// @inheritdoc IRollup
    uint256 public immutable vaultCap;
    /// @inheritdoc IRollup
    uint256 public immutable domain;
    /// @inheritdoc IRollup
    uint256 public immutable configurationHash;

    /// @inheritdoc IRollup
    uint256 public stateRoot;

    // One slot, which every batch writes
    /// @inheritdoc IRollup
    uint64 public batchCount;
    /// @inheritdoc IRollup
    uint40 public nextSequence;
    /// @inheritdoc IRollup
    uint40 public lastTimestamp;

    /// @inheritdoc IRollup
    mapping(uint256 batchNumber => Batch) public batches;

    // One slot, which every deposit and claim writes
    /// @inheritdoc IRollup
    uint64 public vaultBalance;
    /// @inheritdoc IRollup
    uint64 public totalClaimable;
    /// @inheritdoc IRollup
    uint32 public accountCount;

    /// @inheritdoc IRollup
    mapping(address owner => uint32) public accountOf;
    /// @inheritdoc IRollup
    mapping(address owner => uint256) public claimable;

    RequestQueue.Queue private _queue;

    modifier onlyOperator() {
        if (msg.sender != operator) revert NotOperator(msg.sender);
        _;
    }

    constructor(Deployment memory deployment) {
        _checkDeployment(deployment);
        token = deployment.token;
        verifier = deployment.verifier;
        operator = deployment.operator;
        vaultCap = deployment.vaultCap;
        configurationHash = deployment.configurationHash;
        domain = uint256(keccak256(abi.encode(Constants.PROTOCOL_VERSION, block.chainid, address(this)))) % P;
        stateRoot = deployment.stateRoot;
        nextSequence = Constants.FIRST_SEQUENCE.toUint40();
        emit Genesis(domain, configurationHash, deployment.stateRoot, deployment.exitRoot, deployment.markets);
    }

    /// @inheritdoc IRollup
    function deposit(uint256 amount) external nonReentrant {
        uint256 room = vaultCap - vaultBalance;
        if (amount == 0) revert ZeroDeposit();
        if (amount > room) revert VaultCapExceeded(amount, room);
        vaultBalance += amount.toUint64();
        _request(Constants.REQUEST_KIND_DEPOSIT, _openAccount(msg.sender), amount, 0, 0);

        uint256 balanceBefore = token.balanceOf(address(this));
        token.safeTransferFrom(msg.sender, address(this), amount);
        uint256 received = token.balanceOf(address(this)) - balanceBefore;
        if (received != amount) revert DepositNotReceived(amount, received);
    }

    /// @inheritdoc IRollup
    function registerKey(uint256 x, uint256 y) external nonReentrant {
        if (x >= P || y >= P) revert KeyNotInField(x, y);
        if (!BabyJubjub.isOnCurve(x, y)) revert KeyNotOnCurve(x, y);
        if (BabyJubjub.isSmallOrder(x, y)) revert KeyOfSmallOrder(x, y);
        _request(Constants.REQUEST_KIND_REGISTER_KEY, _openAccount(msg.sender), 0, x, y);
    }

    /// @inheritdoc IRollup
    function withdraw(uint256 amount) external nonReentrant {
        if (amount == 0 || amount > MAX_WITHDRAWAL) revert WithdrawalOutOfRange(amount, MAX_WITHDRAWAL);
        uint256 account = accountOf[msg.sender];
        if (account == 0) revert NoAccount(msg.sender);
        _request(Constants.REQUEST_KIND_WITHDRAW, account, amount, 0, 0);
    }

    /// @inheritdoc IRollup
    function claim(address owner) external nonReentrant returns (uint256 amount) {
        amount = claimable[owner];
        if (amount == 0) revert NothingToClaim(owner);
        delete claimable[owner];
        totalClaimable -= amount.toUint64();
        vaultBalance -= amount.toUint64();
        emit Claimed(owner, amount);
        token.safeTransfer(owner, amount);
    }

    /// @inheritdoc IRollup
    function submitBatch(uint256[] calldata words, uint256 commitment, Proof calldata proof)
        external
        nonReentrant
        onlyOperator
    {
        BatchHeader.Header memory header = BatchHeader.decode(words);
        _checkSuccession(header);
        _checkTimestamp(header.timestamp);
        _checkProof(_assembleStream(words, header), commitment, proof);
        _settleRequests(words[Constants.HEADER_WORDS:Constants.HEADER_WORDS + header.requests]);
        _finalize(header);
    }

    /// @inheritdoc IRollup
    function requestCount() external view returns (uint256) {
        return _queue.count;
    }

    /// @inheritdoc IRollup
    function requestsConsumed() external view returns (uint256) {
        return _queue.consumed;
    }

    /// @inheritdoc IRollup
    function requestWords(uint256 index) external view returns (uint256 head, uint256 keyX, uint256 keyY) {
        RequestQueue.Words storage words = _queue.words[index];
        return (words.head, words.keyX, words.keyY);
    }

    function _checkDeployment(Deployment memory deployment) private view {
        if (address(deployment.token).code.length == 0) revert NotAContract(address(deployment.token));
        if (address(deployment.verifier).code.length == 0) revert NotAContract(address(deployment.verifier));
        if (deployment.operator == address(0)) revert ZeroOperator();
        if (deployment.vaultCap == 0 || deployment.vaultCap > Constants.VAULT_CAP) {
            revert VaultCapOutOfRange(deployment.vaultCap, Constants.VAULT_CAP);
        }
        if (deployment.configurationHash >= P) revert GenesisNotInField(deployment.configurationHash);
        if (deployment.stateRoot >= P) revert GenesisNotInField(deployment.stateRoot);
        if (deployment.exitRoot >= P) revert GenesisNotInField(deployment.exitRoot);
    }

    function _openAccount(address owner) private returns (uint256 account) {
        account = accountOf[owner];
        if (account != 0) return account;
        if (accountCount == MAX_ACCOUNTS) revert AccountsExhausted(accountCount);
        accountOf[owner] = ++accountCount;
        account = accountCount;
        emit AccountOpened(account, owner);
    }

    function _request(uint256 kind, uint256 account, uint256 amount, uint256 keyX, uint256 keyY) private {
        uint256 index = _queue.push(
            RequestQueue.Request({
                kind: kind, account: account, owner: msg.sender, amount: amount, keyX: keyX, keyY: keyY
            })
        );
        emit RequestQueued(index, kind, account, msg.sender, amount, keyX, keyY);
    }

    /// @dev A batch must continue this contract's own state, whatever its proof says of another.
    function _checkSuccession(BatchHeader.Header memory header) private view {
        if (header.domain != domain) revert WrongDomain(header.domain, domain);
        if (header.configurationHash != configurationHash) {
            revert WrongConfigurationHash(header.configurationHash, configurationHash);
        }
        uint256 batchNumber = uint256(batchCount) + 1;
        if (header.batchNumber != batchNumber) revert WrongBatchNumber(header.batchNumber, batchNumber);
        if (header.oldStateRoot != stateRoot) revert WrongOldStateRoot(header.oldStateRoot, stateRoot);
        if (header.firstSequence != nextSequence) {
            revert WrongFirstSequence(header.firstSequence, nextSequence);
        }
        uint256 consumed = _queue.consumed;
        if (header.requestsBegin != consumed) revert WrongRequestsBegin(header.requestsBegin, consumed);
        uint256 queued = _queue.count - consumed;
        if (header.requests > queued) revert TooManyRequests(header.requests, queued);
    }

    /// @dev Expiry, oracle age and, later, funding count on this clock: the operator may neither stop nor advance it.
    function _checkTimestamp(uint256 timestamp) private view {
        if (timestamp <= lastTimestamp) revert TimestampNotNewer(timestamp, lastTimestamp);
        uint256 oldest = block.timestamp.saturatingSub(MAX_TIMESTAMP_LAG_SECONDS);
        if (timestamp < oldest) revert StaleTimestamp(timestamp, oldest);
        uint256 newest = block.timestamp + MAX_TIMESTAMP_LEAD_SECONDS;
        if (timestamp > newest) revert FutureTimestamp(timestamp, newest);
    }

    /// @dev The queue words come from storage: the operator can neither alter, reorder nor invent a request.
    function _assembleStream(uint256[] calldata words, BatchHeader.Header memory header)
        private
        view
        returns (uint256[] memory stream)
    {
        uint256 outcomesEnd = Constants.HEADER_WORDS + header.requests;
        if (words.length < outcomesEnd) revert StreamTooShort(words.length, outcomesEnd);
        stream =
            DataStream.copyWithGap(words, Constants.HEADER_WORDS, Constants.REQUEST_WORDS * header.requests);
        if (header.words != stream.length) revert WrongWordCount(header.words, stream.length);
        _queue.copyHead(header.requests, stream, Constants.HEADER_WORDS);
    }

    function _checkProof(uint256[] memory stream, uint256 commitment, Proof calldata proof) private view {
        uint256 r = DataStream.challenge(commitment, stream);
        uint256 y = DataStream.evaluate(stream, r);
        if (!verifier.verifyProof(proof.a, proof.b, proof.c, [commitment, r, y])) revert InvalidProof();
    }

    /// @dev Payments become claims: a transfer that fails must not stop the queue.
    function _settleRequests(uint256[] calldata outcomes) private {
        uint256 credited = 0;
        for (uint256 i = 0; i < outcomes.length; ++i) {
            (uint256 index, uint256 head) = _queue.pop();
            (uint256 status, uint256 paid) = Outcome.decode(outcomes[i], index, RequestQueue.amountOf(head));
            if (paid != 0) {
                claimable[RequestQueue.ownerOf(head)] += paid;
                credited += paid;
            }
            emit RequestSettled(index, status, paid);
        }
        if (credited == 0) return;
        uint256 claims = totalClaimable + credited;
        if (claims > vaultBalance) revert ClaimsExceedVault(claims, vaultBalance);
        totalClaimable = claims.toUint64();
    }

    function _finalize(BatchHeader.Header memory header) private {
        stateRoot = header.newStateRoot;
        batches[header.batchNumber] = Batch({logRoot: header.logRoot, firstSequence: nextSequence});
        batchCount += 1;
        nextSequence += header.messages.toUint40();
        lastTimestamp = header.timestamp.toUint40();
        emit BatchFinalized({
            batchNumber: header.batchNumber,
            stateRoot: header.newStateRoot,
            exitRoot: header.newExitRoot,
            epochHash: header.epochHash,
            logRoot: header.logRoot,
            firstSequence: header.firstSequence,
            messages: header.messages,
            timestamp: header.timestamp
        });
    }
}
