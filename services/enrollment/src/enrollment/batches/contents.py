"""What is kept of a row, sealed: its cells, what the form gets of them, its faults."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from enrollment.batches.checking import ID_NUMBER, RowFault, Texts
from enrollment.batches.columns import COLUMNS, Column, Layout
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

    @classmethod
    def told(cls, told: Sequence[Any]) -> "Row":
        """From what the child tells."""
        number, cells, texts, faults = told
        return cls(number, cells, texts, [RowFault(**fault) for fault in faults])

    def with_faults(self, faults: Sequence[RowFault]) -> "Row":
        """The same with those of these faults that it doesn't have yet."""
        known = {(fault.column, fault.code) for fault in self.faults}
        new = [fault for fault in faults if (fault.column, fault.code) not in known]
        return Row(self.number, self.cells, self.texts, [*self.faults, *new])


def seal_row(vault: Vault, row: Row) -> bytes:
    """A row as it is kept."""
    return vault.seal_bytes(_ROW, orjson.dumps([row.cells, row.texts, row.faults]))


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
