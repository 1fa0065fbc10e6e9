from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.service.exchange import Exchange, serving


@pytest.fixture
def exchange(tmp_path: Path) -> Iterator[Exchange]:
    with serving(tmp_path) as served:
        yield served
