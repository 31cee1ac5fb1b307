"""One document out of several."""

import copy
from typing import Any

from fastapi import FastAPI
from openapi_spec_validator import validate
from pydantic import BaseModel

from gateway.openapi import merge


def service(name: str, fields: dict[str, type]) -> dict[str, Any]:
    """The document of a small service."""
    app = FastAPI(title=name)
    page = type("Page", (BaseModel,), {"__annotations__": {"total": int}})
    thing = type("Thing", (BaseModel,), {"__annotations__": fields})
    holder = type("Holder", (BaseModel,), {"__annotations__": {"thing": thing, "page": page}})

    async def read(number: int) -> Any: ...
    async def write(form: Any) -> Any: ...
    async def hidden() -> Any: ...

    write.__annotations__["form"] = holder
    app.get(f"/api/{name}/things/{{number}}", response_model=holder, operation_id="read")(read)
    app.post(f"/api/{name}/things", response_model=thing, openapi_extra={"x-hall-public": "because"})(write)
    app.get("/internal/things", response_model=type("Secret", (BaseModel,), {"__annotations__": {"x": int}}))(hidden)
    return app.openapi()


def test_merge() -> None:
    documents = [service("alpha", {"a": int}), service("beta", {"b": str})]
    before = copy.deepcopy(documents)

    merged = merge(documents)

    validate(merged)
    assert documents == before
    assert list(merged["paths"]) == [
        "/api/alpha/things", "/api/alpha/things/{number}", "/api/beta/things", "/api/beta/things/{number}",
    ]  # fmt: skip
    # Equal schemas are shared; different ones, and those that refer to them, carry their service's name.
    assert sorted(merged["components"]["schemas"]) == [
        "AlphaHolder", "AlphaThing", "BetaHolder", "BetaThing", "Page", "Problem",
    ]  # fmt: skip
    read = merged["paths"]["/api/alpha/things/{number}"]["get"]
    assert read["responses"]["200"]["content"]["application/json"]["schema"]["$ref"].endswith("/AlphaHolder")
    assert merged["components"]["schemas"]["BetaHolder"]["properties"]["thing"]["$ref"].endswith("/BetaThing")
    assert read["operationId"] == "alpha_read"
    assert read["tags"] == ["alpha"]


def test_security_is_what_the_outside_sees() -> None:
    merged = merge([service("alpha", {"a": int})])
    assert set(merged["components"]["securitySchemes"]) == {"session", "apiKey"}
    assert merged["security"] == [{"session": []}, {"apiKey": []}]
    assert merged["paths"]["/api/alpha/things"]["post"]["security"] == []
    assert "security" not in merged["paths"]["/api/alpha/things/{number}"]["get"]


def test_every_error_is_a_problem() -> None:
    merged = merge([service("alpha", {"a": int})])
    for item in merged["paths"].values():
        for operation in item.values():
            for status in ("422", "default"):
                content = operation["responses"][status]["content"]
                assert list(content) == ["application/problem+json"]
    assert "HTTPValidationError" not in merged["components"]["schemas"]


def test_single_service_keeps_its_names() -> None:
    assert sorted(merge([service("alpha", {"a": int})])["components"]["schemas"]) == [
        "Holder",
        "Page",
        "Problem",
        "Thing",
    ]


def test_nothing_to_merge() -> None:
    validate(merge([]))
