"""The header of a batch's data stream (docs/spec/data.md)."""

from collections.abc import Sequence

from msgspec import Struct

from sequencer.model import constants as c
from sequencer.model.words import from_field, unpack


class BatchHeader(Struct, frozen=True):
    """The words by name, the counts by themselves.

    Attributes
    ----------
    requests_begin : int
        Requests consumed before the batch.
    requests, messages : int
        How many the batch consumed and sequenced.
    account_records, market_records : int
        How many stand in the stream.
    words : int
        All words of the stream, those of the queue too.
    fee_pool, funding_pool : int
        Quote units, the second signed; after the batch.
    """

    domain: int
    configuration_hash: int
    batch_number: int
    old_state_root: int
    new_state_root: int
    new_exit_root: int
    timestamp: int
    epoch_hash: int
    first_sequence: int
    log_root: int
    requests_begin: int
    requests: int
    messages: int
    account_records: int
    market_records: int
    words: int
    fee_pool: int
    funding_pool: int

    @classmethod
    def from_words(cls, words: Sequence[int]) -> "BatchHeader":
        """Return the header at the start of a stream.

        Raises
        ------
        ValueError
            If the stream ends within it.
        """
        if len(words) < c.HEADER_WORDS:
            raise ValueError(f"a stream of {len(words)} words has no header of {c.HEADER_WORDS}")
        counts = words[c.HEADER_COUNTS]
        return cls(
            domain=words[c.HEADER_DOMAIN],
            configuration_hash=words[c.HEADER_CONFIG_HASH],
            batch_number=words[c.HEADER_BATCH_NUMBER],
            old_state_root=words[c.HEADER_OLD_STATE_ROOT],
            new_state_root=words[c.HEADER_NEW_STATE_ROOT],
            new_exit_root=words[c.HEADER_NEW_EXIT_ROOT],
            timestamp=words[c.HEADER_TIMESTAMP],
            epoch_hash=words[c.HEADER_EPOCH_HASH],
            first_sequence=words[c.HEADER_FIRST_SEQUENCE],
            log_root=words[c.HEADER_LOG_ROOT],
            requests_begin=words[c.HEADER_REQUESTS_BEGIN],
            requests=unpack(counts, 0, c.COUNT_BITS),
            messages=unpack(counts, c.COUNTS_MESSAGES_AT, c.COUNT_BITS),
            account_records=unpack(counts, c.COUNTS_ACCOUNTS_AT, c.COUNT_BITS),
            market_records=unpack(counts, c.COUNTS_MARKETS_AT, c.COUNT_BITS),
            # The last count: any bits beyond its width make it wrong.
            words=counts >> c.COUNTS_WORDS_AT,
            fee_pool=words[c.HEADER_FEE_POOL],
            funding_pool=from_field(words[c.HEADER_FUNDING_POOL]),
        )
