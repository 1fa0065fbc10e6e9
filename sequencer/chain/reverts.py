"""From revert data to the custom error that the contract names."""

from collections.abc import Sequence
from typing import Any

from eth_abi.abi import decode
from eth_utils.abi import collapse_if_tuple, function_signature_to_4byte_selector
from web3.exceptions import ContractCustomError, ContractLogicError

from sequencer.chain.errors import ContractRevertedError

_SELECTOR_BYTES = 4


def decode_revert(
    errors: Sequence[Any], error: ContractCustomError | ContractLogicError
) -> ContractRevertedError:
    """Return the typed error of a revert; `Revert(reason)` for one that is none of these custom errors.

    Parameters
    ----------
    errors
        Entries of ABIs, as solc writes them.
    """
    data = _data(error)
    for entry in errors:
        if data[:_SELECTOR_BYTES] == _selector(entry):
            types = [collapse_if_tuple(item) for item in entry["inputs"]]
            values = decode(types, data[_SELECTOR_BYTES:])
            names = [item["name"] for item in entry["inputs"]]
            return ContractRevertedError(entry["name"], dict(zip(names, values, strict=True)))
    return ContractRevertedError("Revert", {"reason": error.message or f"0x{data.hex()}"})


def _data(error: ContractCustomError | ContractLogicError) -> bytes:
    data = error.data
    return bytes.fromhex(data.removeprefix("0x")) if isinstance(data, str) else b""


def _selector(entry: Any) -> bytes:
    types = ",".join(collapse_if_tuple(item) for item in entry["inputs"])
    return function_signature_to_4byte_selector(f"{entry['name']}({types})")
