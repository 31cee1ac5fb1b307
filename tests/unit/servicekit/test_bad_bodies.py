"""Bodies that are no JSON, hold unstorable text, are of another type or too large."""

import json
from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI, Request

from servicekit import edge, problems
from tests.unit.servicekit.everything import make_app, problem_of


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(make_app()), base_url="http://hall.test") as opened:
        yield opened


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
