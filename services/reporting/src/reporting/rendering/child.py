"""A rendering process: `python -I -m reporting.rendering.child`. Warm, limited, without secrets and without a network.

It reads orders from standard input and writes documents to standard output (see frames.py) until the input ends, which
it also does when the worker dies. Everything a document could do wrong happens here: it may use so much memory and
processor time, open no connection, and start no program.
"""

import contextlib
import fcntl
import gc
import os
import resource
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from reporting.rendering import frames
from reporting.rendering.confinement import close_doors

_FOLDER_PREFIX = "hall-rendering-"
# System fonts would make a document look different from one machine to the next: there are none but our own faces.
_FONTCONFIG = (
    '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">'
    "<fontconfig><cachedir>{folder}/fontconfig</cachedir></fontconfig>"
)


def main() -> None:
    """Serves orders until the input ends."""
    orders = os.fdopen(os.dup(0), "rb")
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # a library that prints must not write into the answers
    order = frames.read(orders)
    if order is None:
        return
    setup, _ = order
    with _own_folder() as folder:
        os.environ["FONTCONFIG_FILE"] = str(folder / "fonts.conf")
        (folder / "fonts.conf").write_text(_FONTCONFIG.format(folder=folder))
        try:
            typesetter = _warm_up(setup)
        except Exception as error:  # a library is missing: the worker says so in its log and to the clerk
            _answer(answers, {"ready": False, "error": type(error).__name__, "detail": str(error)[:500]})
            return
        _answer(answers, {"ready": True})
        _serve(orders, answers, typesetter, int(setup["cpu_seconds"]))


def _warm_up(setup: dict[str, Any]) -> Any:
    """Loads everything a document needs, then closes the doors."""
    warnings.simplefilter("ignore")  # fontconfig has no fonts of its own: meant
    from reporting.rendering.typesetter import Typesetter

    typesetter = Typesetter(agency=setup["agency"])
    if setup.get("sample") is not None:
        typesetter.set(setup["document"], setup["sample"])
    close_doors(memory_bytes=int(setup["memory_bytes"]))
    gc.collect()
    gc.freeze()  # what is warm stays: the collector need not look at it again
    gc.disable()
    return typesetter


def _serve(orders: BinaryIO, answers: BinaryIO, typesetter: Any, cpu_seconds: int) -> None:
    from reporting.rendering.fonts import MissingShapes

    while (order := frames.read(orders)) is not None:
        head, _ = order
        _grant(cpu_seconds)
        try:
            made = typesetter.set(head["document"], head["content"])
        except MissingShapes as error:
            _answer(answers, {"error": "missing_shapes", "detail": error.characters})
        except Exception as error:  # the worker decides; the text of the error may quote the document, so only its type
            _answer(answers, {"error": "rendering_failed", "detail": type(error).__name__})
        else:
            told = {"milliseconds": round(made.milliseconds, 2), "pages": made.pages, "faces": made.faces}
            _answer(answers, told, made.pdf)
        gc.collect()  # between documents, when nobody waits


def _grant(cpu_seconds: int) -> None:
    """The processor time of one document; the kernel ends the process when it is used up."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    soft = int(usage.ru_utime + usage.ru_stime) + 1 + cpu_seconds
    resource.setrlimit(resource.RLIMIT_CPU, (soft, resource.getrlimit(resource.RLIMIT_CPU)[1]))


def _answer(answers: BinaryIO, head: dict[str, Any], body: bytes = b"") -> None:
    answers.write(frames.pack(head, body))
    answers.flush()


@contextlib.contextmanager
def _own_folder() -> Iterator[Path]:
    """A folder for the faces, and nothing left behind by processes that were killed.

    WeasyPrint writes faces to files. A killed process can't remove them; the next one does, told by the lock that a
    living one holds. The folder gets its name only once it is locked.
    """
    above = Path(tempfile.gettempdir())
    _clear_away(above)
    hidden = Path(tempfile.mkdtemp(prefix=f".{_FOLDER_PREFIX}"))
    with (hidden / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        folder = hidden.rename(above / hidden.name.removeprefix("."))
        tempfile.tempdir = str(folder)
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def _clear_away(above: Path) -> None:
    for left in above.glob(f"{_FOLDER_PREFIX}*"):
        with contextlib.suppress(OSError):
            if left.is_symlink() or left.stat().st_uid != os.getuid():
                continue  # the folder for temporary files may be everybody's
            lock = os.open(left / "lock", os.O_RDONLY | os.O_NOFOLLOW)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)  # refused while its process lives
                shutil.rmtree(left, ignore_errors=True)
            finally:
                os.close(lock)


if __name__ == "__main__":
    main()
