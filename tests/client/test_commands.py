"""A trader at the command line sees the book, trades, and reads what it has; a refusal is one line."""

import os
import signal
import socket
import subprocess
import sys

import pytest
from click.testing import CliRunner, Result

from proofbook.client import ConnectionFailedError, Exchange, RefusedError
from sequencer.cli.account import account
from sequencer.cli.book import book
from sequencer.cli.trade import OrderRejectedError, trade
from tests.client.venue import MARKET, key_of, url_of
from tests.service.exchange import Exchange as Served

pytestmark = pytest.mark.usefixtures("trader_environment")


def run(command: object, *arguments: str) -> Result:
    return CliRunner().invoke(command, arguments)  # type: ignore[arg-type]


def said(command: object, *arguments: str) -> dict[str, str]:
    """The lines of an answer by their first word."""
    result = run(command, *arguments)
    assert result.exit_code == 0, (result.output, result.exception)
    return dict(line.split(maxsplit=1) for line in result.stdout.splitlines())


@pytest.fixture
def ada(served_wallet: Served) -> Exchange:
    return Exchange(url_of(served_wallet), key_of(1))


def test_an_order_is_placed_shown_and_cancelled() -> None:
    placed = said(trade, "buy", "0.05", MARKET, "6999.50", "--post-only")
    assert (placed["status"], placed["filled"]) == ("resting", "0.0000 of 0.0500")
    assert placed["receipt"].startswith("sequence 1 in batch 1, on L1 by 2020-")
    shown = said(account)
    assert shown["equity"] == "200000.000000"
    assert shown["order"] == f"{placed['order']} buy 0.0500 of 0.0500 {MARKET} at 6999.50"
    assert said(trade, "cancel", placed["order"])["cancelled"] == "1"
    assert "order" not in said(account)


def test_an_order_that_trades_says_at_what_price_and_moves_the_position(ada: Exchange) -> None:
    with ada:
        ada.place(MARKET, "sell", "0.05", "7000")
    traded = said(trade, "buy", "0.02", MARKET, "7001", "--ioc")
    assert (traded["status"], traded["price"], traded["fee"]) == ("filled", "7000.00", "0.056000")
    shown = said(account)
    assert shown["position"] == f"0.0200 {MARKET} at mark 7000.01, worth 140.000200"
    assert shown["fill"].endswith(f"buy 0.0200 {MARKET} at 7000.00, taker, fee 0.056000")
    assert "fill" not in said(account, "--fills", "0")


def test_all_orders_are_cancelled_at_once() -> None:
    for price in ("6000", "6001"):
        said(trade, "buy", "0.05", MARKET, price)
    assert said(trade, "cancel", "all")["cancelled"] == "2"


def test_what_the_rules_reject_is_an_error_that_names_the_verdict() -> None:
    result = run(trade, "sell", "0.05", MARKET, "7000", "--reduce-only")
    assert isinstance(result.exception, OrderRejectedError)
    assert result.exception.message.endswith(": reduce_only")


def test_what_is_never_sequenced_is_an_error() -> None:
    result = run(trade, "sell", "0.0001", MARKET, "7000")
    assert isinstance(result.exception, RefusedError)
    assert run(trade, "cancel", "some").exit_code == 2


def test_an_exchange_that_is_not_there_and_an_account_that_is_not_named_are_errors(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        host, port = listening.getsockname()
    assert isinstance(run(account, "--url", f"http://{host}:{port}").exception, ConnectionFailedError)
    monkeypatch.delenv("PROOFBOOK_ACCOUNT")
    assert run(account).exit_code == 2


BOOK = """\
BTC-USD           price            size             sum
ask           7001.00          0.0200          0.0500
ask           7000.50          0.0300          0.0300
bid           7000.00          0.0100          0.0100
"""


def make_market(ada: Exchange) -> None:
    for side, price, size in (("sell", "7001", "0.02"), ("sell", "7000.5", "0.03"), ("buy", "7000", "0.01")):
        ada.place(MARKET, side, size, price)  # type: ignore[arg-type]


def test_the_book_is_a_table_with_the_best_prices_in_its_middle(ada: Exchange) -> None:
    with ada:
        make_market(ada)
    assert run(book, MARKET).stdout == BOOK
    lines = BOOK.splitlines(keepends=True)
    assert run(book, MARKET, "--depth", "1").stdout == "".join((lines[0], *lines[2:]))


def test_a_live_book_is_drawn_again_as_it_changes_until_it_is_interrupted(ada: Exchange) -> None:
    code = "from sequencer.cli.book import book; book()"
    live = subprocess.Popen(
        [sys.executable, "-c", code, MARKET, "--live"], stdout=subprocess.PIPE, text=True, env=os.environ
    )
    assert live.stdout is not None
    with ada, live:
        head = live.stdout.readline()
        make_market(ada)
        ada.place(MARKET, "buy", "0.01", "6999")
        drawn = head
        while "6999.00" not in drawn:
            drawn += live.stdout.readline()
        live.send_signal(signal.SIGINT)
        assert live.wait(30) == 0
    assert "".join(BOOK.splitlines(keepends=True)[1:]) in drawn
