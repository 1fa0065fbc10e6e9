"""What one backtest runs with."""

import dataclasses
from dataclasses import dataclass
from typing import Any, Final

from msgspec import structs

from sequencer.backtest.errors import SettingsError
from sequencer.model.config import Configuration
from sequencer.model.constants import COLLATERAL_BOUND, PPM_UNIT
from sequencer.model.market import MarketParameters
from sequencer.model.schedule import STATIC, MarginSchedule
from sequencer.replay.oracle import OracleSigners
from sequencer.replay.terms import PERPETUAL, SCHEDULE, configuration

LEVERAGE: Final = 20


@dataclass(frozen=True, slots=True)
class Settings:
    """Seed, length and market of a run.

    Attributes
    ----------
    minutes : int
        Bars.
    leverage : int
        What the leveraged traders ask for at most.
    initial_ppm, maintenance_ppm : int or None
        Margin rates; None is one part in `leverage`, and half of the initial rate.
    liquidation_fee_ppm, interest_ppm, max_move_ppm, halt_seconds, band_ppm : int
        As in `MarketParameters`.
    volatility_factor, addon_step_ppm, open_interest_lower, open_interest_upper : int
        As in `MarginSchedule`.
    tier_ppm, settle_seconds : int
        As in `MarginSchedule`.
    addon_max_ppm : int or None
        As in `MarginSchedule`; None is the most that may be: the maintenance rate, or less where the initial
        margin would exceed the value of a position.
    insurance_floor : int
        As in `Configuration`.
    insurance_payment : int or None
        Quote units that the insurance fund begins with; None is its floor.
    """

    minutes: int
    seed: int = 1
    leverage: int = LEVERAGE
    initial_ppm: int | None = None
    maintenance_ppm: int | None = None
    liquidation_fee_ppm: int = PERPETUAL.liquidation_fee_ppm
    interest_ppm: int = PERPETUAL.interest_ppm
    max_move_ppm: int = PERPETUAL.max_move_ppm
    halt_seconds: int = PERPETUAL.halt_seconds
    band_ppm: int = PERPETUAL.band_ppm
    volatility_factor: int = 25
    addon_max_ppm: int | None = None
    addon_step_ppm: int = 5_000
    open_interest_lower: int = 5_000_000
    open_interest_upper: int = 25_000_000
    tier_ppm: int = SCHEDULE.tier_ppm
    settle_seconds: int = SCHEDULE.settle_seconds
    insurance_floor: int = 0
    insurance_payment: int | None = None

    def market(self) -> MarketParameters:
        """Return the parameters of the one market."""
        initial = -(-PPM_UNIT // self.leverage) if self.initial_ppm is None else self.initial_ppm
        maintenance = initial // 2 if self.maintenance_ppm is None else self.maintenance_ppm
        return structs.replace(
            PERPETUAL,
            initial_ppm=initial,
            maintenance_ppm=maintenance,
            liquidation_fee_ppm=self.liquidation_fee_ppm,
            interest_ppm=self.interest_ppm,
            max_move_ppm=self.max_move_ppm,
            halt_seconds=self.halt_seconds,
            band_ppm=self.band_ppm,
        )

    def schedule(self) -> MarginSchedule:
        """Return the bounds of what is added to the margins; nobody here waits for L1: congestion adds 0."""
        market = self.market()
        most = min(market.maintenance_ppm, PPM_UNIT - market.initial_ppm)
        return MarginSchedule(
            open_interest_lower=self.open_interest_lower,
            open_interest_upper=self.open_interest_upper,
            volatility_factor=self.volatility_factor,
            addon_max_ppm=most if self.addon_max_ppm is None else self.addon_max_ppm,
            addon_step_ppm=self.addon_step_ppm,
            tier_ppm=self.tier_ppm,
            congestion_ppm=STATIC.congestion_ppm,
            settle_seconds=self.settle_seconds,
        )

    def insured(self) -> int:
        """Return what is paid into the insurance fund before anybody trades, in quote units."""
        return self.insurance_floor if self.insurance_payment is None else self.insurance_payment

    def static(self) -> "Settings":
        """Return these settings with margins that stay as they are."""
        return dataclasses.replace(
            self, **{name: value for name, value in structs.asdict(STATIC).items() if name in SWEPT}
        )

    def configuration(self) -> Configuration:
        """Return the venue's configuration, with the oracle signers of the seed.

        Raises
        ------
        SettingsError
            If it breaks a rule of every configuration.
        """
        if self.leverage < 1:
            raise SettingsError(f"leverage is {self.leverage}, less than 1")
        terms = configuration(OracleSigners(self.seed).keys)
        terms = structs.replace(
            terms,
            markets=(self.market(),),
            schedules=(self.schedule(),),
            insurance_floor=self.insurance_floor,
        )
        try:
            terms.check()
        except ValueError as error:
            raise SettingsError(str(error)) from error
        if not 0 <= self.insured() < COLLATERAL_BOUND:
            raise SettingsError("insurance_payment must lie in [0, 2^62)")
        return terms

    def to_json(self) -> dict[str, Any]:
        """Return what was asked for, with the rates that it came to."""
        market, schedule = self.market(), self.schedule()
        return dataclasses.asdict(self) | {
            "initial_ppm": market.initial_ppm,
            "maintenance_ppm": market.maintenance_ppm,
            "addon_max_ppm": schedule.addon_max_ppm,
            "insurance_payment": self.insured(),
        }


SWEPT: Final = tuple(field.name for field in dataclasses.fields(Settings) if field.name != "minutes")
"""What a sweep may vary."""
