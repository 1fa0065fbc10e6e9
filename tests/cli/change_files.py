"""Files as `proofbook change schedule` takes them."""

from sequencer.model.config import Configuration


def written(configuration: Configuration) -> str:
    """A configuration as a governor would write it: hexadecimal x and decimal y."""
    lines = [f"oracle_max_age_seconds = {configuration.oracle_max_age_seconds}", "oracle_keys = ["]
    lines += [f'    ["{x:#x}", "{y}"],' for x, y in configuration.oracle_keys]
    lines.append("]")
    for tier in configuration.tiers:
        lines += ["[[tiers]]", f"maker_ppm = {tier.maker_ppm}", f"taker_ppm = {tier.taker_ppm}"]
    return "\n".join(lines) + "\n"
