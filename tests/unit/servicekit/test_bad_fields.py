"""Every wrong field is pointed at, all of them at once, wherever it came from."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from tests.unit.servicekit.everything import make_app, problem_of


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(make_app()), base_url="http://hall.test") as opened:
        yield opened


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
