// SPDX-License-Identifier: GPL-3.0-only
pragma solidity ^0.8.28;

import {IBatchVerifier} from "./IBatchVerifier.sol";
import {IRequestInbox} from "./IRequestInbox.sol";

/// @title Changes of the configuration and of the batch circuit: announced, delayed, and then a request of the queue
/// @notice Whoever disagrees has the delay to ask for a withdrawal, which the change then stands behind in the queue. A
/// freeze voids every change: the queue takes none.
interface ITimelock {
    /// @notice Thrown when the caller may not announce changes or take them back
    error NotGovernor(address caller);
    /// @notice Thrown when no change was announced
    error NoChangePending();
    /// @notice Thrown when the delay of the change is not over
    error ChangeNotReady(uint256 time, uint256 readyAt);
    /// @notice Thrown when the hash of the new configuration is not a field element
    error ConfigurationNotInField(uint256 configurationHash);

    /// @notice Emitted when a change is announced; it takes the place of one announced before
    /// @param configurationHash Poseidon hash of `configuration`, which this contract cannot check: a watcher does
    /// @param verifier Verifier of the batches from then on
    /// @param readyAt From that second on, anyone may enact it
    /// @param configuration Fees, oracle age, oracle keys, market parameters, margin schedules and the insurance floor: the words
    /// under the hash
    event ChangeScheduled(
        uint256 configurationHash, address indexed verifier, uint256 readyAt, uint256[21] configuration
    );
    /// @notice Emitted when the change that was announced will not come
    event ChangeCancelled();
    /// @notice Emitted when the announced change has joined the queue
    event ChangeEnacted(uint256 configurationHash, address indexed verifier);

    /// @notice Whose changes these are
    function rollup() external view returns (IRequestInbox);

    /// @notice Who may announce changes and take them back, and nothing else
    function governor() external view returns (address);

    /// @notice Seconds between announcement and enactment, longer than any request may wait
    function changeDelay() external view returns (uint256);

    /// @notice The change that was announced; zeros if there is none
    function pendingChange()
        external
        view
        returns (uint256 configurationHash, IBatchVerifier verifier, uint40 readyAt);

    /// @notice Announces a change, which takes the place of one announced before
    /// @dev A verifier of smaller batches than before may leave requests that no batch can serve; a watcher sees to that too.
    function scheduleChange(
        uint256 configurationHash,
        IBatchVerifier verifier,
        uint256[21] calldata configuration
    ) external;

    /// @notice Takes the announced change back
    function cancelChange() external;

    /// @notice Queues the announced change, once its delay is over; by anyone, who pays the fee of a request
    function enactChange() external payable;
}
