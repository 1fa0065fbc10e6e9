"""A wallet is all that a trader must keep: its trading key follows from a signature."""

from sequencer.chain.keys import trading_secret
from sequencer.crypto import SUBGROUP_ORDER, is_valid_key, public_key
from sequencer.replay.traders import wallet

CHAIN_ID = 31337
ROLLUP = "0x892611FfEBf1542f4F2031ce50345F1CB4D889EF"
OTHER_ROLLUP = "0x9e9FB03B822715492598fc8D6b32b5Bf8fE99a1B"
OWNER = wallet("keys")


def test_the_same_wallet_always_derives_the_same_key() -> None:
    again = wallet("keys")
    assert trading_secret(OWNER, 1, CHAIN_ID, ROLLUP) == trading_secret(again, 1, CHAIN_ID, ROLLUP)


def test_the_key_is_pinned_so_that_no_release_changes_what_wallets_derive() -> None:
    pinned = 0x21BDAF3879E85817F48C1DD796F260E3D421FE050B5C22552733B0D6CF10DEF
    assert trading_secret(OWNER, 1, CHAIN_ID, ROLLUP) == pinned


def test_wallets_epochs_chains_and_deployments_have_keys_of_their_own() -> None:
    secrets = {
        trading_secret(OWNER, 1, CHAIN_ID, ROLLUP),
        trading_secret(wallet("another"), 1, CHAIN_ID, ROLLUP),
        trading_secret(OWNER, 2, CHAIN_ID, ROLLUP),
        trading_secret(OWNER, 1, 1, ROLLUP),
        trading_secret(OWNER, 1, CHAIN_ID, OTHER_ROLLUP),
    }
    assert len(secrets) == 5


def test_a_derived_key_is_one_that_the_contract_accepts() -> None:
    secret = trading_secret(OWNER, 1, CHAIN_ID, ROLLUP)
    assert 1 <= secret < SUBGROUP_ORDER
    assert is_valid_key(*public_key(secret))
