"""导出: what the workbooks hold, who gets them, and what is never in them."""

from datetime import datetime
from io import BytesIO
from typing import Any

import httpx
import openpyxl
import pytest
from sqlalchemy import select

from servicekit import audit
from servicekit.db.tx import Scope, begin
from servicekit.ids import uuid7
from servicekit.jobs import JobRow
from tests.integration.reporting.desk import shown
from tests.integration.reporting.siblings import OTHER_UNIT, UNIT, Siblings
from tests.support.harness import ServiceHarness
from tests.support.people import resident_id

MONTHS = {"from_month": "2026-01", "to_month": "2026-02"}


async def export(hall: ServiceHarness, form: dict[str, Any], **clerk: Any) -> httpx.Response:
    """A clerk asks for a workbook."""
    return await hall.client.post("/api/reporting/exports", json=form, headers=hall.clerk(UNIT, **clerk))


async def exported(hall: ServiceHarness, form: dict[str, Any], **clerk: Any) -> openpyxl.Workbook:
    """The workbook, made and fetched by whoever asked for it."""
    account = uuid7()
    answer = await export(hall, form, account_id=account, **clerk)
    assert answer.status_code == 202, answer.text
    await hall.drain()
    report = await shown(hall, answer.json()["id"])
    assert (report["status"], report["file_type"]) == ("done", "xlsx"), report
    file = await hall.client.get(report["file_url"], headers=hall.clerk(UNIT, account_id=account, **clerk))
    assert file.headers["content-disposition"].startswith("attachment")
    assert file.headers["cache-control"] == "private, no-store"
    return openpyxl.load_workbook(BytesIO(file.content))


def rows_of(book: openpyxl.Workbook) -> list[list[Any]]:
    return [[cell.value for cell in row] for row in book.worksheets[0].iter_rows()]


def notes_of(book: openpyxl.Workbook) -> dict[Any, Any]:
    return {row[0].value: row[1].value for row in book["说明"].iter_rows()}


async def test_the_roster_as_it_is_listed(hall: ServiceHarness, siblings: Siblings) -> None:
    siblings.colleagues = [(uuid7(), f"职工{number}", resident_id()) for number in range(12)]
    book = await exported(hall, {"kind": "roster", "roster": {"status": "1", "name": "职工"}})
    sheet = book.worksheets[0]
    heading, *rows = rows_of(book)
    assert heading[:3] == ["姓名", "证件号码", "性别"]
    assert len(rows) == 13  # three pages of five
    assert rows[0][:6] == ["林晓燕", "330203********1232", "女", "202401", None, 8000]
    assert (sheet["B2"].data_type, sheet["B2"].number_format) == ("s", "@")
    assert sheet["F2"].number_format == "#,##0.00"
    assert sheet.freeze_panes == "A2"
    assert sheet.auto_filter.ref == "A1:H14"
    assert sheet.column_dimensions["B"].width > len("330203********1232")
    assert notes_of(book)["查询条件"] == "姓名 职工，参保状态 正常参保"
    assert notes_of(book)["数据截至"].startswith("2026年3月10日")
    (asked, *_) = [body for path, body in siblings.bodies if path == "/internal/roster-pages"]
    assert (asked["name"], asked["status"], asked["full_numbers"]) == ("职工", "1", False)


async def test_full_numbers_take_a_step_up_and_are_on_record(hall: ServiceHarness, siblings: Siblings) -> None:
    form = {"kind": "roster", "roster": {"id_number": siblings.id_number}, "full_numbers": True}
    refused = await export(hall, form)
    assert (refused.status_code, refused.json()["code"]) == (403, "step_up_required")
    book = await exported(hall, form, stepped_up=True)
    assert rows_of(book)[1][1] == siblings.id_number
    assert "完整证件号码" in notes_of(book)["提示"]
    assert siblings.id_number not in notes_of(book)["查询条件"]
    async with begin(hall.runtime, scope=Scope.system()) as tx:
        rows = (await tx.execute(audit.AUDIT_LOG.select().order_by(audit.AUDIT_LOG.c.position))).all()
        payload = await tx.scalar(select(JobRow.payload))
    assert [row.facts["full_numbers"] for row in rows if row.action in ("report.requested", "report.opened")] == [
        True
    ] * 2
    assert siblings.id_number not in str(payload)


async def test_full_numbers_are_for_whoever_asked_or_proves_who_they_are(
    hall: ServiceHarness, siblings: Siblings
) -> None:
    answer = await export(hall, {"kind": "roster", "full_numbers": True}, stepped_up=True)
    await hall.drain()
    url = f"/api/reporting/reports/{answer.json()['id']}/file"
    colleague = await hall.client.get(url, headers=hall.clerk(UNIT))
    assert (colleague.status_code, colleague.json()["code"]) == (403, "step_up_required")
    assert (await hall.client.get(url, headers=hall.clerk(UNIT, stepped_up=True))).status_code == 200


@pytest.mark.parametrize("name", ["=1+1", "+86", "-2", "@SUM(A1)", '=HYPERLINK("http://x.test")', "\t=1", "a\x00b\x0b"])
async def test_no_text_becomes_a_formula(hall: ServiceHarness, siblings: Siblings, name: str) -> None:
    siblings.name = name
    book = await exported(hall, {"kind": "roster"})
    cell = book.worksheets[0]["A2"]
    assert (cell.data_type, cell.number_format) == ("s", "@")
    assert cell.value.strip() == name.replace("\x00", "").replace("\x0b", "").strip()
    assert "f" not in {each.data_type for row in book.worksheets[0].iter_rows() for each in row}


async def test_the_months_of_an_employee_with_sums(hall: ServiceHarness, siblings: Siblings) -> None:
    book = await exported(hall, {"kind": "person_contributions", "person_id": str(siblings.person_id), **MONTHS})
    heading, *rows, sums = rows_of(book)
    assert heading == ["费款所属期", "险种类型", "缴费基数", "单位应缴", "个人应缴", "应缴合计", "到账状态"]
    assert rows[0] == ["202601", "职工基本医疗保险", 8000, 680, 160, 840, "已到账"]
    assert len(rows) == 4
    assert sums == ["合计", None, None, 1472, 320, 1792, None]
    assert notes_of(book)["姓名"] == "林晓燕"


async def test_the_unit_by_month_and_insurance(hall: ServiceHarness, siblings: Siblings) -> None:
    siblings.colleagues = [(uuid7(), "赵一", resident_id())]
    book = await exported(hall, {"kind": "employer_contributions", **MONTHS})
    _, *rows, sums = rows_of(book)
    assert rows[0] == ["202601", "职工基本医疗保险", 2, 16000, 1360, 320, 1680, 1680, datetime(2026, 2, 1), "已到账"]  # noqa: DTZ001
    assert rows[-1][7:9] == [0, None]
    assert sums[3:8] == [64000, 2944, 640, 3584, 1792]


async def test_applications_pending_and_decided(hall: ServiceHarness, siblings: Siblings) -> None:
    siblings.applications = [
        {
            "no": "20260310-00000001",
            "kind": "addition",
            "status": "approved",
            "subject": "赵一",
            "id_number": siblings.id_number,
            "start_month": "2026-03",
            "submitted_at": "2026-03-09T23:30:00+00:00",
            "decided_at": "2026-03-10T01:00:00+00:00",
            "decided_automatically": False,
            "decided_by_name": "审核员甲",
            "decision_reason": None,
        },
        {
            "no": "20260310-00000002",
            "kind": "employer_change",
            "status": "withdrawn",
            "subject": siblings.employer_name,
            "id_number": None,
            "start_month": None,
            "submitted_at": "2026-03-09T01:00:00+00:00",
            "decided_at": "2026-03-10T01:00:00+00:00",
            "decided_automatically": False,
            "decided_by_name": None,
            "decision_reason": None,
        },
    ]
    book = await exported(hall, {"kind": "applications", "applications": {"state": "decided", "kind": "addition"}})
    _, first, second = rows_of(book)
    assert first[:5] == ["20260310-00000001", "增员申报", "赵一", "330203********1232", "202603"]
    assert first[5:9] == [datetime(2026, 3, 10, 7, 30), "审核通过", datetime(2026, 3, 10, 9), "审核员甲"]  # noqa: DTZ001
    assert second[1:5] == ["单位信息变更", siblings.employer_name, None, None]
    assert notes_of(book)["查询条件"] == "业务类型 增员申报"
    pending = await exported(hall, {"kind": "applications", "applications": {"state": "pending"}})
    assert "审核结果" not in rows_of(pending)[0]


async def test_nobody_there_is_a_sheet_with_a_heading(hall: ServiceHarness, siblings: Siblings) -> None:
    book = await exported(hall, {"kind": "applications", "applications": {"state": "pending"}})
    assert len(rows_of(book)) == 1


@pytest.mark.parametrize(
    ("form", "faults"),
    [
        ({"kind": "person_contributions"}, {"/person_id", "/from_month", "/to_month"}),
        ({"kind": "roster", "from_month": "2026-01"}, {"/from_month"}),
        ({"kind": "employer_contributions", **MONTHS, "full_numbers": True}, {"/full_numbers"}),
        ({"kind": "applications"}, {"/applications"}),
        ({"kind": "roster", "roster": {"nickname": "小林"}}, {"/roster/nickname"}),
        ({"kind": "everything"}, {"/kind"}),
    ],
)
async def test_what_does_not_fit_is_named_at_its_field(
    hall: ServiceHarness, siblings: Siblings, form: dict[str, Any], faults: set[str]
) -> None:
    answer = await export(hall, form, stepped_up=True)
    assert answer.status_code == 422
    assert {error["pointer"] for error in answer.json()["errors"]} == faults


async def test_whoever_may_only_print_exports_nothing_and_sees_no_export(
    hall: ServiceHarness, siblings: Siblings
) -> None:
    printing = hall.clerk(UNIT, ("print",))
    refused = await hall.client.post("/api/reporting/exports", json={"kind": "roster"}, headers=printing)
    assert (refused.status_code, refused.json()["code"]) == (403, "permission_missing")
    answer = await export(hall, {"kind": "roster"})
    await hall.drain()
    report_id = answer.json()["id"]
    for path in ("", "/events", "/file"):
        seen = await hall.client.get(f"/api/reporting/reports/{report_id}{path}", headers=printing)
        assert (seen.status_code, seen.json()["code"]) == (403, "permission_missing"), path
    stranger = await hall.client.get(f"/api/reporting/reports/{report_id}/file", headers=hall.clerk(OTHER_UNIT))
    assert stranger.status_code == 404


async def test_the_authority_to_look_up_is_that_of_the_moment(hall: ServiceHarness, siblings: Siblings) -> None:
    answer = await export(hall, {"kind": "roster"})
    siblings.mandate_gone = True
    await hall.drain()
    report = await shown(hall, answer.json()["id"])
    assert (report["status"], report["error_code"]) == ("failed", "query_authority_gone")
    assert "查询" in report["error"]
