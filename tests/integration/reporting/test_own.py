"""An insured person's own certificate: made, shown to them and to nobody else, and confirmed like any other."""

from io import BytesIO
from typing import Any
from uuid import UUID

import httpx
import pypdf
import pytest
import sqlalchemy as sa

from contracts.reporting import OwnReportRequested, ReportFinished
from reporting.documents.models import Document
from servicekit import audit, outbox
from servicekit.db.tx import Scope, begin
from servicekit.ids import uuid7
from servicekit.jobs import JobRow
from tests.integration.reporting.desk import made as made_for_unit
from tests.integration.reporting.siblings import UNIT, Siblings
from tests.support.harness import ServiceHarness

MINE = "/api/reporting/me/reports"
RANGE = {"from_month": "2025-11", "to_month": "2026-02"}


async def ask(hall: ServiceHarness, me: UUID, account: UUID, **changes: str) -> httpx.Response:
    """The person asks for their certificate."""
    headers = hall.person(me, account_id=account)
    return await hall.client.post(MINE, json=RANGE | changes, headers=headers)


async def made(hall: ServiceHarness, me: UUID, account: UUID, **changes: str) -> dict[str, Any]:
    """Asked for and made (or failed)."""
    answer = await ask(hall, me, account, **changes)
    assert answer.status_code == 202, answer.text
    assert answer.headers["location"] == f"{MINE}/{answer.json()['id']}"
    await hall.drain()
    shown = await hall.client.get(answer.headers["location"], headers=hall.person(me, account_id=account))
    assert shown.status_code == 200, shown.text
    report: dict[str, Any] = shown.json()
    return report


def text_of(pdf: bytes) -> str:
    return "\n".join(page.extract_text() for page in pypdf.PdfReader(BytesIO(pdf)).pages)


async def test_ones_own_certificate(hall: ServiceHarness, siblings: Siblings) -> None:
    me, account = siblings.person_id, uuid7()
    report = await made(hall, me, account)
    assert (report["status"], report["title"]) == ("done", "职工参保证明（林晓燕，202511-202602）")
    assert siblings.delegated == [{"account_id": str(account), "employer_no": None, "permission": "print"}]
    assert report["file_url"] == f"{MINE}/{report['id']}/file"

    file = await hall.client.get(report["file_url"], headers=hall.person(me, account_id=account))
    assert file.headers["content-type"] == "application/pdf"
    assert file.headers["cache-control"] == "private, no-store"
    text = text_of(file.content)
    # Both units that paid in these months stand on it, and all four months.
    for expected in ("林晓燕", siblings.id_number, "甬江智造科技有限公司、东海电子有限公司", "202511", "202602"):
        assert expected in text
    assert "共有缴费月份 4 个月，其中费款全部到账 3 个月" in text

    checked = await hall.client.get(f"/api/reporting/verifications/{report['verification_code']}")
    assert checked.status_code == 200, checked.text
    assert checked.json()["facts"]["name_masked"] == "林**"
    assert siblings.id_number not in checked.text

    log = audit.AUDIT_LOG
    async with begin(hall.runtime, scope=Scope.system()) as tx:
        chain = f"account:{account}"
        rows = await tx.scalars(sa.select(log.c.action).where(log.c.chain == chain).order_by(log.c.position))
        assert list(rows) == ["report.requested", "document.issued", "report.opened"]
        types = list(await tx.scalars(sa.select(outbox.table.c.type)))
    assert types.count(OwnReportRequested.wire_name) == 1
    assert ReportFinished.wire_name not in types  # that is news for a unit


async def test_only_the_unit_that_paid_in_the_months_stands_on_it(hall: ServiceHarness, siblings: Siblings) -> None:
    account = uuid7()
    report = await made(hall, siblings.person_id, account, from_month="2026-01")
    headers = hall.person(siblings.person_id, account_id=account)
    text = text_of((await hall.client.get(report["file_url"], headers=headers)).content)
    assert "甬江智造科技有限公司" in text
    assert "东海电子有限公司" not in text


async def test_somebody_who_never_had_an_employer(hall: ServiceHarness, siblings: Siblings) -> None:
    siblings.units = ()
    account = uuid7()
    report = await made(hall, siblings.person_id, account)
    headers = hall.person(siblings.person_id, account_id=account)
    assert "无参保单位" in text_of((await hall.client.get(report["file_url"], headers=headers)).content)


async def test_nobody_else_reaches_it(hall: ServiceHarness, siblings: Siblings) -> None:
    me, account = siblings.person_id, uuid7()
    report = await made(hall, me, account)
    of_unit = await made_for_unit(hall, me)
    paths = [report["file_url"], *(f"{MINE}/{report['id']}{rest}" for rest in ("", "/events"))]
    by_unit = [f"/api/reporting/reports/{report['id']}{rest}" for rest in ("", "/events", "/file")]
    for path in paths:
        # Another account, even one that claims to be the same person: what is kept is the requester's.
        for stranger in (hall.person(uuid7()), hall.person(me)):
            assert (await hall.client.get(path, headers=stranger)).status_code == 404
        assert (await hall.client.get(path, headers=hall.clerk(UNIT, account_id=account))).status_code == 403
        assert (await hall.client.get(path, headers=hall.person(None, account_id=account))).status_code == 403
        assert (await hall.client.get(path, headers=hall.staff())).status_code == 403
    for path in by_unit:
        assert (await hall.client.get(path, headers=hall.clerk(UNIT))).status_code == 404
    # And the other way round: what a clerk had made of them is the unit's.
    mine = hall.person(me, account_id=account)
    assert (await hall.client.get(f"{MINE}/{of_unit['id']}", headers=mine)).status_code == 404
    assert [one["id"] for one in (await hall.client.get(MINE, headers=mine)).json()["items"]] == [report["id"]]
    assert (await hall.client.get(MINE, headers=hall.person(me))).json() == {"items": [], "total": 0}
    centre = (await hall.client.get("/api/reporting/reports", headers=hall.clerk(UNIT))).json()
    assert [one["id"] for one in centre["items"]] == [of_unit["id"]]


async def test_row_level_security_keeps_it_for_its_owner(hall: ServiceHarness, siblings: Siblings) -> None:
    me, account = siblings.person_id, uuid7()
    await made(hall, me, account)
    await made_for_unit(hall, me)
    seen = {
        "owner": (Scope("person", None, account, me), 1),
        "another": (Scope("person", None, uuid7(), me), 0),
        "unit": (Scope.unit(UNIT, account), 1),  # its own, and not this one
        "nobody": (Scope.none(), 0),
    }
    for who, (scope, count) in seen.items():
        async with begin(hall.runtime, scope=scope) as tx:
            documents = list(await tx.scalars(sa.select(Document.employer_no)))
            jobs = list(await tx.scalars(sa.select(JobRow.employer_no)))
        assert (len(documents), len(jobs)) == (count, count), who
        assert set(documents) <= ({None} if who == "owner" else {UNIT})


@pytest.mark.parametrize(
    ("trouble", "code"), [("recognised no more", "own_authority_gone"), ("somebody else by now", "own_record_gone")]
)
async def test_what_stands_in_the_way_is_said(
    hall: ServiceHarness, siblings: Siblings, trouble: str, code: str
) -> None:
    me, account = siblings.person_id, uuid7()
    if trouble == "recognised no more":
        siblings.mandate_gone = True
    else:
        siblings.person_id = uuid7()
    report = await made(hall, me, account)
    assert (report["status"], report["error_code"]) == ("failed", code)
    assert "单位打印" not in report["error"]


async def test_the_months_are_checked_as_for_a_unit(hall: ServiceHarness, siblings: Siblings) -> None:
    answer = await ask(hall, siblings.person_id, uuid7(), to_month="2026-04")
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == ["/to_month"]


async def test_the_same_key_asks_once(hall: ServiceHarness, siblings: Siblings) -> None:
    headers = hall.person(siblings.person_id, account_id=uuid7())
    first, second = [await hall.client.post(MINE, json=RANGE, headers=headers) for _ in range(2)]
    assert first.json()["id"] == second.json()["id"]
    assert (await hall.client.get(MINE, headers=headers)).json()["total"] == 1
