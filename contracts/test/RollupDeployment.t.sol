// SPDX-License-Identifier: GPL-3.0-only
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {Rollup} from "../src/Rollup.sol";
import {IBatchVerifier} from "../src/interfaces/IBatchVerifier.sol";
import {IRollupState} from "../src/interfaces/IRollupState.sol";
import {RollupFixture} from "./utils/RollupFixture.sol";

contract RollupDeploymentTest is RollupFixture {
    function test_startsWithTheGenesisStateAndAnEmptyQueue() external view {
        assertEq(rollup.stateRoot(), STATE_ROOT);
        assertEq(rollup.configurationHash(), CONFIGURATION_HASH);
        assertEq(address(rollup.token()), address(token));
        assertEq(address(rollup.verifier()), address(verifier));
        assertEq(rollup.operator(), operator);
        assertEq(rollup.vaultCap(), CAP);
        assertEq(rollup.batchCount(), 0);
        assertEq(rollup.nextSequence(), 1);
        assertEq(rollup.requestCount(), 0);
        assertEq(rollup.requestsConsumed(), 0);
        assertEq(rollup.accountCount(), 0);
        assertEq(rollup.vaultBalance(), 0);
    }

    /// @dev The expected value was computed in Python, from docs/spec/messages.md.
    function test_domainBindsVersionChainAndContract() external {
        assertEq(block.chainid, 31337);
        address place = 0x1111111111111111111111111111111111111111;
        deployCodeTo("Rollup.sol:Rollup", abi.encode(deployment(token)), place);
        assertEq(
            Rollup(place).domain(),
            149657570403137531728476674285712628426994432644540921593642410110401397678
        );
    }

    function test_twoDeploymentsHaveDifferentDomains() external {
        assertNotEq(new Rollup(deployment(token)).domain(), rollup.domain());
        vm.chainId(1);
        assertNotEq(new Rollup(deployment(token)).domain(), rollup.domain());
    }

    function test_publishesTheGenesisState() external {
        address next = vm.computeCreateAddress(address(this), vm.getNonce(address(this)));
        uint256 domain = uint256(keccak256(abi.encode(uint256(1), block.chainid, next))) % P;
        IRollupState.Deployment memory parameters = deployment(token);
        vm.expectEmit();
        emit IRollupState.Genesis(domain, CONFIGURATION_HASH, STATE_ROOT, EXIT_ROOT, parameters.markets);
        new Rollup(parameters);
    }

    function test_refusesATokenWithoutCode() external {
        refuse(deployment(IERC20(alice)), abi.encodeWithSelector(IRollupState.NotAContract.selector, alice));
    }

    function test_refusesAVerifierWithoutCode() external {
        IRollupState.Deployment memory parameters = deployment(token);
        parameters.verifier = IBatchVerifier(bob);
        refuse(parameters, abi.encodeWithSelector(IRollupState.NotAContract.selector, bob));
    }

    function test_refusesTheZeroOperator() external {
        IRollupState.Deployment memory parameters = deployment(token);
        parameters.operator = address(0);
        refuse(parameters, abi.encodeWithSelector(IRollupState.ZeroOperator.selector));
    }

    function test_refusesACapThatTheCircuitCannotBear() external {
        IRollupState.Deployment memory parameters = deployment(token);
        parameters.vaultCap = 2 ** 61;
        assertEq(new Rollup(parameters).vaultCap(), 2 ** 61);
        for (uint256 i = 0; i < 2; ++i) {
            parameters.vaultCap = i * (2 ** 61 + 1);
            refuse(
                parameters,
                abi.encodeWithSelector(IRollupState.VaultCapOutOfRange.selector, parameters.vaultCap, 2 ** 61)
            );
        }
    }

    function test_refusesAGenesisThatIsNotInTheField() external {
        bytes memory reason = abi.encodeWithSelector(IRollupState.GenesisNotInField.selector, P);
        IRollupState.Deployment memory parameters = deployment(token);
        parameters.stateRoot = P;
        refuse(parameters, reason);
        parameters = deployment(token);
        parameters.exitRoot = P;
        refuse(parameters, reason);
        parameters = deployment(token);
        parameters.configurationHash = P;
        refuse(parameters, reason);
    }

    function test_demoDollarsHaveSixDecimals() external view {
        assertEq(token.decimals(), 6);
    }

    function refuse(IRollupState.Deployment memory parameters, bytes memory reason) private {
        vm.expectRevert(reason);
        new Rollup(parameters);
    }
}
