"""``openapi.json``: the endpoints and their models, in the words of OpenAPI 3.1."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from codegen.version import VERSION
from codegen.web.api import Endpoint
from codegen.web.failures import STATUS
from codegen.web.models import ErrorAnswer, Health

PREFIX = "/api/v1"


def openapi(endpoints: Iterable[Endpoint]) -> dict[str, Any]:
    """The description of these endpoints, made of the models that check their requests."""
    endpoints = tuple(endpoints)
    used: list[tuple[type[BaseModel], Any]] = [(ErrorAnswer, "serialization"), (Health, "serialization")]
    for one in endpoints:
        used.append((one.gives, "serialization"))
        if one.takes is not None:
            used.append((one.takes, "validation"))
    names, schema = models_json_schema(used, ref_template="#/components/schemas/{model}")
    paths: dict[str, Any] = {}
    for one in endpoints:
        operation = _operation(one, names)
        paths[f"{PREFIX}/{one.name}"] = {"get" if one.takes is None else "post": operation}
    health = {"200": _answer("Whether it works.", names[Health, "serialization"])}
    paths[f"{PREFIX}/health"] = {"get": {"summary": "Whether it works.", "operationId": "health", "responses": health}}
    return {
        "openapi": "3.1.0",
        "info": {"title": "chainrule", "version": VERSION, "license": {"name": "MIT", "identifier": "MIT"}},
        "paths": paths,
        "components": {"schemas": schema.get("$defs", {})},
    }


def _operation(one: Endpoint, names: Any) -> dict[str, Any]:
    refused = {
        str(status): _answer(", ".join(code for code, other in STATUS.items() if other == status), _ERROR)
        for status in sorted(
            {STATUS[code] for code in ("not-json", "too-large", "not-json-type", "spec", "busy", "time")}
        )
    }
    found: dict[str, Any] = {
        "summary": one.about,
        "operationId": one.name.replace("/", "_"),
        "responses": {"200": _answer(one.about, names[one.gives, "serialization"]), **refused},
    }
    if one.takes is not None:
        found["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": names[one.takes, "validation"]}},
        }
    return found


_ERROR = {"$ref": "#/components/schemas/ErrorAnswer"}


def _answer(about: str, schema: Any) -> dict[str, Any]:
    return {"description": about, "content": {"application/json": {"schema": schema}}}
