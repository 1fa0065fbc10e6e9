// SPDX-License-Identifier: GPL-3.0-only
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IBatchVerifier} from "./IBatchVerifier.sol";

/// @title Vault, request queue and state root of the exchange
/// @notice Users deposit, register trading keys and withdraw through one queue. The operator submits batches of trades;
/// a batch counts only with a proof that it consumed the head of the queue and followed the rules of the exchange.
/// @dev Amounts are units of the token. Words are elements of the BN254 scalar field; docs/spec/data.md lists them.
interface IRollup {
    /// @notice What a rollup is deployed with; nothing of it ever changes
    /// @param token Plain ERC-20: no fee on transfer, no rebasing
    /// @param verifier Verifier of the one batch circuit that this rollup accepts
    /// @param operator The only address that may submit batches
    /// @param vaultCap Largest vault balance, at most 2^61, which keeps every sum of the circuit in range
    /// @param configurationHash Poseidon hash of fees and oracle keys
    /// @param stateRoot Root of the state before the first batch
    /// @param exitRoot Exit root of that state
    /// @param markets The four words of each market leaf of that state; a slot without a market is zeros
    struct Deployment {
        IERC20 token;
        IBatchVerifier verifier;
        address operator;
        uint256 vaultCap;
        uint256 configurationHash;
        uint256 stateRoot;
        uint256 exitRoot;
        uint256[4][4] markets;
    }

    /// @notice A Groth16 proof, its elements as `IBatchVerifier` takes them
    struct Proof {
        uint256[2] a;
        uint256[2][2] b;
        uint256[2] c;
    }

    /// @notice What stays on chain of a batch, for whoever must answer for a receipt
    /// @param logRoot Root of the tree of the batch's message hashes
    /// @param firstSequence Sequence of its first message
    struct Batch {
        uint256 logRoot;
        uint40 firstSequence;
    }

    /// @notice Thrown by the constructor when the token or the verifier has no code
    error NotAContract(address account);
    /// @notice Thrown by the constructor when no operator is named
    error ZeroOperator();
    /// @notice Thrown by the constructor when the cap is 0 or larger than the circuit can bear
    error VaultCapOutOfRange(uint256 cap, uint256 max);
    /// @notice Thrown by the constructor when a hash of the genesis state is not a field element
    error GenesisNotInField(uint256 word);

    /// @notice Thrown when a deposit is 0
    error ZeroDeposit();
    /// @notice Thrown when a deposit would lift the vault above its cap
    error VaultCapExceeded(uint256 amount, uint256 room);
    /// @notice Thrown when the token moved another amount than was deposited, as one with a fee does
    error DepositNotReceived(uint256 amount, uint256 received);
    /// @notice Thrown when an owner would get an account id that the account tree has no place for
    error AccountsExhausted(uint256 accounts);
    /// @notice Thrown when the caller has no account to withdraw from
    error NoAccount(address owner);
    /// @notice Thrown when the amount to withdraw is 0 or does not fit a request
    error WithdrawalOutOfRange(uint256 amount, uint256 max);
    /// @notice Thrown when a claim is pushed to an owner to whom nothing is owed
    error NothingToClaim(address owner);

    /// @notice Thrown when a coordinate of a trading key is not below the field's order
    error KeyNotInField(uint256 x, uint256 y);
    /// @notice Thrown when a trading key is not a point of Baby Jubjub
    error KeyNotOnCurve(uint256 x, uint256 y);
    /// @notice Thrown when eight times a trading key is the identity: anyone could sign for it
    error KeyOfSmallOrder(uint256 x, uint256 y);

    /// @notice Thrown when someone else than the operator submits a batch
    error NotOperator(address caller);
    /// @notice Thrown when the operator's words end before the outcomes of the consumed requests do
    error StreamTooShort(uint256 words, uint256 needed);
    /// @notice Thrown when a batch is meant for another version, chain or contract
    error WrongDomain(uint256 domain, uint256 expected);
    /// @notice Thrown when a batch was made with other fees or oracle keys
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
    /// @notice Thrown when a batch would promise more than the vault holds
    error ClaimsExceedVault(uint256 claims, uint256 vaultBalance);

    /// @notice Emitted once, by the constructor: where a rebuild of the state from this chain starts
    event Genesis(
        uint256 domain, uint256 configurationHash, uint256 stateRoot, uint256 exitRoot, uint256[4][4] markets
    );
    /// @notice Emitted when an owner gets its account id
    event AccountOpened(uint256 indexed account, address indexed owner);
    /// @notice Emitted when a request joins the queue
    /// @param index Place in the queue, from 0 up
    /// @param kind 1 deposit, 2 registration of a key, 3 withdrawal
    /// @param account Account id of the owner
    /// @param owner Who asked, and to whom payments go
    /// @param amount Deposited, or asked to withdraw; 0 for a key
    /// @param keyX First coordinate of the key to register; 0 for other kinds
    /// @param keyY Second coordinate of that key
    event RequestQueued(
        uint256 indexed index,
        uint256 kind,
        uint256 indexed account,
        address indexed owner,
        uint256 amount,
        uint256 keyX,
        uint256 keyY
    );
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
    /// @notice Emitted when an owner was paid
    event Claimed(address indexed owner, uint256 amount);

    /// @notice Moves tokens from the caller into the vault and queues the credit of its account, which is opened if new
    /// @param amount At least 1, at most the room below the cap
    function deposit(uint256 amount) external;

    /// @notice Queues the caller's first or next trading key; its account is opened if new
    /// @param x First coordinate of a Baby Jubjub point that is not of small order
    /// @param y Second coordinate
    function registerKey(uint256 x, uint256 y) external;

    /// @notice Queues a withdrawal; the batch that consumes it pays the smaller of `amount` and what margin leaves free
    /// @param amount From 1 to 2^64 - 1, more than the account holds to withdraw all that is free
    function withdraw(uint256 amount) external;

    /// @notice Pays an owner all that is owed to it; anyone may call
    /// @param owner To whom the tokens go
    /// @return amount What was paid
    function claim(address owner) external returns (uint256 amount);

    /// @notice Makes the next batch final
    /// @param words The data stream without the queue words, which this contract takes from its own storage
    /// @param commitment The circuit's Poseidon commitment to the stream
    /// @param proof Proof of the batch for this stream and commitment
    function submitBatch(uint256[] calldata words, uint256 commitment, Proof calldata proof) external;

    /// @notice How far a batch may lie behind the block that carries it
    function MAX_TIMESTAMP_LAG_SECONDS() external view returns (uint256);

    /// @notice How far a batch may be ahead of the block that carries it
    function MAX_TIMESTAMP_LEAD_SECONDS() external view returns (uint256);

    /// @notice The token of all deposits and payments
    function token() external view returns (IERC20);

    /// @notice The verifier of the batch circuit
    function verifier() external view returns (IBatchVerifier);

    /// @notice Who may submit batches
    function operator() external view returns (address);

    /// @notice Largest vault balance
    function vaultCap() external view returns (uint256);

    /// @notice What messages are signed for: `keccak256(abi.encode(version, chain id, this contract)) mod p`
    function domain() external view returns (uint256);

    /// @notice Poseidon hash of fees and oracle keys
    function configurationHash() external view returns (uint256);

    /// @notice Root of the state after the last batch
    function stateRoot() external view returns (uint256);

    /// @notice Number of final batches
    function batchCount() external view returns (uint64);

    /// @notice Sequence of the first message of the next batch
    function nextSequence() external view returns (uint40);

    /// @notice Timestamp of the last batch
    function lastTimestamp() external view returns (uint40);

    /// @notice What is on chain of a batch; zeros if there is no such batch
    function batches(uint256 batchNumber) external view returns (uint256 logRoot, uint40 firstSequence);

    /// @notice Number of requests ever queued
    function requestCount() external view returns (uint256);

    /// @notice Number of requests that batches have consumed
    function requestsConsumed() external view returns (uint256);

    /// @notice The three stream words of a waiting request; zeros once it is consumed
    function requestWords(uint256 index) external view returns (uint256 head, uint256 keyX, uint256 keyY);

    /// @notice Number of account ids given out; ids start at 1
    function accountCount() external view returns (uint32);

    /// @notice Account id of an owner; 0 if it has none
    function accountOf(address owner) external view returns (uint32);

    /// @notice Deposits minus payments; the contract holds at least as many tokens
    function vaultBalance() external view returns (uint64);

    /// @notice Sum of all that owners may claim, part of the vault balance
    function totalClaimable() external view returns (uint64);

    /// @notice What an owner may claim
    function claimable(address owner) external view returns (uint256);
}
