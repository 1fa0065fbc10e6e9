"""The figures of L1 for people: gas and calldata of a batch, of larger batches, and of every call."""

from collections.abc import Iterator, Mapping, Sequence

from bench.calls import CallFigures
from bench.chain import ChainFigures
from bench.markdown import paragraph, table
from bench.results import Results
from bench.scaling import MESSAGES_MAX, QUOTES_TAKEN, ScalingFigures


def l1_sections(results: Results) -> Iterator[str]:
    yield from _chain(results.chain)
    yield from _scaling(results.scaling, results.chain)
    yield from _calls(results.calls)


def _chain(chain: ChainFigures) -> Iterator[str]:
    yield "## Settlement\n"
    yield paragraph(
        "The workload on deployed contracts: deposits and keys through L1, three batches proven and final.",
        f"The third is measured: {chain.messages} messages, {chain.trades} trades, {chain.words} data words.",
        "What verification takes is what the same call costs more than where a contract that accepts",
        "everything stands in the verifier's place.",
    )
    yield from table(
        ("`submitBatch`", "batch", "a matched trade"),
        (
            (name, f"{figure:,}", f"{figure / chain.trades:,.0f}")
            for name, figure in (
                ("gas", chain.gas),
                ("of it verification of the proof", chain.verification_gas),
                ("calldata bytes", chain.calldata_bytes),
            )
        ),
    )


def _scaling(scaling: Sequence[ScalingFigures], chain: ChainFigures) -> Iterator[str]:
    yield "## Larger batches\n"
    yield paragraph(
        "No circuit of these sizes is compiled and nothing here is proven. The batches are real, sealed in",
        "larger sizes and final on the real contract, which does not know the circuit's size, only the data",
        "stream and the verifier. **The verifier's gas is added**: in its place stands a contract that",
        f"accepts everything after it has spent the {chain.verification_gas:,} gas that the real one took",
        "above, to within a turn of its loop. A larger circuit has the same three public inputs, so its",
        "verifier costs the same.",
    )
    yield paragraph(
        "Calldata is of what changed, not of what was traded: four words an account here (head, collateral,",
        "one position, trading leaf; each further market that an account trades in is a word more), 13 of",
        "the header and three of the market. So there are two cases: accounts grow with trades, or stay 8.",
        f"Half of the accounts are makers; each order of a taker takes {QUOTES_TAKEN} quotes whole, so that",
        f"{max(case.trades for case in scaling)} trades fit the {MESSAGES_MAX} messages that the log of a",
        "batch holds.",
    )
    yield from table(
        ("trades", "accounts", "data words", "gas", "calldata bytes", "gas a trade", "bytes a trade"),
        (
            (
                f"{case.trades}",
                f"{case.accounts}",
                f"{case.words}",
                f"{case.gas:,}",
                f"{case.calldata_bytes:,}",
                f"{case.gas / case.trades:,.0f}",
                f"{case.calldata_bytes / case.trades:,.1f}",
            )
            for case in scaling
        ),
    )
    yield paragraph(
        "Points of reference, published by others and not measured here: a Groth16 verifier exported by",
        "snarkjs takes about 207,000 gas and 7,000 a public input, with its transaction; Loopring states 450",
        "gas and 28 bytes a trade at 2,048 trades a batch.",
    )


def _calls(calls: Mapping[str, CallFigures]) -> Iterator[str]:
    yield "## Every call\n"
    yield paragraph(
        "Whole transactions on the same contracts, in the order of an exchange's life; each of its endings",
        "begins where the operator last answered. Proofs of exits are real, those of batches as above.",
    )
    yield from table(
        ("call", "gas", "calldata bytes"),
        ((name, f"{call.gas:,}", f"{call.calldata_bytes:,}") for name, call in calls.items()),
    )
