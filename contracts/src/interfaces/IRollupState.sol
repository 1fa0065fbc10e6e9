// SPDX-License-Identifier: GPL-3.0-only
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IBatchVerifier} from "./IBatchVerifier.sol";
import {IExitVerifier} from "./IExitVerifier.sol";
import {IPoseidon} from "./IPoseidon.sol";

/// @title What every part of the rollup shares: how it was deployed, its state, and whether it is frozen
interface IRollupState {
    /// @notice The spans of time that users and operator rely on, in seconds
    /// @param requestDeadline After it was queued, a request may wait this long
    /// @param serviceTime Deadlines of successive requests lie at least this far apart
    /// @param patience A request older than this belongs into the next batch that has room
    /// @param silence The operator may let this long pass without a batch
    /// @param exitWindow From the freeze on, exits are collected this long; they share what the vault holds
    /// @param lateWindow After the exit window, the operator waits this long for what is left
    /// @param answerPeriod From its challenge on, a receipt may wait this long for an answer
    /// @param changeDelay From its announcement on, a change waits this long at least
    struct Periods {
        uint40 requestDeadline;
        uint40 serviceTime;
        uint40 patience;
        uint40 silence;
        uint40 exitWindow;
        uint40 lateWindow;
        uint40 answerPeriod;
        uint40 changeDelay;
    }

    /// @notice What a rollup is deployed with; nothing of it ever changes but verifier and configuration, see ITimelock
    /// @param token Plain ERC-20: no fee on transfer, no rebasing
    /// @param verifier Verifier of the one batch circuit that this rollup accepts
    /// @param exitVerifier Verifier of the exit circuit
    /// @param poseidon The hash of logs, for answers to challenged receipts
    /// @param operator The only address that may submit batches and restrict markets
    /// @param governor The only address that may announce changes; zero where nothing shall ever change
    /// @param receiptSigner Whose signature makes a receipt; not the operator's address, for its key signs all day
    /// @param vaultCap Largest vault balance, at most 2^61, which keeps every sum of the circuit in range
    /// @param requestFee Wei that every request costs
    /// @param challengeBond Wei that a challenge of a receipt costs unless it stays unanswered
    /// @param requestsPerBatch Requests that surely fit one batch of the circuit
    /// @param periods How long each side may take
    /// @param configurationHash Poseidon hash of fees, oracle keys, market parameters, margin schedules and insurance floor
    /// @param stateRoot Root of the state before the first batch
    /// @param exitRoot Exit root of that state
    /// @param markets The five words of each market leaf of that state; a slot without a market is zeros
    struct Deployment {
        IERC20 token;
        IBatchVerifier verifier;
        IExitVerifier exitVerifier;
        IPoseidon poseidon;
        address operator;
        address governor;
        address receiptSigner;
        uint256 vaultCap;
        uint256 requestFee;
        uint256 challengeBond;
        uint256 requestsPerBatch;
        Periods periods;
        uint256 configurationHash;
        uint256 stateRoot;
        uint256 exitRoot;
        uint256[5][4] markets;
    }

    /// @notice A Groth16 proof, its elements as the verifiers take them
    struct Proof {
        uint256[2] a;
        uint256[2][2] b;
        uint256[2] c;
    }

    /// @notice Why a rollup froze: the head of the queue passed its deadline, no batch came, a challenged receipt was
    /// not answered, or two receipts contradict each other
    enum FreezeReason {
        RequestOverdue,
        OperatorSilent,
        ReceiptUnanswered,
        ReceiptsContradict
    }

    /// @notice Thrown by the constructor when the token or a verifier has no code
    error NotAContract(address account);
    /// @notice Thrown by the constructor when the contract that shall hash has another code than Poseidon
    error NotPoseidon(address account);
    /// @notice Thrown by the constructor when no operator is named
    error ZeroOperator();
    /// @notice Thrown by the constructor when nobody signs receipts, or the operator's own key would
    error ReceiptSignerNotUsable(address receiptSigner);
    /// @notice Thrown by the constructor when a number is outside of the bounds that keep users safe
    error ParameterOutOfRange(string name, uint256 value, uint256 min, uint256 max);
    /// @notice Thrown by the constructor when a hash of the genesis state is not a field element
    error GenesisNotInField(uint256 word);

    /// @notice Thrown when a call needs a live rollup
    error IsFrozen();
    /// @notice Thrown when a call needs a frozen rollup
    error NotFrozen();

    /// @notice Emitted once, by the constructor: where a rebuild of the state from this chain starts
    event Genesis(
        uint256 domain,
        uint256 configurationHash,
        address indexed verifier,
        uint256 stateRoot,
        uint256 exitRoot,
        uint256[5][4] markets
    );
    /// @notice Emitted once, when the rollup freezes: nothing but exits, refunds and claims from here on
    /// @param reason What the operator failed to do
    /// @param exitRoot The root that exits are proven against
    /// @param batchCount Number of the last batch
    /// @param exitPot What the exits share
    event Frozen(FreezeReason indexed reason, uint256 exitRoot, uint256 batchCount, uint256 exitPot);

    /// @notice The token of all deposits and payments
    function token() external view returns (IERC20);

    /// @notice Who may submit batches, and restrict markets through the brake
    function operator() external view returns (address);

    /// @notice What messages are signed for: `keccak256(abi.encode(version, chain id, this contract)) mod p`
    function domain() external view returns (uint256);

    /// @notice Poseidon hash of fees, oracle keys, market parameters, margin schedules and insurance floor
    function configurationHash() external view returns (uint256);

    /// @notice Wei that every request costs
    function requestFee() external view returns (uint256);

    /// @notice Timestamp of the block that deployed this contract
    function deployedAt() external view returns (uint40);

    /// @notice Root of the state after the last batch
    function stateRoot() external view returns (uint256);

    /// @notice Root of money and positions after the last batch
    function exitRoot() external view returns (uint256);

    /// @notice Number of final batches
    function batchCount() external view returns (uint64);

    /// @notice Sequence of the first message of the next batch
    function nextSequence() external view returns (uint40);

    /// @notice Timestamp of the last batch; 0 before the first
    function lastTimestamp() external view returns (uint40);

    /// @notice Trading fees that belong to the operator, as of the last batch; part of the vault balance
    function feePool() external view returns (uint64);

    /// @notice When the rollup froze; 0 while it is live
    function frozenAt() external view returns (uint40);

    /// @notice `keccak256(abi.encode(logRoot, firstSequence, epochHash))` of a batch; 0 if there is no such batch
    function batchDigest(uint256 batchNumber) external view returns (bytes32);

    /// @notice Number of requests ever queued
    function requestCount() external view returns (uint256);

    /// @notice Number of requests that batches have consumed
    function requestsConsumed() external view returns (uint256);

    /// @notice Chained hash over the first `end` requests, consumed or not; 0 for none
    function queueHashAt(uint256 end) external view returns (uint176);

    /// @notice Number of account ids given out; ids start at 1
    function accountCount() external view returns (uint32);

    /// @notice Deposits minus payments; the contract holds at least as many tokens
    function vaultBalance() external view returns (uint64);

    /// @notice Sum of all that owners may claim, part of the vault balance
    function totalClaimable() external view returns (uint64);

    /// @notice Sum of the deposits that wait in the queue, part of the vault balance; not what the insurance fund was paid
    function pendingDeposits() external view returns (uint64);

    /// @notice What the exits share: the vault at the freeze, less claims and pending deposits; 0 while live
    function exitPot() external view returns (uint64);
}
