"""The file of a venue, as its operator writes it."""

from pathlib import Path

ORACLES = ", ".join(f'"http://127.0.0.1:{port}"' for port in range(9_001, 9_006))


def venue_text(rollup: str, chain_id: int, rpc: str, size: str = "small", api: str = "127.0.0.1:8080") -> str:
    """A file with the keys that must be there, and no others."""
    return f"""\
[venue]
rollup = "{rollup}"
chain_id = {chain_id}
rpc = "{rpc}"
size = "{size}"
data = "data"
configurations = "configurations"

[[listing]]
symbol = "BTC-USD"
tick_size = "0.01"
lot_size = "0.0001"

[oracle]
endpoints = [{ORACLES}]

[api]
listen = "{api}"

[metrics]
listen = "127.0.0.1:0"

[node]
receipt_keystore = "receipts.json"

[settler]
operator_keystore = "operator.json"

[prover]
listen = "127.0.0.1:8081"
token_file = "token"
"""


def write_venue(folder: Path, text: str) -> Path:
    """Write the file; return where it is."""
    path = folder / "venue.toml"
    path.write_text(text)
    return path
