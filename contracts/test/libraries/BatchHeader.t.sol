// SPDX-License-Identifier: GPL-3.0-only
pragma solidity ^0.8.28;

import {Test} from "forge-std/Test.sol";
import {IBatchSettlement} from "../../src/interfaces/IBatchSettlement.sol";
import {BatchHeader} from "../../src/libraries/BatchHeader.sol";

contract BatchHeaderTest is Test {
    function test_readsEachWordFromItsPlace() external view {
        BatchHeader.Header memory header = this.decode(headerWords());
        assertEq(header.domain, 100);
        assertEq(header.configurationHash, 101);
        assertEq(header.batchNumber, 102);
        assertEq(header.oldStateRoot, 103);
        assertEq(header.newStateRoot, 104);
        assertEq(header.newExitRoot, 105);
        assertEq(header.timestamp, 106);
        assertEq(header.epochHash, 107);
        assertEq(header.firstSequence, 108);
        assertEq(header.logRoot, 109);
        assertEq(header.requestsBegin, 110);
        assertEq(header.feePool, 112);
    }

    function test_splitsTheCounts() external view {
        uint256[] memory words = headerWords();
        words[11] = 0x0005_0004_0003_0002_0001;
        BatchHeader.Header memory header = this.decode(words);
        assertEq(header.requests, 1);
        assertEq(header.messages, 2);
        assertEq(header.words, 5);
    }

    function test_keepsExcessBitsOfTheCountsInSight() external view {
        uint256[] memory words = headerWords();
        words[11] = 1 << 80;
        assertEq(this.decode(words).words, 1 << 16);
    }

    function test_revertsOnAnIncompleteHeader() external {
        vm.expectRevert(abi.encodeWithSelector(IBatchSettlement.StreamTooShort.selector, 13, 14));
        this.decode(new uint256[](13));
    }

    function decode(uint256[] calldata words) external pure returns (BatchHeader.Header memory) {
        return BatchHeader.decode(words);
    }

    function headerWords() private pure returns (uint256[] memory words) {
        words = new uint256[](14);
        for (uint256 i = 0; i < 14; ++i) {
            words[i] = 100 + i;
        }
    }
}
