"""A form with every kind of field, an app that takes it, and what every problem has in common."""

import re
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from types import SimpleNamespace
from typing import Annotated, Any, Literal
from uuid import UUID

import httpx
from fastapi import FastAPI, Header, Path, Query
from pydantic import AfterValidator, AnyUrl, BaseModel, ConfigDict, Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

from contracts.values.identifiers import IdentifierFault
from contracts.values.month import Month
from servicekit import edge
from servicekit.paging import Page, PageOf
from servicekit.personal import IdNumberStr

CHINESE = re.compile(r"[\u4e00-\u9fff]")
LATIN = re.compile(r"(?!JSON|YYYY)[A-Za-z]{4,}")


class Colour(Enum):
    RED = "red"


def _checked(value: str) -> str:
    if value == "fault":
        raise IdentifierFault("check_digit", "证件号码校验位不正确。")
    if value == "value":
        raise ValueError("不能这样填写。")
    if value == "english":
        raise ValueError("secret text 13812341234")
    if value == "custom":
        raise PydanticCustomError("odd", "很奇怪。")
    return value


class Inner(BaseModel):
    model_config = ConfigDict(extra="forbid")
    name: str = Field(min_length=1, max_length=5)
    number: IdNumberStr | None = None


class Everything(BaseModel):
    model_config = ConfigDict(extra="forbid")
    text: Annotated[str, AfterValidator(_checked)] = ""
    code: str = Field(default="1", pattern="^[0-9]$")
    long: str = Field(default="12", min_length=2)
    whole: int = Field(default=1, ge=1, le=9)
    over: float = Field(default=1, gt=0, lt=10)
    money: Decimal = Field(default=Decimal(1), max_digits=6, decimal_places=2, ge=0)
    day: date | None = None
    moment: datetime | None = None
    clock: time | None = None
    span: timedelta | None = None
    who: UUID | None = None
    flag: bool = False
    colour: Colour = Colour.RED
    kind: Literal["a", "b"] = "a"
    link: AnyUrl | None = None
    items: list[Inner] = Field(default_factory=list, max_length=2)
    some: dict[str, int] = Field(default_factory=dict)
    month: Month | None = None
    either: int | Inner | None = None

    @field_validator("link")
    @classmethod
    def _no_ftp(cls, value: AnyUrl | None) -> AnyUrl | None:
        assert value is None or value.scheme != "ftp"
        return value

    @model_validator(mode="after")
    def _together(self) -> "Everything":
        if self.whole == 9 and self.flag:
            raise ValueError("两项不能同时填写。")
        return self


class Required(BaseModel):
    inner: Inner
    others: list[Inner] = Field(default_factory=list)


def make_app(faults: Mapping[str, tuple[Exception, int, str]] | None = None) -> FastAPI:
    """An app with a form of everything. With `faults`, `/raise/{name}` raises them."""
    app = FastAPI()
    app.state.runtime = SimpleNamespace()
    edge.install(app, "probe")

    @app.post("/everything")
    async def everything(form: Everything) -> dict[str, str]:
        return {"ok": form.text}

    @app.post("/required")
    async def required(form: Required) -> dict[str, str]:
        return {"ok": form.inner.name}

    @app.get("/list")
    async def listed(
        page: Page,
        q: Annotated[str, Query(max_length=3)] = "",
        n: Annotated[int, Query(le=5)] = 1,
    ) -> int:
        assert isinstance(page, PageOf)
        return page.offset

    @app.get("/items/{item_id}")
    async def item(item_id: Annotated[UUID, Path()], x_size: Annotated[int, Header()] = 1) -> str:
        return str(item_id)

    @app.post("/raise/{name}")
    async def raises(name: str) -> None:
        raise (faults or {})[name][0]

    return app


def problem_of(answer: httpx.Response) -> dict[str, Any]:
    """The problem, after checking what all of them have."""
    body: dict[str, Any] = answer.json()
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["cache-control"] == "no-store"
    assert body["status"] == answer.status_code
    assert body["type"] == f"urn:hall:problem:{body['code']}"
    assert CHINESE.search(body["title"])
    assert CHINESE.search(body["detail"])
    assert re.fullmatch(r"[0-9a-f]{32}", body["trace_id"])
    for error in body["errors"]:
        assert error["pointer"] == "" or error["pointer"].startswith("/")
        assert CHINESE.search(error["message"]), error
        assert not LATIN.search(error["message"]), error
    return body
