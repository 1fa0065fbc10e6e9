"""The operator is gone: a user freezes the exchange, leaves it and is paid, with a node and a wallet only."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from eth_account import Account
from eth_account.signers.local import LocalAccount

from prover.prover import open_prover
from sequencer.chain.hatch import ExitHatch
from sequencer.cli.main import main
from sequencer.engine.margin import health
from sequencer.model.codes import Side
from sequencer.verifier.summary import summarize
from sequencer.verifier.verify import verify
from tests.e2e.exchange import EVERYTHING, MAKER, TAKER, SmallExchange, small_exchange

CHAIN, USAGE = 5, 2


@pytest.fixture(scope="module")
def exchange() -> Iterator[SmallExchange]:
    """One batch with a trade; then a withdrawal that the operator never serves."""
    with small_exchange(open_prover("small", "native")) as made:
        made.onboard()
        batch = made.batch((MAKER, Side.SELL), (TAKER, Side.BUY))
        made.submit(batch, made.prove(batch))
        made.rollup.withdraw(made.owners[TAKER], EVERYTHING)
        yield made


def run(exchange: SmallExchange, step: str, *options: str) -> int:
    with pytest.raises(SystemExit) as stop:
        main(["exit", step, "--rpc", exchange.chain.url, "--rollup", exchange.rollup.address, *options])
    return int(stop.value.code or 0)


def use(monkeypatch: pytest.MonkeyPatch, wallet: LocalAccount) -> None:
    monkeypatch.setenv("PROOFBOOK_WALLET_KEY", wallet.key.hex())


def keystore_of(wallet: LocalAccount, path: Path) -> str:
    path.write_text(json.dumps(Account.encrypt(wallet.key, "open", kdf="pbkdf2", iterations=2)))
    return str(path)


def test_users_leave_an_exchange_without_its_operator(
    exchange: SmallExchange,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    hatch, ledger = ExitHatch(exchange.rollup), exchange.ledger
    state = ledger.state()
    maker, taker = exchange.owners[MAKER], exchange.owners[TAKER]
    equity = {number: health(state.account(number), ledger.markets).equity for number in (MAKER, TAKER)}

    use(monkeypatch, taker)
    assert run(exchange, "start") == CHAIN
    assert "exchange_live: the operator is on time" in capsys.readouterr().err

    exchange.chain.advance(hatch.silent_after + 1)
    assert run(exchange, "start") == 0
    said = capsys.readouterr().out
    assert "The operator is late: the exchange is frozen now." in said
    assert f"Account {TAKER} leaves with a claim of {equity[TAKER]} units" in said
    assert "Request 4, which no batch served, is given back." in said
    assert run(exchange, "start") == 0
    assert f"Account {TAKER} has registered its exit already." in capsys.readouterr().out

    monkeypatch.delenv("PROOFBOOK_WALLET_KEY")
    monkeypatch.setenv("PROOFBOOK_WALLET_PASSWORD", "open")
    keystore = ("--keystore", keystore_of(maker, tmp_path / "wallet.json"))
    assert run(exchange, "start", *keystore) == 0
    assert run(exchange, "finish", *keystore) == CHAIN
    assert "TooEarly" in capsys.readouterr().err

    exchange.chain.advance(hatch.window_end + 1)
    assert run(exchange, "finish", *keystore) == 0
    use(monkeypatch, taker)
    assert run(exchange, "finish") == 0
    assert "The fees of unserved requests are back." in capsys.readouterr().out
    assert run(exchange, "finish") == 0
    assert f"Account {TAKER} has been paid." in capsys.readouterr().out
    assert exchange.token.balance(maker.address) == equity[MAKER]
    assert exchange.token.balance(taker.address) == equity[TAKER]

    summary = summarize(verify(exchange.chain, exchange.rollup.address))
    assert (summary.frozen, summary.exits_paid) == (True, sum(equity.values()))
    assert summary.vault_balance == ledger.counters.fee_pool + summary.rounding


def test_a_wallet_without_an_account_has_nothing_to_leave_with(
    exchange: SmallExchange, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    use(monkeypatch, exchange.stranger)
    assert run(exchange, "finish") != 0
    assert "no_account" in capsys.readouterr().err


def test_a_key_is_never_an_argument_nor_in_a_message(
    exchange: SmallExchange, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("PROOFBOOK_WALLET_KEY", raising=False)
    assert run(exchange, "finish") == USAGE
    assert "Give --keystore, or a key in PROOFBOOK_WALLET_KEY." in capsys.readouterr().err
    monkeypatch.setenv("PROOFBOOK_WALLET_KEY", "5ec7e7")
    assert run(exchange, "finish") == USAGE
    assert "5ec7e7" not in capsys.readouterr().err
