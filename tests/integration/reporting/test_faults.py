"""What goes wrong, and what the clerk is told."""

import asyncio
import socket
from datetime import timedelta
from io import BytesIO
from typing import Any

import pypdf
import pytest
from pydantic import SecretStr
from sqlalchemy import func, select, update

from contracts.reporting import ReportFailed, ReportFinished, ReportRequested
from reporting.documents.models import Document
from reporting.rendering.pool import Limits
from reporting.reports import expiry, making
from servicekit import outbox
from servicekit.db.tx import Scope, begin
from servicekit.db.types import utc_now
from servicekit.ids import uuid7
from servicekit.job_runner import JobRunner
from servicekit.jobs import JobRow
from servicekit.store.s3 import S3Objects, S3Settings
from tests.integration.reporting.desk import ask, file_of, made, shown
from tests.integration.reporting.siblings import OTHER_UNIT, UNIT, Siblings
from tests.support.harness import ServiceHarness


async def documents_in(hall: ServiceHarness) -> int:
    async with begin(hall.runtime, scope=Scope.system()) as tx:
        return await tx.scalar(select(func.count()).select_from(Document)) or 0


async def announced(hall: ServiceHarness, wire_name: str) -> int:
    async with begin(hall.runtime, scope=Scope.system()) as tx:
        query = select(func.count()).select_from(outbox.table).where(outbox.table.c.type == wire_name)
        return await tx.scalar(query) or 0


@pytest.mark.parametrize(
    ("first", "last", "pointer", "code"),
    [
        ("2026-03", "2026-02", "/from_month", "range_reversed"),
        ("2026-01", "2026-04", "/to_month", "month_in_future"),
        ("2010-01", "2026-01", "/from_month", "range_too_long"),
        ("1989-12", "1990-03", "/from_month", "month_too_early"),
    ],
)
async def test_an_impossible_range_is_named_at_its_field(
    hall: ServiceHarness, siblings: Siblings, first: str, last: str, pointer: str, code: str
) -> None:
    answer = await ask(hall, siblings.person_id, first=first, last=last)
    assert answer.status_code == 422
    assert [(error["pointer"], error["code"]) for error in answer.json()["errors"]] == [(pointer, code)]
    assert await documents_in(hall) == 0


@pytest.mark.parametrize("month", ["202601", "2026-13", "", None, 5, "\uff19\uff19\uff19\uff19-01"])
async def test_a_month_that_is_none_is_refused_at_its_field(
    hall: ServiceHarness, siblings: Siblings, month: object
) -> None:
    form = {
        "kind": "insurance_certificate",
        "person_id": str(siblings.person_id),
        "from_month": month,
        "to_month": "2026-01",
    }
    answer = await hall.client.post("/api/reporting/reports", json=form, headers=hall.clerk(UNIT))
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == ["/from_month"]


async def test_both_months_are_named_when_both_are_impossible(hall: ServiceHarness, siblings: Siblings) -> None:
    early = await ask(hall, siblings.person_id, first="1985-01", last="1989-12")
    late = await ask(hall, siblings.person_id, first="2027-01", last="2027-02")
    for answer, code in ((early, "month_too_early"), (late, "month_in_future")):
        assert answer.status_code == 422
        assert [(error["pointer"], error["code"]) for error in answer.json()["errors"]] == [
            ("/from_month", code), ("/to_month", code),
        ]  # fmt: skip


async def test_the_first_month_there_can_be_is_accepted(hall: ServiceHarness, siblings: Siblings) -> None:
    report = await made(hall, siblings.person_id, first="1990-01", last="1990-02")
    assert report["status"] == "done"


async def test_a_removed_mandate_stops_a_report_already_asked_for(hall: ServiceHarness, siblings: Siblings) -> None:
    accepted = (await ask(hall, siblings.person_id)).json()
    siblings.mandate_gone = True
    await hall.drain()
    report = await shown(hall, accepted["id"])
    assert (report["status"], report["error_code"]) == ("failed", "authority_gone")
    assert "没有为该单位打印报表的权限" in report["error"]
    assert report["file_url"] is None
    assert [service for service, _ in siblings.asked] == ["identity"]
    assert await announced(hall, ReportFailed.wire_name) == 1


async def test_a_person_of_another_unit_is_nobody_here(hall: ServiceHarness) -> None:
    report = await made(hall, uuid7())
    assert (report["status"], report["error_code"]) == ("failed", "person_not_found")
    assert "不在本单位" in report["error"]


async def test_an_answer_for_another_unit_is_never_printed(hall: ServiceHarness, siblings: Siblings) -> None:
    answer = await ask(hall, siblings.person_id, unit=OTHER_UNIT)  # the stand-in always speaks of UNIT
    await hall.drain()
    report = await shown(hall, answer.json()["id"], unit=OTHER_UNIT)
    assert (report["status"], report["error_code"]) == ("failed", "person_not_found")


async def attempt_until_finished(hall: ServiceHarness, report_id: str) -> int:
    """Lets every wanted retry come at once; returns how many attempts it took."""
    runner = JobRunner(hall.runtime, making.HANDLERS[0])
    attempts = 0
    while await runner.run_once():
        attempts += 1
        async with begin(hall.runtime, scope=Scope.system()) as tx:
            await tx.execute(update(JobRow).where(JobRow.status == "queued").values(run_after=utc_now()))
    assert (await shown(hall, report_id))["status"] in {"done", "failed"}
    return attempts


async def attempt_when_due(hall: ServiceHarness, **changes: Any) -> None:
    """One attempt, without waiting for its time."""
    async with begin(hall.runtime, scope=Scope.system()) as tx:
        await tx.execute(update(JobRow).values(run_after=utc_now(), **changes))
    assert await JobRunner(hall.runtime, making.HANDLERS[0]).run_once()


@pytest.mark.parametrize("status", [None, 503])
@pytest.mark.parametrize("service", ["identity", "enrollment", "employer"])
async def test_a_service_that_is_away_is_waited_for_and_the_clerk_is_told(
    hall: ServiceHarness, siblings: Siblings, service: str, status: int | None
) -> None:
    siblings.away, siblings.away_status = {service}, status
    accepted = (await ask(hall, siblings.person_id)).json()
    for _ in range(20):
        await attempt_when_due(hall)
        report = await shown(hall, accepted["id"])
        assert (report["status"], report["error_code"]) == ("queued", "source_unavailable")
        assert report["error"] == "数据来源暂时不可用，恢复后自动继续。"
    siblings.away = set()
    await attempt_when_due(hall)
    report = await shown(hall, accepted["id"])
    assert (report["status"], report["error_code"], report["error"]) == ("done", None, None)
    assert await documents_in(hall) == 1
    assert await announced(hall, ReportFailed.wire_name) == 0


async def test_waiting_for_a_service_ends_after_an_hour_in_a_plain_reason(
    hall: ServiceHarness, siblings: Siblings
) -> None:
    siblings.away = {"employer"}
    accepted = (await ask(hall, siblings.person_id)).json()
    await attempt_when_due(hall, postponed_since=utc_now() - timedelta(minutes=59))
    assert (await shown(hall, accepted["id"]))["status"] == "queued"
    await attempt_when_due(hall, postponed_since=utc_now() - timedelta(minutes=61))
    report = await shown(hall, accepted["id"])
    assert (report["status"], report["error_code"]) == ("failed", "source_unavailable")
    assert "请稍后重新生成" in report["error"]
    assert await announced(hall, ReportFailed.wire_name) == 1


@pytest.mark.parametrize("status", [422, 500])
async def test_a_service_that_answers_wrongly_is_asked_a_few_times_only(
    hall: ServiceHarness, siblings: Siblings, status: int
) -> None:
    siblings.away, siblings.away_status = {"employer"}, status
    accepted = (await ask(hall, siblings.person_id)).json()
    assert await attempt_until_finished(hall, accepted["id"]) == 4
    report = await shown(hall, accepted["id"])
    assert (report["status"], report["error_code"]) == ("failed", "source_faulty")
    assert "读取参保或缴费数据时出错" in report["error"]


async def test_characters_without_a_shape_are_named_instead_of_printed_as_boxes(
    hall: ServiceHarness, siblings: Siblings
) -> None:
    siblings.name = "林\U00031350"
    report = await made(hall, siblings.person_id)
    assert (report["status"], report["error_code"]) == ("failed", "missing_shapes")
    assert "\U00031350" in report["error"]


async def test_rare_characters_print(hall: ServiceHarness, siblings: Siblings) -> None:
    siblings.name = "㛃𠮷䶮"
    report = await made(hall, siblings.person_id)
    pdf = pypdf.PdfReader(BytesIO((await file_of(hall, report)).content))
    assert "㛃𠮷䶮" in pdf.pages[0].extract_text()


async def test_redelivered_requests_make_one_document(hall: ServiceHarness, siblings: Siblings) -> None:
    accepted = (await ask(hall, siblings.person_id)).json()
    async with begin(hall.runtime, scope=Scope.system()) as tx:
        for _ in range(3):
            await outbox.add(tx, ReportRequested(job_id=accepted["id"], employer_no=UNIT))
    await hall.drain()
    await hall.drain()
    assert (await shown(hall, accepted["id"]))["status"] == "done"
    assert await documents_in(hall) == 1
    assert await announced(hall, ReportFinished.wire_name) == 1


async def test_a_report_taken_over_after_its_lease_makes_one_document(
    hall: ServiceHarness, siblings: Siblings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first worker has uploaded its file and is taken for dead before it can finish."""
    accepted = (await ask(hall, siblings.person_id)).json()
    store = hall.runtime.resources["reporting"].store
    uploaded, go_on = asyncio.Event(), asyncio.Event()
    put = store.put

    async def put_then_hang(content: bytes) -> str:
        digest: str = await put(content)
        if not uploaded.is_set():
            uploaded.set()
            await go_on.wait()
        return digest

    monkeypatch.setattr(store, "put", put_then_hang)
    first = asyncio.create_task(JobRunner(hall.runtime, making.HANDLERS[0]).run_once())
    await uploaded.wait()
    async with begin(hall.runtime, scope=Scope.system()) as tx:
        await tx.execute(update(JobRow).values(lease_until=utc_now() - timedelta(seconds=1)))
    assert await JobRunner(hall.runtime, making.HANDLERS[0]).run_once()
    report = await shown(hall, accepted["id"])
    assert report["status"] == "done"
    go_on.set()
    await first

    assert await documents_in(hall) == 1
    assert await shown(hall, accepted["id"]) == report
    files = store.objects
    assert len([key async for key in files.keys_before(utc_now() + timedelta(days=1))]) == 2
    await expiry.sweep_orphans(hall.runtime)  # a day must pass first
    assert len([key async for key in files.keys_before(utc_now() + timedelta(days=1))]) == 2
    monkeypatch.setattr("servicekit.store.sweeping.utc_now", lambda: utc_now() + timedelta(days=3))
    await expiry.sweep_orphans(hall.runtime)
    assert len([key async for key in files.keys_before(utc_now() + timedelta(days=1))]) == 1
    assert (await file_of(hall, report)).status_code == 200


async def test_a_renderer_killed_in_the_middle_is_replaced(hall: ServiceHarness, siblings: Siblings) -> None:
    await made(hall, siblings.person_id)
    renderers = hall.runtime.resources["reporting"].renderers
    for process in tuple(renderers.processes()):
        process.kill()
    accepted = (await ask(hall, siblings.person_id)).json()
    assert await attempt_until_finished(hall, accepted["id"]) == 2
    assert (await shown(hall, accepted["id"]))["status"] == "done"


async def test_a_document_that_ends_every_renderer_fails_with_a_reason(
    hall: ServiceHarness, siblings: Siblings, monkeypatch: pytest.MonkeyPatch
) -> None:
    renderers = hall.runtime.resources["reporting"].renderers
    monkeypatch.setattr(renderers, "_limits", Limits(wall_seconds=0.001))
    accepted = (await ask(hall, siblings.person_id)).json()
    assert await attempt_until_finished(hall, accepted["id"]) == 4
    report = await shown(hall, accepted["id"])
    assert (report["status"], report["error_code"]) == ("failed", "rendering_interrupted")
    assert "缩小打印范围" in report["error"]
    assert renderers.processes() == []


async def test_dead_workers_are_not_held_against_a_report(hall: ServiceHarness, siblings: Siblings) -> None:
    siblings.away, siblings.away_status = {"employer"}, 500
    accepted = (await ask(hall, siblings.person_id)).json()
    await attempt_when_due(hall, attempts=8)
    assert (await shown(hall, accepted["id"]))["status"] == "queued"


async def test_without_its_system_libraries_the_clerk_is_told(
    hall: ServiceHarness, siblings: Siblings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The child is started where WeasyPrint can't be imported."""
    monkeypatch.setattr("reporting.rendering.pool.CHILD", "tests.unit.reporting.child_without_pango")
    monkeypatch.setattr("reporting.rendering.pool.CHILD_OPTIONS", ())
    report = await made(hall, siblings.person_id)
    assert (report["status"], report["error_code"]) == ("failed", "rendering_unavailable")
    assert "系统组件" in report["error"]


async def test_another_employers_report_does_not_exist(hall: ServiceHarness, siblings: Siblings) -> None:
    report = await made(hall, siblings.person_id)
    stranger = hall.clerk(OTHER_UNIT)
    for path in ("", "/events", "/file"):
        answer = await hall.client.get(f"/api/reporting/reports/{report['id']}{path}", headers=stranger)
        assert (answer.status_code, answer.json()["code"]) == (404, "report_not_found"), path
    assert (await hall.client.get("/api/reporting/reports", headers=stranger)).json()["total"] == 0


@pytest.mark.parametrize("path", ["/{id}", "/{id}/events", "/{id}/file"])
async def test_only_clerks_who_may_print_see_documents(hall: ServiceHarness, siblings: Siblings, path: str) -> None:
    report = await made(hall, siblings.person_id)
    url = "/api/reporting/reports" + path.format(id=report["id"])
    assert (await hall.client.get(url)).status_code == 401
    for headers in (hall.staff("reviewer"), hall.staff("operator"), hall.clerk(UNIT, ("declare", "query"))):
        assert (await hall.client.get(url, headers=headers)).status_code == 403
    listed = await hall.client.get("/api/reporting/reports", headers=hall.clerk(UNIT, ("declare", "query")))
    assert listed.json() == {"items": [], "total": 0}


async def test_row_level_security_alone_hides_documents(hall: ServiceHarness, siblings: Siblings) -> None:
    await made(hall, siblings.person_id)
    for scope, seen in ((Scope.unit(OTHER_UNIT), 0), (Scope.none(), 0), (Scope.unit(UNIT), 1)):
        async with begin(hall.runtime, scope=scope) as tx:
            assert await tx.scalar(select(func.count()).select_from(Document)) == seen


async def test_a_damaged_file_is_never_sent(hall: ServiceHarness, siblings: Siblings) -> None:
    report = await made(hall, siblings.person_id)
    store = hall.runtime.resources["reporting"].store
    keys = [key async for key in store.objects.keys_before(utc_now() + timedelta(days=1))]
    kept = bytearray(await store.objects.get(keys[0]))
    kept[-1] ^= 1
    await store.objects.delete(keys[0])
    await store.objects.put_if_absent(keys[0], bytes(kept))
    answer = await file_of(hall, report)
    assert (answer.status_code, answer.json()["code"]) == (410, "report_damaged")


async def test_a_store_that_is_away_is_waited_for_and_said(hall: ServiceHarness, siblings: Siblings) -> None:
    report = await made(hall, siblings.person_id)
    store = hall.runtime.resources["reporting"].store
    kept = store.objects
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))  # bound and not listening: whoever connects is refused
        address = f"http://127.0.0.1:{nobody.getsockname()[1]}"
        key = SecretStr("of-this-test-only")
        settings = S3Settings(endpoint=address, bucket="x", access_key_id=key, secret_access_key=key, allow_http=True)
        store.objects = S3Objects(settings)
        answer = await ask(hall, siblings.person_id)
        assert await JobRunner(hall.runtime, making.HANDLERS[0]).run_once()
        waiting = await shown(hall, answer.json()["id"])
        assert (waiting["status"], waiting["error_code"]) == ("queued", "store_unavailable")
        opened = await file_of(hall, report)
        assert opened.status_code == 503
    store.objects = kept
    await attempt_when_due(hall)
    assert (await shown(hall, answer.json()["id"]))["status"] == "done"


async def test_units_take_turns(hall: ServiceHarness, siblings: Siblings) -> None:
    for _ in range(3):
        await ask(hall, siblings.person_id)
    late = await ask(hall, siblings.person_id, unit=OTHER_UNIT)
    for _ in range(2):
        await JobRunner(hall.runtime, making.HANDLERS[0]).run_once()
    assert (await shown(hall, late.json()["id"], unit=OTHER_UNIT))["status"] != "queued"
