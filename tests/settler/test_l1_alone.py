"""When all that the operator has is lost, L1 has everybody's money and positions."""

import json
import shutil

import pytest

from sequencer.chain.connection import Connection
from sequencer.cli.main import main
from sequencer.engine.margin import health
from sequencer.model import constants as c
from sequencer.model.codes import Side
from sequencer.verifier.verify import verify
from tests.e2e.exchange import LOTS, MAKER, TAKER
from tests.settler.venue import TRADE, Venue

MORE, LESS = 1_000_000, 700_000


def test_money_and_positions_come_from_l1_alone(venue: Venue) -> None:
    venue.trade(*TRADE)
    venue.deposit(MAKER, MORE)
    venue.rollup.withdraw(venue.owners[TAKER], LESS)
    venue.mine()
    venue.trade(*TRADE)
    with venue.settler() as running:
        venue.carry(running, 2)
    shutil.rmtree(venue.directories.data)

    replica = verify(Connection(venue.chain.url), venue.rollup.address).replica

    state, engine = replica.state, venue.state
    assert replica.batch_number == 2
    assert set(state.accounts) == {MAKER, TAKER, c.INSURANCE_ACCOUNT}
    for number in state.accounts:
        account = engine.account(number)
        assert state.owner(number) == account.owner
        assert state.collateral(number) == account.collateral
        assert state.positions(number) == account.positions
        assert state.equity(number) == health(account, engine.markets).equity
    (slot,) = {slot for slot, size in enumerate(state.positions(MAKER)) if size}
    assert (state.positions(MAKER)[slot], state.positions(TAKER)[slot]) == (-2 * LOTS, 2 * LOTS)
    assert replica.claimable == {int(venue.owners[TAKER].address, 16): LESS}


def test_the_command_says_what_l1_alone_says(venue: Venue, capsys: pytest.CaptureFixture[str]) -> None:
    venue.trade((MAKER, Side.SELL), (TAKER, Side.BUY))
    with venue.settler() as running:
        venue.carry(running, 1)
    shutil.rmtree(venue.directories.data)
    with pytest.raises(SystemExit) as end:
        main(["verify", "--rpc", venue.chain.url, "--rollup", venue.rollup.address, "--json"])
    assert not end.value.code
    said = json.loads(capsys.readouterr().out)
    assert said["batches_verified"] == 1
    assert int(said["exit_root"], 16) == venue.ledger.roots().exit
    assert said["vault_balance"] == said["owed"]
