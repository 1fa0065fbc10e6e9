// SPDX-License-Identifier: GPL-3.0-only
pragma solidity ^0.8.28;

import {IPoseidon} from "./IPoseidon.sol";

/// @title Where the operator answers for its receipts
/// @notice A receipt is the operator's signed promise to put a message at one place of the order of execution, under
/// prices and requests that were fixed before. Whoever holds an overdue receipt may challenge it for a bond; an answer shows
/// the message in the log of a final batch and earns the bond; a challenge without an answer freezes the exchange.
/// @dev docs/spec/receipts.md says what a receipt does not promise.
interface IReceiptCourt {
    /// @notice What the operator signs (EIP-712) when it has put a message in order
    /// @param batchNumber Batch that will carry the message
    /// @param sequence Place of the message in the order of all messages
    /// @param messageHash What the trader signed, and what the batch's log holds
    /// @param dueBy Second after which the receipt may be challenged
    /// @param epochHash Hash of the batch's timestamp, oracle round and end of the request queue
    /// @param requestsEnd Number of requests consumed when the batch is done
    /// @param queueHash Hash over the first `requestsEnd` requests
    struct Receipt {
        uint64 batchNumber;
        uint40 sequence;
        uint256 messageHash;
        uint40 dueBy;
        uint256 epochHash;
        uint64 requestsEnd;
        uint176 queueHash;
    }

    /// @notice Where a message is: a final batch as `BatchFinalized` published it, and a path in its log
    /// @param place Place of the message in the batch, from 0 up
    /// @param path From the message up, the three other children of each node, in order
    struct Answer {
        uint256 batchNumber;
        uint256 logRoot;
        uint256 firstSequence;
        uint256 epochHash;
        uint256 place;
        uint256[3][3] path;
    }

    /// @notice Thrown when a receipt is not signed by the signer of receipts
    error NotSigned(address recovered);
    /// @notice Thrown when a challenge does not come with exactly the bond
    error WrongBond(uint256 sent, uint256 expected);
    /// @notice Thrown when the operator still has time to make the batch final
    error NotDue(uint256 dueBy);
    /// @notice Thrown when a receipt is challenged a second time
    error AlreadyChallenged(bytes32 digest);
    /// @notice Thrown when no challenge of a receipt is open
    error NoOpenChallenge(bytes32 digest);
    /// @notice Thrown when an answer comes after its deadline
    error AnswerTooLate(uint256 deadline);
    /// @notice Thrown when the operator still has time to answer
    error AnswerStillPossible(uint256 deadline);
    /// @notice Thrown when no batch of this number is final, or it has another log, first sequence or epoch
    error UnknownBatch(uint256 batchNumber);
    /// @notice Thrown when a place is none of the log's
    error PlaceOutOfRange(uint256 place, uint256 places);
    /// @notice Thrown when a message hash or a node of the path is not a field element, or the hash is that of an empty place
    error NotAMessageHash(uint256 word);
    /// @notice Thrown when the path does not lead from the message to the log root of the batch
    error MessageNotInLog(uint256 messageHash, uint256 logRoot);
    /// @notice Thrown when the message is in another batch than was promised
    error WrongBatch(uint256 batchNumber, uint256 promised);
    /// @notice Thrown when the message is at another place of the order of execution than was promised
    error WrongSequence(uint256 sequence, uint256 promised);
    /// @notice Thrown when the batch has another timestamp, oracle round or end of the queue than was promised
    error WrongEpoch(uint256 epochHash, uint256 promised);
    /// @notice Thrown when a receipt names an end of the queue that this chain does not have
    error NotIntact(bytes32 digest);
    /// @notice Thrown when one history can keep both receipts
    error NoContradiction(bytes32 first, bytes32 second);

    /// @notice Emitted when someone asks where the message of a receipt is
    event ReceiptChallenged(
        bytes32 indexed digest, address indexed challenger, uint256 deadline, Receipt receipt
    );
    /// @notice Emitted when a challenge was answered
    event ReceiptAnswered(
        bytes32 indexed digest, address indexed answerer, uint256 batchNumber, uint256 place
    );
    /// @notice Emitted when a bond goes back to the challenger
    event BondReturned(bytes32 indexed digest, address indexed challenger);
    /// @notice Emitted when two receipts were shown that no history can keep
    event Equivocation(bytes32 indexed first, bytes32 indexed second);

    /// @notice Asks where the message of an overdue receipt is; the value sent is the bond
    /// @param signature Of the signer of receipts, 65 bytes
    function challengeReceipt(Receipt calldata receipt, bytes calldata signature) external payable;

    /// @notice Shows the message of a challenged receipt in a final batch; anyone may, and earns the bond
    /// @dev A receipt whose end of the queue is on this chain binds batch, sequence and epoch. One whose end was lost in a
    /// reorganisation, or never was, binds to nothing but the message.
    function answerReceipt(Receipt calldata receipt, Answer calldata answer) external;

    /// @notice Freezes the exchange because a challenge was not answered in time; the bond goes back
    function freezeUnanswered(bytes32 digest) external;

    /// @notice Freezes the exchange because of two receipts that no history can keep
    function freezeEquivocation(
        Receipt calldata first,
        bytes calldata firstSignature,
        Receipt calldata second,
        bytes calldata secondSignature
    ) external;

    /// @notice Gives the bond of an open challenge back after the exchange froze for another reason
    function reclaimBond(bytes32 digest) external;

    /// @notice Who signs receipts
    function receiptSigner() external view returns (address);

    /// @notice What a challenge costs, in wei; more than an answer costs in gas
    function challengeBond() external view returns (uint256);

    /// @notice Seconds to answer a challenge
    function answerPeriod() external view returns (uint256);

    /// @notice The hash of logs; its code is circomlibjs', as the constructor requires
    function poseidon() external view returns (IPoseidon);

    /// @notice What is signed: the EIP-712 digest of a receipt, and the name of its challenge
    function receiptDigest(Receipt calldata receipt) external view returns (bytes32);

    /// @notice Whether the end of the queue that a receipt names is on this chain
    function isIntact(Receipt calldata receipt) external view returns (bool);

    /// @notice The challenge of a receipt
    /// @return challenger Whose bond it is; nobody when the challenge is closed
    /// @return deadline Last second for an answer; 0 if the receipt was never challenged
    function challenges(bytes32 digest) external view returns (address challenger, uint40 deadline);
}
