from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.client.venue import CHAIN_ID, WALLET, WALLET_ACCOUNT, create_with_wallet, url_of
from tests.node.venue import ROLLUP
from tests.service.exchange import Exchange, serving


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Exchange]:
    """The exchange, with two accounts that have deposited."""
    with serving(tmp_path) as exchange:
        yield exchange


@pytest.fixture
def trader_environment(served_wallet: Exchange, monkeypatch: pytest.MonkeyPatch) -> Exchange:
    """The exchange with the account of a wallet; both are in the environment, as a trader has them."""
    for name, value in (
        ("URL", url_of(served_wallet)),
        ("ACCOUNT", str(WALLET_ACCOUNT)),
        ("ROLLUP", ROLLUP),
        ("CHAIN_ID", str(CHAIN_ID)),
        ("WALLET_KEY", f"0x{bytes(WALLET.key).hex()}"),
    ):
        monkeypatch.setenv(f"PROOFBOOK_{name}", value)
    return served_wallet


@pytest.fixture
def served_wallet(tmp_path: Path) -> Iterator[Exchange]:
    with serving(tmp_path, directories=create_with_wallet(tmp_path)) as exchange:
        yield exchange
