"""What a certificate says, before it is set."""

from decimal import Decimal

import pytest

from contracts.values.month import Month
from reporting.documents.insurance_certificate import layout
from reporting.documents.insurance_certificate.content import compose, verified_facts
from reporting.documents.pieces import HEAD
from reporting.rendering import lines
from reporting.rendering.lines import Column
from tests.unit.reporting.facts import ISSUE, facts


def test_totals_are_the_sums_of_the_rows() -> None:
    said = facts(months=12)
    assert (said.months, said.received_months) == (12, 11)
    assert said.employer_total == Decimal("8832.00")
    assert said.own_total == Decimal("2016.00")
    table = compose(said, ISSUE)["months"][-1]["text"].splitlines()
    assert table[-1].split() == ["合计", "12", "个月", "8,832.00", "2,016.00"]


def test_a_month_counts_as_received_only_when_all_of_it_is() -> None:
    said = facts(months=2)
    rows = list(said.contributions)
    assert facts(months=2, contributions=rows[:3]).received_months == 1
    assert facts(months=2, contributions=[*rows[:2], rows[5]]).received_months == 1


def test_correcting_rows_reduce_the_totals() -> None:
    said = facts(months=1, kinds=1)
    row = said.contributions[0]
    minus = type(row)(row.month, row.insurance_name, -row.base, -row.employer_amount, -row.own_amount, "已到账", True)
    corrected = facts(months=1, kinds=1, contributions=[row, minus])
    assert (corrected.months, corrected.employer_total, corrected.own_total) == (1, Decimal(0), Decimal(0))
    assert "-680.00" in compose(corrected, ISSUE)["months"][0]["text"]


def test_no_contributions_are_said_plainly() -> None:
    composed = compose(facts(contributions=[]), ISSUE)
    assert "所选期间内无缴费记录" in composed["months"][0]["text"]
    assert "共有缴费月份 0 个月" in composed["closing"]


@pytest.mark.parametrize("months", [1, 12, 13, 16, 17, 22, 23, 36, 60, 120])
def test_every_row_is_printed_once_under_a_heading(months: int) -> None:
    pieces = compose(facts(months=months), ISSUE)["months"]
    rows = [line for piece in pieces for line in piece["text"].splitlines()[1:]]
    assert all(piece["text"].splitlines()[0] == lines.heading(layout.MONTHS) for piece in pieces)
    assert len(rows) == months * 3 + 1
    wanted = [
        month.compact() for month in Month.range(Month(2026, 10).plus(1 - months), Month(2026, 10)) for _ in "123"
    ]
    assert [row.split()[0] for row in rows[:-1]] == wanted


def test_the_tables_are_as_wide_as_each_other() -> None:
    assert sum(column.width for column in layout.MONTHS) == sum(column.width for column in layout.COVERAGE) == 108
    assert sum(column.width for column in HEAD) == 96


def test_long_values_are_wrapped_and_lose_nothing() -> None:
    name = "宁波" + "市甬江智造（集团）" * 12 + "有限公司"
    unit = compose(facts(employer_name=name), ISSUE)["unit"]["text"]
    assert name in "".join(unit.split())


def test_cells_are_padded_in_half_widths() -> None:
    columns = (Column("甲", 8), Column("乙", 10, "right"), Column("丙", 8, "centre"))
    assert list(lines.row(columns, ("中文", "1.00", "ab"))) == [" 中文        1.00    ab"]
    assert list(lines.row(columns, ("一二三四", "1", "2")))[1] == " 四"


def test_the_verification_shows_no_name_and_no_number() -> None:
    said = verified_facts(facts())
    assert said["name_masked"] == "林**"
    assert said["id_number_masked"] == "330203********1232"
    assert "林晓燕" not in str(said)
    assert "330203199003071232" not in str(said)
