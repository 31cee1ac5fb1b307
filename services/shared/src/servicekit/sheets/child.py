"""What every process that opens a file from outside has in common: one order, limits, and lines of JSON as answers.

Readers of spreadsheets have grown to gigabytes over small files. So such a process has limits of memory, processor time
and files, no secrets, no network, and serves one order only. It reads an order (a line of JSON) and what belongs to it
from standard input; see `readers`, which is the other half.
"""

import gc
import os
import resource
import sys
from collections.abc import Callable, Mapping
from typing import Any, BinaryIO

import orjson

from servicekit.sheets.container import FileRefused

Task = Callable[[dict[str, Any], BinaryIO, BinaryIO], None]
"""Does an order: gets the order, what else comes in, and where the answers go. Raises FileRefused."""

_FILE_SIZE = 128 * 2**20
_OPEN_FILES = 64
_FORBIDDEN = ("socket.", "subprocess.", "os.system", "os.exec", "os.posix_spawn", "os.fork", "ctypes.")


def serve(tasks: Mapping[str, Task]) -> None:
    """Serves one order, then ends."""
    orders, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # a library that prints must not write into the answers
    line = orders.readline()
    if not line:
        return  # a spare that was not needed
    order = orjson.loads(line)
    _close_doors(order["limits"])
    gc.disable()  # one order, and memory is limited anyway
    try:
        tasks[order["task"]](order, orders, answers)
    except FileRefused as refused:
        answer(answers, {"refused": refused.code, "message": refused.message})
    except MemoryError:
        answer(answers, {"heavy": True})
        sys.exit(1)  # whoever waits for a file instead of answers sees that there is none
    answers.flush()


def answer(answers: BinaryIO, told: dict[str, Any]) -> None:
    """Sends one answer."""
    answers.write(orjson.dumps(told) + b"\n")
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
