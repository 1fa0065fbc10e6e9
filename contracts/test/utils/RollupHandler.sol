// SPDX-License-Identifier: GPL-3.0-only
pragma solidity ^0.8.28;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {Rollup} from "../../src/Rollup.sol";
import {IBrake} from "../../src/interfaces/IBrake.sol";
import {ITimelock} from "../../src/interfaces/ITimelock.sol";
import {RequestQueue} from "../../src/libraries/RequestQueue.sol";
import {Constants} from "../../src/libraries/Constants.sol";
import {DemoDollar} from "../../src/token/DemoDollar.sol";
import {ExpectedInputsVerifier} from "../mocks/ExpectedInputsVerifier.sol";
import {BatchBuilder} from "./BatchBuilder.sol";

/// @notice Random users and an honest operator while the rollup is live. It keeps books of its own, which the invariants
/// compare with the contract.
abstract contract RollupHandler is BatchBuilder {
    using SafeCast for uint256;

    uint256 private constant KEY_X =
        5299619240641551281634865583518297030282874472190772894086521144482721001553;
    uint256 private constant KEY_Y =
        16950150798460657717958625567821834550301663161624707787222815936182638968203;

    /// @dev The owner of the insurance fund.
    address private constant FUND = address(1);

    ITimelock private _timelock;
    IBrake private _brake;
    address private _governor;
    DemoDollar internal _token;
    address[] internal _owners;

    /// @dev When the restriction began that was queued last.
    uint256 private _restrictedSince;

    /// @dev Who verifies from the batch after the one that the handler is building.
    ExpectedInputsVerifier private _nextVerifier;

    mapping(address owner => uint256) internal _collateral;
    uint256 public gifts;
    /// @notice What the insurance fund was paid, credited or not
    uint256 public insured;
    /// @notice Word of the restriction that was queued last
    uint256 public restriction;
    uint256 public messages;
    uint256 public configurationHash;

    /// @dev Whatever is called, the queue goes forward only, and a frozen rollup's state stands still.
    modifier monotone() {
        (uint256 count, uint256 consumed) = (rollup.requestCount(), rollup.requestsConsumed());
        (bytes32 state, bool frozen) = (stateHash(), rollup.frozenAt() != 0);
        _;
        assertGe(rollup.requestCount(), count);
        assertGe(rollup.requestsConsumed(), consumed);
        if (frozen) assertEq(stateHash(), state, "a frozen rollup does not move");
    }

    modifier live() {
        if (rollup.frozenAt() == 0) _;
    }

    constructor(Rollup rollup_, ExpectedInputsVerifier verifier_, DemoDollar token_) {
        (rollup, verifier, _token) = (rollup_, verifier_, token_);
        _nextVerifier = verifier_;
        (_timelock, configurationHash) = (rollup_.timelock(), rollup_.configurationHash());
        (_governor, _brake) = (_timelock.governor(), rollup_.brake());
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

    /// @notice Deposits that no batch has consumed and nobody was refunded
    function waitingDeposits() external view returns (uint256 sum) {
        for (uint256 i = rollup.requestsConsumed(); i < rollup.requestCount(); ++i) {
            (uint256 head,,) = rollup.requestWords(i);
            bool deposited = RequestQueue.kindOf(head) == Constants.REQUEST_KIND_DEPOSIT;
            if (deposited && RequestQueue.ownerOf(head) != FUND) sum += RequestQueue.amountOf(head);
        }
    }

    function wait(uint256 time) external {
        skip(bound(time, 1, 2 days));
    }

    function deposit(uint256 who, uint256 amount) external monotone live {
        payIn(who, amount, rollup.deposit);
    }

    function insure(uint256 who, uint256 amount) external monotone live {
        insured += payIn(who, amount, rollup.insure);
    }

    function registerKey(uint256 who) external monotone live {
        uint256 fee = payer(pick(who));
        vm.prank(pick(who));
        rollup.registerKey{value: fee}(KEY_X, KEY_Y);
    }

    function withdraw(uint256 who, uint64 amount) external monotone live {
        address owner = pick(who);
        if (rollup.accountOf(owner) == 0 || amount == 0) return;
        uint256 fee = payer(owner);
        vm.prank(owner);
        rollup.withdraw{value: fee}(amount);
    }

    function forceMessage(uint256 who, uint256 fields, uint256 w1) external monotone live {
        address owner = pick(who);
        uint256 account = rollup.accountOf(owner);
        if (account == 0) return;
        uint256 fee = payer(owner);
        vm.prank(owner);
        rollup.forceMessage{value: fee}(account | (fields % 2 ** 138) << 20, w1 % 2 ** 120);
    }

    function liquidate(uint256 who, uint256 whom, uint8 market, bool sells, uint48 size)
        external
        monotone
        live
    {
        address owner = pick(whom);
        if (rollup.accountOf(owner) == 0) return;
        uint256 fee = payer(pick(who));
        vm.prank(pick(who));
        rollup.liquidate{value: fee}(owner, market, sells, size);
    }

    function unwind(uint256 who, uint8 market, bool sells, uint32 price, uint48 size) external monotone live {
        uint256 fee = payer(pick(who));
        vm.prank(pick(who));
        rollup.unwind{value: fee}(market, sells, price, size);
    }

    function reportCongestion(uint256 who) external monotone live {
        uint256 last = rollup.batchCount() == 0 ? rollup.deployedAt() : rollup.lastTimestamp();
        bool late = vm.getBlockTimestamp() > last + 30 minutes;
        uint256 fee = payer(pick(who));
        if (!late) vm.expectRevert();
        vm.prank(pick(who));
        _brake.reportCongestion{value: fee}();
        if (late) bookRestriction();
    }

    /// @dev The operator also tries to weaken a restriction that holds, to prolong it beyond a day, and to begin the next too soon.
    function restrict(uint8 markets, uint40 time) external monotone live {
        markets = uint8(bound(markets, 1, 15));
        time = uint40(bound(time, 1, 1 days));
        (uint256 held, uint256 until) = (_brake.restrictedMarkets(), _brake.restrictedUntil());
        uint256 now_ = vm.getBlockTimestamp();
        bool holds = now_ < until;
        bytes memory reason = "";
        if (holds && (held & markets != held || now_ + time < until)) {
            reason = abi.encodeWithSelector(IBrake.RestrictionWeaker.selector, held, until);
        } else if (holds && now_ + time > _restrictedSince + 1 days) {
            reason = abi.encodeWithSelector(IBrake.RestrictionOutOfRange.selector, markets, time);
        } else if (!holds && until != 0 && now_ < until + 1 days) {
            reason = abi.encodeWithSelector(IBrake.RestrictionTooSoon.selector, until + 1 days);
        }
        uint256 fee = payer(operator);
        if (reason.length != 0) vm.expectRevert(reason);
        vm.prank(operator);
        _brake.restrict{value: fee}(markets, time);
        if (reason.length != 0) return;
        if (!holds) _restrictedSince = now_;
        bookRestriction();
    }

    function scheduleChange(uint256 newHash) external monotone {
        uint256[21] memory words;
        ExpectedInputsVerifier newVerifier = new ExpectedInputsVerifier();
        vm.prank(_governor);
        _timelock.scheduleChange(newHash % Constants.FIELD_MODULUS, newVerifier, words);
    }

    function cancelChange() external monotone {
        (,, uint40 readyAt) = _timelock.pendingChange();
        if (readyAt == 0) return;
        vm.prank(_governor);
        _timelock.cancelChange();
    }

    function enactChange(uint256 who, bool patiently) external monotone live {
        (,, uint40 readyAt) = _timelock.pendingChange();
        if (readyAt == 0) return;
        address sender = pick(who);
        uint256 fee = payer(sender);
        if (vm.getBlockTimestamp() < readyAt) {
            if (patiently) vm.warp(readyAt);
            else vm.expectRevert();
        }
        vm.prank(sender);
        _timelock.enactChange{value: fee}();
    }

    function claim(uint256 who) external monotone {
        address owner = pick(who);
        uint256 owed = rollup.claimable(owner);
        if (owed == 0) return;
        uint256 balance = _token.balanceOf(owner);
        assertEq(rollup.claim(owner), owed);
        assertEq(_token.balanceOf(owner), balance + owed);
    }

    function give(uint64 amount) external {
        _token.mint(address(rollup), amount);
        gifts += amount;
    }

    /// @dev Every fourth deposit is refused. Traders win from each other nothing: trading cannot change the sum.
    function submitBatch(uint256 requests, uint16 messageCount) external monotone live {
        skip(1);
        uint256 most = servable();
        Draft memory draft = nextBatch(bound(requests, overdue(most), most));
        for (uint256 i = 0; i < draft.outcomes.length; ++i) {
            draft.outcomes[i] = settle(rollup.requestsConsumed() + i);
        }
        setCounts(draft, messageCount);
        submit(draft);
        messages += messageCount;
        verifier = _nextVerifier;
    }

    /// @dev A proof of a batch that starts from any other root is good for nothing.
    function submitBatchFromElsewhere(uint256 root) external monotone live {
        skip(1);
        Draft memory draft = nextBatch(0);
        root = bound(root, 0, Constants.FIELD_MODULUS - 1);
        if (root == rollup.stateRoot()) return;
        draft.header[Constants.HEADER_OLD_STATE_ROOT] = root;
        prove(draft);
        vm.expectRevert();
        send(draft);
    }

    function settle(uint256 index) private returns (uint256) {
        (uint256 head, uint256 data0, uint256 data1) = rollup.requestWords(index);
        address owner = RequestQueue.ownerOf(head);
        uint256 amount = RequestQueue.amountOf(head);
        uint256 kind = RequestQueue.kindOf(head);
        if (kind == Constants.REQUEST_KIND_DEPOSIT && owner != FUND) {
            if (index % 4 == 0) return outcome(Constants.REQUEST_STATUS_REFUSED, amount);
            _collateral[owner] += amount;
            return outcome(Constants.REQUEST_STATUS_DONE, 0);
        }
        if (kind == Constants.REQUEST_KIND_CHANGE) {
            configurationHash = data0;
            _nextVerifier = ExpectedInputsVerifier(address(data1.toUint160()));
        }
        if (owner == FUND) return outcome(Constants.REQUEST_STATUS_DONE, 0);
        uint256 paid = amount < _collateral[owner] ? amount : _collateral[owner];
        _collateral[owner] -= paid;
        return outcome(Constants.REQUEST_STATUS_DONE, paid);
    }

    function bookRestriction() private {
        (, restriction,) = rollup.requestWords(rollup.requestCount() - 1);
    }

    /// @dev How many requests the next batch can take: none after a forced message.
    function servable() private view returns (uint256 requests) {
        uint256 begin = rollup.requestsConsumed();
        uint256 waiting = rollup.requestCount() - begin;
        uint256 most = waiting < rollup.requestsPerBatch() ? waiting : rollup.requestsPerBatch();
        while (requests < most) {
            (uint256 head,,) = rollup.requestWords(begin + requests++);
            if (RequestQueue.kindOf(head) == Constants.REQUEST_KIND_MESSAGE) break;
        }
    }

    /// @dev How many requests the next batch must take.
    function overdue(uint256 most) private view returns (uint256 requests) {
        for (; requests < most; ++requests) {
            (uint40 queuedAt,,) = rollup.ticket(rollup.requestsConsumed() + requests);
            if (queuedAt + rollup.patience() > vm.getBlockTimestamp()) break;
        }
    }

    function payIn(uint256 who, uint256 amount, function(uint256) external payable entry)
        private
        returns (uint256 paid)
    {
        uint256 room = rollup.vaultCap() - rollup.vaultBalance();
        if (room == 0) return 0;
        paid = bound(amount, 1, room);
        address owner = pick(who);
        _token.mint(owner, paid);
        uint256 fee = payer(owner);
        vm.startPrank(owner);
        _token.approve(address(rollup), paid);
        entry{value: fee}(paid);
        vm.stopPrank();
    }

    function payer(address owner) private returns (uint256 fee) {
        fee = rollup.requestFee();
        vm.deal(owner, owner.balance + fee);
    }

    function pick(uint256 who) internal view returns (address) {
        return _owners[who % _owners.length];
    }

    function stateHash() private view returns (bytes32) {
        return keccak256(
            abi.encode(
                rollup.stateRoot(),
                rollup.exitRoot(),
                rollup.batchCount(),
                rollup.requestCount(),
                rollup.requestsConsumed(),
                rollup.frozenAt(),
                rollup.exitPot()
            )
        );
    }
}
