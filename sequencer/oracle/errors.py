"""Why a signer signs nothing, and why a collector takes no report; one class a cause."""

from sequencer.model.errors import ProofbookError


class OracleError(ProofbookError):
    """A signer, or the way to it, fails."""


class BadTimeError(OracleError):
    """What was asked for is no time of a round."""

    code = "bad_time"
    cure = "ask for a time in whole seconds below 2^40"


class OffGridError(OracleError):
    """Rounds are at multiples of the period only."""

    code = "off_grid"
    cure = "ask for a multiple of the signer's period"


class FutureTimeError(OracleError):
    """The signer's clock has not reached the time."""

    code = "future_time"
    cure = "ask again when the time has come, and compare the clocks"


class PriceError(OracleError):
    """A source has no price that may be signed."""


class NoPriceError(PriceError):
    """The source knows no price of the asked second."""

    code = "no_price"
    cure = "ask for a second that the source covers"


class SourceUnreachableError(PriceError):
    """Nothing answers in time at the address of the source, or it answers with a failure."""

    code = "source_unreachable"
    cure = "check the address of the source, and that it answers"


class LatePriceError(PriceError):
    """The price was, or would be, got too long after the second that it is for."""

    code = "late_price"
    cure = "ask for a round when it is due; if that is so, the source is slow"


class MalformedPriceError(PriceError):
    """The source answers something that is no price."""

    code = "malformed_price"
    cure = "check the path to the number in the source's answer"


class PriceRangeError(PriceError):
    """The price is below one tick, or does not fit its 32 bits."""

    code = "price_out_of_range"
    cure = "compare the tick size with the price that the source reports"


class JournalError(OracleError):
    """The journal of what was signed cannot be used; nothing is signed without it."""


class JournalLockedError(JournalError):
    """Another signer has the journal open."""

    code = "journal_locked"
    cure = "stop the other signer first: two could sign two prices of one time"


class JournalUnavailableError(JournalError):
    """The journal cannot be read or written."""

    code = "journal_unavailable"
    cure = "check the path, its permissions and the disk"


class ForeignJournalError(JournalError):
    """The journal is of another key, domain or signer."""

    code = "foreign_journal"
    cure = "give each key and each rollup a journal of its own"


class JournalCorruptedError(JournalError):
    """The journal is not what was written."""

    code = "journal_corrupted"
    cure = "sign with a new key and a new journal: nobody knows what the old key has signed"


class KeystoreError(ProofbookError):
    """A keystore cannot be opened."""

    code = "oracle_keystore"
    cure = "check the file and its password; `proofbook oracle key` makes a new one"


class ListenError(OracleError):
    """The address to listen at cannot be had."""

    code = "oracle_listen"
    cure = "give an address of this machine and a free port, or port 0 for any"


class EndpointError(OracleError):
    """What an endpoint answers, or that it does not, makes no report of the round."""


class SignerUnreachableError(EndpointError):
    """Nothing answers at the address."""

    code = "signer_unreachable"
    cure = "check the address, and that the signer runs"


class SignerSilentError(EndpointError):
    """The answer was not complete in time."""

    code = "signer_silent"
    cure = "check the signer's load and its source of prices"


class RedirectError(EndpointError):
    """The endpoint sends the collector elsewhere; it does not go."""

    code = "signer_redirect"
    cure = "give the signer's own address"


class SignerRefusedError(EndpointError):
    """The signer answers that it has no report."""

    code = "signer_refused"
    cure = "docs/operations/ORACLE.md tells what the signer's code means"


class OversizedAnswerError(EndpointError):
    """The answer is longer than any report."""

    code = "answer_oversized"
    cure = "check that the address is a signer's"


class MalformedAnswerError(EndpointError):
    """The answer is no report."""

    code = "answer_malformed"
    cure = "check that the address is a signer's, of this release"


class WrongRoundError(EndpointError):
    """The report is of another time than was asked for."""

    code = "wrong_round"
    cure = "the signer, or who stands before it, is faulty: tell its operator"


class WrongDomainError(EndpointError):
    """The report is for another rollup."""

    code = "wrong_domain"
    cure = "check the domain in the signer's configuration"


class WrongPricesError(EndpointError):
    """A live market has no price, or a slot without a market has one."""

    code = "wrong_prices"
    cure = "the markets of the signer's configuration must be those of the rollup"


class WrongKeyError(EndpointError):
    """The signature is not by the key that the configuration names."""

    code = "wrong_key"
    cure = "check the signer's index and key against the rollup's configuration"


class EquivocationError(EndpointError):
    """One signer has signed two reports of one time; none of them counts."""

    code = "equivocation"
    cure = "keep both answers as evidence and replace the signer"


class NoQuorumError(OracleError):
    """Fewer signers than a round needs gave a report."""

    code = "oracle_quorum"
    cure = "mend the endpoints that are named, or add others"
