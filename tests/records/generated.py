"""Every entry that a log can hold."""

from hypothesis import strategies as st

from sequencer.engine.commands import OpenEpoch
from sequencer.model import constants as c
from sequencer.model.message import Message, SignedMessage
from sequencer.model.oracle import OracleReport
from sequencer.model.request import Request
from sequencer.records import entries as e
from sequencer.store.life import BatchState
from tests import strategies


def bits(width: int) -> st.SearchStrategy[int]:
    return st.integers(0, (1 << width) - 1)


fields = st.integers(0, c.FIELD_MODULUS - 1)
signatures = st.tuples(fields, fields, fields)
messages = st.builds(
    Message,
    account=bits(c.ACCOUNT_BITS),
    key_epoch=bits(c.KEY_EPOCH_BITS),
    nonce=bits(c.NONCE_BITS),
    kind=bits(2),
    market=bits(c.MARKET_BITS),
    side=bits(1),
    ioc=st.booleans(),
    post_only=st.booleans(),
    reduce_only=st.booleans(),
    expiry=bits(c.TIME_BITS),
    max_fee_ppm=bits(c.PPM_BITS),
    price=bits(c.PRICE_BITS),
    size=bits(c.SIZE_BITS),
    target=bits(c.SEQUENCE_BITS),
)
signed = st.builds(SignedMessage, messages, signatures)
requests = st.builds(
    Request,
    kind=bits(c.KIND_BITS),
    account=bits(c.ACCOUNT_BITS),
    owner=bits(c.OWNER_BITS),
    amount=bits(c.AMOUNT_BITS),
    data=st.tuples(bits(256), bits(256)),
)
reports = st.builds(
    OracleReport,
    signer=st.integers(0, c.ORACLE_SIGNERS - 1),
    time=bits(c.TIME_BITS),
    prices=st.lists(bits(c.PRICE_BITS), max_size=c.MARKETS).map(tuple),
    signature=signatures,
)
configurations = st.sampled_from(
    [strategies.configuration(strategies.PARAMETERS[:markets]) for markets in range(1, c.MARKETS + 1)]
)
openings = st.builds(
    OpenEpoch,
    timestamp=bits(c.TIME_BITS),
    reports=st.lists(reports, max_size=c.ORACLE_SIGNERS).map(tuple),
    configuration=st.none() | configurations,
)
hashes = st.just(b"") | st.binary(min_size=32, max_size=32)
states = st.sampled_from([state for state in BatchState if state is not BatchState.SEQUENCED])

ENTRIES: dict[type[e.Entry], st.SearchStrategy[e.Entry]] = {
    e.Opened: st.builds(e.Opened, bits(64), openings),
    e.Consumed: st.builds(e.Consumed, requests),
    e.Sequenced: st.builds(e.Sequenced, signed, bits(64)),
    e.Decided: st.builds(e.Decided, messages),
    e.Closed: st.builds(e.Closed, bits(64)),
    e.Armed: st.builds(e.Armed, signed, bits(64)),
    e.Disarmed: st.builds(e.Disarmed, bits(c.ACCOUNT_BITS)),
    e.Progressed: st.builds(e.Progressed, bits(64), states, hashes),
    e.Unwound: st.builds(e.Unwound, bits(64), st.text()),
    e.Refused: st.builds(e.Refused, signed, st.text()),
    e.Confirmed: st.builds(e.Confirmed, requests),
}
entries = st.one_of(*ENTRIES.values())
