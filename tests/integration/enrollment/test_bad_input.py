"""Nothing that anybody can send gives a 5xx, and every answer to it is a problem in Chinese."""

import json
from typing import Any

import pytest

from tests.integration.enrollment.desk import API, UNIT, addition, decide, submitted
from tests.support.harness import ServiceHarness

ODD: list[Any] = [
    None, True, 0, -1, 1e308, [], {}, [[]], "", " ", "\u0000", "a\u0000b", "\ud800", "x" * 3000, "𠮷" * 3,
    "'; DROP TABLE people --", "99999999999999999999999999", "2026-02-30", "0000-00-00", "9999-12-31", "2026-13", "NaN",
    "Infinity", "-8000", "\uff11\uff12\uff13",
]  # fmt: skip
FORM_FIELDS = [(module, name) for module, fields in addition().items() for name in fields]


def _check(answer: Any) -> None:
    assert answer.status_code < 500, answer.text
    if answer.status_code >= 400:
        problem = answer.json()
        assert problem["code"]
        assert any("\u4e00" <= character <= "\u9fff" for character in problem["title"] + problem["detail"])
        assert all(any("\u4e00" <= c <= "\u9fff" for c in fault["message"]) for fault in problem.get("errors", []))


def _json(body: Any) -> bytes:
    return json.dumps(body).encode()  # keeps lone surrogates as escapes, as a hostile client would send them


@pytest.mark.parametrize(("module", "name"), FORM_FIELDS)
async def test_odd_values_in_every_field_of_the_form(hall: ServiceHarness, module: str, name: str) -> None:
    for value in ODD:
        form = addition()
        form[module][name] = value
        headers = hall.clerk(UNIT) | {"Content-Type": "application/json"}
        answer = await hall.client.post(f"{API}/additions", content=_json(form), headers=headers)
        _check(answer)
        if answer.status_code == 422:
            pointers = [fault["pointer"] for fault in answer.json()["errors"]]
            assert all(pointer.startswith(("/person/", "/insurance/")) for pointer in pointers), pointers


@pytest.mark.parametrize(
    "content",
    [
        b"", b"{", b"null", b"[]", b'"text"', b"1", b"\xff\xfe", b'{"person": 1, "insurance": 2}',
        b'{"person": {"id_number": {"$gt": ""}}, "insurance": []}', b'{"extra": 1}', b"[" * 3000, b"{" * 50_000,
    ],
)  # fmt: skip
async def test_malformed_bodies(hall: ServiceHarness, content: bytes) -> None:
    for path in ("additions", "people/lookups", "applications/searches", "roster/searches"):
        headers = hall.clerk(UNIT) | {"Content-Type": "application/json"}
        answer = await hall.client.post(f"{API}/{path}", content=content, headers=headers)
        _check(answer)
        assert answer.status_code in (400, 413, 422)


async def test_oversize_body(hall: ServiceHarness) -> None:
    headers = hall.clerk(UNIT) | {"Content-Type": "application/json"}
    answer = await hall.client.post(f"{API}/additions", content=_json({"person": "x" * 20_000_000}), headers=headers)
    _check(answer)
    assert answer.status_code in (413, 422)


@pytest.mark.parametrize(
    "name", ["state", "id_number", "name", "no", "kind", "status", "from_date", "page", "page_size"]
)
async def test_odd_values_in_searches(hall: ServiceHarness, name: str) -> None:
    for value in ODD:
        for path, headers in (
            ("applications", hall.clerk(UNIT)),
            ("reviews", hall.staff()),
            ("roster", hall.clerk(UNIT)),
        ):
            body = {"state": "pending", name: value} if path != "roster" else {name: value}
            answer = await hall.client.post(
                f"{API}/{path}/searches",
                content=_json(body),
                headers=headers | {"Content-Type": "application/json"},
            )
            _check(answer)


@pytest.mark.parametrize(
    "number", ["x", "%00", "20260310-00000001%00", "2" * 5000, "..", "99999999-99999999", "\uff12" * 8 + "-00000001"]
)
async def test_odd_application_numbers(hall: ServiceHarness, number: str) -> None:
    for path, headers in (("applications", hall.clerk(UNIT)), ("reviews", hall.staff())):
        answer = await hall.client.get(f"{API}/{path}/{number}", headers=headers)
        _check(answer)
        assert answer.status_code in (404, 405, 414, 422)


@pytest.mark.parametrize("tag", ["", "*", "v1", '"x"', '"v1", "v2"', '"v99999999999999999999"', '"v-1"', "W/"])
async def test_odd_if_match(hall: ServiceHarness, tag: str) -> None:
    application = await submitted(hall, addition())
    headers = hall.staff() | {"If-Match": tag}
    path = f"{API}/reviews/{application['no']}/decision"
    answer = await hall.client.post(path, json={"decision": "approve"}, headers=headers)
    _check(answer)
    assert answer.status_code in (412, 428)
    assert (await decide(hall, application["no"])).json()["status"] == "approved"


@pytest.mark.parametrize("person_id", ["x", "%00", "01a20aa2-2240-733b-83fc-bfb0cef40d7f", "0" * 300])
async def test_odd_people(hall: ServiceHarness, person_id: str) -> None:
    answer = await hall.client.get(f"{API}/roster/{person_id}", headers=hall.clerk(UNIT))
    _check(answer)
    assert answer.status_code in (404, 422)
