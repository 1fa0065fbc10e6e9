"""A trading key follows from the wallet alone, is good for one exchange, and does not show its secret."""

import pytest

from proofbook.client import TradingKey
from sequencer.chain.keys import trading_secret
from sequencer.crypto import public_key, verify
from sequencer.replay.traders import wallet
from tests.node.venue import ROLLUP

WALLET = wallet("client key")


def test_a_wallet_has_one_key_for_each_account_epoch_and_exchange() -> None:
    key = TradingKey.from_wallet(WALLET, 7, 31_337, ROLLUP)
    assert key == TradingKey.from_wallet(WALLET, 7, 31_337, ROLLUP.lower())
    assert key.secret == trading_secret(WALLET, 1, 31_337, ROLLUP)
    other_rollup = "0x" + "11" * 20
    others = [
        TradingKey.from_wallet(WALLET, 7, 31_337, ROLLUP, key_epoch=2),
        TradingKey.from_wallet(WALLET, 7, 1, ROLLUP),
        TradingKey.from_wallet(WALLET, 7, 31_337, other_rollup),
        TradingKey.from_wallet(wallet("another"), 7, 31_337, ROLLUP),
    ]
    assert len({key.secret, *(other.secret for other in others)}) == 5


def test_what_a_key_signs_its_public_half_verifies() -> None:
    key = TradingKey.from_wallet(WALLET, 7, 31_337, ROLLUP)
    assert key.public == public_key(key.secret)
    assert verify(key.public, 42, key.sign(42))
    assert not verify(key.public, 43, key.sign(42))


def test_a_key_that_is_printed_keeps_its_secret() -> None:
    key = TradingKey.from_wallet(WALLET, 7, 31_337, ROLLUP)
    assert str(key.secret) not in repr(key)


def test_an_address_that_is_none_makes_no_key() -> None:
    with pytest.raises(ValueError, match="0x12"):
        TradingKey.from_wallet(WALLET, 7, 31_337, "0x12")
