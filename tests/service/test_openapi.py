"""The API's own description: a stranger who follows it is answered as it says."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from sequencer.model.errors import ProofbookError
from sequencer.service import errors
from sequencer.service.settings import Rate, ServiceSettings
from sequencer.service.wire import errors as wire_errors
from tests.service.exchange import Exchange, serving

SPECIFICATION = Path(__file__).resolve().parents[2] / "docs" / "spec" / "api.md"
EXAMPLES = 15
PLENTY = Rate(per_second=1e6, burst=1_000_000)


@pytest.fixture(scope="module")
def open_exchange(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Exchange]:
    limits = ServiceSettings(drain_seconds=2, reads=PLENTY, address_messages=PLENTY)
    with serving(tmp_path_factory.mktemp("exchange"), limits) as served:
        yield served


def document(exchange: Exchange) -> dict[str, Any]:
    return dict(exchange.http.get("/openapi.json").json())


def test_every_answer_to_a_stranger_is_as_described_and_none_is_a_failure(open_exchange: Exchange) -> None:
    schema = schemathesis.openapi.from_dict(document(open_exchange))
    schema.config.update(base_url=f"http://{open_exchange.address}")
    headers = {"authorization": f"Bearer {open_exchange.token(1)}"}
    checks = [
        not_a_server_error,
        status_code_conformance,
        content_type_conformance,
        response_schema_conformance,
    ]
    called = set()
    for result in schema.get_all_operations():
        assert isinstance(result, Ok)
        operation = result.ok()
        strategy = operation.as_strategy() | operation.as_strategy(GenerationMode.NEGATIVE)

        @settings(
            max_examples=EXAMPLES,
            deadline=None,
            database=None,
            derandomize=True,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=strategy)
        def call(case: Case[Any]) -> None:
            case.call_and_validate(headers=headers, checks=checks)

        call()
        called.add((operation.method.upper(), operation.path))
    assert called == described(open_exchange)


def described(exchange: Exchange) -> set[tuple[str, str]]:
    paths = document(exchange)["paths"]
    return {(method.upper(), path) for path, methods in paths.items() for method in methods}


def test_the_specification_has_every_route_and_no_other(open_exchange: Exchange) -> None:
    told = set(re.findall(r"`(GET|POST|PUT|DELETE) (/v1/[^`? ]*)", SPECIFICATION.read_text()))
    assert told == described(open_exchange)


def test_the_specification_has_every_code_of_the_service() -> None:
    text = SPECIFICATION.read_text()
    codes = {
        kind.code
        for module in (errors, wire_errors)
        for kind in vars(module).values()
        if isinstance(kind, type) and issubclass(kind, ProofbookError) and "code" in vars(kind)
    }
    assert {code for code in codes if f"`{code}`" not in text} == set()


def test_a_description_names_only_schemas_that_it_has(open_exchange: Exchange) -> None:
    text = open_exchange.http.get("/openapi.json").text
    named = set(re.findall(r'"#/components/schemas/([^"]+)"', text))
    assert named <= set(document(open_exchange)["components"]["schemas"])
    assert len(named) > 20


def test_private_routes_say_that_they_need_a_token(open_exchange: Exchange) -> None:
    for path, methods in document(open_exchange)["paths"].items():
        for method, operation in methods.items():
            answer: httpx.Response = open_exchange.http.request(
                method, path.format(nonce=1, number=1, symbol="X")
            )
            assert (answer.status_code == 401) == ("security" in operation), (method, path)
