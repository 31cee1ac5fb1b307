"""What the contents of several documents are put together from. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from contracts.values.month import Month
from reporting.rendering import lines

_HEAD_PLACES = 56
"""Places for a value of the head: what the QR code leaves free."""
_LAST_ROWS = 3
"""Go over to the last page when only the closing doesn't fit: it isn't left there alone."""
HEAD = (lines.Column("label", 13), lines.Column("value", _HEAD_PLACES + 9), lines.Column("code", 18))


@dataclass(frozen=True)
class Issue:
    """What is fixed when a document is made: its number, its code, who issues it and until when it holds."""

    number: str
    code: str
    verify_url: str
    agency: str
    issued_on: date
    valid_until: date

    @property
    def verify_page(self) -> str:
        """Where a code is typed in."""
        return self.verify_url.rpartition("/")[0]


@dataclass(frozen=True)
class Ruled:
    """Lines of text and the ruled ground they are set on."""

    text: str
    ground: str

    @property
    def height(self) -> int:
        """How many lines."""
        return self.text.count("\n") + 1

    @classmethod
    def of(cls, columns: Sequence[lines.Column], written: Sequence[str]) -> "Ruled":
        """A table with its heading already among the lines."""
        return cls("\n".join(written), lines.ground(columns, len(written)))


def table(columns: Sequence[lines.Column], rows: Sequence[Sequence[str]]) -> list[str]:
    """The lines of a table, its heading first."""
    return [lines.heading(columns), *(line for row in rows for line in lines.row(columns, row))]


def head(*pairs: tuple[str, str]) -> Ruled:
    """Whom a document is about, label by label. The QR code stands beside the values."""
    written = []
    for label, value in pairs:
        first, *rest = lines.wrap(value, _HEAD_PLACES)
        written.append(f"　{label}　　{first}")
        written += [f"　　　　　　　{piece}" for piece in rest]
    return Ruled("\n".join(written), lines.ground(HEAD, len(written), to=HEAD[0].width + HEAD[1].width))


def paged(heading: str, written: Sequence[str], *, first: int, rest: int, closing: int) -> list[list[str]]:
    """Lines in pieces of a page each, the heading at the top of every one.

    `first` and `rest`: lines that fit on the first page and on the next ones; the last page must also hold `closing`.
    """
    pieces, left, room = [], list(written), first
    while left:
        taken = room
        if len(left) <= room < len(left) + closing:
            taken = len(left) - _LAST_ROWS
        taken = max(taken, 1)
        pieces.append([heading, *left[:taken]])
        left, room = left[taken:], rest
    return pieces


def apart(places: int, left: str, right: str) -> str:
    """Two texts at the two ends of a line."""
    return left + " " * max(places - lines.width_of(left) - lines.width_of(right), 2) + right


def amount(value: Decimal) -> str:
    """Yuan as they are printed: 12,345.60."""
    return f"{value:,.2f}"


def chinese_month(month: Month) -> str:
    """2026年3月."""
    return f"{month.year}年{month.month}月"


def chinese_date(day: date) -> str:
    """2026年3月10日."""
    return f"{day.year}年{day.month}月{day.day}日"


def chinese_moment(moment: datetime) -> str:
    """2026年3月10日10时05分."""
    return f"{chinese_date(moment.date())}{moment:%H时%M分}"


def validity(issue: Issue) -> str:
    """The sentence that every document ends with (domain.md §6)."""
    return f"本证明由系统生成，可扫码或登录验证页核验，有效期三个月（至 {chinese_date(issue.valid_until)}）。"
