"""How the documents look: each page as the ink in its square millimetres, and what it looked like before.

    python -m tests.unit.reporting.looks     keeps the present looks, after somebody has looked at them

Two rasterisers, or two versions of one, differ in the grey of single dots; they agree on how much ink there is in a
cell of two millimetres. So pages are compared in such cells, and a cell may differ by a part of full black.
"""

import asyncio
import subprocess
import sys
import tempfile
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any
from unittest.mock import patch
from uuid import UUID
from zoneinfo import ZoneInfo

from PIL import Image, ImageChops

from contracts.values.month import Month
from reporting.documents import listed
from reporting.documents.contribution_list import content as contribution_list
from reporting.documents.employer_certificate import content as employer_certificate
from reporting.documents.insurance_certificate import content as insurance_certificate
from reporting.documents.listed import Head, ListColumn, Sums
from reporting.documents.roster_list import content as roster_list
from reporting.rendering import pool
from reporting.rendering.list_pages import ListMaker
from reporting.sources import ListedPerson, Named, Row
from tests.unit.reporting.facts import ISSUE, KINDS, RULES, facts

FOLDER = Path(__file__).parent / "pages"
TOLERANCE, FAINT, FEW = 0.10, 0.06, 40
"""Of full black, by which any cell may differ; by which so many cells may, and no more, or a hairline would be lost
unseen. Splash and Cairo (poppler 22.12) are 0.09 apart at the most, and more than 0.06 in 18 cells of a page."""
_DPI, _CELL = 200, 16
AS_OF = datetime(2026, 11, 23, 22, 35)  # noqa: DTZ001  local time, as printed
MADE_AT = datetime(2026, 11, 23, 22, 35, tzinfo=ZoneInfo("Asia/Shanghai"))
_NAMES = ("林晓燕", "欧阳清越", "阿卜杜热合曼·买买提依明江", "㛃𠮷䶮", "Alexandra Constantinopoulou-Featherstonehaugh")


async def certificates(
    months: int, rules: Sequence[str] = ("",), changes: Mapping[str, Any] | None = None
) -> list[bytes]:
    """A 职工参保证明 for each of these rules put behind its style sheet. `changes`: of what its template is given."""
    content = insurance_certificate.compose(facts(months=months), ISSUE)
    return await _set("insurance_certificate", content | dict(changes or {}), rules)


async def certificate_of_unit(months: int = 3) -> list[bytes]:
    """A 单位缴费证明 of some months, the last of which hasn't been received."""
    first = Month(2026, 10).plus(1 - months)
    lines = [
        employer_certificate.Line(
            month,
            name,
            1234,
            Decimal("9872000.00"),
            employers * 1234,
            own * 1234,
            (employers + own) * 1234,
            (employers + own) * 1234 if month < Month(2026, 10) else Decimal("0.00"),
            f"{month.next()}-15" if month < Month(2026, 10) else None,
        )
        for month in Month.range(first, Month(2026, 10))
        for name, employers, own in KINDS
    ]
    said = employer_certificate.Facts(
        employer_no="330200000000000101",
        employer_name="甬江智造科技有限公司",
        uscc="91330200MA2A0B1C3J",
        lines=lines,
        from_month=first,
        to_month=Month(2026, 10),
        as_of=AS_OF,
    )
    return await _set("employer_certificate", employer_certificate.compose(said, ISSUE), ("",))


async def contributions(columns: tuple[ListColumn, ...] = contribution_list.COLUMNS) -> list[bytes]:
    """A 单位参保人员缴费明细表 of two pages."""
    head = Head("330200000000000101", "甬江智造科技有限公司", ("缴费期间", "2026年9月 至 2026年10月"), AS_OF)
    rows: list[list[Any]] = []
    whole = Sums()
    for month in (Month(2026, 9), Month(2026, 10)):
        of_month = Sums()
        for number, name in enumerate(_NAMES * 2):
            person_id = UUID(int=number)
            for code, (title, employers, own) in enumerate(KINDS, 310):
                one = Row(
                    person_id=person_id,
                    month=month,
                    insurance=str(code),
                    insurance_name=title,
                    base=Decimal("8000.00"),
                    employer_amount=employers,
                    own_amount=own,
                    amount_total=employers + own,
                    status="1",
                    status_name="已到账",
                )
                for sums in (whole, of_month):
                    sums.add(person_id, employers, own)
                who = Named(person_id=person_id, name=name, id_number="330203********1232")
                rows.append(contribution_list.row(whole.rows, one, who))
        rows.append(contribution_list.sum_row(f"{month.compact()} 小计", of_month))
    rows.append(contribution_list.sum_row("合计", whole))
    rows = [[kind, cells[: len(columns)]] for kind, cells in rows]
    return _drawn(contribution_list.TITLE, columns, head, rows, people=len(whole.people))


async def roster() -> list[bytes]:
    """A 参保人员花名册 of a page."""
    head = Head("330200000000000101", "甬江智造科技有限公司", ("名单范围", "参保状态 正常参保"), AS_OF)
    person = ListedPerson(
        person_id=UUID(int=1),
        name="",
        id_number="330203********1232",
        sex_name="女",
        start_month=Month(2019, 7),
        stop_month=None,
        status_name="正常参保",
        insurances=tuple(title for title, _, _ in KINDS),
        monthly_wage=Decimal("12345.60"),
    )
    rows: list[list[Any]] = [
        roster_list.row(number, person.model_copy(update={"name": name}), person.monthly_wage)
        for number, name in enumerate(_NAMES, 1)
    ]
    return _drawn(roster_list.TITLE, roster_list.COLUMNS, head, rows, people=len(rows))


DOCUMENTS: Mapping[str, Callable[[], Awaitable[list[bytes]]]] = {
    "certificate": lambda: certificates(12),
    "certificate_long": lambda: certificates(36),
    "certificate_of_unit": certificate_of_unit,
    "contributions": contributions,
    "roster": roster,
}


async def _set(document: str, content: Mapping[str, Any], rules: Sequence[str]) -> list[bytes]:
    """In a rendering process that takes further rules."""
    with patch.multiple(pool, CHILD="tests.unit.reporting.child_with_rules", CHILD_OPTIONS=()):
        renderers = pool.RenderPool(1, agency=ISSUE.agency)
        try:
            return [(await renderers.render(document, {**content, RULES: behind})).pdf for behind in rules]
        finally:
            await renderers.close()


def _drawn(
    title: str, columns: tuple[ListColumn, ...], head: Head, rows: list[list[Any]], *, people: int
) -> list[bytes]:
    file = BytesIO()
    maker = ListMaker(listed.set_up(title, columns, head, ISSUE, MADE_AT), file)
    for row in rows:
        maker.add(row)
    maker.close(listed.closing(ISSUE, rows=sum(kind == 0 for kind, _ in rows), people=people))
    return [file.getvalue()]


def looks_of(pdf: bytes, *, program: str = "pdftoppm") -> list[Image.Image]:
    """Each page in cells: 0 for full black, 255 for white."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "document.pdf"
        file.write_bytes(pdf)
        command = [program, "-r", str(_DPI), "-gray", "-png", str(file), str(Path(folder) / "page")]
        subprocess.run(command, check=True, timeout=60, capture_output=True)
        pages = []
        for page in sorted(Path(folder).glob("page*.png")):
            with Image.open(page) as image:
                pages.append(image.convert("L").reduce(_CELL))
        return pages


def kept_looks(name: str) -> list[Image.Image]:
    """How the pages of a document looked when somebody last looked at them."""
    pages = []
    for file in sorted(FOLDER.glob(f"{name}.*.png")):
        with Image.open(file) as image:
            pages.append(image.convert("L"))
    return pages


def differing(one: Image.Image, other: Image.Image) -> list[tuple[int, int]]:
    """Where two pages look different: millimetres from the left and from the top."""
    if one.size != other.size:
        return [(0, 0)]
    apart = ImageChops.difference(one, other)
    faint = _cells(apart, FAINT)
    return _cells(apart, TOLERANCE) or (faint if len(faint) > FEW else [])


def _cells(apart: Image.Image, tolerance: float) -> list[tuple[int, int]]:
    dots, millimetres = apart.load(), _CELL * 25.4 / _DPI
    assert dots is not None
    return [
        (round(x * millimetres), round(y * millimetres))
        for y in range(apart.height)
        for x in range(apart.width)
        if dots[x, y] > tolerance * 255  # type: ignore[operator]  # a page has one channel
    ]


async def main() -> None:
    """Keeps the present looks."""
    for old in FOLDER.glob("*.png"):
        old.unlink()
    for name, make in DOCUMENTS.items():
        for number, page in enumerate(looks_of((await make())[0]), 1):
            page.save(FOLDER / f"{name}.{number}.png", optimize=True)
    sys.stdout.write(f"{len(list(FOLDER.glob('*.png')))} pages in {FOLDER}\n")


if __name__ == "__main__":
    asyncio.run(main())
