"""Every fault becomes a problem in Chinese with a stable code; a bug of ours says nothing but its trace."""

import json
from collections.abc import AsyncIterator
from typing import get_args

import asyncpg
import httpx
import pytest
from fastapi import HTTPException
from pydantic_core.core_schema import ErrorType
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from servicekit import refusals
from servicekit.faults import _MESSAGES, message_of, pointer_of
from tests.unit.servicekit.everything import CHINESE, make_app, problem_of

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
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(make_app(FAULTS)), base_url="http://hall.test"
    ) as opened:
        yield opened


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
