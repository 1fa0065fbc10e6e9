// SPDX-License-Identifier: GPL-3.0-only
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {Poseidon} from "../../src/Poseidon.sol";
import {Rollup} from "../../src/Rollup.sol";
import {IPoseidon} from "../../src/interfaces/IPoseidon.sol";
import {IBrake} from "../../src/interfaces/IBrake.sol";
import {IRollupState} from "../../src/interfaces/IRollupState.sol";
import {Constants} from "../../src/libraries/Constants.sol";
import {DemoDollar} from "../../src/token/DemoDollar.sol";
import {ExpectedExitVerifier} from "../mocks/ExpectedExitVerifier.sol";
import {ExpectedInputsVerifier} from "../mocks/ExpectedInputsVerifier.sol";
import {BatchBuilder} from "./BatchBuilder.sol";

/// @notice A deployed rollup, two traders with 1,000 dollars each, and one key that may be registered
abstract contract RollupFixture is BatchBuilder {
    uint256 internal constant P = Constants.FIELD_MODULUS;
    uint256 internal constant START = 1_583_971_200;
    uint256 internal constant CAP = 5_000e6;
    uint256 internal constant FUNDS = 1_000e6;
    uint256 internal constant FEE = 0.0001 ether;
    uint256 internal constant BOND = 0.05 ether;
    uint256 internal constant RECEIPT_KEY = 0x5ea1;
    uint256 internal constant REQUESTS_PER_BATCH = 8;
    uint256 internal constant CONFIGURATION_HASH = 111;
    uint256 internal constant STATE_ROOT = 222;
    uint256 internal constant EXIT_ROOT = 333;
    /// @dev The base point of the subgroup of prime order, EIP-2494.
    uint256 internal constant KEY_X =
        5299619240641551281634865583518297030282874472190772894086521144482721001553;
    uint256 internal constant KEY_Y =
        16950150798460657717958625567821834550301663161624707787222815936182638968203;

    address internal immutable alice = makeAddr("alice");
    address internal immutable bob = makeAddr("bob");
    address internal immutable governor = makeAddr("governor");

    DemoDollar internal token;
    ExpectedExitVerifier internal exitVerifier;
    IPoseidon internal poseidon;

    function setUp() public virtual {
        vm.warp(START);
        token = new DemoDollar();
        verifier = new ExpectedInputsVerifier();
        exitVerifier = new ExpectedExitVerifier();
        poseidon = IPoseidon(address(new Poseidon()));
        rollup = new Rollup(deployment(token));
        fund(alice);
        fund(bob);
    }

    function deployment(IERC20 token_) internal view returns (IRollupState.Deployment memory) {
        uint256[5][4] memory markets;
        markets[0] = [uint256(1), 2, 3, 4, 5];
        return IRollupState.Deployment({
            token: token_,
            verifier: verifier,
            exitVerifier: exitVerifier,
            poseidon: poseidon,
            operator: operator,
            governor: governor,
            receiptSigner: vm.addr(RECEIPT_KEY),
            vaultCap: CAP,
            requestFee: FEE,
            challengeBond: BOND,
            requestsPerBatch: REQUESTS_PER_BATCH,
            periods: periods(),
            configurationHash: CONFIGURATION_HASH,
            stateRoot: STATE_ROOT,
            exitRoot: EXIT_ROOT,
            markets: markets
        });
    }

    function periods() internal pure returns (IRollupState.Periods memory) {
        return IRollupState.Periods({
            requestDeadline: 3 days,
            serviceTime: 60 seconds,
            patience: 1 hours,
            silence: 7 days,
            exitWindow: 14 days,
            lateWindow: 365 days,
            answerPeriod: 2 days,
            changeDelay: 7 days
        });
    }

    function fund(address owner) internal {
        token.mint(owner, FUNDS);
        vm.deal(owner, 1 ether);
        vm.prank(owner);
        token.approve(address(rollup), type(uint256).max);
    }

    function depositAs(address owner, uint256 amount) internal {
        vm.prank(owner);
        rollup.deposit{value: FEE}(amount);
    }

    function withdrawAs(address owner, uint256 amount) internal {
        vm.prank(owner);
        rollup.withdraw{value: FEE}(amount);
    }

    function registerAs(address owner, uint256 x, uint256 y) internal {
        vm.prank(owner);
        rollup.registerKey{value: FEE}(x, y);
    }

    function forceAs(address owner, uint256 w0, uint256 w1) internal {
        vm.prank(owner);
        rollup.forceMessage{value: FEE}(w0, w1);
    }

    function forceOrderAs(address owner) internal {
        (uint256 w0, uint256 w1) = orderWords(rollup.accountOf(owner));
        forceAs(owner, w0, w1);
    }

    function liquidateAs(address sender, address owner) internal {
        liquidateAs(sender, owner, 0, true, 7);
    }

    function liquidateAs(address sender, address owner, uint8 market, bool sells, uint48 size) internal {
        vm.prank(sender);
        rollup.liquidate{value: FEE}(owner, market, sells, size);
    }

    function insureAs(address payer, uint256 amount) internal {
        vm.prank(payer);
        rollup.insure{value: FEE}(amount);
    }

    function unwindAs(address sender, uint8 market, bool sells, uint32 price, uint48 size) internal {
        vm.prank(sender);
        rollup.unwind{value: FEE}(market, sells, price, size);
    }

    function restrictAs(address sender, uint8 markets, uint40 time) internal {
        IBrake brake = rollup.brake();
        vm.deal(sender, sender.balance + FEE);
        vm.prank(sender);
        brake.restrict{value: FEE}(markets, time);
    }

    /// @dev An order of key epoch 1 to sell 7 lots at 700,000 ticks, written out once more from docs/spec/messages.md.
    function orderWords(uint256 account) internal pure returns (uint256 w0, uint256 w1) {
        w0 = account + 2 ** 20 + 99 * 2 ** 36 + 2 ** 94 + (2 ** 40 - 1) * 2 ** 98 + 500 * 2 ** 138;
        w1 = 700_000 + 7 * 2 ** 32;
    }

    /// @dev A liquidation, written out once more from docs/spec/liquidation.md.
    function liquidationWords(uint256 account, uint256 market, bool sells, uint256 size)
        internal
        pure
        returns (uint256 w0, uint256 w1)
    {
        return ruledWords(account, market, sells, sells ? 0 : 2 ** 32 - 1, size);
    }

    /// @dev A message that nobody signs: a liquidation, or of account 0 an unwinding.
    function ruledWords(uint256 account, uint256 market, bool sells, uint256 price, uint256 size)
        internal
        pure
        returns (uint256 w0, uint256 w1)
    {
        w0 = account + 3 * 2 ** 84 + market * 2 ** 86 + (sells ? 2 ** 94 : 0);
        w1 = price + size * 2 ** 32;
    }

    /// @dev The head word of a request, written out once more from docs/spec/messages.md.
    function headWord(uint256 kind, uint256 account, uint256 amount, address owner)
        internal
        pure
        returns (uint256)
    {
        return kind + account * 2 ** 4 + amount * 2 ** 24 + uint256(uint160(owner)) * 2 ** 88;
    }

    /// @dev The hash of a queue that one more request has joined, written out once more from docs/spec/chain.md.
    function chain(uint256 queueHash, uint256 head, uint256 data0, uint256 data1)
        internal
        pure
        returns (uint176)
    {
        return uint176(
            uint256(
                keccak256(bytes.concat(bytes32(queueHash), bytes32(head), bytes32(data0), bytes32(data1)))
            )
        );
    }

    function assertRequest(uint256 index, uint256 head, uint256 data0, uint256 data1) internal view {
        (uint256 actualHead, uint256 actualData0, uint256 actualData1) = rollup.requestWords(index);
        assertEq(actualHead, head, "head word");
        assertEq(actualData0, data0, "first data word");
        assertEq(actualData1, data1, "second data word");
    }
}
