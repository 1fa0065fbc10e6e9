"""What one backtest runs with."""

from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Final

from sequencer.backtest.errors import SettingsError
from sequencer.model.config import Configuration
from sequencer.model.constants import PPM_UNIT
from sequencer.model.market import MarketParameters
from sequencer.replay.oracle import OracleSigners
from sequencer.replay.terms import PERPETUAL, configuration

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

    def market(self) -> MarketParameters:
        """Return the parameters of the one market."""
        initial = -(-PPM_UNIT // self.leverage) if self.initial_ppm is None else self.initial_ppm
        maintenance = initial // 2 if self.maintenance_ppm is None else self.maintenance_ppm
        return replace(
            PERPETUAL,
            initial_ppm=initial,
            maintenance_ppm=maintenance,
            liquidation_fee_ppm=self.liquidation_fee_ppm,
            interest_ppm=self.interest_ppm,
            max_move_ppm=self.max_move_ppm,
            halt_seconds=self.halt_seconds,
            band_ppm=self.band_ppm,
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
        terms = replace(configuration(OracleSigners(self.seed).keys), markets=(self.market(),))
        try:
            terms.check()
        except ValueError as error:
            raise SettingsError(str(error)) from error
        return terms

    def to_json(self) -> dict[str, Any]:
        """Return what was asked for, with the margin rates that it came to."""
        market = self.market()
        return asdict(self) | {"initial_ppm": market.initial_ppm, "maintenance_ppm": market.maintenance_ppm}


SWEPT: Final = tuple(field.name for field in fields(Settings) if field.name != "minutes")
"""What a sweep may vary."""
