"""A process that opens one uploaded file, or writes one returned file: `python -I -m enrollment.batches.child`.

Files come from outside, and readers of spreadsheets have grown to gigabytes over small ones. So this process has limits
of memory, processor time and files, no secrets, no network, and serves one order only. It reads an order (a line of
JSON) and what belongs to it from standard input, and answers in lines of JSON; see `reader`, which is the other half.
"""

import gc
import os
import resource
import sys
from collections.abc import Iterator
from datetime import date
from typing import Any, BinaryIO

import orjson

from enrollment.batches.checking import CheckedRow, Checker
from enrollment.batches.columns import COLUMNS
from enrollment.batches.container import FileRefused, check_container
from enrollment.batches.workbook import open_grid
from enrollment.dictionaries.rules import Dictionary

ROWS_PER_ANSWER = 500
_FILE_SIZE = 128 * 2**20
_OPEN_FILES = 64
_FORBIDDEN = ("socket.", "subprocess.", "os.system", "os.exec", "os.posix_spawn", "os.fork", "ctypes.")


def main() -> None:
    """Serves one order, then ends."""
    orders, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # a library that prints must not write into the answers
    line = orders.readline()
    if not line:
        return  # a spare that was not needed
    order = orjson.loads(line)
    _close_doors(order["limits"])
    gc.disable()  # one order, and memory is limited anyway
    if order["task"] == "read":
        _read(order, orders.read(), answers)
    else:
        _write(order, orders, answers)
    answers.flush()


def _close_doors(limits: dict[str, int]) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (limits["memory_bytes"],) * 2)
    resource.setrlimit(resource.RLIMIT_CPU, (limits["cpu_seconds"], limits["cpu_seconds"] + 2))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (_FILE_SIZE, _FILE_SIZE))
    resource.setrlimit(resource.RLIMIT_NOFILE, (_OPEN_FILES, _OPEN_FILES))
    sys.addaudithook(_forbid)


def _forbid(event: str, _arguments: tuple[Any, ...]) -> None:
    if event.startswith(_FORBIDDEN):
        raise PermissionError(f"{event} is not for files")


def _read(order: dict[str, Any], data: bytes, answers: BinaryIO) -> None:
    try:
        check_container(data)
        grid = open_grid(data, COLUMNS[order["kind"]])
    except FileRefused as refused:
        _answer(answers, {"refused": refused.code, "message": refused.message})
        return
    except MemoryError:
        _answer(answers, {"heavy": True})
        return
    layout = [[column.pointer, place] for column, place in zip(grid.layout.order, grid.layout.places, strict=True)]
    _answer(answers, {"layout": layout, "total": len(grid.rows)})
    dictionary = Dictionary(version=order["dictionary_version"], tables=order["tables"])
    checker = Checker(order["kind"], grid.layout, today=date.fromisoformat(order["today"]), dictionary=dictionary)
    for rows in _in_parts(checker.check(grid.rows)):
        _answer(answers, {"rows": [_told(row) for row in rows]})
    _answer(answers, {"end": True})


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


def _answer(answers: BinaryIO, told: dict[str, Any]) -> None:
    answers.write(orjson.dumps(told) + b"\n")
    answers.flush()


if __name__ == "__main__":
    main()
