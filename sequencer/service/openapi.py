"""The API's own description: paths from the routes, schemas from the bodies."""

from http import HTTPStatus
from typing import Any, Final

import msgspec
from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from sequencer.service.wire.scalars import ErrorBody

_REF: Final = "#/components/schemas/{name}"
_TITLE: Final = "Proofbook"
_VERSION: Final = "1"
_JSON: Final = "application/json"


class Schemas:
    """Collects the schemas that routes name."""

    def __init__(self) -> None:
        self.components: dict[str, Any] = {}

    def route(self, answer: Any, *, body: Any = None, private: bool = False) -> dict[str, Any]:
        """Return what describes a route to FastAPI: its answer, its body, and whether it needs a token."""
        extra: dict[str, Any] = {}
        if body is not None:
            extra["requestBody"] = {"required": True, "content": {_JSON: {"schema": self._schema(body)}}}
        if private:
            extra["security"] = [{"token": []}]
        failure = {"description": "refused", "content": {_JSON: {"schema": self._schema(ErrorBody)}}}
        success = {"description": "done", "content": {_JSON: {"schema": self._schema(answer)}}}
        return {
            "response_model": None,
            "responses": {HTTPStatus.OK.value: success, "4XX": failure, "5XX": failure},
            "openapi_extra": extra,
        }

    def _schema(self, kind: Any) -> Any:
        (schema,), components = msgspec.json.schema_components([kind], ref_template=_REF)
        self.components |= components
        return schema


def describe(app: FastAPI, schemas: Schemas) -> None:
    """Let an application answer /openapi.json with what its routes and bodies are."""

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _document(app, schemas)
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]  # FastAPI's own way to extend it


def _document(app: FastAPI, schemas: Schemas) -> dict[str, Any]:
    document = get_openapi(title=_TITLE, version=_VERSION, routes=app.routes)
    # FastAPI adds its own form of a refused parameter, which is not ours.
    for operations in document["paths"].values():
        for operation in operations.values():
            operation["responses"].pop(str(HTTPStatus.UNPROCESSABLE_ENTITY.value), None)
    document["components"] = {
        "schemas": schemas.components,
        "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
    }
    return document
