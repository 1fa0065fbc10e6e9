"""No input of the batch circuit can be lied about, but for lies that are known to harm nobody."""

from collections.abc import Sequence
from itertools import islice

import pytest

from prover import Prover, open_prover
from prover.backends import backend_named
from prover.circuit import EXIT, Circuit
from sequencer.batch.sizes import batch_size
from sequencer.model.codes import RequestKind
from sequencer.model.constants import MARKETS, SETTLED_SINCE
from soundness.hints.inputs import Inputs, Place, hint_elements, value_at, with_value
from soundness.hints.lies import KINDS, Element, Elements, Lie, lie_of, lies_about
from soundness.hints.run import Tally, all_lies, sampled_lies, stale, tell
from soundness.hints.scenarios import exits, scenarios
from soundness.hints.trial import Judge, Outcome

SMALL = batch_size("small")
SEED = 1

# `make soundness` tells each kind of lie about each signal; the tests tell one in eight of these lies.
TOLD_ONE_IN = 8
ELEMENTS_PER_KIND = 3

STEPS: Inputs = {"stepSize": [4, 9, 4], "stepPrice": [1, 2, 2]}
PLACES: Elements = {name: [(0,), (1,), (2,)] for name in STEPS}

# Every way in which a hint can be bound, and one in which it is not.
HINTS = """
template Hints() {
    signal input c;
    signal input r;
    signal input y;
    signal input forced;
    signal input told;
    signal input asserted;
    signal input unread;

    forced === 3;
    assert(asserted == 5);
    c === told * told;
    y === r * told;
}
"""
HONEST: Inputs = {"c": 49, "r": 2, "y": 14, "forced": 3, "told": 7, "asserted": 5, "unread": 0}


@pytest.fixture(scope="module")
def hints() -> Prover:
    return Prover(Circuit("test-Hints", HINTS, "Hints", {}, ("c", "r", "y")), backend_named("native"))


@pytest.mark.parametrize(
    ("name", "outcome"),
    [
        ("forced", Outcome.REFUSED),
        ("told", Outcome.PUBLISHED),
        ("asserted", Outcome.ASSERTED),
        ("unread", Outcome.FREE),
    ],
)
def test_a_lie_is_judged_by_what_refuses_it(hints: Prover, name: str, outcome: Outcome) -> None:
    lie = Lie("honest", name, (), "one more", value_at(HONEST[name], ()) + 1)
    assert Judge(hints).outcome(HONEST, lie) == outcome


def test_a_lie_that_is_neither_refused_nor_allowed_is_harmful(hints: Prover) -> None:
    tally, elements = Tally(), hint_elements(hints.compiled)
    tell(Judge(hints), {"honest": HONEST}, all_lies({"honest": HONEST}, elements), tally)
    assert {line.split()[2] for line in tally.harmful} == {"told", "asserted", "unread"}


def test_the_hints_are_all_inputs_but_the_public_ones() -> None:
    elements = hint_elements(open_prover("small", "native").compiled)
    for inputs in scenarios(SMALL).values():
        assert elements == {name: places(inputs[name]) for name in inputs if name not in ("c", "r", "y")}


def test_the_hints_of_an_exit_are_all_inputs_but_the_public_ones() -> None:
    leaving = open_prover(EXIT, "native")
    elements = hint_elements(leaving.compiled)
    for inputs in exits().values():
        assert elements == {
            name: places(inputs[name]) for name in inputs if name not in leaving.circuit.public
        }


def places(signal: object, prefix: Place = ()) -> list[Place]:
    if isinstance(signal, int):
        return [prefix]
    assert isinstance(signal, Sequence)
    return [place for index, item in enumerate(signal) for place in places(item, (*prefix, index))]


def test_every_lie_differs_from_the_honest_value_and_from_the_others() -> None:
    told = [lie.value for lie in lies_about(Element("honest", STEPS, PLACES, "stepSize", (0,)))]
    assert len(told) == len(set(told))
    assert 4 not in told
    assert {5, 3, 0, 1, 9, 2**48 - 1, 2**48} <= set(told)


def test_a_lie_may_take_the_value_of_the_next_element_or_of_a_sibling() -> None:
    element = Element("honest", STEPS, PLACES, "stepPrice", (0,))
    assert element.of_the_next() == 2
    assert element.of_a_sibling() == 4


@pytest.mark.parametrize("per_kind", [1, 2])
def test_a_sample_tells_each_kind_of_lie_about_each_signal(per_kind: int) -> None:
    sample = list(sampled_lies({"honest": STEPS}, PLACES, per_kind, SEED))
    for name in STEPS:
        for kind in KINDS:
            assert sum(is_of_kind(kind, lie) for lie in sample if lie.name == name) >= per_kind, (name, kind)
    assert len(sample) == len({(lie.name, lie.place, lie.value) for lie in sample})
    assert len(sample) <= per_kind * len(KINDS) * len(STEPS)


def is_of_kind(kind: str, lie: Lie) -> bool:
    of_kind = lie_of(kind, Element("honest", STEPS, PLACES, lie.name, lie.place))
    return of_kind is not None and of_kind.value == lie.value


def test_replacing_one_element_leaves_the_others() -> None:
    inputs: Inputs = {"rowPage": [[0, 1], [0, 0]]}
    assert with_value(inputs, "rowPage", (1, 0), 5) == {"rowPage": [[0, 1], [5, 0]]}
    assert inputs == {"rowPage": [[0, 1], [0, 0]]}


def test_every_slot_is_met_in_use_and_out_of_use() -> None:
    for flag in ("accountEnabled", "pageEnabled", "rowUsed", "requestEnabled", "stepTake"):
        states = {value_at(inputs[flag], (0,)) for inputs in scenarios(SMALL).values()}
        assert states == {0, 1}, flag


def test_accounts_are_settled_and_a_shortfall_is_charged() -> None:
    batch = scenarios(SMALL)["settling"]
    assert batch["accountSettled"] != batch["accountCollateral"]
    assert batch["shortfallIndex"] != 0


def test_a_period_begins_after_one_that_traded() -> None:
    batch = scenarios(SMALL)["beginning"]
    assert batch["oraclePeriod"] != batch["premiumPeriod"]
    assert batch["premiumExcess"] != [0] * MARKETS


def test_a_sample_raises_margins_and_open_interest_adds_to_them() -> None:
    batch = scenarios(SMALL)["sampling"]
    assert batch["sampleBefore"] != batch["sampleAfter"]
    assert batch["marketReturn"] != [0] * MARKETS
    assert batch["marketOpenInterestAddonAfter"] != [0] * MARKETS


def test_a_market_takes_only_orders_that_reduce() -> None:
    batch = scenarios(SMALL)["reducing"]
    assert isinstance(batch["marketReducedUntil"], list)
    assert value_at(batch["timestamp"], ()) < max(map(int, batch["marketReducedUntil"]))


def test_l1_restricts_and_says_something_else() -> None:
    assert RequestKind.RESTRICT in numbers(scenarios(SMALL)["saying"]["requestKind"])
    batch = scenarios(SMALL)["restricting"]
    now = value_at(batch["timestamp"], ())
    assert now < value_at(batch["venueCongestedUntil"], ())
    assert now < value_at(batch["venueRestrictedUntil"], ())
    assert any(numbers(batch["venueRestricted"]))


def test_a_market_settles_in_which_the_fund_held_a_position() -> None:
    batch = scenarios(SMALL)["standing"]
    overdue = [
        since > SETTLED_SINCE and value_at(batch["timestamp"], ()) - since > seconds
        for since, seconds in zip(
            numbers(batch["marketFundSince"]), numbers(batch["marketSettleSeconds"]), strict=True
        )
    ]
    assert any(overdue)


def test_positions_need_more_by_their_tiers() -> None:
    assert any(numbers(scenarios(SMALL)["tiered"]["marketTierStep"]))


def numbers(signal: object) -> list[int]:
    assert isinstance(signal, list)
    return [int(value) for value in signal]


def test_no_lie_about_the_batch_circuit_does_harm_and_no_allowance_is_stale() -> None:
    prover, honest, tally = open_prover("small", "native"), scenarios(SMALL), Tally()
    elements, judge = hint_elements(prover.compiled), Judge(prover)
    lies = islice(sampled_lies(honest, elements, 1, SEED), None, None, TOLD_ONE_IN)
    tell(judge, honest, lies, tally)
    unneeded = stale(judge, honest, elements, tally)
    assert tally.harmful == []
    assert unneeded == []
    assert tally.outcomes[Outcome.REFUSED] > tally.outcomes[Outcome.FREE]


def test_no_lie_about_the_exit_circuit_is_accepted() -> None:
    leaving, honest, tally = open_prover(EXIT, "native"), exits(), Tally()
    lies = list(sampled_lies(honest, hint_elements(leaving.compiled), ELEMENTS_PER_KIND, SEED))
    tell(Judge(leaving), honest, lies, tally)
    assert tally.outcomes == {Outcome.REFUSED: len(lies)}
