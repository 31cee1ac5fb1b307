"""What wraps every request: trace span, log line, metric, the answer to a crash, limits on the body. Pure ASGI."""

import json
import re
from collections.abc import Awaitable, Callable
from time import perf_counter

import orjson
import structlog
from fastapi import FastAPI
from opentelemetry.trace import Span, Status, StatusCode
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from servicekit import metrics, problems, tracing
from servicekit.faults import PlacedFault, pointer_of, unstorable_places
from servicekit.idempotency import AnsweredBefore, answer_as_before
from servicekit.problems import Answer, problem
from servicekit.refusals import FieldFault, InvalidFields

MAX_JSON_BYTES = 1024 * 1024
MAX_OTHER_BYTES = 32 * 1024 * 1024
_UNKNOWN_ROUTE = "unmatched"
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_QUIET_ROUTES = frozenset({"/livez", "/readyz"})
# Escapes that may stand for text no database takes. A pair of surrogates is fine: only then is it looked at closely.
_SUSPECT_ESCAPE = re.compile(rb"\\u(?:0000|[dD][89a-fA-F])")

log = structlog.get_logger(__name__)


def install(app: FastAPI, service: str) -> None:
    """Puts everything around the app, in the right order. Call it once, after `configure`d logs and tracing."""
    problems.install(app)
    app.add_exception_handler(AnsweredBefore, answer_as_before)
    app.add_middleware(BodyGuard)
    app.add_middleware(RequestEdge, service=service)  # added last, so outermost


def route_of(scope: Scope) -> str:
    """The template of the matched route with its prefixes, e.g. `/api/enrollment/additions/{no}`."""
    # FastAPI keeps the prefixes of included routers beside the route, not in it.
    context = scope.get("fastapi", {}).get("effective_route_context")
    route = context if context is not None else scope.get("route")
    path = getattr(route, "path_format", None) or getattr(route, "path", None)
    return path if isinstance(path, str) else _UNKNOWN_ROUTE


class RequestEdge:
    """One span, one log line and one measurement per request; a crash becomes a 500 that says nothing but its trace."""

    def __init__(self, app: ASGIApp, service: str) -> None:
        self._app = app
        self._service = service
        self._under_way = metrics.HTTP_UNDER_WAY.labels(service)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        outer = structlog.contextvars.get_contextvars()
        structlog.contextvars.clear_contextvars()
        try:
            with (
                self._under_way.track_inprogress(),
                tracing.server_span(_header(scope, b"traceparent"), scope["method"]) as span,
            ):
                await _Exchange(self._service, scope, send, span).run(self._app, receive)
        finally:
            structlog.contextvars.clear_contextvars()
            structlog.contextvars.bind_contextvars(**outer)


class _Exchange:
    """One request and its answer."""

    def __init__(self, service: str, scope: Scope, send: Send, span: Span) -> None:
        self._service = service
        self._scope = scope
        self._send = send
        self._span = span
        self._began = perf_counter()
        self._first_byte: float | None = None
        self._status = 0

    async def run(self, app: ASGIApp, receive: Receive) -> None:
        """Lets the app answer, or answers for it."""
        try:
            await app(self._scope, receive, self._observed_send)
        except Exception as fault:
            answer = problems.answer_to(fault)
            problems.log_answer(fault, answer)
            if self._first_byte is not None:
                raise  # half an answer is out: only breaking the connection tells the other side
            await answer.response()(self._scope, receive, self._observed_send)
        finally:
            self._account()

    async def _observed_send(self, message: Message) -> None:
        if message["type"] == "http.response.start" and self._first_byte is None:
            self._first_byte = perf_counter()
            self._status = message["status"]
        await self._send(message)

    def _account(self) -> None:
        route, method = route_of(self._scope), self._scope["method"]
        if method not in _METHODS:
            method = "OTHER"  # labels stay few, whatever is sent
        end = perf_counter()
        until_first_byte = (self._first_byte or end) - self._began
        status = self._status or 499  # the other side went away before there was an answer
        metrics.HTTP_SECONDS.labels(self._service, method, route, str(status)).observe(until_first_byte)
        self._span.update_name(f"{method} {route}")
        self._span.set_attributes(
            {"http.request.method": method, "http.route": route, "http.response.status_code": status}
        )
        if status >= 500:
            self._span.set_status(Status(StatusCode.ERROR))
        say = log.debug if route in _QUIET_ROUTES else log.info
        say("request", method=method, route=route, status=status, ms=round((end - self._began) * 1000, 1))


class BodyGuard:
    """Refuses bodies that are too large, and text that no database takes, before anything works with them."""

    def __init__(self, app: ASGIApp, max_json: int = MAX_JSON_BYTES, max_other: int = MAX_OTHER_BYTES) -> None:
        self._app = app
        self._max_json = max_json
        self._max_other = max_other

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        refusal = _refuse_parameters(scope)
        if refusal is None and _has_body(scope):
            is_json = b"json" in (_raw_header(scope, b"content-type") or b"").lower()
            limit = self._max_json if is_json else self._max_other
            if _declared_length(scope) > limit:
                refusal = _too_large(limit)
            elif is_json:
                refusal, receive = await _checked_json(receive, limit)
            else:
                receive = _counted(receive, limit)
        if refusal is not None:
            problems.log_answer(None, refusal)
            await refusal.response()(scope, receive, send)
            return
        await self._app(scope, receive, send)


async def _checked_json(receive: Receive, limit: int) -> tuple[Answer | None, Receive]:
    """Reads the whole body, checks it, and gives back a `receive` that hands it out again."""
    chunks: list[bytes] = []
    size = 0
    more = True
    while more:
        message = await receive()
        if message["type"] != "http.request":  # gone: the app finds out by itself
            return None, _replayed(message, receive)
        chunk = message.get("body", b"")
        size += len(chunk)
        if size > limit:
            return _too_large(limit), receive
        chunks.append(chunk)
        more = message.get("more_body", False)
    body = b"".join(chunks)
    replay = _replayed({"type": "http.request", "body": body, "more_body": False}, receive)
    return _refuse_text(body), replay


def _refuse_text(body: bytes) -> Answer | None:
    # RFC 8259: JSON between systems is UTF-8. The parser would also guess UTF-16 and UTF-32, which are full of NULs.
    try:
        body.decode()
    except UnicodeDecodeError:
        return _unreadable("请求正文应使用 UTF-8 编码。")
    if b"\0" in body:
        return _unreadable("请求正文不是有效的 JSON。")
    if _SUSPECT_ESCAPE.search(body) is None:
        return None
    try:
        places = unstorable_places(orjson.loads(body))
    except (orjson.JSONDecodeError, RecursionError):
        # Not JSON at all, or half a surrogate pair, which orjson refuses as a whole.
        places = _places_by_the_slow_parser(body)
    if not places:
        return None
    faults = [
        PlacedFault("body", FieldFault(pointer_of(place), "unstorable_text", "含有无法保存的字符，请重新输入。"))
        for place in dict.fromkeys(places)
    ]
    return problem(422, InvalidFields.code, InvalidFields.title, InvalidFields.detail, faults=faults)


def _places_by_the_slow_parser(body: bytes) -> list[tuple[str | int, ...]]:
    try:
        return unstorable_places(json.loads(body))
    except (ValueError, RecursionError):
        return []  # the app answers that it is no JSON


def _unreadable(message: str) -> Answer:
    fault = PlacedFault("body", FieldFault("", "json_invalid", message))
    return problem(422, InvalidFields.code, InvalidFields.title, message, faults=[fault])


def _refuse_parameters(scope: Scope) -> Answer | None:
    if b"%00" in scope["query_string"] or b"\0" in scope["query_string"]:
        fault = PlacedFault("query", FieldFault("", "unstorable_text", "地址参数中含有无法识别的字符。"))
        return problem(422, InvalidFields.code, InvalidFields.title, fault.fault.message, faults=[fault])
    if "\0" in scope["path"]:
        return problem(404, "not_found", "未找到", "请求的地址不存在。")
    return None


def _too_large(limit: int) -> Answer:
    size = f"{limit // (1024 * 1024)} MB" if limit >= 1024 * 1024 else f"{limit} 字节"
    # Closing spares both sides the rest of the body.
    detail = f"提交的内容超过允许的大小（{size}）。"
    return problem(413, "too_large", "内容过大", detail, headers={"connection": "close"})


def _counted(receive: Receive, limit: int) -> Receive:
    size = 0

    async def counted() -> Message:
        nonlocal size
        message = await receive()
        size += len(message.get("body", b""))
        if size > limit:
            raise HTTPException(413)  # the one kind that FastAPI lets through while it reads a body
        return message

    return counted


def _replayed(first: Message, rest: Callable[[], Awaitable[Message]]) -> Receive:
    waiting = [first]

    async def replayed() -> Message:
        return waiting.pop() if waiting else await rest()

    return replayed


def _has_body(scope: Scope) -> bool:
    return any(name in (b"content-length", b"transfer-encoding") for name, _ in scope["headers"])


def _declared_length(scope: Scope) -> int:
    declared = _raw_header(scope, b"content-length") or b"0"
    return int(declared) if declared.isdigit() and len(declared) < 20 else 0


def _raw_header(scope: Scope, name: bytes) -> bytes | None:
    return next((value for key, value in scope["headers"] if key == name), None)


def _header(scope: Scope, name: bytes) -> str | None:
    value = _raw_header(scope, name)
    return None if value is None else value.decode("latin-1")
