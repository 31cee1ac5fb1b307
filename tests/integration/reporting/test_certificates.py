"""From the click to the PDF, and what the public page says of it."""

from datetime import timedelta
from io import BytesIO

import pypdf

from reporting.reports import expiry
from servicekit import audit
from servicekit.db.tx import Scope, begin
from servicekit.ids import uuid7
from tests.integration.reporting.desk import ask, file_of, made, shown
from tests.integration.reporting.siblings import UNIT, Siblings
from tests.support.harness import ServiceHarness


def text_of(pdf: bytes) -> str:
    return "\n".join(page.extract_text() for page in pypdf.PdfReader(BytesIO(pdf)).pages)


async def test_a_certificate_is_made_shown_and_confirmed(hall: ServiceHarness, siblings: Siblings) -> None:
    answer = await ask(hall, siblings.person_id)
    assert answer.status_code == 202
    accepted = answer.json()
    assert answer.headers["location"] == f"/api/reporting/reports/{accepted['id']}"
    assert (accepted["status"], accepted["title"], accepted["file_url"]) == ("queued", "职工参保证明", None)

    await hall.drain()
    report = await shown(hall, accepted["id"])
    assert (report["status"], report["progress"], report["total"]) == ("done", 4, 4)
    assert report["title"] == "职工参保证明（林晓燕，202511-202602）"

    file = await file_of(hall, report, disposition="attachment")
    assert file.headers["content-type"] == "application/pdf"
    assert file.headers["cache-control"] == "private, no-store"
    assert "filename*=UTF-8''%E8%81%8C%E5%B7%A5" in file.headers["content-disposition"]
    text = text_of(file.content)
    for expected in (
        "林晓燕",
        "330203199003071232",
        "甬江智造科技有限公司",
        "202511",
        "680.00",
        report["verification_code"],
    ):
        assert expected in text
    assert "共有缴费月份 4 个月，其中费款全部到账 3 个月" in text

    checked = await hall.client.get(f"/api/reporting/verifications/{report['verification_code']}")
    assert checked.status_code == 200
    said = checked.json()
    assert said["genuine"] is True
    assert said["expired"] is False
    assert said["valid_until"] == "2026-06-10"
    assert said["facts"]["name_masked"] == "林**"
    assert said["facts"]["id_number_masked"] == "330203********1232"
    assert said["facts"]["months"] == 4
    assert siblings.id_number not in checked.text
    assert siblings.name not in checked.text


async def test_the_report_centre_lists_the_newest_first(hall: ServiceHarness, siblings: Siblings) -> None:
    first = await made(hall, siblings.person_id)
    second = await made(hall, siblings.person_id, first="2026-01")
    answer = await hall.client.get("/api/reporting/reports", headers=hall.clerk(UNIT))
    listed = answer.json()
    assert listed["total"] == 2
    assert [item["id"] for item in listed["items"]] == [second["id"], first["id"]]
    assert listed["items"][0] == second


async def test_the_same_key_asks_once(hall: ServiceHarness, siblings: Siblings) -> None:
    key = {"Idempotency-Key": str(uuid7())}
    account = uuid7()
    form = {
        "kind": "insurance_certificate",
        "person_id": str(siblings.person_id),
        "from_month": "2026-01",
        "to_month": "2026-02",
    }
    headers = hall.clerk(UNIT, account_id=account) | key
    answers = [await hall.client.post("/api/reporting/reports", json=form, headers=headers) for _ in range(2)]
    assert answers[0].json()["id"] == answers[1].json()["id"]
    listed = await hall.client.get("/api/reporting/reports", headers=hall.clerk(UNIT))
    assert listed.json()["total"] == 1


async def test_the_code_is_read_however_it_is_typed(hall: ServiceHarness, siblings: Siblings) -> None:
    report = await made(hall, siblings.person_id)
    code = report["verification_code"].replace("-", "")
    for typed in (code.lower(), " ".join(code), code.replace("0", "O"), code.replace("0", "o")):
        answer = await hall.client.get(f"/api/reporting/verifications/{typed}")
        assert answer.status_code == 200, typed
        assert answer.json()["number"]


async def test_an_unknown_code_and_half_a_code_say_so(hall: ServiceHarness) -> None:
    unknown = await hall.client.get(f"/api/reporting/verifications/{'A' * 25}")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "verification_code_unknown")
    half = await hall.client.get("/api/reporting/verifications/ABCDE-12345")
    assert (half.status_code, half.json()["code"]) == (404, "verification_code_malformed")
    assert "25 位" in half.json()["detail"]


async def test_guessing_codes_is_slowed_down_per_client(hall: ServiceHarness) -> None:
    async def guess(client: str) -> int:
        headers = {"X-Forwarded-For": client}
        return (await hall.client.get(f"/api/reporting/verifications/{'B' * 25}", headers=headers)).status_code

    guesses = [await guess("203.0.113.7") for _ in range(25)]
    assert guesses[:20] == [404] * 20
    assert guesses[-1] == 429
    assert await guess("203.0.113.8") == 404


async def test_a_certificate_stays_genuine_when_it_has_expired(hall: ServiceHarness, siblings: Siblings) -> None:
    report = await made(hall, siblings.person_id)
    hall.clock.advance(timedelta(days=93))
    said = (await hall.client.get(f"/api/reporting/verifications/{report['verification_code']}")).json()
    assert (said["genuine"], said["expired"]) == (True, True)


async def test_an_expired_report_is_gone_and_its_file_too(hall: ServiceHarness, siblings: Siblings) -> None:
    report = await made(hall, siblings.person_id)
    store = hall.runtime.resources["reporting"].store
    digest = (await hall.client.get(f"/api/reporting/verifications/{report['verification_code']}")).json()["sha256"]
    assert (await store.get(digest)).startswith(b"%PDF")

    hall.clock.advance(timedelta(days=31 + 300))  # jobs carry the machine's time, which may be later than the clock's
    gone = await file_of(hall, report)
    assert (gone.status_code, gone.json()["code"]) == (410, "report_expired")
    await expiry.expire_reports(hall.runtime)
    listed = await hall.client.get("/api/reporting/reports", headers=hall.clerk(UNIT))
    assert listed.json()["total"] == 0
    assert [key async for key in store.objects.keys_before(hall.clock.now() + timedelta(days=9999))] == []
    checked = await hall.client.get(f"/api/reporting/verifications/{report['verification_code']}")
    assert checked.status_code == 200


async def test_who_asked_and_who_opened_is_on_record(hall: ServiceHarness, siblings: Siblings) -> None:
    report = await made(hall, siblings.person_id)
    await file_of(hall, report)
    async with begin(hall.runtime, scope=Scope.system()) as tx:
        assert await audit.verify(tx, UNIT) is None
        actions = (await tx.execute(audit.AUDIT_LOG.select().order_by(audit.AUDIT_LOG.c.position))).all()
    assert [row.action for row in actions] == ["report.requested", "document.issued", "report.opened"]


async def test_nothing_personal_is_kept_readable(hall: ServiceHarness, siblings: Siblings) -> None:
    report = await made(hall, siblings.person_id)
    store = hall.runtime.resources["reporting"].store
    keys = [key async for key in store.objects.keys_before(hall.clock.now() + timedelta(days=9999))]
    assert len(keys) == 1
    assert b"%PDF" not in await store.objects.get(keys[0])
    async with begin(hall.runtime, scope=Scope.system()) as tx:
        for table in ("jobs", "documents", "outbox", "audit_log", "idempotency"):
            rows = (await tx.connection()).exec_driver_sql(f"SELECT t::text FROM {table} t")  # noqa: S608
            for (row,) in await rows:
                assert siblings.id_number not in row, table
    assert report["status"] == "done"
