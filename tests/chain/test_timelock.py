"""What may change is announced first: the timelock through its client, and what announcements are worth."""

from collections.abc import Sequence

import pytest
from msgspec.structs import replace

from sequencer.chain.errors import ContractRevertedError, NoGenesisError, UnannouncedChangeError
from sequencer.chain.timelock import PendingChange, Timelock, obstacles
from sequencer.crypto import poseidon, public_key
from sequencer.engine.state import State
from sequencer.model import constants as c
from sequencer.model.codes import RequestKind
from sequencer.model.config import CONFIGURATION_WORDS, Configuration
from sequencer.model.request import Request
from sequencer.replay.oracle import OracleSigners
from sequencer.replay.terms import PERPETUAL, SCHEDULE, configuration
from sequencer.state.genesis import genesis
from tests.chain.conftest import GOVERNOR, Deployed
from tests.chain.refusals import refusal

PRESENT = configuration(OracleSigners(1).keys)
FLOOR = CONFIGURATION_WORDS - 1
SCHEDULES = FLOOR - c.MARKETS
LAST_MARKET = SCHEDULES - 1


def other(seed: int) -> Configuration:
    """A configuration of its own: other oracle signers."""
    return configuration([public_key(100 * seed + signer) for signer in range(1, 6)])


@pytest.fixture
def timelock(deployed: Deployed) -> Timelock:
    return Timelock(deployed.rollup)


@pytest.fixture
def state(deployed: Deployed) -> State:
    """The exchange before its first batch."""
    return genesis(PRESENT, deployed.rollup.domain).state()


def announce(timelock: Timelock, configuration_hash: int, words: Sequence[int]) -> None:
    """Announce words under a hash, whether they have it or not."""
    timelock.send(GOVERNOR, "scheduleChange", configuration_hash, timelock.rollup.verifier, list(words))


def test_a_change_is_announced_with_the_time_that_it_waits(deployed: Deployed, timelock: Timelock) -> None:
    assert timelock.governor == GOVERNOR.address
    announcement = timelock.schedule_change(GOVERNOR, other(1), deployed.token.address)
    ready_at = deployed.chain.time + timelock.change_delay
    assert timelock.change_delay == 7 * 86_400
    assert timelock.pending_change == PendingChange(other(1).hash(), deployed.token.address, ready_at)
    assert timelock.ready_at(announcement) == ready_at


def test_a_change_joins_the_queue_when_its_time_has_come_and_not_before(
    deployed: Deployed, timelock: Timelock
) -> None:
    changed = other(2)
    announcement = timelock.schedule_change(GOVERNOR, changed, deployed.token.address)
    anyone, ready_at = deployed.owner("mia"), timelock.ready_at(announcement)
    deployed.chain.advance(ready_at - 1)
    with pytest.raises(ContractRevertedError) as refused:
        timelock.enact_change(anyone)
    assert refused.value.name == "ChangeNotReady"
    assert refused.value.arguments["readyAt"] == ready_at
    deployed.chain.advance(ready_at)
    timelock.enact_change(anyone)
    data = (changed.hash(), int(deployed.token.address, 16))
    assert deployed.watcher.requests()[-1] == Request(RequestKind.CHANGE, account=0, owner=1, data=data)
    assert timelock.pending_change is None
    assert refusal(lambda: timelock.enact_change(anyone)) == "NoChangePending"


def test_an_announced_change_is_taken_back(deployed: Deployed, timelock: Timelock) -> None:
    timelock.schedule_change(GOVERNOR, other(3), deployed.token.address)
    timelock.cancel_change(GOVERNOR)
    assert timelock.pending_change is None
    assert refusal(lambda: timelock.cancel_change(GOVERNOR)) == "NoChangePending"


def test_only_the_governor_announces_and_takes_back(deployed: Deployed, timelock: Timelock) -> None:
    stranger, address = deployed.owner("ned"), deployed.token.address
    assert refusal(lambda: timelock.schedule_change(stranger, other(4), address)) == "NotGovernor"
    timelock.schedule_change(GOVERNOR, other(4), address)
    assert refusal(lambda: timelock.cancel_change(stranger)) == "NotGovernor"
    assert timelock.pending_change is not None


def test_a_verifier_is_a_contract(timelock: Timelock) -> None:
    assert refusal(lambda: timelock.schedule_change(GOVERNOR, other(5), GOVERNOR.address)) == "NotAContract"


def test_a_request_of_the_wrong_fee_is_refused_by_the_rollup_s_own_error(
    deployed: Deployed, timelock: Timelock
) -> None:
    timelock.schedule_change(GOVERNOR, other(6), deployed.token.address)
    pending = timelock.pending_change
    assert pending is not None
    deployed.chain.advance(pending.ready_at)
    assert refusal(lambda: timelock.send(deployed.owner("oda"), "enactChange")) == "WrongRequestFee"
    assert timelock.pending_change == pending


def test_the_right_one_of_several_announcements_is_found_for_ever(
    deployed: Deployed, timelock: Timelock
) -> None:
    for seed in (7, 8, 9):
        timelock.schedule_change(GOVERNOR, other(seed), deployed.token.address)
    timelock.cancel_change(GOVERNOR)
    for seed in (7, 8, 9):
        assert timelock.announced(other(seed).hash()) == other(seed)


def test_an_announcement_is_looked_for_from_a_block_on(deployed: Deployed, timelock: Timelock) -> None:
    timelock.schedule_change(GOVERNOR, other(10), deployed.token.address)
    block = deployed.chain.block_number
    assert timelock.announced(other(10).hash(), block) == other(10)
    with pytest.raises(UnannouncedChangeError):
        timelock.announced(other(10).hash(), block + 1)


def test_words_of_another_hash_announce_nothing_but_the_right_ones_may_follow(timelock: Timelock) -> None:
    wanted = other(11)
    announce(timelock, wanted.hash(), other(12).words())
    for configuration_hash in (wanted.hash(), other(12).hash()):
        with pytest.raises(UnannouncedChangeError, match=f"{configuration_hash:#x}"):
            timelock.announced(configuration_hash)
    announce(timelock, wanted.hash(), wanted.words())
    assert timelock.announced(wanted.hash()) == wanted


@pytest.mark.parametrize(
    ("announced", "told"),
    [
        (None, ["the words that were announced are no configuration of this hash"]),
        (replace(PRESENT, markets=(replace(PERPETUAL, initial_ppm=900_000, interest_ppm=0),)), []),
        (
            replace(PRESENT, markets=(PERPETUAL, PERPETUAL), schedules=(SCHEDULE, SCHEDULE)),
            [
                "the number of markets is 1 for ever, not 2;"
                " no batch could follow it: the exchange would freeze"
            ],
        ),
    ],
    ids=["unknown words", "other margins and no interest", "another market"],
)
def test_an_announcement_is_held_against_the_markets_of_the_deployment(
    deployed: Deployed, announced: Configuration | None, told: list[str]
) -> None:
    assert list(obstacles(announced, deployed.watcher.first_markets())) == told


def test_the_markets_are_those_of_the_deployment(deployed: Deployed) -> None:
    assert deployed.watcher.first_markets() == (PERPETUAL,)
    with pytest.raises(NoGenesisError, match=deployed.rollup.address):
        deployed.watcher.first_markets(deployed.chain.block_number + 1)


@pytest.mark.parametrize(
    "words",
    [
        (0,) * CONFIGURATION_WORDS,
        (PRESENT.words()[0] | 1 << 160, *PRESENT.words()[1:]),
        (*PRESENT.words()[:2], 0, 1, *PRESENT.words()[4:]),
        (*PRESENT.words()[:LAST_MARKET], 1 << c.MARKET_PARAMETER_BITS, *PRESENT.words()[SCHEDULES:]),
        (*PRESENT.words()[:LAST_MARKET], PERPETUAL.word(), *4 * [SCHEDULE.word()], 0),
        (*PRESENT.words()[:SCHEDULES], 0, 0, 0, 0, 0),
        (*PRESENT.words()[:SCHEDULES], SCHEDULE.word() | 1 << 190, 0, 0, 0, 0),
        (*PRESENT.words()[: FLOOR - 1], SCHEDULE.word(), 0),
        (*PRESENT.words()[:FLOOR], c.COLLATERAL_BOUND),
    ],
    ids=[
        "zeros",
        "bits beyond the fees",
        "a key of small order",
        "bits beyond the parameters",
        "a market after empty slots",
        "a market without a schedule",
        "bits beyond the schedule",
        "a schedule without a market",
        "a floor that the fund cannot reach",
    ],
)
def test_words_that_are_no_configuration_announce_nothing_under_their_own_hash(
    timelock: Timelock, words: tuple[int, ...]
) -> None:
    configuration_hash = poseidon((poseidon(words[:SCHEDULES]), *words[SCHEDULES:]))
    announce(timelock, configuration_hash, words)
    with pytest.raises(UnannouncedChangeError, match="no configuration was announced"):
        timelock.announced(configuration_hash)


def test_a_batch_opens_under_another_configuration_only_where_a_change_is_due(
    deployed: Deployed, timelock: Timelock, state: State
) -> None:
    changed = replace(
        PRESENT,
        oracle_max_age_seconds=30,
        markets=(replace(PERPETUAL, max_position=99),),
        schedules=(replace(SCHEDULE, volatility_factor=0, tier_ppm=7, congestion_ppm=8, settle_seconds=9),),
        insurance_floor=10,
    )
    timelock.schedule_change(GOVERNOR, changed, deployed.token.address)
    assert timelock.due(state) is None
    state.require_configuration(changed.hash())
    assert timelock.due(state) == changed
    state.configure(changed)
    assert timelock.due(state) is None
    state.require_configuration(other(13).hash())
    with pytest.raises(UnannouncedChangeError):
        timelock.due(state)
