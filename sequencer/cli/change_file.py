"""The file that `proofbook change schedule` announces: all of a configuration, and nothing else."""

import tomllib
from pathlib import Path

from msgspec.structs import fields

from sequencer.cli.numbers import read_element
from sequencer.model.config import Configuration, FeeTier
from sequencer.model.errors import ProofbookError
from sequencer.model.market import MarketParameters
from sequencer.model.schedule import MarginSchedule


class ConfigurationFileError(ProofbookError):
    """A file does not say what a configuration is, or one that no batch could hold."""

    code = "configuration_file"
    cure = (
        "write it as in docs/spec/chain.md under Changes: four fee tiers, five oracle keys, an age in"
        " seconds, an insurance floor, and the parameters and the margin schedule of each market"
    )


def read_configuration(path: Path) -> Configuration:
    """Return the configuration that a TOML file says.

    Raises
    ------
    ConfigurationFileError
        If the file is no TOML, lacks a key or has one too many, or breaks a rule of `Configuration.check`.
    """
    try:
        with path.open("rb") as file:
            configuration = _configuration(tomllib.load(file))
        configuration.check()
    except ValueError as error:
        raise ConfigurationFileError(f"{path}: {error}") from error
    return configuration


def _configuration(document: object) -> Configuration:
    names = ("oracle_max_age_seconds", "insurance_floor", "oracle_keys", "tiers", "markets")
    age, floor, keys, tiers, markets = _fields("the file", document, *names)
    told = [_market(f"market {slot}", market) for slot, market in enumerate(_array("markets", markets))]
    return Configuration(
        tiers=tuple(_tier(f"tier {place}", tier) for place, tier in enumerate(_array("tiers", tiers))),
        oracle_keys=tuple(
            _key(f"oracle key {place}", key) for place, key in enumerate(_array("oracle_keys", keys))
        ),
        oracle_max_age_seconds=_integer("oracle_max_age_seconds", age),
        markets=tuple(parameters for parameters, _ in told),
        schedules=tuple(schedule for _, schedule in told),
        insurance_floor=_integer("insurance_floor", floor),
    )


def _tier(name: str, told: object) -> FeeTier:
    maker, taker = _fields(name, told, "maker_ppm", "taker_ppm")
    return FeeTier(_integer(f"maker_ppm of {name}", maker), _integer(f"taker_ppm of {name}", taker))


def _market(name: str, told: object) -> tuple[MarketParameters, MarginSchedule]:
    parameters, schedule = (
        [field.name for field in fields(kind)] for kind in (MarketParameters, MarginSchedule)
    )
    keys = [*parameters, *schedule]
    values = zip(keys, _fields(name, told, *keys), strict=True)
    figures = {key: _integer(f"{key} of {name}", value) for key, value in values}
    return (
        MarketParameters(**{key: figures[key] for key in parameters}),
        MarginSchedule(**{key: figures[key] for key in schedule}),
    )


def _key(name: str, told: object) -> tuple[int, int]:
    match _array(name, told):
        case [x, y]:
            return _coordinate(f"x of {name}", x), _coordinate(f"y of {name}", y)
        case other:
            raise ValueError(f"{name} has {len(other)} coordinates, not 2")


def _fields(name: str, told: object, *keys: str) -> list[object]:
    """Return the values of a table that has these keys and no other, in their order."""
    if not isinstance(told, dict):
        raise ValueError(f"{name} is no table")
    for key in keys:
        if key not in told:
            raise ValueError(f"{name} has no {key}")
    for key in told:
        if key not in keys:
            raise ValueError(f"{name} has the unknown key {key}")
    return [told[key] for key in keys]


def _array(name: str, told: object) -> list[object]:
    if not isinstance(told, list):
        raise ValueError(f"{name} is no array")
    return told


def _integer(name: str, told: object) -> int:
    # To Python, a boolean is an integer.
    if not isinstance(told, int) or isinstance(told, bool):
        raise ValueError(f"{name} is no integer")
    return told


def _coordinate(name: str, told: object) -> int:
    coordinate = read_element(told) if isinstance(told, str) else None
    if coordinate is None:
        raise ValueError(f"{name} is no text of a hexadecimal (0x) or decimal number")
    return coordinate
