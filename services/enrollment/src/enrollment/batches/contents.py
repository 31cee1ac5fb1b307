"""What is kept of a row, sealed: its cells, what the form gets of them, its faults."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import orjson

from enrollment.batches.checking import ID_NUMBER, RowFault, Texts
from enrollment.batches.columns import COLUMNS, Column, Layout
from enrollment.dictionaries.rules import Dictionary
from servicekit.personal import Vault, mask

_ROW, _PART = "batch_row", "batch_part"
NAME = "/person/name"


@dataclass(frozen=True)
class Row:
    """A row of a checked file."""

    number: int
    cells: Sequence[str] = field(repr=False)
    texts: Texts = field(repr=False)
    faults: Sequence[RowFault] = field(repr=False)
    under: str | None = None
    """The day and the code tables under which a row was found good, see `rules_under`."""

    @classmethod
    def told(cls, told: Sequence[Any]) -> "Row":
        """From what the child tells, or what is kept."""
        number, cells, texts, faults, *under = told
        return cls(number, cells, texts, [RowFault(**fault) for fault in faults], under[0] if under else None)

    def with_faults(self, faults: Sequence[RowFault], *, else_under: str | None = None) -> "Row":
        """The same with those of these faults that it doesn't have yet; without any, good under these rules."""
        if not faults and not self.faults:
            return replace(self, under=else_under)
        known = {(fault.column, fault.code) for fault in self.faults}
        new = [fault for fault in faults if (fault.column, fault.code) not in known]
        return Row(self.number, self.cells, self.texts, [*self.faults, *new])


def rules_under(today: date, dictionary: Dictionary) -> str:
    """What the rules of a form depend on besides the row: as long as it is the same, so is what they say."""
    return f"{today.isoformat()}/{dictionary.version}"


def seal_row(vault: Vault, row: Row) -> bytes:
    """A row as it is kept."""
    return vault.seal_bytes(_ROW, orjson.dumps([row.cells, row.texts, row.faults, row.under]))


def open_row(vault: Vault, number: int, sealed: bytes) -> Row:
    """A kept row."""
    return Row.told([number, *orjson.loads(vault.open_bytes(_ROW, sealed))])


def seal_part(vault: Vault, part: bytes) -> bytes:
    """A part of an uploaded file as it is kept until it has been checked."""
    return vault.seal_bytes(_PART, part)


def open_part(vault: Vault, sealed: bytes) -> bytes:
    """A kept part of a file."""
    return vault.open_bytes(_PART, sealed)


def layout_of(kind: str, kept: Sequence[Sequence[Any]]) -> Layout:
    """The layout of a file from what is kept of it: [pointer, place] of each column."""
    known: dict[str, Column] = {column.pointer: column for column in COLUMNS[kind]}
    return Layout(tuple(known[pointer] for pointer, _ in kept), tuple(place for _, place in kept))


def shown(row: Row, layout: Layout, pointer: str) -> str:
    """What is written in a row's cell of this field."""
    for column, cell in zip(layout.order, row.cells, strict=True):
        if column.pointer == pointer:
            return cell
    return ""


def shown_number(row: Row, layout: Layout) -> str:
    """The identity number of a row, masked."""
    return mask("id_number", shown(row, layout, ID_NUMBER).strip())
