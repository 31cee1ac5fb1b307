"""A process that reads one plain table (.xlsx or .csv), or writes one: `python -I -m servicekit.sheets.table_child`.

Reading, it answers `{"total": n}` and then `{"rows": [[number, {column: text}], ...]}` in parts; blank cells are left
out. Writing, it takes rows as `MarkedRow` and answers with the file.
"""

from collections.abc import Mapping, Sequence
from typing import Any, BinaryIO

import orjson

from servicekit.sheets.child import answer, serve
from servicekit.sheets.table import open_table

ROWS_PER_ANSWER = 1000


def table_order(
    headings: Mapping[str, Sequence[str]], *, required: Sequence[str], max_rows: int, hidden: Sequence[str] = ()
) -> dict[str, Any]:
    """The order for `Readers.read`: what each column may be called, which must be there, how many rows may come.

    Sheets named in `hidden` are not looked at: explanations, lists.
    """
    return {
        "headings": {column: list(names) for column, names in headings.items()},
        "required": list(required),
        "max_rows": max_rows,
        "hidden": list(hidden),
    }


def marked_order(title: str, columns: Sequence[tuple[str, bool, float]]) -> dict[str, Any]:
    """The order for `Readers.write`: the sheet's title; its columns with heading, whether it is required, width."""
    return {"title": title, "columns": [list(column) for column in columns]}


def _read(order: dict[str, Any], orders: BinaryIO, answers: BinaryIO) -> None:
    rows = open_table(
        orders.read(), order["headings"], order["required"], max_rows=order["max_rows"], hidden=order["hidden"]
    )
    answer(answers, {"total": len(rows)})
    for start in range(0, len(rows), ROWS_PER_ANSWER):
        answer(answers, {"rows": rows[start : start + ROWS_PER_ANSWER]})
    answer(answers, {"end": True})


def _write(order: dict[str, Any], orders: BinaryIO, answers: BinaryIO) -> None:
    from servicekit.sheets.marked import write_marked  # not for those who only read: it takes long to import

    rows = (orjson.loads(line) for line in iter(orders.readline, b""))
    answers.write(write_marked(order["title"], order["columns"], rows))


if __name__ == "__main__":
    serve({"read": _read, "write": _write})
