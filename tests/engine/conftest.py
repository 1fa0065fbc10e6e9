"""Every statement about the exchange is made about the engine and about its referee."""

import pytest

from tests.engine.venue import ENGINE, REFEREE, Implementation, Setting


@pytest.fixture(params=[ENGINE, REFEREE], ids=["engine", "referee"])
def implementation(request: pytest.FixtureRequest) -> Implementation:
    assert isinstance(request.param, Implementation)
    return request.param


@pytest.fixture
def setting(implementation: Implementation) -> Setting:
    return Setting(implementation)
