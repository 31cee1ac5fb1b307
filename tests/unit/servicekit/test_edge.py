"""What wraps every request: traces, log lines, measurements, crashes."""

import io
import json
from collections.abc import AsyncIterator, Iterator
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
import structlog
from fastapi import APIRouter, FastAPI
from fastapi.responses import StreamingResponse
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from prometheus_client import REGISTRY

from servicekit import auth, edge, logs, tracing
from tests.support.tokens import TestKeys

UNIT = "330200000000000101"
PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    before = structlog.get_config()
    stream = io.StringIO()
    logs.configure("probe", stream=stream)
    yield stream
    structlog.configure(**before)


@pytest.fixture
def spans() -> Iterator[InMemorySpanExporter]:
    exporter = InMemorySpanExporter()
    tracing.setup("probe", None, processor=SimpleSpanProcessor(exporter))
    yield exporter
    tracing.shutdown()


@pytest.fixture
def issuer() -> TestKeys:
    return TestKeys()


@pytest.fixture
async def client(issuer: TestKeys) -> AsyncIterator[httpx.AsyncClient]:
    app = FastAPI()
    app.state.runtime = SimpleNamespace(keys=issuer.keys, clock=issuer.clock)
    edge.install(app, "probe")
    router = APIRouter(prefix="/things")

    @router.get("/{thing_id}")
    async def thing(thing_id: str) -> dict[str, str | None]:
        return {"trace": tracing.current_trace_id(), "next": tracing.current_traceparent()}

    @router.get("/{thing_id}/owner")
    async def owner(thing_id: str, clerk: auth.AnyClerk) -> str:
        structlog.get_logger("probe.things").info("looked", thing_id=thing_id)
        return clerk.employer_no

    @router.get("/{thing_id}/crash")
    async def crash(thing_id: str) -> None:
        number = "330203199003071232"
        raise KeyError(f"王小明 {number}")

    @router.get("/{thing_id}/half")
    async def half(thing_id: str) -> StreamingResponse:
        async def body() -> AsyncIterator[bytes]:
            yield b"half"
            raise RuntimeError("broke")

        return StreamingResponse(body())

    @app.get("/livez")
    async def livez() -> str:
        return "alive"

    app.include_router(router, prefix="/api/probe")
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://hall.test") as opened:
        yield opened


def read(lines: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in lines.getvalue().splitlines()]


async def test_one_line_per_request_without_its_path_or_query(client: httpx.AsyncClient, lines: io.StringIO) -> None:
    await client.get("/api/probe/things/330203199003071232?name=王小明", headers={"traceparent": PARENT})
    (line,) = read(lines)
    assert line.pop("ms") >= 0
    assert line.pop("at").endswith("+00:00")
    assert line == {
        "event": "request",
        "level": "info",
        "logger": "servicekit.edge",
        "service": "probe",
        "method": "GET",
        "route": "/api/probe/things/{thing_id}",
        "status": 200,
        "trace_id": "0af7651916cd43dd8448eb211c80319c",
    }


async def test_lines_know_the_account_and_forget_it_afterwards(
    client: httpx.AsyncClient, lines: io.StringIO, issuer: TestKeys
) -> None:
    with structlog.contextvars.bound_contextvars(outer="kept"):
        await client.get("/api/probe/things/7/owner", headers=issuer.headers(employer_no=UNIT))
        await client.get("/api/probe/things/7")
        assert structlog.contextvars.get_contextvars() == {"outer": "kept"}
    looked, first, second = read(lines)
    assert (looked["logger"], looked["thing_id"]) == ("probe.things", "7")
    assert first["employer_no"] == looked["employer_no"] == UNIT
    assert first["account_id"]
    assert not {"employer_no", "account_id", "outer"} & set(second)


async def test_health_questions_are_not_news(client: httpx.AsyncClient, lines: io.StringIO) -> None:
    await client.get("/livez")
    assert read(lines) == []


async def test_a_crash_says_its_trace_outside_and_its_stack_inside(
    client: httpx.AsyncClient, lines: io.StringIO
) -> None:
    answer = await client.get("/api/probe/things/7/crash")
    assert answer.status_code == 500
    body = answer.json()
    assert body["code"] == "internal_error"
    failed, request = read(lines)
    assert failed["trace_id"] == body["trace_id"] == request["trace_id"]
    assert failed["level"] == "error"
    (exception,) = failed["exception"]
    assert exception["type"] == "builtins.KeyError"
    assert "test_edge.py" in exception["frames"][-1]
    assert exception["frames"][-1].endswith(" crash")
    assert "王小明" not in lines.getvalue()
    assert "330203199003071232" not in lines.getvalue()
    assert request["status"] == 500


async def test_half_an_answer_breaks_the_connection(client: httpx.AsyncClient, lines: io.StringIO) -> None:
    with pytest.raises(RuntimeError, match="broke"):
        await client.get("/api/probe/things/7/half")
    assert [line["event"] for line in read(lines)] == ["request failed", "request"]


async def test_unknown_addresses_share_one_name(client: httpx.AsyncClient, lines: io.StringIO) -> None:
    await client.get("/wp-admin/1")
    await client.request("BREW", "/wp-admin/2")
    assert [(line["method"], line["route"]) for line in read(lines) if line["event"] == "request"] == [
        ("GET", "unmatched"),
        ("OTHER", "unmatched"),
    ]


async def test_measured_by_route(client: httpx.AsyncClient) -> None:
    labels = {"service": "probe", "method": "GET", "route": "/api/probe/things/{thing_id}", "status": "200"}
    before = REGISTRY.get_sample_value("hall_http_seconds_count", labels) or 0
    await client.get("/api/probe/things/1")
    await client.get("/api/probe/things/2")
    assert REGISTRY.get_sample_value("hall_http_seconds_count", labels) == before + 2
    assert REGISTRY.get_sample_value("hall_http_under_way", {"service": "probe"}) == 0


class TestTraces:
    """Traceparent in and out."""

    async def test_continues_what_came(self, client: httpx.AsyncClient, spans: InMemorySpanExporter) -> None:
        answer = await client.get("/api/probe/things/7?name=x", headers={"traceparent": PARENT})
        assert answer.json()["trace"] == "0af7651916cd43dd8448eb211c80319c"
        (span,) = spans.get_finished_spans()
        assert span.name == "GET /api/probe/things/{thing_id}"
        assert span.parent is not None
        assert f"{span.parent.span_id:016x}" == "b7ad6b7169203331"
        assert dict(span.attributes or {}) == {
            "http.request.method": "GET",
            "http.route": "/api/probe/things/{thing_id}",
            "http.response.status_code": 200,
        }

    @pytest.mark.parametrize("header", [None, "", "junk", "00-0-0-00", "00-" + "0" * 32 + "-" + "0" * 16 + "-01"])
    async def test_begins_anew_otherwise(self, client: httpx.AsyncClient, header: str | None) -> None:
        headers = {} if header is None else {"traceparent": header}
        first = (await client.get("/api/probe/things/7", headers=headers)).json()["trace"]
        second = (await client.get("/api/probe/things/7", headers=headers)).json()["trace"]
        assert first
        assert second
        assert first != second

    async def test_works_without_a_collector(self, client: httpx.AsyncClient) -> None:
        answer = await client.get("/api/probe/things/7", headers={"traceparent": PARENT})
        assert answer.json()["next"].startswith("00-0af7651916cd43dd8448eb211c80319c-")

    async def test_crashes_are_marked_without_their_text(
        self, client: httpx.AsyncClient, spans: InMemorySpanExporter
    ) -> None:
        await client.get("/api/probe/things/7/crash")
        (span,) = spans.get_finished_spans()
        assert not span.status.is_ok
        assert span.events == ()
        assert "王小明" not in span.to_json()

    def test_messages_continue_the_senders_trace(self, spans: InMemorySpanExporter) -> None:
        with tracing.span("send"):
            traceparent = tracing.current_traceparent()
        with pytest.raises(ValueError, match="x"), tracing.continue_trace(traceparent, "handle", consumer="bill_from"):
            raise ValueError("x")
        sent, handled = spans.get_finished_spans()
        assert handled.context is not None
        assert sent.context is not None
        assert handled.context.trace_id == sent.context.trace_id
        assert dict(handled.attributes or {}) == {"consumer": "bill_from", "error.type": "ValueError"}
        assert tracing.current_traceparent() is None
        assert tracing.current_trace_id() is None

    def test_headers_for_the_next_service(self) -> None:
        assert tracing.outgoing_headers() == {}
        with tracing.server_span(PARENT, "x"):
            assert tracing.outgoing_headers()["traceparent"].startswith("00-0af7651916cd43dd8448eb211c80319c-")
