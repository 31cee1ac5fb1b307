"""Errors as answers: RFC 9457 problem+json, in Chinese, with a stable code, from every refusal and every fault."""

import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import asyncpg
import httpx
import orjson
import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException
from starlette.responses import Response

from servicekit.db.outage import is_outage
from servicekit.faults import PlacedFault, faults_of
from servicekit.refusals import (
    ConditionRequired,
    Forbidden,
    Gone,
    InvalidFields,
    NotFound,
    Refusal,
    Stale,
    TooMany,
    Unauthenticated,
    Unavailable,
)
from servicekit.tracing import current_trace_id

MEDIA_TYPE = "application/problem+json"
_RETRY_AFTER = 2

log = structlog.get_logger(__name__)

_STATUS: Final[Sequence[tuple[type[Refusal], int]]] = (
    (Unauthenticated, 401),
    (Forbidden, 403),
    (NotFound, 404),
    (Gone, 410),
    (Stale, 412),
    (InvalidFields, 422),
    (ConditionRequired, 428),
    (TooMany, 429),
    (Unavailable, 503),
    (Refusal, 409),
)
_HTTP_FAULTS: Final[Mapping[int, tuple[str, str, str]]] = {
    400: ("bad_request", "请求无法识别", "请求内容无法识别，请检查后重试。"),
    401: ("unauthenticated", Unauthenticated.title, Unauthenticated.detail),
    403: ("forbidden", Forbidden.title, Forbidden.detail),
    404: ("not_found", NotFound.title, "请求的地址不存在。"),
    405: ("method_not_allowed", "不支持的操作", "该地址不支持这种操作。"),
    406: ("not_acceptable", "无法按要求的格式答复", "无法按请求的格式答复。"),
    408: ("request_timeout", "请求超时", "请求未能及时送达，请重试。"),
    411: ("length_required", "缺少内容长度", "请求缺少内容长度。"),
    413: ("too_large", "内容过大", "提交的内容超过允许的大小。"),
    415: ("unsupported_media_type", "内容格式不受支持", "提交的内容格式不受支持。"),
    429: ("too_many", TooMany.title, TooMany.detail),
    431: ("headers_too_large", "请求头过大", "请求头超过允许的大小。"),
    503: ("try_again", Unavailable.title, Unavailable.detail),
}
_INTERNAL = ("internal_error", "系统出错", "系统出现错误，本次操作未完成。如再次出现，请将追踪编号告知管理员。")
# SQLSTATEs by their beginning: serialization and deadlock, lock and statement timeouts, shutting down, connection lost,
# resources gone, read-only during a switch-over. Nothing was done, trying again is right.
_PASSING: Final = ("40001", "40P01", "55P03", "57014", "57P", "08", "53", "25P03", "25006", "58030")
_UNSTORABLE: Final = ("22",)
_TAKEN: Final = ("23505", "23P01")


class ProblemFault(BaseModel):
    """One faulty field. `pointer` is a JSON Pointer into the body; parameters outside it say where in `in`."""

    pointer: str
    code: str
    message: str
    place: str = Field(default="body", serialization_alias="in")


class Problem(BaseModel):
    """The body of every error (RFC 9457)."""

    type: str
    code: str
    title: str
    detail: str
    status: int
    errors: list[ProblemFault] = Field(default_factory=list)
    trace_id: str | None = None


_SCHEMA_REF = {"$ref": "#/components/schemas/Problem"}
_DOCUMENTED: Final = {
    pattern: {"description": description, "content": {MEDIA_TYPE: {"schema": _SCHEMA_REF}}}
    for pattern, description in (("4XX", "请求被拒绝"), ("5XX", "系统故障"))
}


@dataclass(frozen=True)
class Answer:
    """A problem and what goes with it in the headers."""

    problem: Problem
    headers: Mapping[str, str]

    def response(self) -> Response:
        """The HTTP answer."""
        body = orjson.dumps(self.problem.model_dump(by_alias=True, exclude_none=True))
        headers = {"cache-control": "no-store", "content-language": "zh-CN", **self.headers}
        return Response(body, self.problem.status, headers, MEDIA_TYPE)


def problem(
    status: int,
    code: str,
    title: str,
    detail: str,
    *,
    faults: Sequence[PlacedFault] = (),
    headers: Mapping[str, str] | None = None,
) -> Answer:
    """An answer in the one form that all errors have."""
    errors = [
        ProblemFault(pointer=p.fault.pointer, code=p.fault.code, message=p.fault.message, place=p.place) for p in faults
    ]
    body = Problem(
        type=f"urn:hall:problem:{code}",
        code=code,
        title=title,
        detail=detail,
        status=status,
        errors=errors,
        trace_id=current_trace_id(),
    )
    return Answer(body, headers or {})


def answer_to(fault: Exception) -> Answer:
    """The answer to any exception. Unknown ones say nothing but the trace id."""
    while isinstance(fault, ExceptionGroup) and len(fault.exceptions) == 1:
        fault = fault.exceptions[0]  # what a task group makes of the one thing that went wrong in it
    if isinstance(fault, Refusal):
        return _answer_to_refusal(fault)
    if isinstance(fault, RequestValidationError):
        faults = faults_of(fault.errors(), fault.body)
        return problem(422, InvalidFields.code, InvalidFields.title, InvalidFields.detail, faults=faults)
    if isinstance(fault, HTTPException):
        return _answer_to_http(fault)
    if _is_passing(fault):
        return problem(
            503, Unavailable.code, Unavailable.title, Unavailable.detail, headers={"retry-after": str(_RETRY_AFTER)}
        )
    state = _sqlstate(fault)
    if state.startswith(_TAKEN):
        return problem(409, "conflict", "数据冲突", "数据刚刚被其他操作更新，请刷新后重试。")
    if state.startswith(_UNSTORABLE) or isinstance(_original(fault), asyncpg.exceptions.DataError):
        return problem(
            422, "unstorable_value", InvalidFields.title, "提交的内容中有无法保存的字符或数值，请检查后重试。"
        )
    return problem(500, *_INTERNAL)


def log_answer(fault: Exception | None, answer: Answer) -> None:
    """Refusals and bad input are everyday (INFO); a database away is a warning; everything else has a stack."""
    body = answer.problem
    expected = fault is None or isinstance(fault, Refusal | RequestValidationError | HTTPException)
    if expected and body.status < 500:
        fields = [f"{error.pointer}:{error.code}" for error in body.errors[:20]]
        log.info("request refused", code=body.code, status=body.status, fields=fields)
    elif body.status == 503:
        kind = type(_original(fault)).__name__ if fault is not None else None
        log.warning("request could not be served", code=body.code, fault=kind, sqlstate=_sqlstate(fault))
    else:  # also what the database alone refused: a rule is missing in front of it
        log.error("request failed", code=body.code, status=body.status, exc_info=fault)


def install(app: FastAPI) -> None:
    """Answers with problems. What isn't named here reaches `servicekit.edge`, which asks `answer_to` as well."""
    for kind in (Refusal, RequestValidationError, HTTPException, DBAPIError, PoolTimeout):
        app.add_exception_handler(kind, _handle)
    _document(app)


def _document(app: FastAPI) -> None:
    """Every operation may answer with a problem, and none with FastAPI's own form of 422."""
    plain = app.openapi

    def openapi() -> dict[str, Any]:
        document = plain()
        schemas = document.setdefault("components", {}).setdefault("schemas", {})
        for name, schema in _schemas().items():
            schemas.setdefault(name, schema)
        for operations in document.get("paths", {}).values():
            for operation in operations.values():
                if isinstance(operation, dict):
                    _add_problems(operation.setdefault("responses", {}))
        for unused in ("HTTPValidationError", "ValidationError"):
            schemas.pop(unused, None)
        return document

    app.openapi = openapi  # type: ignore[method-assign]  # FastAPI's documented way of extending it


def _add_problems(responses: dict[str, Any]) -> None:
    own = responses.get("422", {}).get("content", {}).get("application/json", {}).get("schema", {}).get("$ref", "")
    if own.endswith("/HTTPValidationError"):
        del responses["422"]
    for pattern, response in _DOCUMENTED.items():
        responses.setdefault(pattern, response)


def _schemas() -> dict[str, Any]:
    whole = Problem.model_json_schema(mode="serialization", ref_template="#/components/schemas/{model}")
    return {**whole.pop("$defs"), "Problem": whole}


async def _handle(request: Request, fault: Exception) -> Response:
    answer = answer_to(fault)
    log_answer(fault, answer)
    return answer.response()


def _answer_to_refusal(fault: Refusal) -> Answer:
    status = next(status for kind, status in _STATUS if isinstance(fault, kind))
    headers: dict[str, str] = {}
    retry_after = getattr(fault, "retry_after", None)
    if isinstance(retry_after, int):
        headers["retry-after"] = str(max(1, retry_after))
    if status == 401:
        headers["www-authenticate"] = "Bearer"
    faults = [PlacedFault("body", field) for field in fault.faults]
    return problem(status, fault.code, fault.title, fault.detail, faults=faults, headers=headers)


def _answer_to_http(fault: HTTPException) -> Answer:
    known = _HTTP_FAULTS.get(fault.status_code)
    if known is None:
        known = _INTERNAL if fault.status_code >= 500 else ("refused", "请求未被接受", "请求未被接受，请检查后重试。")
    # The framework's own details are English and of no use to people.
    return problem(fault.status_code, *known, headers=dict(fault.headers or {}))


def _original(fault: BaseException) -> BaseException:
    """The driver's own exception inside SQLAlchemy's."""
    inner = fault.orig if isinstance(fault, DBAPIError) and fault.orig is not None else fault
    cause = inner.__cause__
    return cause if isinstance(cause, asyncpg.PostgresError | asyncpg.InterfaceError) else inner


def _sqlstate(fault: BaseException | None) -> str:
    return "" if fault is None else str(getattr(_original(fault), "sqlstate", None) or "")


def _is_passing(fault: Exception) -> bool:
    if is_outage(fault):
        return True
    if _sqlstate(fault).startswith(_PASSING):
        return True
    original = _original(fault)
    if isinstance(original, asyncpg.exceptions.DataError):
        return False
    away = PoolTimeout | TimeoutError | ConnectionError | socket.gaierror | httpx.TransportError
    return isinstance(original, away | asyncpg.InterfaceError)
