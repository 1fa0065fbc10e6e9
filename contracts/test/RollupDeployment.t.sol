// SPDX-License-Identifier: GPL-3.0-only
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {Rollup} from "../src/Rollup.sol";
import {IBatchVerifier} from "../src/interfaces/IBatchVerifier.sol";
import {IExitVerifier} from "../src/interfaces/IExitVerifier.sol";
import {IPoseidon} from "../src/interfaces/IPoseidon.sol";
import {IRollupState} from "../src/interfaces/IRollupState.sol";
import {RollupFixture} from "./utils/RollupFixture.sol";

contract RollupDeploymentTest is RollupFixture {
    function test_startsWithTheGenesisStateAndAnEmptyQueue() external view {
        assertEq(rollup.stateRoot(), STATE_ROOT);
        assertEq(rollup.configurationHash(), CONFIGURATION_HASH);
        assertEq(address(rollup.token()), address(token));
        assertEq(address(rollup.verifier()), address(verifier));
        assertEq(address(rollup.exitVerifier()), address(exitVerifier));
        assertEq(address(rollup.poseidon()), address(poseidon));
        assertEq(rollup.operator(), operator);
        assertEq(rollup.timelock().governor(), governor);
        assertEq(address(rollup.timelock().rollup()), address(rollup));
        assertEq(address(rollup.brake().rollup()), address(rollup));
        assertEq(rollup.exitRoot(), EXIT_ROOT);
        assertEq(rollup.deployedAt(), START);
        assertEq(rollup.requestFee(), FEE);
        assertEq(rollup.requestsPerBatch(), REQUESTS_PER_BATCH);
        assertEq(rollup.requestDeadline(), 3 days);
        assertEq(rollup.serviceTime(), 60);
        assertEq(rollup.patience(), 1 hours);
        assertEq(rollup.silence(), 7 days);
        assertEq(rollup.exitWindow(), 14 days);
        assertEq(rollup.lateWindow(), 365 days);
        assertEq(rollup.timelock().changeDelay(), 7 days);
        assertEq(rollup.frozenAt(), 0);
        assertEq(rollup.queueHashAt(0), 0);
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
        emit IRollupState.Genesis(
            domain, CONFIGURATION_HASH, address(verifier), STATE_ROOT, EXIT_ROOT, parameters.markets
        );
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

    function test_refusesAnExitVerifierWithoutCode() external {
        IRollupState.Deployment memory parameters = deployment(token);
        parameters.exitVerifier = IExitVerifier(bob);
        refuse(parameters, abi.encodeWithSelector(IRollupState.NotAContract.selector, bob));
    }

    /// @dev A hash of the deployer's choice would answer challenges with messages that are in no log.
    function test_refusesAnotherHash() external {
        IRollupState.Deployment memory parameters = deployment(token);
        address[2] memory others = [bob, address(verifier)];
        for (uint256 i = 0; i < others.length; ++i) {
            parameters.poseidon = IPoseidon(others[i]);
            refuse(parameters, abi.encodeWithSelector(IRollupState.NotPoseidon.selector, others[i]));
        }
    }

    function test_refusesACapThatTheCircuitCannotBear() external {
        IRollupState.Deployment memory parameters = deployment(token);
        parameters.vaultCap = 2 ** 61;
        assertEq(new Rollup(parameters).vaultCap(), 2 ** 61);
        parameters.vaultCap = 2 ** 61 + 1;
        refuseParameter(parameters, "vaultCap", parameters.vaultCap, 1, 2 ** 61);
        parameters.vaultCap = 0;
        refuseParameter(parameters, "vaultCap", 0, 1, 2 ** 61);
    }

    function test_refusesAFeeThatKeepsUsersOut() external {
        IRollupState.Deployment memory parameters = deployment(token);
        parameters.requestFee = 0.1 ether;
        assertEq(new Rollup(parameters).requestFee(), 0.1 ether);
        parameters.requestFee += 1;
        refuseParameter(parameters, "requestFee", 0.1 ether + 1, 0, 0.1 ether);
    }

    /// @dev With 0, an operator might leave the queue alone until its deadlines.
    function test_refusesABatchThatNeedNotTakeRequests() external {
        IRollupState.Deployment memory parameters = deployment(token);
        parameters.requestsPerBatch = 0;
        refuseParameter(parameters, "requestsPerBatch", 0, 1, 65_535);
        parameters.requestsPerBatch = 65_536;
        refuseParameter(parameters, "requestsPerBatch", 65_536, 1, 65_535);
    }

    function test_refusesADeadlineOfNoTimeOrOfYears() external {
        IRollupState.Deployment memory parameters = deployment(token);
        parameters.periods.requestDeadline = 12 hours - 1;
        refuseParameter(parameters, "requestDeadline", 12 hours - 1, 12 hours, 30 days);
        parameters.periods.requestDeadline = 30 days + 1;
        refuseParameter(parameters, "requestDeadline", 30 days + 1, 12 hours, 30 days);
    }

    function test_refusesAServiceTimeOfNothingOrOfHours() external {
        IRollupState.Deployment memory parameters = deployment(token);
        parameters.periods.serviceTime = 0;
        refuseParameter(parameters, "serviceTime", 0, 1, 1 hours);
        parameters.periods.serviceTime = 1 hours + 1;
        refuseParameter(parameters, "serviceTime", 1 hours + 1, 1, 1 hours);
    }

    function test_refusesPatienceThatNoProofMeetsOrThatOutlastsTheDeadline() external {
        IRollupState.Deployment memory parameters = deployment(token);
        parameters.periods.patience = 10 minutes - 1;
        refuseParameter(parameters, "patience", 10 minutes - 1, 10 minutes, 36 hours);
        parameters.periods.patience = 36 hours + 1;
        refuseParameter(parameters, "patience", 36 hours + 1, 10 minutes, 36 hours);
    }

    function test_refusesASilenceOfHoursOrOfMonths() external {
        IRollupState.Deployment memory parameters = deployment(token);
        parameters.periods.silence = 1 days - 1;
        refuseParameter(parameters, "silence", 1 days - 1, 1 days, 30 days);
        parameters.periods.silence = 30 days + 1;
        refuseParameter(parameters, "silence", 30 days + 1, 1 days, 30 days);
    }

    function test_refusesExitWindowsThatOwnersMissOrOutwait() external {
        IRollupState.Deployment memory parameters = deployment(token);
        parameters.periods.exitWindow = 7 days - 1;
        refuseParameter(parameters, "exitWindow", 7 days - 1, 7 days, 90 days);
        parameters.periods.exitWindow = 90 days + 1;
        refuseParameter(parameters, "exitWindow", 90 days + 1, 7 days, 90 days);
        parameters = deployment(token);
        parameters.periods.lateWindow = 30 days - 1;
        refuseParameter(parameters, "lateWindow", 30 days - 1, 30 days, 3650 days);
        parameters.periods.lateWindow = 3650 days + 1;
        refuseParameter(parameters, "lateWindow", 3650 days + 1, 30 days, 3650 days);
    }

    function test_refusesReceiptsThatNobodySignsOrThatTheOperatorsKeyWould() external {
        IRollupState.Deployment memory parameters = deployment(token);
        parameters.receiptSigner = address(0);
        refuse(parameters, abi.encodeWithSelector(IRollupState.ReceiptSignerNotUsable.selector, address(0)));
        parameters.receiptSigner = operator;
        refuse(parameters, abi.encodeWithSelector(IRollupState.ReceiptSignerNotUsable.selector, operator));
    }

    function test_refusesABondThatPaysNoAnswerOrThatNoTraderHas() external {
        IRollupState.Deployment memory parameters = deployment(token);
        parameters.challengeBond = 0.001 ether - 1;
        refuseParameter(parameters, "challengeBond", 0.001 ether - 1, 0.001 ether, 1 ether);
        parameters.challengeBond = 1 ether + 1;
        refuseParameter(parameters, "challengeBond", 1 ether + 1, 0.001 ether, 1 ether);
    }

    function test_refusesAnAnswerPeriodOfHoursOrOfMonths() external {
        IRollupState.Deployment memory parameters = deployment(token);
        parameters.periods.answerPeriod = 12 hours - 1;
        refuseParameter(parameters, "answerPeriod", 12 hours - 1, 12 hours, 30 days);
        parameters.periods.answerPeriod = 30 days + 1;
        refuseParameter(parameters, "answerPeriod", 30 days + 1, 12 hours, 30 days);
    }

    /// @dev A user who asks to leave when a change is announced is served, or may freeze, before it comes.
    function test_refusesAChangeDelayWithinWhichNobodyCouldLeave() external {
        IRollupState.Deployment memory parameters = deployment(token);
        parameters.periods.changeDelay = 4 days - 1;
        refuseParameter(parameters, "changeDelay", 4 days - 1, 4 days, 90 days);
        parameters.periods.changeDelay = 90 days + 1;
        refuseParameter(parameters, "changeDelay", 90 days + 1, 4 days, 90 days);
        parameters.periods.requestDeadline = 30 days;
        parameters.periods.changeDelay = 30 days;
        refuseParameter(parameters, "changeDelay", 30 days, 31 days, 90 days);
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

    function refuseParameter(
        IRollupState.Deployment memory parameters,
        string memory name,
        uint256 value,
        uint256 min,
        uint256 max
    ) private {
        refuse(
            parameters,
            abi.encodeWithSelector(IRollupState.ParameterOutOfRange.selector, name, value, min, max)
        );
    }

    function refuse(IRollupState.Deployment memory parameters, bytes memory reason) private {
        vm.expectRevert(reason);
        new Rollup(parameters);
    }
}
