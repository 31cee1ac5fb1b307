"""The process behind streaming.py: `python -I -m reporting.rendering.stream_child`. Makes one file and ends.

It ends too when the worker dies, since its input ends then.
"""

import os
import resource
import tempfile
import time
from typing import IO, Any, BinaryIO, Protocol

from reporting.rendering import frames
from reporting.rendering.confinement import close_doors
from reporting.rendering.fonts import MissingShapes

_LARGEST_FILE = 240 * 2**20


class Maker(Protocol):
    """Makes a file row by row."""

    @property
    def pages(self) -> int:
        """How many it has so far."""
        ...

    def add(self, row: list[Any]) -> None:
        """One row."""
        ...

    def close(self, closing: dict[str, Any]) -> None:
        """Finishes the file."""
        ...


def main() -> None:
    """Reads the set-up, then rows until the end; answers with the file."""
    orders, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # a library that prints must not write into the answer
    order = frames.read(orders)
    if order is None:
        return
    setup, _ = order
    # It has no name, so it is gone with this process, however that ends: it may hold full identity numbers.
    with tempfile.TemporaryFile() as file:
        try:
            answer = _make(setup, orders, file)
        except MissingShapes as error:
            answer = {"error": "missing_shapes", "detail": error.characters}
        except Exception as error:  # its text may quote the rows, so only its type
            answer = {"error": "rendering_failed", "detail": type(error).__name__}
        if answer is None:
            return
        file.seek(0)
        content = b"" if "error" in answer else file.read()
        answers.write(frames.pack(answer, content))
        answers.flush()


def _maker(setup: dict[str, Any], file: IO[bytes]) -> Maker:
    if setup["kind"] == "sheet":
        from reporting.rendering.sheet import SheetMaker

        return SheetMaker(setup, file)
    from reporting.rendering.list_pages import ListMaker

    return ListMaker(setup, file)


def _make(setup: dict[str, Any], orders: BinaryIO, file: IO[bytes]) -> dict[str, Any] | None:
    maker = _maker(setup, file)
    close_doors(memory_bytes=int(setup["memory_bytes"]), file_bytes=_LARGEST_FILE)
    cpu = int(setup["cpu_seconds"])
    resource.setrlimit(resource.RLIMIT_CPU, (cpu, cpu + 5))
    rows, spent = 0, 0.0
    while (order := frames.read(orders)) is not None:
        head, _ = order
        started = time.process_time()
        if "end" in head:
            maker.close(head)
            spent += time.process_time() - started
            return {
                "rows": rows,
                "pages": maker.pages,
                "milliseconds": round(spent * 1000, 1),
                "peak_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
            }
        for row in head["rows"]:
            maker.add(row)
        rows += len(head["rows"])
        spent += time.process_time() - started
    return None  # the worker has died


if __name__ == "__main__":
    main()
