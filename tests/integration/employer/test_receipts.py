"""到账导入: files of the tax authority, uploaded, checked, confirmed; what they do to statements and contributions.

Figures: a wage of 8000 costs 840.00 a month for 310 (8.5 % 680.00 and 2 % 160.00, domain.md §5.9).
"""

import asyncio
import itertools
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contracts.values.month import Month
from employer.contributions import settling
from employer.contributions.settling import Payment
from employer.receipts import work
from servicekit.db.tx import Scope, begin
from servicekit.ids import uuid7
from servicekit.job_runner import JobRunner
from tests.integration.employer.office import (
    API,
    OTHER_UNIT,
    UNIT,
    assess,
    deliver,
    rows,
    started,
    stopped,
)
from tests.integration.employer.receipts_desk import (
    booked,
    checked,
    confirm,
    csv_of,
    line,
    lines_of,
    outcomes,
    shown,
    upload,
)
from tests.support.harness import ServiceHarness
from tests.support.sheets import sheet_of


async def statements(hall: ServiceHarness, month: str = "2026-03") -> list[tuple[str, str, str]]:
    """Total, received and status of the unit's 310 statements of a month, oldest first."""
    found = await rows(
        hall,
        "SELECT total::text, received::text, status FROM statements WHERE employer_no = :unit AND insurance = '310' "
        "AND to_char(month, 'YYYY-MM') = :month ORDER BY assessment_id",
        unit=UNIT,
        month=month,
    )
    return [tuple(row) for row in found]


async def owing(hall: ServiceHarness, **changes: Any) -> Any:
    """Somebody for whom the unit owes 840.00 for March."""
    start = started(month="2026-03", **changes)
    await deliver(hall, start)
    await assess(hall, "2026-03")
    return start


async def adds_up(hall: ServiceHarness) -> None:
    """Receipts sum to what statements say was received, and the money in lines to receipts and overpayments."""
    (sums,) = await rows(
        hall,
        "SELECT (SELECT coalesce(sum(amount), 0) FROM receipts) AS receipts,"
        " (SELECT coalesce(sum(received), 0) FROM statements) AS received,"
        " (SELECT coalesce(sum(amount), 0) FROM overpayments) AS over,"
        " (SELECT coalesce(sum(amount), 0) FROM receipt_lines WHERE booked_at IS NOT NULL) AS lines",
    )
    assert sums.receipts == sums.received
    assert sums.lines == sums.received + sums.over


async def test_a_month_paid_in_full(hall: ServiceHarness) -> None:
    start = await owing(hall)
    found = await checked(hall, [line()])
    assert (found["stage"], outcomes(found)) == ("checked", {"matched": (1, "840.00")})
    assert await statements(hall) == [("840.00", "0.00", "0")], "nothing is booked before it is confirmed"
    await confirm(hall, found)
    await hall.drain()
    assert await statements(hall) == [("840.00", "840.00", "1")]
    seen = await hall.client.get(f"{API}/contributions/people/{start.person_id}", headers=hall.clerk(UNIT))
    assert [(item["status_name"], item["received_on"]) for item in seen.json()["items"]] == [("已到账", "2026-03-09")]
    news = await rows(hall, "SELECT envelope -> 'data' AS data FROM outbox WHERE type LIKE '%contributions_paid%'")
    assert [row.data for row in news] == [{"employer_no": UNIT, "month": "2026-03"}]
    done = await shown(hall, found["id"])
    assert (done["stage"], done["status"], done["progress"]) == ("booked", "done", 1)
    await adds_up(hall)


async def test_every_kind_of_line_in_one_file(hall: ServiceHarness) -> None:
    await owing(hall)
    await deliver(hall, started(employer_no=OTHER_UNIT, month="2026-03"))
    await assess(hall, "2026-03")
    lines = [
        line(到账金额="300.00"),
        line(缴款流水号="SP2", 到账金额="600.00"),  # 540 were open: 60 too much
        line(缴款流水号="SP2", 到账金额="600.00"),
        line(单位编号=OTHER_UNIT, 到账金额="840.00", 缴款流水号="SP1"),  # another unit's number is another receipt
        line(单位编号="330200000000009999"),
        line(费款所属期="202512", 缴款流水号="SP5"),
        line(险种类型="510 生育保险", 缴款流水号="SP6"),
        line(
            到账金额="-1.00", 费款所属期="202613", 到账日期="2026-03-11", 险种类型="999", 缴款流水号="", 单位编号="33x"
        ),
        line(到账金额="1.005", 单位编号="3.302E+17"),
    ]
    found = await booked(hall, lines)
    assert outcomes(found) == {
        "matched": (1, "840.00"),
        "partial": (1, "300.00"),
        "overpaid": (1, "600.00"),
        "unknown": (3, "2520.00"),
        "duplicate": (1, "600.00"),
        "faulty": (2, "0.00"),
    }
    assert found["total"] == 9
    assert await statements(hall) == [("840.00", "840.00", "1")]
    (over,) = await rows(hall, "SELECT employer_no, amount::text FROM overpayments")
    assert tuple(over) == (UNIT, "60.00")
    (surplus,) = await lines_of(hall, found, outcome="overpaid")
    assert (surplus["number"], surplus["surplus"], surplus["booked"]) == (3, "60.00", True)
    first, second = await lines_of(hall, found, outcome="faulty")
    assert [(fault["column"], fault["message"]) for fault in first["faults"]] == [
        ("单位编号", "应为6至20位数字"),
        ("费款所属期", "应为 YYYYMM 格式的月份，如 202603"),
        ("险种类型", "不在险种类型代码表中"),
        ("到账金额", "应大于零；退费不能通过到账文件导入"),
        ("到账日期", "不能晚于今天"),
        ("缴款流水号", "不能为空"),
    ]
    assert [fault["message"] for fault in second["faults"]] == [
        "以数字格式保存，末几位已丢失，请设为文本格式",
        "应为金额，最多两位小数",
    ]
    assert second["cells"]["单位编号"] == "3.302E+17"
    assert len(await lines_of(hall, found)) == 9
    await adds_up(hall)


async def test_part_of_a_month_arrived(hall: ServiceHarness) -> None:
    start = await owing(hall)
    await booked(hall, [line(到账金额="0.01")])
    assert await statements(hall) == [("840.00", "0.01", "2")]
    seen = await hall.client.get(f"{API}/contributions/people/{start.person_id}", headers=hall.clerk(UNIT))
    assert seen.json()["items"][0]["status_name"] == "部分到账"


async def test_the_same_file_twice_changes_nothing(hall: ServiceHarness) -> None:
    await owing(hall)
    first = await booked(hall, [line(到账金额="100.00")])
    again = await upload(hall, csv_of([line(到账金额="100.00")]))
    assert (again.status_code, again.json()["id"], again.json()["stage"]) == (202, first["id"], "booked")
    await hall.drain()
    refused = await confirm(hall, again.json())
    assert (refused.status_code, refused.json()["code"]) == (409, "receipts_not_checked")
    assert await statements(hall) == [("840.00", "100.00", "2")]


async def test_the_same_receipt_in_another_file_changes_nothing(hall: ServiceHarness) -> None:
    await owing(hall)
    await booked(hall, [line(到账金额="100.00")])
    other = await checked(hall, [line(到账金额="100.00"), line(到账金额="5.00", 缴款流水号="SP2")])
    assert outcomes(other) == {"partial": (1, "5.00"), "duplicate": (1, "100.00")}
    await confirm(hall, other)
    await hall.drain()
    assert await statements(hall) == [("840.00", "105.00", "2")]
    await adds_up(hall)


async def test_a_receipt_that_another_file_booked_meanwhile_is_not_booked_again(hall: ServiceHarness) -> None:
    await owing(hall)
    first = await checked(hall, [line(到账金额="100.00")])
    second = await checked(hall, [line(到账金额="100.00"), line(到账金额="7.00", 缴款流水号="SP2")])
    assert outcomes(second)["partial"] == (2, "107.00")
    for found in (first, second):
        assert (await confirm(hall, found)).status_code == 202
    await asyncio.gather(*(JobRunner(hall.runtime, work.JOBS[1]).run_once() for _ in range(2)))
    await hall.drain()
    assert await statements(hall) == [("840.00", "107.00", "2")]
    await adds_up(hall)


async def test_what_was_unknown_is_tried_again_after_the_assessment(hall: ServiceHarness) -> None:
    start = started(month="2026-03")
    await deliver(hall, start)
    early = await checked(hall, [line(到账金额="840.00")])
    assert outcomes(early) == {"unknown": (1, "840.00")}
    assert (await confirm(hall, early)).status_code == 409, "nothing of it can be booked"
    other = started(employer_no=OTHER_UNIT, month="2026-02")
    await deliver(hall, other)
    await assess(hall, "2026-02")
    mixed = await booked(hall, [line(缴款流水号="A"), line(单位编号=OTHER_UNIT, 费款所属期="202602", 缴款流水号="B")])
    assert outcomes(mixed) == {"matched": (1, "840.00"), "unknown": (1, "840.00")}
    await assess(hall, "2026-03")
    assert (await confirm(hall, mixed)).status_code == 202
    await hall.drain()
    assert outcomes(await shown(hall, mixed["id"])) == {"matched": (2, "1680.00")}
    assert await statements(hall) == [("840.00", "840.00", "1")]


async def test_what_was_paid_too_much_settles_a_late_declaration(hall: ServiceHarness) -> None:
    await owing(hall)
    await booked(hall, [line(到账金额="1000.00")])
    await owing(hall)
    assert await statements(hall) == [("840.00", "840.00", "1"), ("840.00", "160.00", "2")]
    (over,) = await rows(hall, "SELECT amount::text FROM overpayments")
    assert over.amount == "0.00"
    rest = await checked(hall, [line(到账金额="680.00", 缴款流水号="SP2")])
    assert outcomes(rest) == {"matched": (1, "680.00")}
    await confirm(hall, rest)
    await hall.drain()
    assert await statements(hall) == [("840.00", "840.00", "1"), ("840.00", "840.00", "1")]
    await adds_up(hall)


async def test_a_correction_settles_what_it_takes_back(hall: ServiceHarness) -> None:
    start = await owing(hall)
    await deliver(hall, stopped(start, "2026-03"))
    await assess(hall, "2026-03")
    # Nothing was paid and nothing is owed: the two statements settle each other.
    assert await statements(hall) == [("840.00", "840.00", "1"), ("-840.00", "-840.00", "1")]
    found = await checked(hall, [line(到账金额="840.00")])
    assert outcomes(found) == {"overpaid": (1, "840.00")}
    await adds_up(hall)


async def test_a_month_that_was_paid_and_taken_back_is_owed_back(hall: ServiceHarness) -> None:
    start = await owing(hall)
    await booked(hall, [line()])
    await deliver(hall, stopped(start, "2026-03"))
    await assess(hall, "2026-03")
    assert await statements(hall) == [("840.00", "840.00", "1"), ("-840.00", "0.00", "1")]
    await owing(hall)  # somebody else, declared late: the money is there already
    assert [tuple(each) for each in await statements(hall)] == [
        ("840.00", "840.00", "1"),
        ("-840.00", "-840.00", "1"),
        ("840.00", "840.00", "1"),
    ]
    await adds_up(hall)


async def test_xlsx_is_read_as_well(hall: ServiceHarness) -> None:
    await owing(hall)
    answer = await upload(hall, sheet_of([line(到账金额=840, 费款所属期=202603)]), "到账.xlsx")
    await hall.drain()
    assert outcomes(await shown(hall, answer.json()["id"])) == {"matched": (1, "840.00")}


_BAD_FILES = [
    (b"", 422, "file_empty"),
    ("单位编号,到账金额\n1,2".encode(), 202, "headings"),
    (b"\x89PNG\r\n\x1a\n\0", 202, "file_not_xlsx"),
    (csv_of([]), 202, "no_rows"),
]


async def test_files_that_cannot_be_taken(hall: ServiceHarness, subtests: pytest.Subtests) -> None:
    for data, status, code in _BAD_FILES:
        with subtests.test(code=code):
            answer = await upload(hall, data)
            assert answer.status_code == status, answer.text
            if status == 422:
                assert answer.json()["errors"][0]["pointer"] == "/file"
                continue
            await hall.drain()
            found = await shown(hall, answer.json()["id"])
            assert (found["stage"], found["file_fault"]["code"]) == ("refused", code)
            assert (await confirm(hall, found)).status_code == 409


async def test_a_stale_confirmation_is_refused_and_a_second_one_does_nothing(hall: ServiceHarness) -> None:
    await owing(hall)
    found = await checked(hall, [line()])
    assert (await confirm(hall, {**found, "version": 99})).status_code == 412
    assert (await confirm(hall, found)).status_code == 202
    assert (await confirm(hall, found)).status_code == 202, "still being booked"
    await hall.drain()
    assert await statements(hall) == [("840.00", "840.00", "1")]


async def test_only_operators_import(hall: ServiceHarness) -> None:
    for headers in (hall.clerk(UNIT), hall.staff("reviewer")):
        answer = await hall.client.post(
            f"{API}/receipt-imports/uploads", files={"file": ("a.csv", b"x")}, headers=headers
        )
        assert answer.status_code == 403
    unknown = await hall.client.get(f"{API}/receipt-imports/{uuid7()}", headers=hall.staff("operator"))
    assert (unknown.status_code, unknown.json()["code"]) == (404, "receipt_import_not_found")


_COUNTER = itertools.count(1)
_LEASE_OVER = sa.text("UPDATE jobs SET lease_until = now() - interval '1 second'")
_STATEMENT = sa.text(
    "INSERT INTO statements (employer_no, month, insurance, assessment_id, people, base, employer_amount, own_amount) "
    "VALUES (:unit, '2026-01-01', '310', :id, 1, 0, :amount, 0)"
).bindparams(sa.bindparam("id", type_=sa.Uuid))


class Killed(BaseException):
    """The process is gone."""


async def test_booking_that_was_killed_goes_on_where_it_stopped(
    hall: ServiceHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    await owing(hall)
    found = await checked(hall, [line(缴款流水号=f"SP{n}", 到账金额="10.00") for n in range(6)])
    await confirm(hall, found)
    intact, calls = work._book_lines, 0

    async def mortal(*arguments: Any) -> None:
        nonlocal calls
        calls += 1
        if calls == 3:
            raise Killed
        await intact(*arguments)

    with monkeypatch.context() as patched:
        patched.setattr(work, "LINES_AT_ONCE", 2)
        patched.setattr(work, "_book_lines", mortal)
        with pytest.raises(Killed):
            await JobRunner(hall.runtime, work.JOBS[1]).run_once()
        assert await statements(hall) == [("840.00", "40.00", "2")]
    async with begin(hall.runtime, scope=Scope.system()) as tx:
        await tx.execute(_LEASE_OVER)
    await hall.drain()
    assert await statements(hall) == [("840.00", "60.00", "2")]
    assert (await shown(hall, found["id"]))["stage"] == "booked"
    await adds_up(hall)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    totals=st.lists(st.integers(-3000, 3000), min_size=1, max_size=6),
    paid=st.lists(st.integers(1, 4000), min_size=1, max_size=6),
)
async def test_settling_always_adds_up(hall: ServiceHarness, totals: list[int], paid: list[int]) -> None:
    """Whatever statements there are and in whatever pieces money comes: none is lost, none is made, oldest first."""
    month, insurance, unit = Month(2026, 1), "310", f"3302{next(_COUNTER):014d}"
    async with begin(hall.runtime, scope=Scope.system()) as tx:
        for total in totals:
            await tx.execute(_STATEMENT, {"unit": unit, "id": uuid7(), "amount": Decimal(total) / 100})
        for number, amount in enumerate(paid):
            day, now = month.last_day(), hall.clock.now()
            payment = Payment((unit, month, insurance), Decimal(amount) / 100, day, f"SP{number}")
            await settling.settle(tx, [payment], now=now)
    found = await rows(
        hall, "SELECT total, received FROM statements WHERE employer_no = :unit ORDER BY assessment_id", unit=unit
    )
    over = sum(
        (
            row.amount
            for row in await rows(hall, "SELECT amount FROM overpayments WHERE employer_no = :unit", unit=unit)
        ),
        Decimal(0),
    )
    (receipts,) = await rows(
        hall, "SELECT coalesce(sum(amount), 0) AS sum FROM receipts WHERE employer_no = :unit", unit=unit
    )
    money = Decimal(sum(paid)) / 100
    assert sum(row.received for row in found) == receipts.sum == money - over
    owed = sum((row.total for row in found if row.total > 0), Decimal(0))
    assert over == max(Decimal(0), money - owed)
    for row in found:
        low, high = sorted((Decimal(0), row.total))
        assert low <= row.received <= high
    unpaid = [row for row in found if row.total > 0 and row.received < row.total]
    assert all(row.received == 0 for row in unpaid[1:]), "the oldest first"
