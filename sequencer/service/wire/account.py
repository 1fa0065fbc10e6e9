"""What the API tells an account of itself."""

from sequencer.engine.margin import free_collateral, health
from sequencer.engine.state import State
from sequencer.history.types import Transfer
from sequencer.model import constants as c
from sequencer.model.market import Market
from sequencer.service.wire.market import value_text
from sequencer.service.wire.numbers import Markets, Units, quote_text
from sequencer.service.wire.orders import OrderBody
from sequencer.service.wire.scalars import Body


class PositionBody(Body, frozen=True, kw_only=True):
    """A position; `size` is negative where it is short, `value` is at the mark and signed as the size is."""

    market: str
    size: str
    mark: str
    value: str
    initial_margin: str
    maintenance_margin: str

    @classmethod
    def of(cls, size: int, market: Market, units: Units) -> "PositionBody":
        """Return the body of signed lots in a market."""
        return cls(
            market=units.symbol,
            size=units.size(size),
            mark=units.price(market.mark),
            value=value_text(market, size),
            initial_margin=_margin_text(market.initial_margin(size)),
            maintenance_margin=_margin_text(market.maintenance_margin(size)),
        )


class AccountBody(Body, frozen=True, kw_only=True):
    """What an account has: money as decimal text, margins rounded up.

    `nonce` is the highest one consumed; `entry` the journal entry up to which all is told.
    """

    account: int
    entry: int
    time_ms: int
    key_epoch: int
    nonce: int
    tier: int
    maker_ppm: int
    taker_ppm: int
    collateral: str
    equity: str
    free_collateral: str
    initial_margin: str
    maintenance_margin: str
    open_orders_value: str
    positions: list[PositionBody]

    @classmethod
    def of(
        cls, account_id: int, state: State, markets: Markets, *, entry: int, time_ms: int
    ) -> "AccountBody":
        """Return the body of an account as the state has it."""
        account = state.account(account_id)
        fees, now = state.configuration.tiers[account.tier], health(account, state.markets)
        return cls(
            account=account_id,
            entry=entry,
            time_ms=time_ms,
            key_epoch=account.key_epoch,
            nonce=account.nonce,
            tier=account.tier,
            maker_ppm=fees.maker_ppm,
            taker_ppm=fees.taker_ppm,
            collateral=quote_text(account.collateral),
            equity=quote_text(now.equity),
            free_collateral=quote_text(free_collateral(account, state.markets)),
            initial_margin=_margin_text(now.initial),
            maintenance_margin=_margin_text(now.maintenance),
            open_orders_value=quote_text(account.open_notional),
            positions=[
                PositionBody.of(size, state.market(slot), markets.of_slot(slot))
                for slot, size in enumerate(account.positions)
                if size
            ],
        )


class OpenOrdersBody(Body, frozen=True, kw_only=True):
    """The orders that rest, the newest first."""

    items: list[OrderBody]


class TransferBody(Body, frozen=True, kw_only=True):
    """A request of L1 that concerns the account; `place` is its place in the queue there."""

    kind: str
    amount: str
    paid: str
    refused: bool
    place: int
    batch: int
    time_ms: int
    entry: int

    @classmethod
    def of(cls, transfer: Transfer) -> "TransferBody":
        """Return the body of a transfer."""
        return cls(
            kind=transfer.kind,
            amount=quote_text(transfer.amount),
            paid=quote_text(transfer.paid),
            refused=transfer.refused,
            place=transfer.place,
            batch=transfer.batch,
            time_ms=transfer.time_ms,
            entry=transfer.entry,
        )


class ChallengeBody(Body, frozen=True, kw_only=True):
    """What to sign, until when."""

    challenge: str
    expires_ms: int


class TokenBody(Body, frozen=True, kw_only=True):
    """What to show as `Authorization: Bearer`, until when."""

    token: str
    expires_ms: int


class DeadManBody(Body, frozen=True, kw_only=True):
    """The cancel-all that is kept for the account: its nonce, and when it is sequenced; null if none is."""

    nonce: int | None
    fire_at_ms: int | None


def _margin_text(millionths: int) -> str:
    """Return a margin, which the engine has in 1e-6 of a quote unit, rounded up to whole units."""
    return quote_text(-(-millionths // c.PPM_UNIT))
