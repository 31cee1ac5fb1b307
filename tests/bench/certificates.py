"""Setting a certificate: `python -m tests.bench.certificates [rounds]`. Reported, never asserted.

Reference: the same content as one would first write it for WeasyPrint: a table of cells, the full font, a new font
configuration for each document. Ours: a warm rendering process. In turns, in one run; medians of wall time, and of the
time the rendering process measured itself.
"""

import asyncio
import statistics
import sys
import time
from html import escape

import pylopdf_fonts_zh_cn

from reporting.documents.insurance_certificate.content import compose
from reporting.documents.insurance_certificate.sample import SAMPLE
from reporting.rendering.pool import RenderPool
from tests.unit.reporting.facts import ISSUE, facts

_SHAPES = ((3, 1), (12, 1), (12, 3), (36, 3))  # months x insurance types
_STYLE = f"""
@font-face {{ font-family: Song; src: url("{pylopdf_fonts_zh_cn.serif_path().as_uri()}") }}
@page {{ size: A4; margin: 15mm 19mm }}
body {{ font: 12px/1.5 Song }} table {{ border-collapse: collapse; width: 100% }} td {{ border: 1px solid #000 }}
"""


def reference(months: int, kinds: int) -> bytes:
    """The certificate as a first attempt would make it."""
    from weasyprint import CSS, HTML  # the reference only: ours imports it in the rendering process
    from weasyprint.text.fonts import FontConfiguration

    said = facts(months=months, kinds=kinds)
    rows = [
        (row.month.compact(), row.insurance_name, row.base, row.employer_amount, row.own_amount, row.status_name)
        for row in said.contributions
    ]
    cells = "".join("<tr>" + "".join(f"<td>{escape(str(cell))}</td>" for cell in row) + "</tr>" for row in rows)
    head = (said.name, said.id_number, said.employer_name, said.employer_no)
    page = f"<h1>参保证明</h1><p>{'</p><p>'.join(map(escape, head))}</p><table>{cells}</table>"
    fonts = FontConfiguration()
    pdf: bytes = HTML(string=page).write_pdf(stylesheets=[CSS(string=_STYLE, font_config=fonts)], font_config=fonts)
    return pdf


def say(line: str) -> None:
    """One line of the result."""
    print(line, flush=True)  # noqa: T201


async def main(rounds: int) -> None:
    """Prints one line for each shape."""
    pool = RenderPool(1, agency=ISSUE.agency, sample=SAMPLE)
    started = time.perf_counter()
    await pool.warm_up()
    say(f"a rendering process is warm after {time.perf_counter() - started:.2f} s")
    for months, kinds in _SHAPES:
        content = compose(facts(months=months, kinds=kinds), ISSUE)
        ours, inside, theirs = [], [], []
        for _ in range(rounds):
            started = time.perf_counter()
            made = await pool.render("insurance_certificate", content)
            ours.append((time.perf_counter() - started) * 1000)
            inside.append(made.milliseconds)
            started = time.perf_counter()
            reference(months, kinds)
            theirs.append((time.perf_counter() - started) * 1000)
        wall, own, other = map(statistics.median, (ours, inside, theirs))
        say(
            f"{months:3d} months x {kinds}: ours {own:6.1f} ms (with transport {wall:6.1f}), {made.pages} page(s); "
            f"reference {other:6.1f} ms; ratio {other / own:.1f}"
        )
    await pool.close()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 20))
