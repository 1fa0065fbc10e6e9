// SPDX-License-Identifier: GPL-3.0-only
pragma solidity ^0.8.28;

import {Address} from "@openzeppelin/contracts/utils/Address.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {IBatchSettlement} from "../interfaces/IBatchSettlement.sol";
import {IBatchVerifier} from "../interfaces/IBatchVerifier.sol";
import {BatchHeader} from "../libraries/BatchHeader.sol";
import {Constants} from "../libraries/Constants.sol";
import {DataStream} from "../libraries/DataStream.sol";
import {Outcome} from "../libraries/Outcome.sol";
import {RequestQueue} from "../libraries/RequestQueue.sol";
import {Vault} from "./Vault.sol";

/// @title The operator's door: a batch continues the stored state, is proven, and serves the head of the queue
abstract contract BatchSettlement is Vault, IBatchSettlement {
    using SafeCast for uint256;
    using Math for uint256;
    using RequestQueue for RequestQueue.Queue;

    /// @inheritdoc IBatchSettlement
    uint256 public constant MAX_TIMESTAMP_LAG_SECONDS = 3600;
    /// @inheritdoc IBatchSettlement
    uint256 public constant MAX_TIMESTAMP_LEAD_SECONDS = 60;

    /// @inheritdoc IBatchSettlement
    IBatchVerifier public verifier;
    /// @inheritdoc IBatchSettlement
    uint256 public immutable requestsPerBatch;
    /// @inheritdoc IBatchSettlement
    uint256 public immutable patience;

    uint256 private _feesCollected;

    constructor(Deployment memory deployment) {
        verifier = deployment.verifier;
        requestsPerBatch = deployment.requestsPerBatch;
        patience = deployment.periods.patience;
    }

    /// @inheritdoc IBatchSettlement
    function submitBatch(uint256[] calldata words, uint256 commitment, Proof calldata proof)
        external
        nonReentrant
        whenLive
    {
        if (msg.sender != operator) revert NotOperator(msg.sender);
        BatchHeader.Header memory header = BatchHeader.decode(words);
        _checkSuccession(header);
        _checkTimestamp(header.timestamp);
        _checkService(header);
        _checkProof(_assembleStream(words, header), commitment, proof);
        _settleRequests(words[Constants.HEADER_WORDS:Constants.HEADER_WORDS + header.requests]);
        _finalize(header);
    }

    /// @inheritdoc IBatchSettlement
    function collectFees() external nonReentrant returns (uint256 amount) {
        amount = earnedFees();
        if (amount == 0) revert NoFeesEarned();
        _feesCollected += amount;
        emit FeesCollected(amount);
        Address.sendValue(payable(operator), amount);
    }

    /// @inheritdoc IBatchSettlement
    function earnedFees() public view returns (uint256) {
        return requestFee * _queue.consumed - _feesCollected;
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

    /// @dev Expiry, oracle age and funding count on this clock: the operator may neither stop nor advance it.
    function _checkTimestamp(uint256 timestamp) private view {
        if (timestamp <= lastTimestamp) revert TimestampNotNewer(timestamp, lastTimestamp);
        uint256 oldest = block.timestamp.saturatingSub(MAX_TIMESTAMP_LAG_SECONDS);
        if (timestamp < oldest) revert StaleTimestamp(timestamp, oldest);
        uint256 newest = block.timestamp + MAX_TIMESTAMP_LEAD_SECONDS;
        if (timestamp > newest) revert FutureTimestamp(timestamp, newest);
    }

    /// @dev An operator that trades on cannot let the queue wait for its deadline: a batch takes what it has room for.
    function _checkService(BatchHeader.Header memory header) private view {
        uint256 required =
            _queue.agedPrefix(header.requests, requestsPerBatch, header.timestamp.saturatingSub(patience));
        // The circuit lets a batch consume nothing after a forced message.
        if (header.requests < required && !_queue.endsInMessage(header.requests)) {
            revert TooFewRequests(header.requests, required);
        }
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
        uint256 deposited = 0;
        for (uint256 i = 0; i < outcomes.length; ++i) {
            (uint256 index, RequestQueue.Words memory words) = _queue.pop();
            uint256 head = words.head;
            (uint256 status, uint256 paid) = Outcome.decode(outcomes[i], index, RequestQueue.amountOf(head));
            deposited += RequestQueue.depositOf(head);
            if (paid != 0) {
                claimable[RequestQueue.ownerOf(head)] += paid;
                credited += paid;
            }
            if (RequestQueue.kindOf(head) == Constants.REQUEST_KIND_CHANGE) _change(words);
            emit RequestSettled(index, status, paid);
        }
        if (deposited != 0) pendingDeposits -= deposited.toUint64();
        if (credited == 0) return;
        uint256 claims = totalClaimable + credited;
        uint256 available = vaultBalance - pendingDeposits;
        if (claims > available) revert ClaimsExceedVault(claims, available);
        totalClaimable = claims.toUint64();
    }

    /// @dev From the next batch on: this one was checked under the words before.
    function _change(RequestQueue.Words memory words) private {
        configurationHash = words.data0;
        verifier = IBatchVerifier(address(words.data1.toUint160()));
        emit Changed(words.data0, address(verifier));
    }

    function _finalize(BatchHeader.Header memory header) private {
        stateRoot = header.newStateRoot;
        exitRoot = header.newExitRoot;
        batchDigest[header.batchNumber] =
            BatchHeader.digest(header.logRoot, header.firstSequence, header.epochHash);
        batchCount += 1;
        nextSequence += header.messages.toUint40();
        lastTimestamp = header.timestamp.toUint40();
        feePool = header.feePool.toUint64();
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
