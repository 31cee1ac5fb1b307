"""Whatever JSON comes, the answer is 200 or a problem of the 4xx kind, and never repeats what was sent."""

import asyncio
import json
from typing import Any

import httpx
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.unit.servicekit.everything import Everything, make_app, problem_of

_MARK = "姓名王小明"
json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from([_MARK, "2026-03-01", "13812341234", "\0", "\ud800", "1e400", "-0", "\uff19"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
fields = st.sampled_from([*Everything.model_fields, "unknown"])
app = make_app()


async def _post(content: bytes) -> httpx.Response:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://hall.test") as client:
        return await client.post("/everything", content=content, headers={"content-type": "application/json"})


def _check(content: bytes) -> None:
    answer = asyncio.run(_post(content))
    if answer.status_code != 200:
        assert answer.status_code in (400, 413, 422)
        problem_of(answer)
        assert _MARK not in answer.text


@given(st.dictionaries(fields, json_values, max_size=4))
@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])
def test_any_values_in_any_fields(form: dict[str, Any]) -> None:
    _check(json.dumps(form).encode())


@given(json_values)
@settings(max_examples=60)
def test_any_json_at_all(value: Any) -> None:
    _check(json.dumps(value).encode())


@given(st.binary(max_size=200))
@settings(max_examples=60)
def test_any_bytes(content: bytes) -> None:
    _check(content)
