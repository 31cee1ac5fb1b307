"""Long lists and workbooks: `python -m tests.bench.long_files [rows]`. Reported, never asserted.

Ours beside openpyxl's write-only mode for the workbook and WeasyPrint (1,000 rows, or it takes too long) for the list,
in one run. Seconds of processor time in the process that makes the file, and its memory at the most.
"""

import asyncio
import resource
import subprocess
import sys
import time
from typing import Any

from reporting.rendering.streaming import Streamed, file_stream

_COLUMNS = (
    ("序号", "1"),
    ("姓名", "林晓燕"),
    ("证件号码", "330203********1232"),
    ("险种类型", "职工基本医疗保险"),
    ("费款所属期", "202603"),
    ("缴费基数", "8000.00"),
    ("单位缴纳", "680.00"),
    ("个人缴纳", "160.00"),
    ("合计", "840.00"),
    ("到账状态", "已到账"),
)
_HEADINGS, _CELLS = [heading for heading, _ in _COLUMNS], [cell for _, cell in _COLUMNS]
_WEASYPRINT_ROWS = 1000


async def workbook(rows: int) -> Streamed:
    """A workbook of ten columns."""
    columns: list[dict[str, Any]] = [
        {"heading": heading, "type": "money" if 5 <= place <= 8 else "text"} for place, heading in enumerate(_HEADINGS)
    ]
    async with file_stream("sheet", {"title": "明细", "columns": columns, "notes": []}) as stream:
        for _ in range(rows):
            await stream.add(_CELLS)
        return await stream.finish()


async def document(rows: int) -> Streamed:
    """The same as a PDF."""
    setup = {
        "title": "单位参保人员缴费明细表",
        "agency": "宁波市医疗保险经办机构（演示）",
        "meta": [("单位名称", "甬江智造科技有限公司")],
        "verify_url": "https://hall.example/verify",
        "footing": "编号 2026031000000001",
        "made_at": "2026-03-10T10:00:00+08:00",
        "columns": [{"heading": heading, "width": 10, "align": "left"} for heading in _HEADINGS],
    }
    async with file_stream("list", setup) as stream:
        for _ in range(rows):
            await stream.add([0, _CELLS])
        return await stream.finish({"statements": [], "signed": []})


def openpyxl_reference(rows: int) -> None:
    """The workbook in openpyxl's write-only mode."""
    from io import BytesIO

    from openpyxl import Workbook

    book = Workbook(write_only=True)
    sheet = book.create_sheet("明细")
    for _ in range(rows):
        sheet.append([*_CELLS[:5], 8000.0, 680.0, 160.0, 840.0, _CELLS[9]])
    book.save(BytesIO())


def weasyprint_reference(rows: int) -> None:
    """The list as a table of cells."""
    from weasyprint import HTML

    row = "<tr>" + "".join(f"<td>{cell}</td>" for cell in _CELLS) + "</tr>"
    HTML(string=f"<style>@page {{ size: A4 landscape }}</style><table>{row * rows}</table>").write_pdf()


def reference(name: str, rows: int) -> tuple[float, float]:
    """Processor seconds and MiB of a reference, in a process of its own."""
    command = [sys.executable, "-m", "tests.bench.long_files", name, str(rows)]
    seconds, peak = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    return float(seconds), float(peak)


def say(line: str) -> None:
    """One line of the result."""
    print(line, flush=True)  # noqa: T201


async def main(rows: int) -> None:
    """Prints ours beside the references."""
    for size in (rows // 10, rows):
        made = await workbook(size)
        seconds, peak = await asyncio.to_thread(reference, "openpyxl", size)
        own = made.milliseconds / 1000
        say(
            f"workbook {size:7,d} x 10: ours {own:6.2f} s, {made.peak_bytes / 2**20:4.0f} MiB; "
            f"openpyxl write-only {seconds:6.2f} s, {peak:4.0f} MiB; ratio {seconds / own:.1f}"
        )
    for size in (_WEASYPRINT_ROWS, rows):
        drawn = await document(size)
        own = drawn.milliseconds / 1000
        line = f"list {size:7,d} rows, {drawn.pages} pages: ours {own:6.2f} s, {drawn.peak_bytes / 2**20:4.0f} MiB"
        if size == _WEASYPRINT_ROWS:
            seconds, peak = await asyncio.to_thread(reference, "weasyprint", size)
            line += f"; WeasyPrint {seconds:6.2f} s, {peak:4.0f} MiB; ratio {seconds / own:.1f}"
        say(line)


if __name__ == "__main__":
    if sys.argv[1:2] in (["openpyxl"], ["weasyprint"]):
        started = time.process_time()
        (openpyxl_reference if sys.argv[1] == "openpyxl" else weasyprint_reference)(int(sys.argv[2]))
        peak_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        say(f"{time.process_time() - started:.2f} {peak_kib / 1024:.0f}")
    else:
        asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000))
