// SPDX-License-Identifier: GPL-3.0-only
pragma solidity ^0.8.28;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {IReceiptCourt} from "../../src/interfaces/IReceiptCourt.sol";
import {Constants} from "../../src/libraries/Constants.sol";
import {LogReference} from "./LogReference.sol";
import {RollupFixture} from "./RollupFixture.sol";

/// @notice Batches with real logs, and receipts for their messages, signed as docs/spec/receipts.md says
abstract contract ReceiptFixture is RollupFixture {
    using LogReference for LogReference.Tree;
    using SafeCast for uint256;

    uint256 internal constant MESSAGES = 6;
    uint256 internal constant PROMISE = 1 hours;

    /// @notice Makes the next batch final, with `MESSAGES` messages in its log
    function finalizeBatch() internal {
        Draft memory draft = nextBatch(0);
        setCounts(draft, MESSAGES);
        draft.header[Constants.HEADER_LOG_ROOT] = logOf(rollup.batchCount() + 1).root();
        submit(draft);
        skip(1);
    }

    function logOf(uint256 batchNumber) internal view returns (LogReference.Tree memory) {
        uint256[] memory leaves = new uint256[](MESSAGES);
        for (uint256 place = 0; place < MESSAGES; ++place) {
            leaves[place] = messageHash(batchNumber, place);
        }
        return LogReference.build(poseidon, leaves);
    }

    function messageHash(uint256 batchNumber, uint256 place) internal pure returns (uint256) {
        return uint256(keccak256(abi.encode("message", batchNumber, place))) % P;
    }

    /// @notice What an honest operator promises: batches have `MESSAGES` messages, as `finalizeBatch` makes them
    function receiptOf(uint256 batchNumber, uint256 place)
        internal
        view
        returns (IReceiptCourt.Receipt memory)
    {
        uint256 requests = rollup.requestCount();
        return IReceiptCourt.Receipt({
            batchNumber: batchNumber.toUint64(),
            sequence: (1 + (batchNumber - 1) * MESSAGES + place).toUint40(),
            messageHash: messageHash(batchNumber, place),
            dueBy: (START + PROMISE).toUint40(),
            epochHash: 30_000 + batchNumber,
            requestsEnd: requests.toUint64(),
            queueHash: rollup.queueHashAt(requests)
        });
    }

    /// @notice Shows the message that batch `batchNumber` has at `place`
    function answerOf(uint256 batchNumber, uint256 place)
        internal
        view
        returns (IReceiptCourt.Answer memory)
    {
        LogReference.Tree memory tree = logOf(batchNumber);
        return IReceiptCourt.Answer({
            batchNumber: batchNumber,
            logRoot: tree.root(),
            firstSequence: 1 + (batchNumber - 1) * MESSAGES,
            epochHash: 30_000 + batchNumber,
            place: place,
            path: tree.path(place)
        });
    }

    /// @dev EIP-712, written out once more.
    function digestOf(IReceiptCourt.Receipt memory receipt) internal view returns (bytes32) {
        bytes32 domainType =
            keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)");
        bytes32 receiptType = keccak256(
            "Receipt(uint64 batchNumber,uint40 sequence,uint256 messageHash,uint40 dueBy,uint256 epochHash,uint64 requestsEnd,uint176 queueHash)"
        );
        bytes32 separator = keccak256(
            abi.encode(domainType, keccak256("Proofbook"), keccak256("1"), block.chainid, address(rollup))
        );
        bytes32 content = keccak256(
            bytes.concat(
                abi.encode(receiptType, receipt.batchNumber, receipt.sequence, receipt.messageHash),
                abi.encode(receipt.dueBy, receipt.epochHash, receipt.requestsEnd, receipt.queueHash)
            )
        );
        return keccak256(abi.encodePacked("\x19\x01", separator, content));
    }

    function sign(IReceiptCourt.Receipt memory receipt) internal view returns (bytes memory) {
        return signWith(RECEIPT_KEY, receipt);
    }

    function signWith(uint256 key, IReceiptCourt.Receipt memory receipt)
        internal
        view
        returns (bytes memory)
    {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digestOf(receipt));
        return abi.encodePacked(r, s, v);
    }

    function pastDue() internal {
        vm.warp(START + PROMISE + 1);
    }

    /// @notice Lets alice challenge a receipt that is due
    function challenge(IReceiptCourt.Receipt memory receipt) internal returns (bytes32) {
        bytes memory signature = sign(receipt);
        vm.prank(alice);
        rollup.challengeReceipt{value: BOND}(receipt, signature);
        return digestOf(receipt);
    }
}
