// SPDX-License-Identifier: GPL-3.0-only
pragma solidity ^0.8.28;

import {Rollup} from "../../src/Rollup.sol";
import {RequestQueue} from "../../src/libraries/RequestQueue.sol";
import {Constants} from "../../src/libraries/Constants.sol";
import {DemoDollar} from "../../src/token/DemoDollar.sol";
import {ExpectedInputsVerifier} from "../mocks/ExpectedInputsVerifier.sol";
import {BatchBuilder} from "./BatchBuilder.sol";

/// @notice Random users and an honest operator. It keeps books of its own, which the invariants compare with the contract.
contract RollupHandler is BatchBuilder {
    uint256 private constant KEY_X =
        5299619240641551281634865583518297030282874472190772894086521144482721001553;
    uint256 private constant KEY_Y =
        16950150798460657717958625567821834550301663161624707787222815936182638968203;
    uint256 private constant MAX_REQUESTS = 6;

    DemoDollar private _token;
    address[] private _owners;

    mapping(address owner => uint256) private _collateral;
    uint256 public gifts;
    uint256 public messages;

    constructor(Rollup rollup_, ExpectedInputsVerifier verifier_, DemoDollar token_) {
        (rollup, verifier, _token) = (rollup_, verifier_, token_);
        for (uint256 i = 0; i < 4; ++i) {
            _owners.push(vm.addr(i + 1));
        }
    }

    function owners() external view returns (address[] memory) {
        return _owners;
    }

    /// @notice Money in the exchange: deposits that a batch has credited, less payments
    function collateral() external view returns (uint256 sum) {
        for (uint256 i = 0; i < _owners.length; ++i) {
            sum += _collateral[_owners[i]];
        }
    }

    /// @notice Deposits that no batch has consumed
    function waitingDeposits() external view returns (uint256 sum) {
        for (uint256 i = rollup.requestsConsumed(); i < rollup.requestCount(); ++i) {
            (uint256 head,,) = rollup.requestWords(i);
            if (RequestQueue.kindOf(head) == Constants.REQUEST_KIND_DEPOSIT) {
                sum += RequestQueue.amountOf(head);
            }
        }
    }

    function deposit(uint256 who, uint256 amount) external {
        uint256 room = rollup.vaultCap() - rollup.vaultBalance();
        if (room == 0) return;
        amount = bound(amount, 1, room);
        address owner = pick(who);
        _token.mint(owner, amount);
        vm.startPrank(owner);
        _token.approve(address(rollup), amount);
        rollup.deposit(amount);
        vm.stopPrank();
    }

    function registerKey(uint256 who) external {
        vm.prank(pick(who));
        rollup.registerKey(KEY_X, KEY_Y);
    }

    function withdraw(uint256 who, uint64 amount) external {
        address owner = pick(who);
        if (rollup.accountOf(owner) == 0 || amount == 0) return;
        vm.prank(owner);
        rollup.withdraw(amount);
    }

    function claim(uint256 who) external {
        address owner = pick(who);
        if (rollup.claimable(owner) != 0) rollup.claim(owner);
    }

    function give(uint64 amount) external {
        _token.mint(address(rollup), amount);
        gifts += amount;
    }

    /// @dev Every fourth deposit is refused. Traders win from each other nothing: trading cannot change the sum.
    function submitBatch(uint256 requests, uint16 messageCount) external {
        skip(1);
        uint256 waiting = rollup.requestCount() - rollup.requestsConsumed();
        requests = bound(requests, 0, waiting < MAX_REQUESTS ? waiting : MAX_REQUESTS);
        Draft memory draft = nextBatch(requests);
        for (uint256 i = 0; i < requests; ++i) {
            draft.outcomes[i] = settle(rollup.requestsConsumed() + i);
        }
        setCounts(draft, messageCount);
        submit(draft);
        messages += messageCount;
    }

    function settle(uint256 index) private returns (uint256) {
        (uint256 head,,) = rollup.requestWords(index);
        address owner = RequestQueue.ownerOf(head);
        uint256 amount = RequestQueue.amountOf(head);
        uint256 kind = RequestQueue.kindOf(head);
        if (kind == Constants.REQUEST_KIND_DEPOSIT) {
            if (index % 4 == 0) return outcome(Constants.REQUEST_STATUS_REFUSED, amount);
            _collateral[owner] += amount;
            return outcome(Constants.REQUEST_STATUS_DONE, 0);
        }
        uint256 paid = amount < _collateral[owner] ? amount : _collateral[owner];
        _collateral[owner] -= paid;
        return outcome(Constants.REQUEST_STATUS_DONE, paid);
    }

    function pick(uint256 who) private view returns (address) {
        return _owners[who % _owners.length];
    }
}
