"""One OpenAPI document out of the services' own.

Pure: `merge` takes the documents and returns one, so that `make api` makes the pages' types from the very same thing
that `/api/openapi.json` shows.
"""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from copy import deepcopy
from typing import Any

Document = dict[str, Any]

METHODS = frozenset(("get", "put", "post", "delete", "options", "head", "patch", "trace"))
_REF = "#/components/schemas/"
_FASTAPI_ERRORS = frozenset(("HTTPValidationError", "ValidationError"))

PROBLEM: Document = {
    "title": "Problem",
    "description": "RFC 9457：所有错误的统一格式。`code` 供程序判断，`title`、`detail` 供人阅读。",
    "type": "object",
    "required": ["type", "code", "title", "detail", "status", "errors", "trace_id"],
    "properties": {
        "type": {"type": "string", "examples": ["urn:hall:problem:already_insured"]},
        "code": {"type": "string", "description": "稳定的错误代码"},
        "title": {"type": "string"},
        "detail": {"type": "string"},
        "status": {"type": "integer"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["pointer", "code", "message"],
                "properties": {
                    "pointer": {"type": "string", "description": "请求内容中的 JSON Pointer"},
                    "code": {"type": "string"},
                    "message": {"type": "string"},
                },
            },
        },
        "trace_id": {"type": ["string", "null"], "description": "报障时请提供"},
    },
}
SECURITY_SCHEMES: Document = {
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": "__Host-hall_session",
        "description": "网页登录后的会话（浏览器自动携带）",
    },
    "apiKey": {
        "type": "apiKey",
        "in": "header",
        "name": "X-API-Key",
        "description": "单位人事系统的接口密钥，以 hk_ 开头",
    },
}
_PROBLEM_ANSWER: Document = {
    "description": "错误（application/problem+json）",
    "content": {"application/problem+json": {"schema": {"$ref": _REF + "Problem"}}},
}


def merge(documents: Sequence[Mapping[str, Any]]) -> Document:
    """Merge the services' documents. Only what is reachable through the gateway (`/api/...`) is taken.

    Equal schemas of the same name are shared; different ones get the service's name in front. Security is restated as
    the outside sees it (session cookie or API key), and every operation gets the problem schema for its errors.
    """
    taken = [
        (document, _service_of(document)) for document in documents if any(map(_reachable, document.get("paths", {})))
    ]
    renames = _renames(taken)
    operation_ids = Counter(
        operation.get("operationId")
        for document, _ in taken
        for path, item in document.get("paths", {}).items()
        if _reachable(path)
        for operation in _operations(item)
    )
    paths: Document = {}
    schemas: Document = {"Problem": deepcopy(PROBLEM)}
    tags: list[Document] = []
    for document, service in taken:
        rename = renames[service]
        for name, schema in document.get("components", {}).get("schemas", {}).items():
            if name not in _FASTAPI_ERRORS and name != "Problem":
                schemas[rename.get(name, name)] = _with_refs(deepcopy(schema), rename)
        title = document.get("info", {}).get("title", service)
        tags.append({"name": service, "description": title})
        for path, item in document.get("paths", {}).items():
            if not _reachable(path):
                continue
            paths[path] = _path_item(deepcopy(dict(item)), service, rename, operation_ids)
    return _without_unused(
        {
            "openapi": "3.1.0",
            "info": {
                "title": "医疗保障单位网厅 API",
                "version": _version(documents),
                "description": "网上办事大厅对外接口。所有时间为 ISO 8601，月份为 YYYY-MM，金额为十进制字符串。",
            },
            "servers": [{"url": "/"}],
            "tags": tags,
            "paths": dict(sorted(paths.items())),
            "components": {"schemas": dict(sorted(schemas.items())), "securitySchemes": deepcopy(SECURITY_SCHEMES)},
            "security": [{"session": []}, {"apiKey": []}],
        }
    )


def _service_of(document: Mapping[str, Any]) -> str:
    for path in document.get("paths", {}):
        if _reachable(path):
            return str(path.split("/")[2])
    raise ValueError("a document without a path that can be reached")


def _version(documents: Sequence[Mapping[str, Any]]) -> str:
    return max((str(document.get("info", {}).get("version", "0")) for document in documents), default="0")


def _reachable(path: str) -> bool:
    return path.startswith("/api/") and "internal" not in path.split("/")


def _operations(item: Mapping[str, Any]) -> list[Document]:
    return [operation for method, operation in item.items() if method in METHODS]


def _renames(taken: Sequence[tuple[Mapping[str, Any], str]]) -> dict[str, dict[str, str]]:
    """For each service, the schemas that need another name because an equally named one differs elsewhere."""
    shapes: dict[str, set[str]] = {}
    for document, _ in taken:
        for name, schema in document.get("components", {}).get("schemas", {}).items():
            shapes.setdefault(name, set()).add(json.dumps(schema, sort_keys=True))
    different = {name for name, variants in shapes.items() if len(variants) > 1}
    # A schema is also different when it refers to one that is: equal text, other meaning.
    changed = True
    while changed:
        changed = False
        for document, _ in taken:
            for name, schema in document.get("components", {}).get("schemas", {}).items():
                if name not in different and len(taken) > 1 and _refs(schema) & different and _elsewhere(name, taken):
                    different.add(name)
                    changed = True
    return {
        service: {
            name: _prefixed(service, name)
            for name in document.get("components", {}).get("schemas", {})
            if name in different
        }
        for document, service in taken
    }


def _elsewhere(name: str, taken: Sequence[tuple[Mapping[str, Any], str]]) -> bool:
    return sum(name in document.get("components", {}).get("schemas", {}) for document, _ in taken) > 1


def _prefixed(service: str, name: str) -> str:
    return "".join(part.capitalize() for part in service.split("-")) + name


def _refs(value: Any) -> set[str]:
    if isinstance(value, dict):
        found = {value["$ref"].removeprefix(_REF)} if isinstance(value.get("$ref"), str) else set()
        return found.union(*(_refs(part) for part in value.values()))
    if isinstance(value, list):
        return set().union(*(_refs(part) for part in value))
    return set()


def _with_refs(value: Any, rename: Mapping[str, str]) -> Any:
    if isinstance(value, dict):
        for key, part in value.items():
            if key == "$ref" and isinstance(part, str) and part.startswith(_REF):
                name = part.removeprefix(_REF)
                value[key] = _REF + rename.get(name, name)
            elif key == "mapping" and isinstance(part, dict):  # of a discriminator
                value[key] = {
                    kind: _REF + rename.get(ref.removeprefix(_REF), ref.removeprefix(_REF))
                    for kind, ref in part.items()
                }
            else:
                value[key] = _with_refs(part, rename)
    elif isinstance(value, list):
        return [_with_refs(part, rename) for part in value]
    return value


def _path_item(item: Document, service: str, rename: Mapping[str, str], operation_ids: Mapping[Any, int]) -> Document:
    for method, operation in item.items():
        if method not in METHODS:
            continue
        # A public route says so by an empty list; everything else is as the whole document says.
        declared = operation.pop("security", None)
        public = "x-hall-public" in operation or declared == []
        if public:
            operation["security"] = []
        operation["tags"] = operation.get("tags") or [service]
        identifier = operation.get("operationId")
        if identifier and operation_ids[identifier] > 1:
            operation["operationId"] = f"{service}_{identifier}"
        responses = operation.setdefault("responses", {})
        invalid = responses.get("422")
        if invalid is not None and _refs(invalid) & _FASTAPI_ERRORS:
            responses["422"] = {**deepcopy(_PROBLEM_ANSWER), "description": "填写内容有误，逐项列在 errors 中"}
        responses.setdefault("default", deepcopy(_PROBLEM_ANSWER))
    return dict(_with_refs(item, rename))


def _without_unused(document: Document) -> Document:
    """Drop schemas that nothing reachable refers to: those of internal routes."""
    schemas = document["components"]["schemas"]
    wanted = {"Problem"}
    todo = _refs(document["paths"]) | wanted
    while todo:
        name = todo.pop()
        wanted.add(name)
        if name in schemas:
            todo |= _refs(schemas[name]) - wanted
    document["components"]["schemas"] = {name: schema for name, schema in schemas.items() if name in wanted}
    return document
