"""Every fault becomes a problem in Chinese, with a stable code and a pointer per field; bad input is never a 5xx."""

import json
import re
from collections.abc import AsyncIterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from types import SimpleNamespace
from typing import Annotated, Any, Literal, get_args
from uuid import UUID

import asyncpg
import httpx
import pytest
from fastapi import FastAPI, Header, HTTPException, Path, Query, Request
from pydantic import AfterValidator, AnyUrl, BaseModel, ConfigDict, Field, field_validator, model_validator
from pydantic_core import PydanticCustomError
from pydantic_core.core_schema import ErrorType
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from contracts.values.identifiers import IdentifierFault
from contracts.values.month import Month
from servicekit import edge, problems, refusals
from servicekit.faults import _MESSAGES, message_of, pointer_of
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


def make_app() -> FastAPI:
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
        raise FAULTS[name][0]

    return app


FAULTS: dict[str, tuple[Exception, int, str]] = {
    "refusal": (refusals.Refusal("不行。"), 409, "refused"),
    "not_found": (refusals.NotFound(), 404, "not_found"),
    "gone": (refusals.Gone(), 410, "gone"),
    "forbidden": (refusals.Forbidden(), 403, "forbidden"),
    "unauthenticated": (refusals.Unauthenticated(), 401, "unauthenticated"),
    "fields": (refusals.InvalidFields([refusals.FieldFault("/a", "odd", "很怪。")]), 422, "invalid_fields"),
    "too_many": (refusals.TooMany(retry_after=30), 429, "too_many"),
    "stale": (refusals.Stale(), 412, "stale"),
    "condition": (refusals.ConditionRequired(), 428, "condition_required"),
    "unavailable": (refusals.Unavailable(retry_after=7), 503, "try_again"),
    "http418": (HTTPException(418, "short and stout"), 418, "refused"),
    "http400": (HTTPException(400, "no"), 400, "bad_request"),
    "grouped": (ExceptionGroup("x", [ExceptionGroup("y", [refusals.NotFound()])]), 404, "not_found"),
    "several": (ExceptionGroup("x", [refusals.NotFound(), refusals.Gone()]), 500, "internal_error"),
    "bug": (RuntimeError("id 330203199003071232 of 王小明"), 500, "internal_error"),
    "refused_connection": (ConnectionRefusedError(111, "refused"), 503, "try_again"),
    "timeout": (TimeoutError(), 503, "try_again"),
    "pool": (PoolTimeout("QueuePool limit"), 503, "try_again"),
    "upstream": (httpx.ConnectError("away"), 503, "try_again"),
    "deadlock": (OperationalError("x", {}, asyncpg.DeadlockDetectedError("x")), 503, "try_again"),
    "serialization": (DBAPIError("x", {}, asyncpg.SerializationError("x")), 503, "try_again"),
    "lock_timeout": (DBAPIError("x", {}, asyncpg.LockNotAvailableError("x")), 503, "try_again"),
    "statement_timeout": (DBAPIError("x", {}, asyncpg.QueryCanceledError("x")), 503, "try_again"),
    "shutdown": (DBAPIError("x", {}, asyncpg.AdminShutdownError("x")), 503, "try_again"),
    "starting": (asyncpg.CannotConnectNowError("x"), 503, "try_again"),
    "disk_full": (DBAPIError("x", {}, asyncpg.DiskFullError("x")), 503, "try_again"),
    "connection_lost": (DBAPIError("x", {}, asyncpg.ConnectionDoesNotExistError("x")), 503, "try_again"),
    "closed": (DBAPIError("x", {}, asyncpg.InterfaceError("connection is closed")), 503, "try_again"),
    "nul": (DBAPIError("x", {}, asyncpg.CharacterNotInRepertoireError("x")), 422, "unstorable_value"),
    "out_of_range": (DBAPIError("x", {}, asyncpg.NumericValueOutOfRangeError("x")), 422, "unstorable_value"),
    "client_side": (DBAPIError("x", {}, asyncpg.exceptions.DataError("x")), 422, "unstorable_value"),
    "taken": (IntegrityError("x", {}, asyncpg.UniqueViolationError("x")), 409, "conflict"),
    "missing_row": (IntegrityError("x", {}, asyncpg.ForeignKeyViolationError("x")), 500, "internal_error"),
    "syntax": (DBAPIError("x", {}, asyncpg.PostgresSyntaxError("x")), 500, "internal_error"),
}


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(make_app()), base_url="http://hall.test") as opened:
        yield opened


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


@pytest.mark.parametrize("name", FAULTS)
async def test_every_fault_has_its_answer(client: httpx.AsyncClient, name: str) -> None:
    _, status, code = FAULTS[name]
    answer = await client.post(f"/raise/{name}")
    body = problem_of(answer)
    assert (body["status"], body["code"]) == (status, code)
    if status in (429, 503):
        assert int(answer.headers["retry-after"]) >= 1
    assert "330203" not in answer.text
    assert "王小明" not in answer.text


async def test_refusals_point_at_their_field(client: httpx.AsyncClient) -> None:
    class StartMonthNotOpen(refusals.Refusal):
        code = "start_month_not_open"
        title = "参保月份未开放"

    FAULTS["pointed"] = (StartMonthNotOpen("参保月份只能是本月或下月。", pointer="/insurance/start_month"), 409, "")
    try:
        body = problem_of(await client.post("/raise/pointed"))
    finally:
        del FAULTS["pointed"]
    assert body["errors"] == [
        {
            "pointer": "/insurance/start_month",
            "code": "start_month_not_open",
            "message": "参保月份只能是本月或下月。",
            "in": "body",
        }
    ]


BAD: list[tuple[dict[str, Any], str, str]] = [
    ({"text": 5}, "/text", "string_type"),
    ({"text": "fault"}, "/text", "check_digit"),
    ({"text": "value"}, "/text", "value_error"),
    ({"text": "english"}, "/text", "value_error"),
    ({"text": "custom"}, "/text", "odd"),
    ({"code": "x"}, "/code", "string_pattern_mismatch"),
    ({"long": "1"}, "/long", "string_too_short"),
    ({"whole": 0}, "/whole", "greater_than_equal"),
    ({"whole": 10}, "/whole", "less_than_equal"),
    ({"whole": 1.5}, "/whole", "int_from_float"),
    ({"whole": "x"}, "/whole", "int_parsing"),
    ({"whole": "9" * 5000}, "/whole", "int_parsing_size"),
    ({"whole": 10**40}, "/whole", "less_than_equal"),
    ({"whole": None}, "/whole", "int_type"),
    ({"whole": []}, "/whole", "int_type"),
    ({"over": 0}, "/over", "greater_than"),
    ({"over": 10}, "/over", "less_than"),
    ({"over": "much"}, "/over", "float_parsing"),
    ({"money": "12.345"}, "/money", "decimal_max_places"),
    ({"money": "123456.1"}, "/money", "decimal_max_digits"),
    ({"money": "NaN"}, "/money", "finite_number"),
    ({"money": "1e999999999"}, "/money", "decimal_max_digits"),
    ({"money": "lots"}, "/money", "decimal_parsing"),
    ({"money": {}}, "/money", "decimal_type"),
    ({"day": "2026-02-30"}, "/day", "date_from_datetime_parsing"),
    ({"day": "yesterday"}, "/day", "date_from_datetime_parsing"),
    ({"day": "2026-01-01T10:00"}, "/day", "date_from_datetime_inexact"),
    ({"day": []}, "/day", "date_type"),
    ({"day": 10**20}, "/day", "date_from_datetime_parsing"),
    ({"moment": "noon"}, "/moment", "datetime_from_date_parsing"),
    ({"moment": 10**30}, "/moment", "datetime_parsing"),
    ({"clock": "25:00"}, "/clock", "time_parsing"),
    ({"span": "long"}, "/span", "time_delta_parsing"),
    ({"who": "me"}, "/who", "uuid_parsing"),
    ({"who": 5}, "/who", "uuid_type"),
    ({"flag": "maybe"}, "/flag", "bool_parsing"),
    ({"colour": "blue"}, "/colour", "enum"),
    ({"kind": "c"}, "/kind", "literal_error"),
    ({"link": "no url"}, "/link", "url_parsing"),
    ({"link": "ftp://x/"}, "/link", "assertion_error"),
    ({"items": 5}, "/items", "list_type"),
    ({"items": [{}]}, "/items/0/name", "missing"),
    ({"items": [{"name": ""}]}, "/items/0/name", "string_too_short"),
    ({"items": [{"name": "123456"}]}, "/items/0/name", "string_too_long"),
    ({"items": [{"name": "1", "extra/~": 1}]}, "/items/0/extra~1~0", "extra_forbidden"),
    ({"items": [{"name": "1"}] * 3}, "/items", "too_long"),
    ({"items": [[]]}, "/items/0", "model_attributes_type"),
    ({"items": [{"name": "1", "number": 5}]}, "/items/0/number", "string_type"),
    ({"items": [{"name": "1", "number": ""}]}, "/items/0/number", "string_too_short"),
    ({"some": {"a": "x"}}, "/some/a", "int_parsing"),
    ({"some": []}, "/some", "dict_type"),
    ({"month": "2026-13"}, "/month", "month"),
    ({"month": 202603}, "/month", "string_type"),
    ({"either": "x"}, "/either", "int_parsing"),
    ({"unknown": 1}, "/unknown", "extra_forbidden"),
    ({"whole": 9, "flag": True}, "", "value_error"),
]


@pytest.mark.parametrize(("form", "pointer", "code"), BAD)
async def test_every_wrong_field_is_pointed_at(
    client: httpx.AsyncClient, form: dict[str, Any], pointer: str, code: str
) -> None:
    answer = await client.post("/everything", json=form)
    body = problem_of(answer)
    assert (body["status"], body["code"]) == (422, "invalid_fields")
    assert [(error["pointer"], error["code"]) for error in body["errors"]] == [(pointer, code)]
    assert "13812341234" not in answer.text


async def test_all_faults_at_once(client: httpx.AsyncClient) -> None:
    body = problem_of(await client.post("/required", json={"inner": {"name": ""}, "others": [{"name": "x"}, {}]}))
    assert [error["pointer"] for error in body["errors"]] == ["/inner/name", "/others/1/name"]
    assert body["errors"][0]["message"] == "不能为空。"
    body = problem_of(await client.post("/required", json={}))
    assert [(error["pointer"], error["message"]) for error in body["errors"]] == [("/inner", "此项为必填项。")]


RAW: list[tuple[bytes, int, str]] = [
    (b"", 422, "missing"),
    (b"{", 422, "json_invalid"),
    (b"not json", 422, "json_invalid"),
    (b"[1,2", 422, "json_invalid"),
    (b"null", 422, "model_attributes_type"),
    (b"5", 422, "model_attributes_type"),
    (b'"text"', 422, "model_attributes_type"),
    (b"[]", 422, "model_attributes_type"),
    (b"\xff\xfe", 422, "json_invalid"),
    (b'{"text":"\xff"}', 422, "json_invalid"),
    ('{"text":"x"}'.encode("utf-16"), 422, "json_invalid"),
    ('{"text":"x"}'.encode("utf-16-le"), 422, "json_invalid"),
    (b'{"text":"a\x00b"}', 422, "json_invalid"),
    (b'{"text":"a\\u0000b"}', 422, "unstorable_text"),
    (b'{"text":"\\ud800"}', 422, "unstorable_text"),
    (b'{"text":"\\uDC00\\uD800"}', 422, "unstorable_text"),
    (b'{"some":{"a\\u0000":1}}', 422, "unstorable_text"),
    (b'{"text":NaN}', 422, "string_type"),
    (b"[" * 100_000, 400, ""),
    (b'{"whole":' + b"9" * 5000 + b"}", 400, ""),
]


@pytest.mark.parametrize(("body", "status", "code"), RAW)
async def test_malformed_bodies(client: httpx.AsyncClient, body: bytes, status: int, code: str) -> None:
    answer = await client.post("/everything", content=body, headers={"content-type": "application/json"})
    found = problem_of(answer)
    assert found["status"] == status
    assert [error["code"] for error in found["errors"]] == ([code] if code else [])


async def test_text_that_only_looks_unstorable_passes(client: httpx.AsyncClient) -> None:
    for text in ('{"text":"\\\\u0000"}', '{"text":"\\ud83d\\ude00"}', '{"text":"\\uFFFD"}'):
        answer = await client.post("/everything", content=text, headers={"content-type": "application/json"})
        assert answer.status_code == 200, text
        assert answer.json() == {"ok": json.loads(text)["text"]}


async def test_nul_is_pointed_at(client: httpx.AsyncClient) -> None:
    body = problem_of(await client.post("/everything", json={"text": "ok", "items": [{"name": "a"}, {"name": "\0"}]}))
    assert [error["pointer"] for error in body["errors"]] == ["/items/1/name"]


@pytest.mark.parametrize("kind", ["text/plain", "application/xml", "", "multipart/form-data"])
async def test_other_content_types(client: httpx.AsyncClient, kind: str) -> None:
    answer = await client.post("/everything", content=b"<a/>", headers={"content-type": kind})
    assert problem_of(answer)["status"] == 422


@pytest.mark.parametrize(
    ("query", "pointer", "code"),
    [
        ("page=0", "/page", "greater_than_equal"),
        ("page=x", "/page", "int_parsing"),
        ("page=" + "9" * 30, "/page", "less_than_equal"),
        ("page=" + "9" * 4400, "/page", "int_parsing_size"),
        ("page=1.5", "/page", "int_parsing"),
        ("page_size=201", "/page_size", "less_than_equal"),
        ("q=abcd", "/q", "string_too_long"),
        ("q=%00", "", "unstorable_text"),
    ],
)
async def test_wrong_query_parameters(client: httpx.AsyncClient, query: str, pointer: str, code: str) -> None:
    body = problem_of(await client.get(f"/list?{query}"))
    assert body["status"] == 422
    assert [(error["in"], error["pointer"], error["code"]) for error in body["errors"]] == [("query", pointer, code)]


async def test_odd_but_harmless_queries_are_answered(client: httpx.AsyncClient) -> None:
    for query in ("q=%ff", "q=%u1", "page=2&page=3", "&&==", "q=;", "q=%ED%A0%80"):
        assert (await client.get(f"/list?{query}")).status_code == 200, query


async def test_wrong_path_and_header_parameters(client: httpx.AsyncClient) -> None:
    body = problem_of(await client.get("/items/not-a-uuid", headers={"x-size": "big"}))
    assert {(error["in"], error["pointer"]) for error in body["errors"]} == {
        ("path", "/item_id"),
        ("header", "/x-size"),
    }


async def test_unknown_addresses_and_methods(client: httpx.AsyncClient) -> None:
    assert problem_of(await client.get("/nowhere"))["code"] == "not_found"
    assert problem_of(await client.get("/items/%00"))["code"] == "not_found"
    answer = await client.delete("/list")
    assert problem_of(answer)["code"] == "method_not_allowed"
    assert answer.headers["allow"] == "GET"
    assert (await client.request("BREW", "/list")).status_code == 405


class TestBodySize:
    """Bodies beyond their limits."""

    async def test_declared(self, client: httpx.AsyncClient) -> None:
        answer = await client.post("/everything", json={"text": "x" * edge.MAX_JSON_BYTES})
        assert problem_of(answer)["code"] == "too_large"

    async def test_streamed(self, client: httpx.AsyncClient) -> None:
        async def chunks() -> AsyncIterator[bytes]:
            for _ in range(edge.MAX_JSON_BYTES // 65536 + 2):
                yield b" " * 65536

        answer = await client.post("/everything", content=chunks(), headers={"content-type": "application/json"})
        assert problem_of(answer)["code"] == "too_large"

    async def test_just_within(self, client: httpx.AsyncClient) -> None:
        body = b'{"text":""}'.ljust(edge.MAX_JSON_BYTES)
        answer = await client.post("/everything", content=body, headers={"content-type": "application/json"})
        assert answer.status_code == 200

    async def test_uploads_have_their_own_limit(self) -> None:
        app = FastAPI()

        @app.post("/upload")
        async def upload(request: Request) -> int:
            return len(await request.body())

        problems.install(app)
        app.add_middleware(edge.BodyGuard, max_other=100_000)
        app.add_middleware(edge.RequestEdge, service="probe")

        async def chunks(number: int) -> AsyncIterator[bytes]:
            for _ in range(number):
                yield b"x" * 50_000

        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://hall.test") as client:
            assert (await client.post("/upload", content=b"x" * 100_000)).json() == 100_000
            assert (await client.post("/upload", content=chunks(2))).json() == 100_000
            assert problem_of(await client.post("/upload", content=b"x" * 100_001))["code"] == "too_large"
            assert problem_of(await client.post("/upload", content=chunks(3)))["code"] == "too_large"

    async def test_nonsense_lengths(self, client: httpx.AsyncClient) -> None:
        for length in ("-1", "x", "9" * 50):
            headers = {"content-type": "application/json", "content-length": length}
            answer = await client.post("/everything", content=b"{}", headers=headers)
            assert answer.status_code < 500


def test_every_pydantic_error_that_input_can_cause_has_a_message() -> None:
    of_code_not_of_input = {
        "no_such_attribute", "needs_python_object", "frozen_field", "frozen_instance", "get_attribute_error",
        "dataclass_exact_type", "named_tuple_type", "default_factory_not_called", "iteration_error",
        "set_item_not_hashable", "missing_sentinel_error", "ellipsis_error", "callable_type", "is_subclass_of",
        "arguments_type", "missing_argument", "unexpected_keyword_argument", "missing_keyword_only_argument",
        "unexpected_positional_argument", "missing_positional_only_argument", "multiple_argument_values",
        "frozen_dict_type", "ordered_dict_type", "counter_type", "fraction_type", "fraction_parsing",
        "complex_type", "complex_str_parsing",
    }  # fmt: skip
    assert set(get_args(ErrorType)) - of_code_not_of_input <= set(_MESSAGES)


def test_messages_never_fail_for_want_of_context() -> None:
    for kind in (*_MESSAGES, "something_new"):
        assert CHINESE.search(message_of({"type": kind}))


def test_pointers_escape() -> None:
    assert pointer_of(("a/b", "~", 0, "")) == "/a~1b/~0/0/"


def test_openapi_knows_problems_and_nothing_of_fastapis_own() -> None:
    document = make_app().openapi()
    assert {"Problem", "ProblemFault"} <= set(document["components"]["schemas"])
    assert "HTTPValidationError" not in json.dumps(document)
    for operations in document["paths"].values():
        for operation in operations.values():
            assert "application/problem+json" in operation["responses"]["4XX"]["content"]
