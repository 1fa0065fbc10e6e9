// SPDX-License-Identifier: GPL-3.0-only
pragma solidity ^0.8.28;

import {Poseidon} from "../../src/Poseidon.sol";
import {IPoseidon} from "../../src/interfaces/IPoseidon.sol";
import {BatchHeader} from "../../src/libraries/BatchHeader.sol";
import {Constants} from "../../src/libraries/Constants.sol";
import {DataStream} from "../../src/libraries/DataStream.sol";
import {LogTree} from "../../src/libraries/LogTree.sol";
import {Outcome} from "../../src/libraries/Outcome.sol";
import {RequestQueue} from "../../src/libraries/RequestQueue.sol";

/// @notice The libraries on many inputs at once: tests/chain/test_differential.py compares them with Python's
contract LibraryHarness {
    using RequestQueue for RequestQueue.Queue;

    IPoseidon private immutable _poseidon = IPoseidon(address(new Poseidon()));
    RequestQueue.Queue private _queue;

    /// @notice Queues requests, then assembles the stream of a batch that consumes them all
    /// @return hashes Of the queue after each request
    /// @return stream The operator's words, with the queue's in their gap
    function queue(RequestQueue.Request[] calldata requests, uint256[] calldata words)
        external
        returns (uint176[] memory hashes, uint256[] memory stream)
    {
        hashes = new uint176[](requests.length);
        for (uint256 i = 0; i < requests.length; ++i) {
            _queue.push(requests[i], 1, 1);
            hashes[i] = _queue.hashAt(i + 1);
        }
        stream =
            DataStream.copyWithGap(words, Constants.HEADER_WORDS, Constants.REQUEST_WORDS * requests.length);
        _queue.copyHead(requests.length, stream, Constants.HEADER_WORDS);
    }

    /// @return r The challenge of each stream
    /// @return y Its value there
    function bind(uint256[] calldata commitments, uint256[][] memory streams)
        external
        pure
        returns (uint256[] memory r, uint256[] memory y)
    {
        (r, y) = (new uint256[](streams.length), new uint256[](streams.length));
        for (uint256 i = 0; i < streams.length; ++i) {
            r[i] = DataStream.challenge(commitments[i], streams[i]);
            y[i] = DataStream.evaluate(streams[i], r[i]);
        }
    }

    /// @notice As `bind`, for one stream that no call could carry: word k is the hash of commitment and k
    function bindHashes(uint256 commitment, uint256 length) external pure returns (uint256 r, uint256 y) {
        uint256[] memory stream = new uint256[](length);
        for (uint256 k = 0; k < length; ++k) {
            stream[k] = uint256(keccak256(abi.encode(commitment, k))) % Constants.FIELD_MODULUS;
        }
        r = DataStream.challenge(commitment, stream);
        y = DataStream.evaluate(stream, r);
    }

    /// @return headers At the start of each stream
    /// @return digests What would stay on chain of each batch
    function decodeHeaders(uint256[][] calldata streams)
        external
        pure
        returns (BatchHeader.Header[] memory headers, bytes32[] memory digests)
    {
        (headers, digests) = (new BatchHeader.Header[](streams.length), new bytes32[](streams.length));
        for (uint256 i = 0; i < streams.length; ++i) {
            BatchHeader.Header memory header = BatchHeader.decode(streams[i]);
            headers[i] = header;
            digests[i] = BatchHeader.digest(header.logRoot, header.firstSequence, header.epochHash);
        }
    }

    /// @return outcomes Status and payment of each word, or nothing if it is refused
    function decodeOutcomes(uint256[] calldata words, uint256[] calldata amounts)
        external
        view
        returns (uint256[][] memory outcomes)
    {
        outcomes = new uint256[][](words.length);
        for (uint256 i = 0; i < words.length; ++i) {
            try this.decodeOutcome(words[i], i, amounts[i]) returns (uint256[] memory outcome) {
                outcomes[i] = outcome;
            } catch {}
        }
    }

    function decodeOutcome(uint256 word, uint256 index, uint256 amount)
        external
        pure
        returns (uint256[] memory outcome)
    {
        outcome = new uint256[](2);
        (outcome[0], outcome[1]) = Outcome.decode(word, index, amount);
    }

    function logRoots(uint256[] calldata leaves, uint256[] calldata places, uint256[3][3][] calldata paths)
        external
        view
        returns (uint256[] memory roots)
    {
        roots = new uint256[](leaves.length);
        for (uint256 i = 0; i < leaves.length; ++i) {
            roots[i] = LogTree.rootOf(_poseidon, leaves[i], places[i], paths[i]);
        }
    }
}
