"""The PDF itself, made by a real rendering process."""

import asyncio
import re
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import pypdf
import pytest
import zxingcpp
from PIL import Image

from reporting.documents.insurance_certificate.content import compose
from reporting.documents.insurance_certificate.sample import SAMPLE
from reporting.rendering import fonts
from reporting.rendering.pool import (
    Limits,
    Rendered,
    RenderingFailed,
    RenderingInterrupted,
    RenderingUnavailable,
    RenderPool,
)
from tests.unit.reporting.facts import CODE, ISSUE, facts


@asynccontextmanager
async def renderers(**rest: Any) -> AsyncIterator[RenderPool]:
    pool = RenderPool(1, agency=ISSUE.agency, **rest)
    try:
        yield pool
    finally:
        await pool.close()


async def rendered(*contents: dict[str, Any]) -> list[Rendered]:
    async with renderers() as pool:
        return [await pool.render("insurance_certificate", content) for content in contents]


def embedded_fonts(pdf: pypdf.PdfReader) -> dict[str, bool]:
    """Every font of the document, by family, and whether its file is inside."""
    found = {}
    for page in pdf.pages:
        for font in page["/Resources"]["/Font"].values():  # type: ignore[index]
            descendant = font["/DescendantFonts"][0].get_object()
            name = str(font["/BaseFont"]).partition("+")[2]
            found[name] = "/FontFile3" in descendant["/FontDescriptor"]
    return found


async def test_text_fonts_and_metadata() -> None:
    (made,) = await rendered(compose(facts(), ISSUE))
    pdf = pypdf.PdfReader(BytesIO(made.pdf))
    assert len(pdf.pages) == made.pages == 1
    assert [round(float(side)) for side in pdf.pages[0].mediabox[2:]] == [595, 842]  # A4
    text = pdf.pages[0].extract_text()
    for expected in (
        "宁波市职工基本医疗保险参保证明",
        "林晓燕",
        "330203199003071232",
        "甬江智造科技有限公司",
        "ABCDE-12345-FGHJK-67890-LMNPQ",
        "2026112300000012",
        "2019年7月",
        "8,000.00",
        "2,016.00",
        "本证明由系统生成，可扫码或登录验证页核验，有效期三个月",
        "数据截至 2026年11月23日22时35分",
        "第 1 页 共 1 页",
    ):
        assert expected in text, expected
    assert embedded_fonts(pdf) == {"Hall": True, "Hall-Seal": True}
    assert made.faces == "common"
    assert pdf.metadata is not None
    assert pdf.metadata.title == "宁波市职工基本医疗保险参保证明"
    assert pdf.metadata.author == ISSUE.agency
    assert str(pdf.root_object["/Lang"]) == "zh-CN"


async def test_columns_stay_apart() -> None:
    (made,) = await rendered(compose(facts(months=1), ISSUE))
    page = pypdf.PdfReader(BytesIO(made.pdf)).pages[0]
    places: dict[str, float] = {}

    def visit(text: str, _cm: Any, matrix: list[float], *_: Any) -> None:
        if text.strip():
            places[text.strip()] = matrix[4]

    page.extract_text(visitor_text=visit)
    assert any(
        re.fullmatch(r"202610\s+职工基本医疗保险\s+8,000.00\s+680.00\s+160.00\s+未到账", line) for line in places
    )


async def test_rare_characters_are_set_in_the_full_faces_and_only_then() -> None:
    rare, plain = await rendered(compose(facts(name="㛃𠮷䶮𬬭鿏"), ISSUE), compose(facts(), ISSUE))
    pdf = pypdf.PdfReader(BytesIO(rare.pdf))
    assert "㛃𠮷䶮𬬭鿏" in pdf.pages[0].extract_text()
    assert embedded_fonts(pdf) == {"Hall": True, "Hall-Japan": True, "Hall-Seal": True}
    assert (rare.faces, plain.faces) == ("full", "common")


async def test_a_character_that_no_face_has_is_refused() -> None:
    async with renderers() as pool:
        with pytest.raises(RenderingFailed) as failed:
            await pool.render("insurance_certificate", compose(facts(name="林\U00031350"), ISSUE))
        assert (failed.value.code, failed.value.detail) == ("missing_shapes", "\U00031350")
        made = await pool.render("insurance_certificate", compose(facts(), ISSUE))  # the process lives on
        assert made.pages == 1


async def test_pages_of_a_long_certificate_repeat_the_heading() -> None:
    (made,) = await rendered(compose(facts(months=60), ISSUE))
    pdf = pypdf.PdfReader(BytesIO(made.pdf))
    texts = [page.extract_text() for page in pdf.pages]
    assert len(texts) == made.pages > 2
    for number, text in enumerate(texts, start=1):
        assert f"第 {number} 页 共 {len(texts)} 页" in text
        assert "费款所属期" in text
        assert ISSUE.number in text
    assert "本证明由系统生成" in texts[-1]
    assert sum(len(re.findall(r"^\s*20[0-9]{4} ", text, re.MULTILINE)) for text in texts) == 180


def picture(pdf: bytes, folder: Path) -> Image.Image:
    """The first page as a printer would make it, at 150 dpi."""
    assert shutil.which("pdftoppm"), "poppler-utils is one of deploy/system-packages.txt"
    (folder / "page.pdf").write_bytes(pdf)
    command = ["pdftoppm", "-r", "150", "-png", "-singlefile", str(folder / "page.pdf"), str(folder / "page")]
    subprocess.run(command, check=True, timeout=60)
    with Image.open(folder / "page.png") as image:
        return image.convert("RGB")


async def test_the_qr_code_is_read_from_the_printed_page(tmp_path: Path) -> None:
    (made,) = await rendered(compose(facts(), ISSUE))
    found = zxingcpp.read_barcodes(picture(made.pdf, tmp_path))
    assert [code.text for code in found] == [f"https://hall.test/verify/{CODE}"]


async def test_the_seal_is_red_and_stands_by_the_signature(tmp_path: Path) -> None:
    (made,) = await rendered(compose(facts(months=3), ISSUE))
    page = picture(made.pdf, tmp_path)
    pixels = page.load()
    assert pixels is not None
    reds = [
        (x, y)
        for x in range(0, page.width, 2)
        for y in range(0, page.height, 2)
        if pixels[x, y][0] > 180 and pixels[x, y][1] < 110 and pixels[x, y][2] < 110  # type: ignore[index]
    ]
    assert len(reds) > 500
    assert min(x for x, _ in reds) > page.width * 0.6
    width = max(x for x, _ in reds) - min(x for x, _ in reds)
    assert 150 < width < 220  # about 33 mm


PAYLOADS = (
    "<img src=http://127.0.0.1:9/x>",
    "<style>@import 'file:///etc/passwd';</style>",
    "{{ 7*7 }}{% raw %}",
    "'\")(",
)


@pytest.mark.parametrize("payload", PAYLOADS)
async def test_markup_in_any_field_is_text(payload: str) -> None:
    content = compose(facts(), ISSUE)

    def poisoned(value: Any) -> Any:
        if isinstance(value, str):
            return value + payload
        if isinstance(value, list):
            return [poisoned(item) for item in value]
        return {name: item if name == "ground" else poisoned(item) for name, item in value.items()}

    (made,) = await rendered(poisoned(content))
    text = "".join(page.extract_text() for page in pypdf.PdfReader(BytesIO(made.pdf)).pages)
    assert text.count(payload) >= 8
    assert "root:x" not in text


async def test_a_document_that_takes_too_long_costs_only_its_process() -> None:
    async with renderers(limits=Limits(wall_seconds=60, cpu_seconds=1)) as pool:
        endless = compose(facts(), ISSUE) | {"months": [{"text": "长\n" * 60, "ground": ""}] * 500}
        with pytest.raises(RenderingInterrupted):
            await pool.render("insurance_certificate", endless)
        assert (await pool.render("insurance_certificate", SAMPLE)).pages == 1


async def test_a_document_that_takes_too_much_memory_is_stopped() -> None:
    async with renderers(limits=Limits(memory_bytes=300 * 2**20)) as pool:
        huge = compose(facts(), ISSUE) | {"closing": "满" * 4_000_000}
        with pytest.raises((RenderingInterrupted, RenderingFailed)):
            await pool.render("insurance_certificate", huge)
        assert (await pool.render("insurance_certificate", SAMPLE)).pages == 1


async def test_processes_are_replaced_after_their_share() -> None:
    async with renderers(limits=Limits(documents=2)) as pool:
        pids = []
        for _ in range(4):
            await pool.warm_up()
            pids.append(pool.processes()[0].pid)
            await pool.render("insurance_certificate", SAMPLE)
        assert pids[0] == pids[1] != pids[2] == pids[3]


async def test_nothing_is_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    async with renderers() as pool:
        await pool.render("insurance_certificate", SAMPLE)
        left = list(tmp_path.iterdir())
        assert len(left) == 1
        pool.processes()[0].kill()  # leaves its folder
        with pytest.raises(RenderingInterrupted):
            await pool.render("insurance_certificate", SAMPLE)
        await pool.render("insurance_certificate", SAMPLE)
        assert len(list(tmp_path.iterdir())) == 1
        assert list(tmp_path.iterdir()) != left
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "attempt",
    [
        "import socket; socket.create_connection(('127.0.0.1', 9))",
        "import socket; socket.getaddrinfo('hall.test', 80)",
        "import subprocess; subprocess.run(['true'])",
        "import os; os.system('true')",
        "import os; os.fork()",
        "import os; os.execv('/bin/true', ['true'])",
    ],
)
def test_a_rendering_process_opens_no_connection_and_starts_no_program(attempt: str) -> None:
    program = f"from reporting.rendering.confinement import close_doors\nclose_doors(memory_bytes=2**30)\n{attempt}"
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    assert "PermissionError" in ended.stderr
    assert "is not for documents" in ended.stderr


async def test_without_weasyprints_libraries_the_reason_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reporting.rendering.pool.CHILD", "tests.unit.reporting.child_without_pango")
    monkeypatch.setattr("reporting.rendering.pool.CHILD_OPTIONS", ())
    async with renderers() as pool:
        with pytest.raises(RenderingUnavailable, match="libpango"):
            await pool.warm_up()
        assert pool.processes() == []


async def test_several_documents_at_once_wait_for_their_turn() -> None:
    contents = [compose(facts(name=name, as_of=datetime(2026, 11, 23)), ISSUE) for name in ("甲", "乙", "丙", "丁")]  # noqa: DTZ001
    async with renderers() as pool:
        made = await asyncio.gather(*(pool.render("insurance_certificate", content) for content in contents))
        assert len(pool.processes()) == 1
    for name, document in zip("甲乙丙丁", made, strict=True):
        assert name in pypdf.PdfReader(BytesIO(document.pdf)).pages[0].extract_text()


def test_faces_are_chosen_by_the_rarest_character() -> None:
    assert fonts.choose("王芳·Ａ\n\t①—“”") == "common"
    assert fonts.choose("㛃") == fonts.choose("𠮷") == fonts.choose("䶮") == "full"
    assert fonts.choose("葛\U000e0100") == "common"  # a variation selector has no shape of its own
    with pytest.raises(fonts.MissingShapes):
        fonts.choose("😀")
