"""单位信息维护: contact data edited, numbers in full on demand."""

import asyncio
from typing import Any

import httpx
import pytest

from tests.integration.employer.office import API, OTHER_UNIT, UNIT, rows
from tests.support.harness import ServiceHarness

GOOD: dict[str, Any] = {
    "legal_representative": "江一帆",
    "contact": "沈青禾",
    "address": "宁波市江北区示范大道101号",
}


async def change(hall: ServiceHarness, version: int = 1, **changes: Any) -> httpx.Response:
    headers = hall.clerk(UNIT, ("maintain",)) | {"If-Match": f'"v{version}"'}
    return await hall.client.put(f"{API}/unit/contact", json={**GOOD, **changes}, headers=headers)


async def shown(hall: ServiceHarness) -> httpx.Response:
    return await hall.client.get(f"{API}/unit/maintenance", headers=hall.clerk(UNIT, ("maintain",)))


async def test_what_was_typed_is_saved_and_what_was_left_blank_stays(hall: ServiceHarness) -> None:
    before = await shown(hall)
    assert before.headers["etag"] == '"v1"'
    answer = await change(
        hall, contact="陆知秋", contact_phone="0574 8700 0199", email="hr@example.com", postal_code=""
    )
    assert answer.status_code == 200, answer.text
    assert answer.headers["etag"] == '"v2"'
    after = (await shown(hall)).json()["contact"]
    assert after == {
        **before.json()["contact"],
        "contact": "陆知秋",
        "contact_phone_masked": "*" * 11 + "99",
        "email": "hr@example.com",
        "version": 2,
    }
    (audited,) = await rows(hall, "SELECT chain, facts FROM audit_log WHERE action = 'contact.changed'")
    assert tuple(audited) == (UNIT, {"fields": ["contact", "contact_phone", "email"]})


async def test_saving_what_is_there_changes_nothing(hall: ServiceHarness) -> None:
    answer = await change(
        hall, legal_representative_phone="138-0574-0101", legal_representative_id="330203199003071232"
    )
    assert (answer.status_code, answer.json()["version"]) == (200, 1)
    assert await rows(hall, "SELECT 1 FROM audit_log WHERE action = 'contact.changed'") == []


async def test_the_mobile_can_be_set_and_taken_away(hall: ServiceHarness) -> None:
    assert (await change(hall, contact_mobile="13905740101")).json()["contact_mobile_masked"] == "139****0101"
    assert (await change(hall, 2, without_contact_mobile=True)).json()["contact_mobile_masked"] is None


async def test_a_recorded_identity_number_is_for_the_review(hall: ServiceHarness) -> None:
    answer = await change(hall, legal_representative_id="330282198512310028")
    assert (answer.status_code, answer.json()["code"]) == (409, "representative_by_application")
    assert answer.json()["errors"][0]["pointer"] == "/legal_representative_id"


async def test_an_identity_number_nobody_recorded_may_be_filled_in(hall: ServiceHarness) -> None:
    await rows(hall, "UPDATE unit_contacts SET legal_representative_id = NULL RETURNING 1")
    answer = await change(hall, legal_representative_id_type="08", legal_representative_id="e1234567")
    assert answer.json()["legal_representative_id_type"] == "08"
    assert answer.json()["legal_representative_id_masked"] == "E1****67"


_BAD: list[tuple[dict[str, Any], list[str]]] = [
    ({"legal_representative": "", "contact": "x", "address": " "}, ["/legal_representative", "/contact", "/address"]),
    ({"legal_representative_phone": "12345"}, ["/legal_representative_phone"]),
    ({"contact_phone": "abc", "contact_mobile": "0574-87000101"}, ["/contact_phone", "/contact_mobile"]),
    ({"legal_representative_id": "330203199003071233"}, ["/legal_representative_id"]),
    ({"legal_representative_id": "1", "legal_representative_id_type": "77"}, ["/legal_representative_id_type"]),
    ({"email": "a b"}, ["/email"]),
    ({"postal_code": "3150"}, ["/postal_code"]),
    ({"contact": "沈\0青禾"}, ["/contact"]),
    ({"surprise": 2}, ["/surprise"]),
]


async def test_each_fault_is_said_at_its_field_and_nothing_is_saved(
    hall: ServiceHarness, subtests: pytest.Subtests
) -> None:
    for changes, pointers in _BAD:
        with subtests.test(case=repr(changes)):
            answer = await change(hall, **changes)
            assert answer.status_code == 422, answer.text
            assert [fault["pointer"] for fault in answer.json()["errors"]] == pointers
            assert all(fault["message"] for fault in answer.json()["errors"])
    assert (await shown(hall)).json()["contact"]["version"] == 1


async def test_two_tabs_edit_at_once_and_one_of_them_wins(hall: ServiceHarness) -> None:
    answers = await asyncio.gather(*(change(hall, contact=f"联系人{number}") for number in range(6)))
    assert sorted(answer.status_code for answer in answers) == [200, *[412] * 5]
    (saved,) = [answer.json()["contact"] for answer in answers if answer.status_code == 200]
    assert (await shown(hall)).json()["contact"]["contact"] == saved
    assert len(await rows(hall, "SELECT 1 FROM audit_log WHERE action = 'contact.changed'")) == 1


async def test_numbers_are_shown_in_full_after_a_step_up_and_that_is_audited(hall: ServiceHarness) -> None:
    form = {"fields": ["legal_representative_id", "contact_phone", "bank_account"]}
    answer = await hall.client.post(f"{API}/unit/disclosures", json=form, headers=hall.clerk(UNIT))
    assert (answer.status_code, answer.json()["code"]) == (403, "step_up_required")
    answer = await hall.client.post(f"{API}/unit/disclosures", json=form, headers=hall.clerk(UNIT, stepped_up=True))
    assert answer.headers["cache-control"] == "no-store"
    assert answer.json() == {
        "legal_representative_id": "330203199003071232",
        "legal_representative_phone": None,
        "contact_phone": "0574-87000101",
        "contact_mobile": None,
        "bank_account": None,
    }
    (audited,) = await rows(hall, "SELECT chain, facts FROM audit_log WHERE action = 'unit.revealed'")
    assert tuple(audited) == (UNIT, {"for": "display", "fields": sorted(form["fields"])})


async def test_only_who_may_maintain_edits_and_only_their_own_unit(hall: ServiceHarness) -> None:
    for permission in ("declare", "query", "print"):
        headers = hall.clerk(UNIT, (permission,)) | {"If-Match": '"v1"'}
        assert (await hall.client.get(f"{API}/unit/maintenance", headers=headers)).status_code == 403
        assert (await hall.client.put(f"{API}/unit/contact", json=GOOD, headers=headers)).status_code == 403
    await change(hall, contact="陆知秋")
    other = await hall.client.get(f"{API}/unit/maintenance", headers=hall.clerk(OTHER_UNIT))
    assert other.json()["contact"]["contact"] == "沈青禾"
