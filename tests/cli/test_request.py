"""A user with a wallet and a node asks the exchange on L1; the operator has to serve what was asked."""

import re
from typing import Any

import pytest
from eth_account.signers.local import LocalAccount
from msgspec.structs import replace

from sequencer.chain.client import BatchSubmission
from sequencer.chain.keys import trading_secret
from sequencer.chain.watcher import Watcher
from sequencer.cli.main import main
from sequencer.crypto import public_key
from sequencer.model import constants as c
from sequencer.model.codes import MarketStatus, MessageKind, RequestKind, RequestStatus, Side
from sequencer.model.message import Message
from sequencer.model.request import Request
from sequencer.model.venue import Venue as Restrictions
from tests.cli.conftest import FUNDS, NO_PROOF, PRICE, Use, Venue

DONE, USAGE, BAD_INPUT, CHAIN = 0, 2, 3, 5
ORDER = ("--market", "0", "--side", "sell", "--price", str(PRICE), "--size", "50", "--max-fee", "500")


def run(venue: Venue, *arguments: str) -> int:
    with pytest.raises(SystemExit) as stop:
        main(["request", *arguments, "--rpc", venue.chain.url, "--rollup", venue.rollup.address])
    return int(stop.value.code or 0)


@pytest.fixture
def trader(venue: Venue, use: Use, request: pytest.FixtureRequest) -> LocalAccount:
    """A user of this test's own with 5,000 dollars in the exchange and a registered key."""
    owner = venue.user(request.node.name)
    use(owner)
    assert run(venue, "deposit", "5000") == DONE
    assert run(venue, "register") == DONE
    venue.serve()
    return owner


def last_request(venue: Venue) -> Request:
    return Watcher(venue.rollup).requests()[-1]


def last_message(venue: Venue, owner: LocalAccount) -> Message:
    """The message that the newest request forces: its words are the message's, under the owner's head."""
    queued = last_request(venue)
    message = Message.from_words(*queued.data)
    account = venue.rollup.account_of(owner.address)
    assert queued == Request(RequestKind.MESSAGE, account, int(owner.address, 16), data=message.words())
    assert message.account == account
    return message


def forced(owner_message: Message, **fields: Any) -> Message:
    """What was asked for, with the account, key epoch and nonce that were filled in."""
    filled = Message(owner_message.account, owner_message.key_epoch, owner_message.nonce)
    return replace(filled, **fields)


def test_a_deposit_is_allowed_and_made_in_decimal_dollars(
    venue: Venue, use: Use, capsys: pytest.CaptureFixture[str]
) -> None:
    ann = venue.user("ann")
    use(ann)
    assert run(venue, "deposit", "12.5") == DONE
    said = capsys.readouterr().out
    assert re.fullmatch(
        r"Request \d+ is queued\. If it still waits after \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC,"
        r" anyone may freeze the exchange\.\n",
        said,
    )
    assert last_request(venue).amount == 12_500_000
    assert venue.token.balance(ann.address) == FUNDS - 12_500_000
    assert venue.token.allowance(ann.address, venue.rollup.address) == 0


@pytest.mark.parametrize("amount", ["0", "0.000000", "-1", "1.2345678", "1e3", "Infinity", "much"])
def test_an_amount_that_is_no_number_of_token_units_is_refused(
    venue: Venue, capsys: pytest.CaptureFixture[str], amount: str
) -> None:
    assert run(venue, "withdraw", "--", amount) == USAGE
    assert "no positive number of dollars" in capsys.readouterr().err


def test_a_registered_key_is_the_one_that_the_wallet_derives(venue: Venue, trader: LocalAccount) -> None:
    def key(epoch: int) -> tuple[int, int]:
        return public_key(trading_secret(trader, epoch, venue.chain.chain_id, venue.rollup.address))

    assert last_request(venue).data == key(1)
    assert run(venue, "register") == DONE
    assert last_request(venue).data == key(2)


def test_a_forced_order_rests_in_the_book(venue: Venue, trader: LocalAccount) -> None:
    assert run(venue, "order", *ORDER, "--post-only", "--expires", "1700000000") == DONE
    message = last_message(venue, trader)
    assert message == forced(
        message,
        side=Side.SELL,
        price=PRICE,
        size=50,
        max_fee_ppm=500,
        expiry=1_700_000_000,
        post_only=True,
    )
    venue.serve()
    assert venue.state.account(message.account).orders == 1
    assert run(venue, "cancel-all") == DONE
    venue.serve()
    assert venue.state.account(message.account).open_notional == 0


def test_a_forced_cancel_takes_the_order_out_of_the_book(venue: Venue, trader: LocalAccount) -> None:
    sequence = venue.state.next_sequence
    assert run(venue, "order", *ORDER, "--post-only") == DONE
    venue.serve()
    place = ("--market", "0", "--side", "sell", "--price", str(PRICE))
    assert run(venue, "cancel", *place, "--target", str(sequence)) == DONE
    message = last_message(venue, trader)
    assert message == forced(message, kind=MessageKind.CANCEL, side=Side.SELL, price=PRICE, target=sequence)
    venue.serve()
    assert venue.state.account(message.account).orders == 0


def test_a_close_is_an_order_that_only_reduces_and_never_rests(venue: Venue, trader: LocalAccount) -> None:
    assert run(venue, "close", *ORDER) == DONE
    message = last_message(venue, trader)
    assert message == forced(
        message, side=Side.SELL, price=PRICE, size=50, max_fee_ppm=500, ioc=True, reduce_only=True
    )
    venue.serve()
    assert venue.state.account(message.account).orders == 0


def test_a_cancel_all_names_nothing_but_the_account(venue: Venue, trader: LocalAccount) -> None:
    assert run(venue, "cancel-all") == DONE
    message = last_message(venue, trader)
    assert message == forced(message, kind=MessageKind.CANCEL_ALL)


def test_a_message_may_be_forced_before_the_key_s_registration_is_served(venue: Venue, use: Use) -> None:
    ben = venue.user("ben")
    use(ben)
    for arguments in (("deposit", "5000"), ("register",), ("order", *ORDER, "--post-only")):
        assert run(venue, *arguments) == DONE
    venue.serve()
    account = venue.state.account(venue.rollup.account_of(ben.address))
    assert (account.key_epoch, account.orders) == (1, 1)
    assert run(venue, "cancel-all") == DONE
    venue.serve()


def test_a_message_is_of_the_key_epoch_that_the_queue_will_have_brought(
    venue: Venue, trader: LocalAccount
) -> None:
    assert run(venue, "register") == DONE
    assert run(venue, "cancel-all") == DONE
    assert last_message(venue, trader).key_epoch == 2
    batch = venue.batch()
    words = batch.contract_words
    words[c.HEADER_WORDS] = RequestStatus.REFUSED
    venue.rollup.submit_batch(venue.operator, BatchSubmission(words, batch.c, NO_PROOF))
    assert run(venue, "cancel-all") == DONE
    assert last_message(venue, trader).key_epoch == 1
    venue.serve()


def test_a_message_needs_an_account_and_a_key(
    venue: Venue, use: Use, capsys: pytest.CaptureFixture[str]
) -> None:
    cleo = venue.user("cleo")
    use(cleo)
    assert run(venue, "cancel-all") == BAD_INPUT
    assert "no_account: " in capsys.readouterr().err
    assert run(venue, "deposit", "1") == DONE
    assert run(venue, "cancel-all") == CHAIN
    assert "no_trading_key: " in capsys.readouterr().err


def test_the_status_of_a_request_is_told_before_and_after_it_is_served(
    venue: Venue, trader: LocalAccount, capsys: pytest.CaptureFixture[str]
) -> None:
    index = str(venue.rollup.request_count)
    assert run(venue, "withdraw", "1000000") == DONE
    assert status(venue, index, capsys)["state"] == "waiting"
    venue.serve()
    told = status(venue, index, capsys)
    assert (told["request"], told["state"], told["to claim"]) == (index, "done", "5000.000000")
    assert venue.rollup.claimable(trader.address) == 5_000_000_000


def test_a_liquidation_is_forced_by_anyone_and_leaves_who_is_healthy_alone(
    venue: Venue,
    trader: LocalAccount,
    use: Use,
    capsys: pytest.CaptureFixture[str],
) -> None:
    use(venue.user("stranger"))
    index = str(venue.rollup.request_count)
    terms = ("--market", "0", "--side", "sell", "--size", "5")
    assert run(venue, "liquidate", trader.address, *terms) == DONE
    message = last_message(venue, trader)
    assert message == Message.liquidation(message.account, 0, Side.SELL, 5)
    before = venue.state.account(message.account)
    venue.serve()
    assert status(venue, index, capsys)["state"] == "done"
    assert venue.state.account(message.account) == before


def test_a_liquidation_names_the_account_by_its_owner(venue: Venue, use: Use) -> None:
    use(venue.user("stranger"))
    terms = ("--market", "0", "--side", "buy", "--size", "5")
    assert run(venue, "liquidate", "7", *terms) == USAGE
    assert run(venue, "liquidate", venue.user("nobody").address, *terms) == CHAIN


def test_anyone_pays_dollars_into_the_insurance_fund(venue: Venue, use: Use) -> None:
    donor = venue.user("donor")
    use(donor)
    assert run(venue, "insure", "2.5") == DONE
    assert last_request(venue) == Request(
        RequestKind.DEPOSIT, c.INSURANCE_ACCOUNT, c.INSURANCE_OWNER, 2_500_000
    )
    assert venue.token.balance(donor.address) == FUNDS - 2_500_000
    before = venue.state.account(c.INSURANCE_ACCOUNT).collateral
    venue.serve()
    assert venue.state.account(c.INSURANCE_ACCOUNT).collateral == before + 2_500_000


def test_an_unwinding_is_forced_by_anyone_and_does_nothing_where_the_fund_holds_nothing(
    venue: Venue, use: Use, capsys: pytest.CaptureFixture[str]
) -> None:
    use(venue.user("stranger"))
    index = str(venue.rollup.request_count)
    terms = ("--market", "0", "--side", "sell", "--price", str(PRICE), "--size", "5")
    assert run(venue, "unwind", *terms) == DONE
    assert last_request(venue) == Request(
        RequestKind.MESSAGE,
        c.INSURANCE_ACCOUNT,
        c.INSURANCE_OWNER,
        data=Message.unwinding(0, Side.SELL, 5, PRICE).words(),
    )
    venue.serve()
    assert status(venue, index, capsys)["state"] == "done"
    assert venue.state.account(c.INSURANCE_ACCOUNT).positions == (0, 0, 0, 0)


def test_the_operator_restricts_markets_which_then_take_only_orders_that_reduce(
    venue: Venue, use: Use, capsys: pytest.CaptureFixture[str]
) -> None:
    use(venue.operator)
    assert run(venue, "restrict", "--market", "0", "--market", "2", "--seconds", "600") == DONE
    until = venue.chain.time + 600
    venue.serve()
    assert venue.state.venue == Restrictions(restricted_markets=0b101, restricted_until=until)
    venue.submit(venue.batch())
    assert venue.state.market(0).status == MarketStatus.REDUCE_ONLY
    assert run(venue, "restrict", "--market", "0", "--seconds", "900") == CHAIN
    assert "RestrictionWeaker(" in capsys.readouterr().err
    use(venue.user("stranger"))
    assert run(venue, "restrict", "--market", "0", "--seconds", "900") == CHAIN
    assert "NotOperator(" in capsys.readouterr().err
    venue.chain.advance(until)
    venue.submit(venue.batch())
    assert venue.state.market(0).status == MarketStatus.OPEN


@pytest.mark.parametrize("terms", [(), ("--market", "4"), ("--market", "0", "--seconds", "0")])
def test_a_restriction_names_markets_and_a_time(venue: Venue, terms: tuple[str, ...]) -> None:
    assert run(venue, "restrict", "--seconds", "5", *terms) == USAGE


def test_congestion_is_reported_when_no_batch_came_for_half_an_hour(
    venue: Venue, use: Use, capsys: pytest.CaptureFixture[str]
) -> None:
    use(venue.user("stranger"))
    venue.submit(venue.batch())
    assert run(venue, "congestion") == CHAIN
    assert "NotCongested(" in capsys.readouterr().err
    venue.chain.advance(venue.state.timestamp + 1_801)
    assert run(venue, "congestion") == DONE
    reported = venue.chain.time
    venue.serve()
    patience = int(venue.rollup.read("patience"))
    assert venue.state.venue.congested_until == reported + patience + 3_600


def test_a_request_that_was_never_made_has_no_status(
    venue: Venue, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(venue, "status", "999") == CHAIN
    assert "unknown_request: " in capsys.readouterr().err


def test_a_served_request_without_its_log_has_no_status(
    venue: Venue, trader: LocalAccount, capsys: pytest.CaptureFixture[str]
) -> None:
    index = str(venue.rollup.request_count - 1)
    after = str(venue.chain.block_number + 1)
    assert run(venue, "status", index, "--from-block", after) == CHAIN
    assert "request_log_missing: " in capsys.readouterr().err


def status(venue: Venue, index: str, capsys: pytest.CaptureFixture[str]) -> dict[str, str]:
    capsys.readouterr()
    assert run(venue, "status", index) == DONE
    lines = capsys.readouterr().out.splitlines()
    return {line[:10].strip(): line[10:] for line in lines}
