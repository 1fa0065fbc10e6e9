"""The API's own description: paths from the routes, schemas from the bodies."""

import re
from collections.abc import Callable
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
    """Collects the schemas that routes name, and the operations that FastAPI does not serve."""

    def __init__(self) -> None:
        self.components: dict[str, Any] = {}
        self.paths: dict[str, Any] = {}

    def route(self, answer: Any, *, body: Any = None, private: bool = False) -> dict[str, Any]:
        """Return what describes a route to FastAPI: its answer, its body, and whether it needs a token."""
        extra: dict[str, Any] = {}
        if body is not None:
            extra["requestBody"] = {"required": True, "content": self._content(body)}
        if private:
            extra["security"] = [{"token": []}]
        return {"response_model": None, "responses": self._responses(answer), "openapi_extra": extra}

    def post(self, path: str, tag: str, handler: Callable[..., Any], answer: Any, body: Any) -> None:
        """Describe a route as FastAPI does: by the name and the docstring of what answers it."""
        name = handler.__name__
        operation = {
            "tags": [tag],
            "summary": name.replace("_", " ").title(),
            "description": handler.__doc__,
            "operationId": re.sub(r"\W", "_", f"{name}{path}") + "_post",
            "requestBody": {"required": True, "content": self._content(body)},
            "responses": self._responses(answer),
        }
        self.paths[path] = {"post": operation}

    def _responses(self, answer: Any) -> dict[str, Any]:
        success = {"description": "done", "content": self._content(answer)}
        failure = {"description": "refused", "content": self._content(ErrorBody)}
        return {str(HTTPStatus.OK.value): success, "4XX": failure, "5XX": failure}

    def _content(self, kind: Any) -> dict[str, Any]:
        return {_JSON: {"schema": self._schema(kind)}}

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
    document["paths"] = schemas.paths | document["paths"]
    document["components"] = {
        "schemas": schemas.components,
        "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
    }
    return document
