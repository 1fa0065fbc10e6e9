"""Why a command or a message was refused. Nothing has changed when one of these is raised."""

from sequencer.model.errors import ProofbookError


class MalformedFieldError(ProofbookError):
    """A field has the wrong type or does not fit its width."""

    code = "malformed_field"
    cure = "send a value of the documented type and range"


class EpochError(ProofbookError):
    """A batch cannot be opened with these reports."""


class TimestampNotNewerError(EpochError):
    """Batches have strictly increasing timestamps."""

    code = "timestamp_not_newer"
    cure = "open the batch at a later timestamp"


class WrongQuorumError(EpochError):
    """A round is the reports of exactly the quorum."""

    code = "wrong_quorum"
    cure = "give exactly one report of each of three signers"


class SignersNotIncreasingError(EpochError):
    """The reports are ordered by signer, and no signer reports twice."""

    code = "signers_not_increasing"
    cure = "order the reports by signer and give one a signer"


class MixedRoundError(EpochError):
    """The reports are of different rounds."""

    code = "mixed_round"
    cure = "give reports of one time"


class RoundNotNewerError(EpochError):
    """The round is not newer than the last one."""

    code = "round_not_newer"
    cure = "wait for the next oracle round"


class FutureRoundError(EpochError):
    """The round is newer than the batch."""

    code = "future_round"
    cure = "open the batch at the round's time or later"


class StaleRoundError(EpochError):
    """The round is too old for the batch."""

    code = "stale_round"
    cure = "use a newer oracle round"


class MissingPriceError(EpochError):
    """A live market has no price in a report."""

    code = "missing_price"
    cure = "report at least one tick for each live market"


class PriceWithoutMarketError(EpochError):
    """A report prices a slot without a market."""

    code = "price_without_market"
    cure = "report 0 for each slot without a market"


class ReportSignatureError(EpochError):
    """A report is not signed by its signer's key."""

    code = "report_signature"
    cure = "sign the report with the key of the configuration"


class WrongConfigurationError(EpochError):
    """A batch is opened under another configuration than the last change of the queue asks for."""

    code = "wrong_configuration"
    cure = "open the batch with the configuration that the change was announced with"


class DifferentMarketsError(EpochError):
    """A configuration opens or closes a market, or gives one another unit: positions are counted in it."""

    code = "different_markets"
    cure = "announce a configuration of the same markets in the same units; no batch can follow this one"


class WrongOwnerError(ProofbookError):
    """A request names an account of another owner: it cannot come from the contract's queue."""

    code = "wrong_owner"
    cure = "read the request from the contract's queue again"


class AdmissionError(ProofbookError):
    """A message that is refused before it is sequenced."""


class UnknownAccountError(AdmissionError):
    """No deposit or registration has created the account."""

    code = "unknown_account"
    cure = "deposit first and wait until the deposit is consumed"


class KeyEpochError(AdmissionError):
    """The message names a key that is not the account's current one."""

    code = "key_epoch"
    cure = "sign with the account's current key and its epoch"


class ReplayedNonceError(AdmissionError):
    """The nonce was consumed already."""

    code = "replayed_nonce"
    cure = "sign again with a larger nonce"


class MessageExpiredError(AdmissionError):
    """The message's expiry has passed."""

    code = "message_expired"
    cure = "sign again with a later expiry"


class UnknownKindError(AdmissionError):
    """The message is neither an order nor a cancel nor a cancel-all."""

    code = "unknown_kind"
    cure = "use kind 0, 1 or 2"


class NoMarketError(AdmissionError):
    """The market does not exist."""

    code = "no_market"
    cure = "name one of the markets"


class MarketHaltedError(AdmissionError):
    """The mark of the market jumped: it takes cancels, but no orders."""

    code = "market_halted"
    cure = "wait for the end of the halt; a batch after it opens the market unless the mark jumps again"


class MarketReduceOnlyError(AdmissionError):
    """The market takes only orders with `reduce_only`: it is short of insurance, restricted or settled."""

    code = "market_reduce_only"
    cure = "send an order with reduce_only, or wait until the market takes others again"


class PriceOutOfRangeError(AdmissionError):
    """An order at no price."""

    code = "price_out_of_range"
    cure = "give a limit price of at least one tick"


class SizeOutOfRangeError(AdmissionError):
    """An order smaller or larger than its market takes."""

    code = "size_out_of_range"
    cure = "give a size between the market's min_size and max_position"


class BadSignatureError(AdmissionError):
    """The signature is not that of the account's key over this message."""

    code = "bad_signature"
    cure = "sign this message for this domain with the account's key"
