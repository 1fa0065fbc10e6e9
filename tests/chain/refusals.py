"""What a contract says when it refuses."""

from collections.abc import Callable

import pytest

from sequencer.chain.errors import ContractRevertedError


def refusal(call: Callable[[], object]) -> str:
    """Return the name of the custom error that a call meets."""
    with pytest.raises(ContractRevertedError) as refused:
        call()
    return refused.value.name
