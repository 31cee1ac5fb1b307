"""Checking unit and name before registration: what is accepted, and that a refusal tells nothing."""

from tests.integration.identity.entrance import (
    NAMES,
    SCHOOL,
    SCHOOL_USCC,
    SECOND_UNIT,
    UNIT,
    USCC,
    VIRTUAL,
    VIRTUAL_CODE,
    Visitor,
    deliver,
    faults,
    opened,
    wide,
)
from tests.support.harness import ServiceHarness

PATH = "/registrations/unit-checks"


async def test_one_code_with_two_units(visitor: Visitor) -> None:
    answer = await visitor.post(PATH, {"uscc": USCC, "unit_name": NAMES[UNIT]})
    assert answer == {
        "uscc": USCC,
        "unit_name": NAMES[UNIT],
        "units": [{"employer_no": number, "name": NAMES[number]} for number in (UNIT, SECOND_UNIT)],
        "virtual": False,
    }


async def test_a_virtual_unit_by_the_code_of_the_register(visitor: Visitor) -> None:
    answer = await visitor.post(PATH, {"uscc": VIRTUAL_CODE, "unit_name": NAMES[VIRTUAL]})
    assert answer["virtual"] is True
    assert [unit["employer_no"] for unit in answer["units"]] == [VIRTUAL]


async def test_a_virtual_code_that_looks_like_a_mistyped_one(hall: ServiceHarness, visitor: Visitor) -> None:
    """Digits like any other code, and its check digit fails: the register knows it, so it must work."""
    code = "113302009900000010"
    await deliver(hall, opened("330200000000000302", uscc=code, name="灵活就业虚拟单位", kind="99", virtual=True))
    answer = await visitor.post(PATH, {"uscc": code, "unit_name": "灵活就业虚拟单位"})
    assert answer["virtual"] is True


async def test_what_people_type_is_normalised(visitor: Visitor) -> None:
    for uscc, name in (
        (f" {SCHOOL_USCC.lower()} ", "宁波市海曙区示范小学"),
        (wide(SCHOOL_USCC), " 宁波市海曙区 示范小学 "),
        ("12330200-419500123-Q", "宁波市海曙区示范小学"),
    ):
        answer = await visitor.post(PATH, {"uscc": uscc, "unit_name": name})
        assert (answer["uscc"], answer["unit_name"]) == (SCHOOL_USCC, NAMES[SCHOOL])


async def test_brackets_of_either_width_are_the_same(hall: ServiceHarness, visitor: Visitor) -> None:
    await deliver(hall, opened("330200000000000401", uscc="52330200500001234A", name="四明山（宁波）协会"))
    await visitor.post(PATH, {"uscc": "52330200500001234A", "unit_name": "四明山(宁波)协会"})


async def test_a_wrong_name_and_an_unknown_code_look_the_same(visitor: Visitor) -> None:
    wrong_name = await visitor.send("POST", PATH, {"uscc": USCC, "unit_name": "别的单位"})
    unknown = await visitor.send("POST", PATH, {"uscc": "52330200500001234A", "unit_name": "别的单位"})
    unknown_virtual = await visitor.send("POST", PATH, {"uscc": "330200XNDW00000009", "unit_name": "别的单位"})
    answers = [wrong_name.json(), unknown.json(), unknown_virtual.json()]
    for answer in answers:
        answer.pop("trace_id", None)
    assert wrong_name.status_code == unknown.status_code == unknown_virtual.status_code == 409
    assert answers[0]["code"] == "unknown_unit"
    assert answers[0] == answers[1] == answers[2]


FAULTY: list[tuple[dict[str, object], dict[str, str] | set[str]]] = [
    ({"uscc": "91330200MA2A0B1C3K", "unit_name": "甲"}, {"/uscc": "uscc_check_digit"}),
    ({"uscc": "9133020", "unit_name": "甲"}, {"/uscc": "uscc_length"}),
    ({"uscc": "", "unit_name": ""}, {"/uscc", "/unit_name"}),
    ({"uscc": USCC}, {"/unit_name"}),
    ({"uscc": USCC, "unit_name": "甲" * 300}, {"/unit_name"}),
    ({"uscc": 5, "unit_name": ["甲"]}, {"/uscc", "/unit_name"}),
    ({"uscc": USCC, "unit_name": "甲", "extra": 1}, {"/extra"}),
]


async def test_faulty_fields_say_so_beside_the_field(visitor: Visitor) -> None:
    for body, expected in FAULTY:
        answer = await visitor.send("POST", PATH, body)
        assert answer.status_code == 422, body
        found = faults(answer)
        assert (found if isinstance(expected, dict) else set(found)) == expected, body
        assert all(any("\u4e00" <= c <= "\u9fff" for c in error["message"]) for error in answer.json()["errors"])


async def test_malformed_bodies_are_refused_politely(hall: ServiceHarness) -> None:
    for content in (b"", b"{", b"[]", b"null", b'"x"', b"\xff\xfe", b'{"uscc": "\\u0000"}'):
        headers = {"Content-Type": "application/json", "Idempotency-Key": "malformed-body"}
        answer = await hall.client.post(f"/api/identity{PATH}", content=content, headers=headers)
        assert 400 <= answer.status_code < 500, content
        assert answer.headers["content-type"] == "application/problem+json"
