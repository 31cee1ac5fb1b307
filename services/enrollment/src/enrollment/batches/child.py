"""A process that opens one uploaded file, or writes one returned file: `python -I -m enrollment.batches.child`.

Its limits and its protocol are `servicekit.sheets.child`'s: it reads an order (a line of JSON) and what belongs to it
from standard input, and answers in lines of JSON.
"""

from collections.abc import Iterator
from datetime import date
from typing import Any, BinaryIO

import orjson

from enrollment.batches.checking import CheckedRow, Checker
from enrollment.batches.columns import COLUMNS
from enrollment.batches.workbook import open_grid
from enrollment.dictionaries.rules import Dictionary
from servicekit.sheets.child import answer, serve
from servicekit.sheets.container import check_container

ROWS_PER_ANSWER = 500


def _read(order: dict[str, Any], orders: BinaryIO, answers: BinaryIO) -> None:
    data = orders.read()
    check_container(data)
    grid = open_grid(data, COLUMNS[order["kind"]])
    layout = [[column.pointer, place] for column, place in zip(grid.layout.order, grid.layout.places, strict=True)]
    answer(answers, {"layout": layout, "total": len(grid.rows)})
    dictionary = Dictionary(version=order["dictionary_version"], tables=order["tables"])
    checker = Checker(order["kind"], grid.layout, today=date.fromisoformat(order["today"]), dictionary=dictionary)
    for rows in _in_parts(checker.check(grid.rows)):
        answer(answers, {"rows": [_told(row) for row in rows]})
    answer(answers, {"end": True})


def _told(row: CheckedRow) -> list[Any]:
    return [row.number, row.cells, row.texts, row.faults]


def _in_parts(rows: Iterator[CheckedRow]) -> Iterator[list[CheckedRow]]:
    part: list[CheckedRow] = []
    for row in rows:
        part.append(row)
        if len(part) == ROWS_PER_ANSWER:
            yield part
            part = []
    if part:
        yield part


def _write(order: dict[str, Any], orders: BinaryIO, answers: BinaryIO) -> None:
    from enrollment.batches.sheet import write_returned

    dictionary = Dictionary(version=order["dictionary_version"], tables=order["tables"])
    rows = (orjson.loads(line) for line in iter(orders.readline, b""))
    answers.write(write_returned(order["kind"], order["layout"], rows, dictionary=dictionary, month=order["month"]))


if __name__ == "__main__":
    serve({"read": _read, "write": _write})
