"""The OpenAPI 3.0 document, made of the operations themselves."""

from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

import broker
from broker.api.operations import MEANINGS
from broker.api.operations import PATTERNS
from broker.api.operations import Operation
from broker.api.problems import CONTENT_TYPE

VERSION = "1.0.0"
"""Of the API, in the header API-Version of each answer."""

_REF = "#/components/schemas/{model}"
_PROBLEM: Mapping[str, Any] = {
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["where", "reason", "rule"],
                "properties": {name: {"type": "string"} for name in ("where", "reason", "rule")},
            },
        },
    },
}
_HEADERS = {"API-Version": {"required": True, "schema": {"type": "string"}}}
_IDEMPOTENCY = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "The same key with the same request gives the same answer, and nothing is done twice.",
    "schema": {"type": "string", "pattern": "^[!-~]{1,255}$"},
}
_IF_MATCH = {
    "name": "If-Match",
    "in": "header",
    "description": "The ETag of what you changed: refused with 412 when somebody changed it meanwhile.",
    "schema": {"type": "string"},
}


def describe(operations: Sequence[Operation]) -> dict[str, Any]:
    """The document."""
    models: list[type[BaseModel]] = []
    for operation in operations:
        models += [model for model in (operation.body, operation.returns) if model]
    _, definitions = models_json_schema(
        [(model, "validation") for model in dict.fromkeys(models)], ref_template=_REF
    )
    schemas = {name: _of_3_0(schema) for name, schema in definitions.get("$defs", {}).items()}
    paths: dict[str, dict[str, Any]] = {}
    for operation in operations:
        paths.setdefault(operation.path, {})[operation.method.lower()] = _operation(operation)
    return {
        "openapi": "3.0.3",
        "info": {
            "title": "eHerkenning makelaar",
            "version": VERSION,
            "description": f"What an operator can do, for programs. Makelaar {broker.__version__}.",
        },
        "servers": [{"url": "/v1"}],
        "paths": paths,
        "components": {
            "schemas": {**schemas, "Problem": _PROBLEM},
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def _operation(operation: Operation) -> dict[str, Any]:
    described: dict[str, Any] = {
        "operationId": operation.name,
        "summary": operation.summary,
        "description": f"Scope: `{operation.scope}`.",
        "x-scope": operation.scope.value,
        "tags": [operation.path.split("/")[1]],
        "security": [{"token": []}],
        "parameters": _parameters(operation),
        "responses": {
            str(status): _success(operation) for status in (operation.status, operation.or_status) if status
        },
    }
    if operation.body:
        content = {"application/json": {"schema": {"$ref": _REF.format(model=operation.body.__name__)}}}
        described["requestBody"] = {"required": True, "content": content}
    for status in operation.statuses:
        content = {CONTENT_TYPE: {"schema": {"$ref": _REF.format(model="Problem")}}}
        described["responses"][str(status)] = {"description": "", "headers": _HEADERS, "content": content}
    for response in described["responses"].values():
        response["description"] = response["description"] or "see detail"
    return described


def _success(operation: Operation) -> dict[str, Any]:
    content: dict[str, Any] = {}
    if operation.returns:
        content["application/json"] = {"schema": {"$ref": _REF.format(model=operation.returns.__name__)}}
    content |= {each: {"schema": {"type": "string"}} for each in operation.also}
    response: dict[str, Any] = {"description": operation.summary, "headers": _HEADERS}
    return response | ({"content": content} if content else {})


def _parameters(operation: Operation) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = [
        {
            "name": name,
            "in": "path",
            "required": True,
            "description": MEANINGS[name],
            "schema": {"type": "string", "pattern": f"^{PATTERNS[name]}$"},
        }
        for name in operation.parameters
    ]
    if operation.query:
        schema = operation.query.model_json_schema(ref_template=_REF)
        inner = schema.get("$defs", {})
        for name, property_ in schema["properties"].items():
            found.append(
                {
                    "name": name,
                    "in": "query",
                    "required": name in schema.get("required", ()),
                    "schema": _inlined(_of_3_0(property_), inner),
                }
            )
    found += [_IDEMPOTENCY] if operation.method == "POST" else []
    found += [_IF_MATCH] if operation.method == "PUT" else []
    return found


def _inlined(schema: Any, definitions: Mapping[str, Any]) -> Any:
    if isinstance(schema, dict):
        if "$ref" in schema:
            return _of_3_0(definitions[schema["$ref"].rpartition("/")[2]])
        return {name: _inlined(value, definitions) for name, value in schema.items()}
    return [_inlined(each, definitions) for each in schema] if isinstance(schema, list) else schema


def _of_3_0(schema: Any) -> Any:
    """A JSON schema in the words of OpenAPI 3.0, which knows ``nullable`` and not the type null."""
    if isinstance(schema, list):
        return [_of_3_0(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    schema = {
        name: _of_3_0(value) for name, value in schema.items() if name != "title" or isinstance(value, dict)
    }
    if "const" in schema:
        schema["enum"] = [schema.pop("const")]
    if "propertyNames" in schema:
        schema.pop("propertyNames")
    choices = schema.get("anyOf")
    if choices and {"type": "null"} in choices:
        rest = [each for each in choices if each != {"type": "null"}]
        schema.pop("anyOf")
        if schema.get("default", ...) is None:
            schema.pop("default")
        only = rest[0]
        if len(rest) > 1:
            schema |= {"anyOf": rest, "nullable": True}
        else:
            schema |= {"allOf": [only], "nullable": True} if "$ref" in only else {**only, "nullable": True}
    if "$ref" in schema and len(schema) > 1:
        schema["allOf"] = [{"$ref": schema.pop("$ref")}]
    return schema
