"""Files as `proofbook change schedule` takes them."""

from msgspec.structs import asdict

from sequencer.model.config import Configuration


def written(configuration: Configuration) -> str:
    """A configuration as a governor would write it: hexadecimal x and decimal y."""
    lines = [
        f"oracle_max_age_seconds = {configuration.oracle_max_age_seconds}",
        f"insurance_floor = {configuration.insurance_floor}",
        "oracle_keys = [",
    ]
    lines += [f'    ["{x:#x}", "{y}"],' for x, y in configuration.oracle_keys]
    lines.append("]")
    for tier in configuration.tiers:
        lines += ["[[tiers]]", f"maker_ppm = {tier.maker_ppm}", f"taker_ppm = {tier.taker_ppm}"]
    for market, schedule in zip(configuration.markets, configuration.schedules, strict=True):
        keys = asdict(market) | asdict(schedule)
        lines += ["[[markets]]", *(f"{name} = {value}" for name, value in keys.items())]
    return "\n".join(lines) + "\n"
