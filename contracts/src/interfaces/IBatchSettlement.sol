// SPDX-License-Identifier: GPL-3.0-only
pragma solidity ^0.8.28;

import {IBatchVerifier} from "./IBatchVerifier.sol";
import {IRollupState} from "./IRollupState.sol";

/// @title Batches of trades, final with their proof
interface IBatchSettlement {
    /// @notice Thrown when someone else than the operator submits a batch
    error NotOperator(address caller);
    /// @notice Thrown when the operator's words end before the outcomes of the consumed requests do
    error StreamTooShort(uint256 words, uint256 needed);
    /// @notice Thrown when a batch is meant for another version, chain or contract
    error WrongDomain(uint256 domain, uint256 expected);
    /// @notice Thrown when a batch was made with other fees, oracle keys, market parameters or margin schedules
    error WrongConfigurationHash(uint256 configurationHash, uint256 expected);
    /// @notice Thrown when a batch is not the next one
    error WrongBatchNumber(uint256 batchNumber, uint256 expected);
    /// @notice Thrown when a batch does not start from the current state
    error WrongOldStateRoot(uint256 stateRoot, uint256 expected);
    /// @notice Thrown when a batch is not newer than the last one
    error TimestampNotNewer(uint256 timestamp, uint256 lastTimestamp);
    /// @notice Thrown when a batch is older than the chain's clock allows
    error StaleTimestamp(uint256 timestamp, uint256 oldest);
    /// @notice Thrown when a batch is ahead of the chain's clock
    error FutureTimestamp(uint256 timestamp, uint256 newest);
    /// @notice Thrown when a batch's messages do not follow those of the last one
    error WrongFirstSequence(uint256 firstSequence, uint256 expected);
    /// @notice Thrown when a batch does not start at the head of the request queue
    error WrongRequestsBegin(uint256 requestsBegin, uint256 expected);
    /// @notice Thrown when a batch consumes more requests than are queued
    error TooManyRequests(uint256 requests, uint256 queued);
    /// @notice Thrown when a batch leaves requests waiting that are older than patience and for which it has room
    error TooFewRequests(uint256 requests, uint256 required);
    /// @notice Thrown when the header counts another number of words than the stream has
    error WrongWordCount(uint256 words, uint256 expected);
    /// @notice Thrown when a word of the stream is not a field element
    /// @param index The word's place in the stream, queue words included
    error WordNotInField(uint256 index);
    /// @notice Thrown when the commitment is not a field element
    error CommitmentNotInField(uint256 commitment);
    /// @notice Thrown when the verifier rejects the proof
    error InvalidProof();
    /// @notice Thrown when an outcome is no outcome word, or pays more than its request names
    error OutcomeOutOfRange(uint256 index, uint256 outcome);
    /// @notice Thrown when a batch would promise more than the vault holds besides the deposits that still wait
    error ClaimsExceedVault(uint256 claims, uint256 available);
    /// @notice Thrown when the operator has earned no request fees since it collected the last ones
    error NoFeesEarned();

    /// @notice Emitted when a batch has consumed a change of the timelock: it holds from the next batch on
    event Changed(uint256 configurationHash, address indexed verifier);
    /// @notice Emitted when a batch consumed a request
    /// @param index Place in the queue
    /// @param status 0 done, 1 refused
    /// @param paid Added to what the owner may claim: a withdrawal, or the refund of a refused deposit
    event RequestSettled(uint256 indexed index, uint256 status, uint256 paid);
    /// @notice Emitted when a batch is final
    /// @param batchNumber From 1 up
    /// @param stateRoot Root of the new state
    /// @param exitRoot Root of money and positions, which anyone rebuilds from the calldata of all batches
    /// @param epochHash Hash of timestamp, oracle round and end of the request queue, as receipts name it
    /// @param logRoot Root of the tree of message hashes
    /// @param firstSequence Sequence of the first message
    /// @param messages Number of messages
    /// @param timestamp Seconds
    event BatchFinalized(
        uint256 indexed batchNumber,
        uint256 stateRoot,
        uint256 exitRoot,
        uint256 epochHash,
        uint256 logRoot,
        uint256 firstSequence,
        uint256 messages,
        uint256 timestamp
    );
    /// @notice Emitted when the fees of consumed requests went to the operator
    event FeesCollected(uint256 amount);

    /// @notice Makes the next batch final
    /// @param words The data stream without the queue words, which this contract takes from its own storage
    /// @param commitment The circuit's Poseidon commitment to the stream
    /// @param proof Proof of the batch for this stream and commitment
    function submitBatch(uint256[] calldata words, uint256 commitment, IRollupState.Proof calldata proof)
        external;

    /// @notice Sends the operator the fees of all requests that were consumed since the last call; anyone may call
    /// @return amount What was sent, in wei
    function collectFees() external returns (uint256 amount);

    /// @notice How far a batch may lie behind the block that carries it
    function MAX_TIMESTAMP_LAG_SECONDS() external view returns (uint256);

    /// @notice How far a batch may be ahead of the block that carries it
    function MAX_TIMESTAMP_LEAD_SECONDS() external view returns (uint256);

    /// @notice The verifier of the batch circuit
    function verifier() external view returns (IBatchVerifier);

    /// @notice Requests that surely fit one batch: fewer may be consumed only if none older than patience waits behind
    /// them, or if the last of them forces a message
    function requestsPerBatch() external view returns (uint256);

    /// @notice After how many seconds a request belongs into the next batch that has room
    function patience() external view returns (uint256);

    /// @notice Wei that the operator may collect
    function earnedFees() external view returns (uint256);
}
