// SPDX-License-Identifier: GPL-3.0-only
pragma solidity ^0.8.28;

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {IPoseidon} from "../interfaces/IPoseidon.sol";
import {IReceiptCourt} from "../interfaces/IReceiptCourt.sol";
import {BatchHeader} from "../libraries/BatchHeader.sol";
import {LogTree} from "../libraries/LogTree.sol";
import {RollupBase} from "./RollupBase.sol";
import {WeiLedger} from "./WeiLedger.sol";

/// @title Challenges of overdue receipts, their answers, and the freeze that follows when there is none
abstract contract ReceiptCourt is RollupBase, WeiLedger, EIP712, IReceiptCourt {
    using SafeCast for uint256;

    /// @dev One slot. A challenge is closed by deleting its challenger; the deadline stays, so that it is never opened again.
    struct Challenge {
        address challenger;
        uint40 deadline;
    }

    bytes32 private constant RECEIPT_TYPEHASH = keccak256(
        "Receipt(uint64 batchNumber,uint40 sequence,uint256 messageHash,uint40 dueBy,uint256 epochHash,"
        "uint64 requestsEnd,uint176 queueHash)"
    );

    /// @inheritdoc IReceiptCourt
    address public immutable receiptSigner;
    /// @inheritdoc IReceiptCourt
    uint256 public immutable challengeBond;
    /// @inheritdoc IReceiptCourt
    uint256 public immutable answerPeriod;
    /// @inheritdoc IReceiptCourt
    IPoseidon public immutable poseidon;

    /// @inheritdoc IReceiptCourt
    mapping(bytes32 digest => Challenge) public challenges;

    constructor(Deployment memory deployment) EIP712("Proofbook", "1") {
        receiptSigner = deployment.receiptSigner;
        challengeBond = deployment.challengeBond;
        answerPeriod = deployment.periods.answerPeriod;
        poseidon = deployment.poseidon;
    }

    /// @inheritdoc IReceiptCourt
    function challengeReceipt(Receipt calldata receipt, bytes calldata signature)
        external
        payable
        nonReentrant
        whenLive
    {
        if (msg.value != challengeBond) revert WrongBond(msg.value, challengeBond);
        if (block.timestamp <= receipt.dueBy) revert NotDue(receipt.dueBy);
        bytes32 digest = _requireSigned(receipt, signature);
        if (challenges[digest].deadline != 0) revert AlreadyChallenged(digest);
        uint40 deadline = (block.timestamp + answerPeriod).toUint40();
        challenges[digest] = Challenge({challenger: msg.sender, deadline: deadline});
        emit ReceiptChallenged(digest, msg.sender, deadline, receipt);
    }

    /// @inheritdoc IReceiptCourt
    function answerReceipt(Receipt calldata receipt, Answer calldata answer) external nonReentrant whenLive {
        bytes32 digest = receiptDigest(receipt);
        Challenge storage challenge = _openChallenge(digest);
        if (block.timestamp > challenge.deadline) revert AnswerTooLate(challenge.deadline);
        _requireInLog(receipt.messageHash, answer);
        if (isIntact(receipt)) _requireKept(receipt, answer);
        delete challenge.challenger;
        _creditWei(msg.sender, challengeBond);
        emit ReceiptAnswered(digest, msg.sender, answer.batchNumber, answer.place);
    }

    /// @inheritdoc IReceiptCourt
    function freezeUnanswered(bytes32 digest) external nonReentrant whenLive {
        uint256 deadline = _openChallenge(digest).deadline;
        if (block.timestamp <= deadline) revert AnswerStillPossible(deadline);
        _returnBond(digest);
        _freeze(FreezeReason.ReceiptUnanswered);
    }

    /// @inheritdoc IReceiptCourt
    function freezeEquivocation(
        Receipt calldata first,
        bytes calldata firstSignature,
        Receipt calldata second,
        bytes calldata secondSignature
    ) external nonReentrant whenLive {
        bytes32 firstDigest = _requireSigned(first, firstSignature);
        bytes32 secondDigest = _requireSigned(second, secondSignature);
        if (!isIntact(first)) revert NotIntact(firstDigest);
        if (!isIntact(second)) revert NotIntact(secondDigest);
        if (!_contradict(first, second)) revert NoContradiction(firstDigest, secondDigest);
        emit Equivocation(firstDigest, secondDigest);
        _freeze(FreezeReason.ReceiptsContradict);
    }

    /// @inheritdoc IReceiptCourt
    function reclaimBond(bytes32 digest) external nonReentrant whenFrozen {
        _openChallenge(digest);
        _returnBond(digest);
    }

    /// @inheritdoc IReceiptCourt
    function receiptDigest(Receipt calldata receipt) public view returns (bytes32) {
        return _hashTypedDataV4(keccak256(abi.encode(RECEIPT_TYPEHASH, receipt)));
    }

    /// @inheritdoc IReceiptCourt
    function isIntact(Receipt calldata receipt) public view returns (bool) {
        return receipt.requestsEnd <= requestCount() && queueHashAt(receipt.requestsEnd) == receipt.queueHash;
    }

    /// @dev The digest leaves the signature out: signing a receipt again does not make it a second one.
    function _requireSigned(Receipt calldata receipt, bytes calldata signature)
        private
        view
        returns (bytes32 digest)
    {
        digest = receiptDigest(receipt);
        address recovered = ECDSA.recoverCalldata(digest, signature);
        if (recovered != receiptSigner) revert NotSigned(recovered);
    }

    function _openChallenge(bytes32 digest) private view returns (Challenge storage challenge) {
        challenge = challenges[digest];
        if (challenge.challenger == address(0)) revert NoOpenChallenge(digest);
    }

    function _requireInLog(uint256 messageHash, Answer calldata answer) private view {
        bytes32 batch = BatchHeader.digest(answer.logRoot, answer.firstSequence, answer.epochHash);
        if (batch != batchDigest[answer.batchNumber]) revert UnknownBatch(answer.batchNumber);
        if (LogTree.rootOf(poseidon, messageHash, answer.place, answer.path) != answer.logRoot) {
            revert MessageNotInLog(messageHash, answer.logRoot);
        }
    }

    function _requireKept(Receipt calldata receipt, Answer calldata answer) private pure {
        if (answer.batchNumber != receipt.batchNumber) {
            revert WrongBatch(answer.batchNumber, receipt.batchNumber);
        }
        uint256 sequence = answer.firstSequence + answer.place;
        if (sequence != receipt.sequence) revert WrongSequence(sequence, receipt.sequence);
        if (answer.epochHash != receipt.epochHash) revert WrongEpoch(answer.epochHash, receipt.epochHash);
    }

    /// @dev One sequence has one message, in one batch; one batch has one epoch. An operator that wants to choose between
    /// two epochs when it has seen the orders acknowledges different messages under each, so the second rule needs no
    /// two messages of one sequence.
    function _contradict(Receipt calldata first, Receipt calldata second) private pure returns (bool) {
        bool sameBatch = first.batchNumber == second.batchNumber;
        if (first.sequence == second.sequence && (!sameBatch || first.messageHash != second.messageHash)) {
            return true;
        }
        return sameBatch && (first.epochHash != second.epochHash || first.requestsEnd != second.requestsEnd);
    }

    function _returnBond(bytes32 digest) private {
        address challenger = challenges[digest].challenger;
        delete challenges[digest].challenger;
        _creditWei(challenger, challengeBond);
        emit BondReturned(digest, challenger);
    }
}
