// SPDX-License-Identifier: GPL-3.0-only
pragma solidity ^0.8.28;

import {IRequestInbox} from "../src/interfaces/IRequestInbox.sol";
import {RollupFixture} from "./utils/RollupFixture.sol";

contract RollupRegisterKeyTest is RollupFixture {
    function test_queuesTheKeyAndOpensTheAccount() external {
        vm.expectEmit(address(rollup));
        emit IRequestInbox.AccountOpened(1, alice);
        vm.expectEmit(address(rollup));
        emit IRequestInbox.RequestQueued(
            0, 2, 1, alice, 0, KEY_X, KEY_Y, START + 3 days, chain(0, headWord(2, 1, 0, alice), KEY_X, KEY_Y)
        );
        registerAs(alice, KEY_X, KEY_Y);
        assertRequest(0, headWord(2, 1, 0, alice), KEY_X, KEY_Y);
    }

    function test_aKeyMayBeReplaced() external {
        registerAs(alice, KEY_X, KEY_Y);
        registerAs(alice, P - KEY_X, KEY_Y);
        assertEq(rollup.accountCount(), 1);
        assertRequest(1, headWord(2, 1, 0, alice), P - KEY_X, KEY_Y);
    }

    /// @dev The same point, were coordinates taken mod p: a second name for one key.
    function test_revertsOnACoordinateThatIsNotReduced() external {
        refuse(KEY_X + P, KEY_Y, IRequestInbox.KeyNotInField.selector);
        refuse(KEY_X, KEY_Y + P, IRequestInbox.KeyNotInField.selector);
        refuse(P, 1, IRequestInbox.KeyNotInField.selector);
        refuse(type(uint256).max, type(uint256).max, IRequestInbox.KeyNotInField.selector);
    }

    function test_revertsOffTheCurve() external {
        refuse(0, 0, IRequestInbox.KeyNotOnCurve.selector);
        refuse(KEY_X, KEY_Y + 1, IRequestInbox.KeyNotOnCurve.selector);
        refuse(KEY_Y, KEY_X, IRequestInbox.KeyNotOnCurve.selector);
    }

    function test_revertsOnTheIdentityAndThePointOfOrderTwo() external {
        refuse(0, 1, IRequestInbox.KeyOfSmallOrder.selector);
        refuse(0, P - 1, IRequestInbox.KeyOfSmallOrder.selector);
    }

    function test_revertsOnPointsOfOrderFourAndEight() external {
        uint256 x4 = 18930368022820495955728484915491405972470733850014661777449844430438130630919;
        uint256 x8 = 17545522957889784193459637215142187266023652151580582754000402781682644312291;
        uint256 y8 = 17061719626832259898845741003733890968968767993363194771977168648564009544074;
        refuse(x4, 0, IRequestInbox.KeyOfSmallOrder.selector);
        refuse(P - x4, 0, IRequestInbox.KeyOfSmallOrder.selector);
        refuse(x8, y8, IRequestInbox.KeyOfSmallOrder.selector);
        refuse(P - x8, y8, IRequestInbox.KeyOfSmallOrder.selector);
        refuse(x8, P - y8, IRequestInbox.KeyOfSmallOrder.selector);
        refuse(P - x8, P - y8, IRequestInbox.KeyOfSmallOrder.selector);
    }

    function refuse(uint256 x, uint256 y, bytes4 reason) private {
        vm.expectRevert(abi.encodeWithSelector(reason, x, y));
        registerAs(alice, x, y);
        assertEq(rollup.accountOf(alice), 0);
    }
}
