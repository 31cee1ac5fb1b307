"""The one-shot processes that make long files: what is left of them."""

from pathlib import Path
from typing import Any, Literal

import pytest

from reporting.documents import listed
from reporting.documents.contribution_list.content import COLUMNS
from reporting.documents.listed import Head
from reporting.rendering.streaming import PORTION, FileStream, file_stream
from tests.unit.reporting.facts import ISSUE
from tests.unit.reporting.looks import AS_OF, MADE_AT

SHEET: dict[str, Any] = {"title": "明细", "columns": [{"heading": "姓名", "type": "text"}], "notes": []}


def setup_of(kind: Literal["sheet", "list"]) -> tuple[dict[str, Any], list[Any], dict[str, Any]]:
    """The set-up, a row and the closing of a small file."""
    if kind == "sheet":
        return SHEET, ["林晓燕"], {}
    head = Head("330200000000000101", "甬江智造科技有限公司", ("缴费期间", "2026年10月"), AS_OF)
    setup = listed.set_up("明细表", COLUMNS, head, ISSUE, MADE_AT)
    return setup, [0, ["林晓燕"] * len(COLUMNS)], listed.closing(ISSUE, rows=1, people=1)


@pytest.mark.parametrize("kind", ["sheet", "list"])
async def test_nothing_is_left_on_the_disk(
    kind: Literal["sheet", "list"], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A finished file holds personal data: it is sealed in the store, and nowhere else."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    setup, row, closing = setup_of(kind)
    for _ in range(3):  # the process is ended as soon as it has answered
        async with file_stream(kind, setup) as stream:
            await stream.add(row)
            made = await stream.finish(closing)
        assert made.content.startswith({"sheet": b"PK", "list": b"%PDF"}[kind])
        assert list(tmp_path.iterdir()) == []


async def test_nothing_is_left_of_a_process_that_is_killed_in_the_middle(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    stream = await FileStream.start("sheet", SHEET)
    for _ in range(2 * PORTION):
        await stream.add(["林晓燕"])
    await stream.end()
    assert list(tmp_path.iterdir()) == []
