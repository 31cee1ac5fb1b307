"""单位信息变更: asked for with attachments, applied, rejected or withdrawn as enrollment tells."""

import asyncio
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest

from employer.registration_changes.duties import drop_loose, sweep_orphans
from employer.registration_changes.rules import MAX_LOOSE
from employer.resources import attachments_in
from servicekit.consumer import Done, Parked
from servicekit.db.types import utc_now
from servicekit.ids import uuid7
from tests.integration.employer.office import (
    API,
    OTHER_UNIT,
    SCHOOL,
    UNIT,
    ask_for_change,
    attach,
    changes_of,
    decided,
    deliver,
    open_unit,
    rows,
    withdrawn,
)
from tests.support.files import jpeg, pdf, png
from tests.support.harness import ServiceHarness

NEW_PERSON = {"name": "贺云帆", "id_type": "01", "id_number": "330282198512310028"}


async def asked(hall: ServiceHarness, **wanted: Any) -> dict[str, Any]:
    answer = await ask_for_change(hall, **wanted)
    assert answer.status_code == 201, answer.text
    change: dict[str, Any] = answer.json()
    return change


async def events(hall: ServiceHarness, wire_name: str) -> list[dict[str, Any]]:
    found = await rows(
        hall, "SELECT envelope -> 'data' AS data FROM outbox WHERE type = :type ORDER BY id", type=wire_name
    )
    return [row.data for row in found]


async def registered(hall: ServiceHarness, unit: str = UNIT) -> dict[str, Any]:
    told: dict[str, Any] = (await hall.client.get(f"{API}/unit", headers=hall.clerk(unit))).json()
    return told


async def test_a_change_is_asked_for_and_announced_without_its_values(hall: ServiceHarness) -> None:
    change = await asked(
        hall,
        name="甬江智造股份有限公司",
        kind="10",
        legal_representative=NEW_PERSON,
        address="宁波市江北区示范大道102号",
    )
    assert change["status"] == "pending"
    assert change["changes"] == [
        {"field": "name", "before": "甬江智造科技有限公司", "after": "甬江智造股份有限公司"},
        {"field": "legal_representative", "before": "江一帆", "after": "贺云帆"},
        {"field": "legal_representative_id_type", "before": None, "after": "01"},
        {
            "field": "legal_representative_id_number",
            "before": "330203********1232",
            "after": "330282********0028",
        },
        {"field": "address", "before": "宁波市江北区示范大道101号", "after": "宁波市江北区示范大道102号"},
    ]
    (news,) = await events(hall, "employer.change_requested.v1")
    assert news["change_id"] == change["id"]
    assert news["fields"] == [one["field"] for one in change["changes"]]
    assert "股份" not in str(news)
    (kept,) = await rows(hall, "SELECT c::text AS told FROM registration_changes c")
    assert "330282198512310028" not in kept.told
    assert (await registered(hall))["basic"]["name"] == "甬江智造科技有限公司"


async def test_approved_it_is_applied_and_told_to_those_who_keep_a_copy(hall: ServiceHarness) -> None:
    change = await asked(
        hall,
        name="甬江智造股份有限公司",
        uscc="91330206MA2D5K7Q2W",
        kind="80",
        legal_representative=NEW_PERSON,
        address="新路1号",
    )
    assert await deliver(hall, decided(change)) == Done()
    told = await registered(hall)
    assert (told["basic"]["name"], told["basic"]["uscc"], told["basic"]["kind"]) == (
        "甬江智造股份有限公司",
        "91330206MA2D5K7Q2W",
        "80",
    )
    assert (told["contact"]["legal_representative"], told["contact"]["legal_representative_id_masked"]) == (
        "贺云帆",
        "330282********0028",
    )
    assert (told["contact"]["version"], told["registration"]["address"]) == (2, "新路1号")
    (news,) = await events(hall, "employer.employer_changed.v1")
    assert (news["name"], news["uscc"], news["kind"], news["version"]) == (
        "甬江智造股份有限公司",
        "91330206MA2D5K7Q2W",
        "80",
        2,
    )
    found = await hall.client.get(f"{API}/employers?q=股份", headers=hall.staff("operator"))
    assert [item["employer_no"] for item in found.json()["items"]] == [UNIT]
    (ended,) = await changes_of(hall)
    assert (ended["status"], ended["application_no"]) == ("applied", "2026031000000001")
    assert ended["changes"][0]["before"] == "甬江智造科技有限公司"
    (audited,) = await rows(hall, "SELECT chain, actor_kind FROM audit_log WHERE action = 'change.applied'")
    assert tuple(audited) == (UNIT, "system")


async def test_an_address_is_nobody_elses_business(hall: ServiceHarness) -> None:
    await deliver(hall, decided(await asked(hall, address="新路1号")))
    assert await events(hall, "employer.employer_changed.v1") == []
    assert (await registered(hall))["contact"]["version"] == 1


async def test_told_three_times_and_in_any_order_it_happens_once(hall: ServiceHarness) -> None:
    change = await asked(hall)
    news, message_id = decided(change), uuid7()
    outcomes = [await deliver(hall, news, id=message_id) for _ in range(3)]
    assert outcomes == [Done(), Done(duplicate=True), Done(duplicate=True)]
    later = [decided(change), withdrawn(change), decided(change, "rejected")]
    assert [await deliver(hall, one) for one in later] == [Done()] * 3
    assert len(await events(hall, "employer.employer_changed.v1")) == 1
    assert [one["status"] for one in await changes_of(hall)] == ["applied"]


async def test_the_same_news_at_once_is_one_effect(hall: ServiceHarness) -> None:
    change = await asked(hall)
    outcomes = await asyncio.gather(*(deliver(hall, decided(change)) for _ in range(4)))
    assert outcomes == [Done()] * 4
    assert len(await events(hall, "employer.employer_changed.v1")) == 1


@pytest.mark.parametrize("end", ["rejected", "withdrawn"])
async def test_rejected_or_withdrawn_nothing_changes_and_another_can_be_asked_for(
    hall: ServiceHarness, end: str
) -> None:
    change = await asked(hall)
    before = await registered(hall)
    await deliver(hall, withdrawn(change) if end == "withdrawn" else decided(change, "rejected"))
    assert [one["status"] for one in await changes_of(hall)] == [end]
    assert await registered(hall) == before
    assert (await ask_for_change(hall)).status_code == 201


async def test_what_became_of_applications_of_other_kinds_is_not_ours(hall: ServiceHarness) -> None:
    news = decided(await asked(hall)).model_copy(update={"kind": "addition", "change_id": None})
    assert await deliver(hall, news) == Done()
    assert [one["status"] for one in await changes_of(hall)] == ["pending"]


async def test_a_decision_about_nothing_we_know_is_parked(hall: ServiceHarness) -> None:
    change = await asked(hall)
    for stranger in ({**change, "id": str(uuid7())}, {**change, "employer_no": OTHER_UNIT}):
        assert isinstance(await deliver(hall, decided(stranger)), Parked)


async def test_approved_for_a_unit_that_was_closed_meanwhile(hall: ServiceHarness) -> None:
    change = await asked(hall)
    await rows(hall, "UPDATE units SET status = 'closed' WHERE employer_no = :no RETURNING 1", no=UNIT)
    assert await deliver(hall, decided(change)) == Done()
    (ended,) = await changes_of(hall)
    assert (ended["status"], ended["refusal"]) == ("not_applied", "单位已注销参保登记")
    assert await events(hall, "employer.employer_changed.v1") == []
    refused = await ask_for_change(hall)
    assert (refused.status_code, refused.json()["code"]) == (409, "unit_closed")


async def test_contact_data_edited_while_it_waited_are_seen_by_the_reviewer(hall: ServiceHarness) -> None:
    change = await asked(hall, legal_representative=NEW_PERSON)
    form = {"legal_representative": "江小帆", "contact": "沈青禾", "address": "某路1号"}
    headers = hall.clerk(UNIT) | {"If-Match": '"v1"'}
    assert (await hall.client.put(f"{API}/unit/contact", json=form, headers=headers)).status_code == 200
    shown = await hall.client.get(f"{API}/reviews/registration-changes/{change['id']}", headers=hall.staff())
    assert shown.json()["changes"][0] == {"field": "legal_representative", "before": "江小帆", "after": "贺云帆"}
    await deliver(hall, decided(change))
    late = await hall.client.put(f"{API}/unit/contact", json=form, headers=hall.clerk(UNIT) | {"If-Match": '"v2"'})
    assert late.status_code == 412
    (ended,) = await changes_of(hall)
    assert ended["changes"][0]["before"] == "江小帆"


async def test_one_pending_change_of_a_unit(hall: ServiceHarness) -> None:
    ids = [(await attach(hall)).json()["id"] for _ in range(4)]
    answers = await asyncio.gather(*(ask_for_change(hall, attachments=[one], name=f"甬江{one}") for one in ids))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]
    assert {answer.json()["code"] for answer in answers if answer.status_code == 409} == {"change_pending"}
    assert (await ask_for_change(hall, unit=OTHER_UNIT)).status_code == 201
    assert len(await events(hall, "employer.change_requested.v1")) == 2


async def test_the_same_request_twice_is_one(hall: ServiceHarness) -> None:
    form = {"name": "甬江智造股份有限公司", "attachments": [(await attach(hall)).json()["id"]]}
    headers = hall.clerk(UNIT)
    answers = [await hall.client.post(f"{API}/registration-changes", json=form, headers=headers) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json()["id"] == answers[1].json()["id"]


_BAD: list[tuple[dict[str, Any], int, list[str]]] = [
    ({"name": "甬"}, 422, ["/name"]),
    ({"uscc": "91330200MA2A0B1C3K"}, 422, ["/uscc"]),
    ({"uscc": "330200XNDW00000001"}, 422, ["/uscc"]),
    ({"kind": "77"}, 409, ["/kind"]),
    ({"kind": "99"}, 409, ["/kind"]),
    (
        {"legal_representative": {**NEW_PERSON, "id_number": "330282198512310029"}},
        422,
        ["/legal_representative/id_number"],
    ),
    ({"legal_representative": {**NEW_PERSON, "id_type": "55"}}, 422, ["/legal_representative/id_type"]),
    ({"legal_representative": {"name": "贺云帆"}}, 422, ["/legal_representative/id_number"]),
    ({"address": " ", "remark": "字" * 501}, 422, ["/address", "/remark"]),
    ({"name": "甬江智造科技有限公司", "kind": "10"}, 409, []),
    ({"uscc": "91330200ma2a0b1c3j"}, 409, []),
    ({"name": "甬江\0智造"}, 422, ["/name"]),
    ({"attachments": [], "name": "甬江智造股份有限公司"}, 422, ["/attachments"]),
    ({"attachments": [str(uuid7())], "name": "甬江智造股份有限公司"}, 422, ["/attachments/0"]),
    ({"attachments": ["x"] * 6, "name": "甬江智造股份有限公司"}, 422, ["/attachments"]),
]


async def test_what_cannot_be_asked_for(hall: ServiceHarness, subtests: pytest.Subtests) -> None:
    attached = (await attach(hall)).json()["id"]
    for wanted, status, pointers in _BAD:
        with subtests.test(case=repr(wanted)):
            answer = await ask_for_change(hall, **{"attachments": [attached], **wanted})
            assert answer.status_code == status, answer.text
            assert [fault["pointer"] for fault in answer.json()["errors"]] == pointers
            assert "330282198512310029" not in answer.text
    assert await changes_of(hall) == []
    assert await events(hall, "employer.change_requested.v1") == []


async def test_a_virtual_unit_may_change_its_name_but_not_its_code(hall: ServiceHarness) -> None:
    virtual = "330200000000000301"
    await open_unit(hall, virtual, name="失业人员参保虚拟单位", kind="99", uscc="330200XNDW00000001")
    refused = await ask_for_change(hall, unit=virtual, uscc="91330206MA2D5K7Q2W")
    assert (refused.status_code, refused.json()["code"]) == (409, "virtual_unit")
    taken = await ask_for_change(hall, unit=virtual, uscc="330200XNDW00000001", name="失业人员虚拟单位")
    assert [one["field"] for one in taken.json()["changes"]] == ["name"]


async def test_attachments_come_back_as_they_went_in_and_nothing_runs(hall: ServiceHarness) -> None:
    contents = {"执照.pdf": pdf(), "身份证.jpg": jpeg(), "../../章程.png": png()}
    ids = [(await attach(hall, name, content)).json()["id"] for name, content in contents.items()]
    change = await asked(hall, attachments=ids, name="甬江智造股份有限公司")
    assert [one["file_name"] for one in change["attachments"]] == ["执照.pdf", "身份证.jpg", "章程.png"]
    for one, content in zip(change["attachments"], contents.values(), strict=True):
        path = f"registration-changes/{change['id']}/attachments/{one['id']}/file"
        for url, headers in ((f"{API}/{path}", hall.clerk(UNIT)), (f"{API}/reviews/{path}", hall.staff())):
            answer = await hall.client.get(url, headers=headers)
            assert answer.content == content
            assert answer.headers["content-type"] == one["media_type"]
            assert answer.headers["content-disposition"].endswith(quote(one["file_name"], safe=""))
            assert answer.headers["x-content-type-options"] == "nosniff"
            assert answer.headers["content-security-policy"] == "default-src 'none'; sandbox"
            assert answer.headers["cache-control"] == "private, no-store"
    seen = await rows(hall, "SELECT chain FROM audit_log WHERE action = 'attachment.viewed'")
    assert sum(row.chain == UNIT for row in seen) == sum(row.chain.startswith("account:") for row in seen) == 3


async def test_attachments_are_sealed_outside_the_database(hall: ServiceHarness) -> None:
    first, second = (await attach(hall, "甲.pdf", pdf("secret words"))).json(), (await attach(hall, "乙.pdf")).json()
    objects = attachments_in(hall.runtime).objects
    keys = [key async for key in objects.keys_before(utc_now() + timedelta(days=1))]
    assert len(keys) == 2
    assert not any(b"secret words" in content for content in [await objects.get(key) for key in keys])
    kept = await rows(hall, "SELECT id::text, digest FROM change_attachments")
    assert {row.id: row.digest in keys for row in kept} == {first["id"]: True, second["id"]: True}


async def test_another_unit_reaches_neither_the_change_nor_its_attachments(hall: ServiceHarness) -> None:
    change = await asked(hall)
    base = f"{API}/registration-changes"
    file = f"{base}/{change['id']}/attachments/{change['attachments'][0]['id']}/file"
    for url in (f"{base}/{change['id']}", file):
        assert (await hall.client.get(url, headers=hall.clerk(OTHER_UNIT))).status_code == 404
        assert (await hall.client.get(url, headers=hall.clerk(UNIT, ("declare", "print")))).status_code == 403
        assert (await hall.client.get(url, headers=hall.clerk(UNIT, ("query",)))).status_code == 200
    assert await changes_of(hall, OTHER_UNIT) == []
    stolen = await ask_for_change(hall, unit=OTHER_UNIT, attachments=[(await attach(hall)).json()["id"]])
    assert stolen.json()["errors"][0]["pointer"] == "/attachments/0"
    theirs = await asked(hall, unit=SCHOOL, attachments=[(await attach(hall, unit=SCHOOL)).json()["id"]])
    mixed = f"{base}/{theirs['id']}/attachments/{change['attachments'][0]['id']}/file"
    assert (await hall.client.get(mixed, headers=hall.clerk(SCHOOL))).status_code == 404
    reviewed = f"{API}/reviews/registration-changes/{theirs['id']}/attachments/{change['attachments'][0]['id']}/file"
    assert (await hall.client.get(reviewed, headers=hall.staff())).status_code == 404


async def test_an_attachment_belongs_to_one_request(hall: ServiceHarness) -> None:
    change = await asked(hall)
    used = change["attachments"][0]["id"]
    gone = await hall.client.delete(f"{API}/registration-changes/attachments/{used}", headers=hall.clerk(UNIT))
    assert (gone.status_code, gone.json()["code"]) == (409, "attachment_used")
    await deliver(hall, withdrawn(change))
    again = await ask_for_change(hall, attachments=[used])
    assert again.json()["errors"][0]["pointer"] == "/attachments/0"


async def test_files_that_no_request_took_can_be_removed_and_leave_after_a_day(hall: ServiceHarness) -> None:
    store = attachments_in(hall.runtime).objects

    async def kept() -> int:
        return len([key async for key in store.keys_before(utc_now() + timedelta(days=1))])

    one = (await attach(hall)).json()["id"]
    url = f"{API}/registration-changes/attachments/{one}"
    assert (await hall.client.delete(url, headers=hall.clerk(OTHER_UNIT))).status_code == 404
    assert (await hall.client.delete(url, headers=hall.clerk(UNIT))).status_code == 204
    assert await kept() == 0
    await asked(hall)
    await attach(hall)
    hall.clock.advance(timedelta(days=2))
    await drop_loose(hall.runtime)
    assert await kept() == 1
    assert len(await rows(hall, "SELECT 1 FROM change_attachments")) == 1


async def test_contents_that_no_row_names_are_swept_when_they_are_old(
    hall: ServiceHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    change = await asked(hall)
    store = attachments_in(hall.runtime)
    await store.put(b"of an upload that died")
    await sweep_orphans(hall.runtime)
    keys = [key async for key in store.objects.keys_before(utc_now() + timedelta(days=1))]
    assert len(keys) == 2  # young ones may be about to get their row
    monkeypatch.setattr("servicekit.store.sweeping.utc_now", lambda: utc_now() + timedelta(days=3))
    await sweep_orphans(hall.runtime)
    keys = [key async for key in store.objects.keys_before(utc_now() + timedelta(days=1))]
    (row,) = await rows(hall, "SELECT digest FROM change_attachments WHERE change_id = :id", id=change["id"])
    assert keys == [row.digest]


async def test_hostile_files_leave_nothing_behind(hall: ServiceHarness) -> None:
    for name, content in (
        ("a.pdf", b"PK\x03\x04" + b"\0" * 100),
        ("a.pdf", pdf() + b"PK\x03\x04"),
        ("a.png", pdf()),
        ("a.pdf", b"x" * (5 * 2**20 + 1)),
        ("../../etc/passwd", pdf()),
        ("a.pdf", b""),
    ):
        answer = await attach(hall, name, content)
        assert answer.status_code == 422, (name, answer.text)
        assert answer.json()["errors"][0]["pointer"] == "/file"
    assert await rows(hall, "SELECT 1 FROM change_attachments") == []
    objects = attachments_in(hall.runtime).objects
    assert [key async for key in objects.keys_before(utc_now() + timedelta(days=1))] == []


async def test_nobody_fills_the_store(hall: ServiceHarness) -> None:
    for _ in range(MAX_LOOSE):
        assert (await attach(hall, "a.png", png())).status_code == 201
    answer = await attach(hall, "a.png", png())
    assert (answer.status_code, answer.json()["code"]) == (429, "too_many_attachments")


async def test_a_content_that_was_damaged_is_said_so(hall: ServiceHarness) -> None:
    change = await asked(hall)
    (row,) = await rows(hall, "SELECT digest FROM change_attachments")
    await attachments_in(hall.runtime).objects.delete(row.digest)
    url = f"{API}/registration-changes/{change['id']}/attachments/{change['attachments'][0]['id']}/file"
    answer = await hall.client.get(url, headers=hall.clerk(UNIT))
    assert (answer.status_code, answer.json()["code"]) == (410, "attachment_lost")


async def test_the_reviewer_sees_the_new_number_in_full_after_a_step_up(hall: ServiceHarness) -> None:
    change = await asked(hall, legal_representative=NEW_PERSON)
    url = f"{API}/reviews/registration-changes/{change['id']}/disclosures"
    form = {"fields": ["legal_representative_id_number"]}
    assert (await hall.client.post(url, json=form, headers=hall.staff())).json()["code"] == "step_up_required"
    answer = await hall.client.post(url, json=form, headers=hall.staff(stepped_up=True))
    assert answer.json() == {"legal_representative_id_number": "330282198512310028"}
    assert answer.headers["cache-control"] == "no-store"
    for headers in (hall.clerk(UNIT, stepped_up=True), hall.staff("operator", stepped_up=True)):
        assert (await hall.client.post(url, json=form, headers=headers)).status_code == 403
