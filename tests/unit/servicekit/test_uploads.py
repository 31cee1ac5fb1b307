"""Uploaded files: their names as they are shown, their bytes; and files as answers."""

import hashlib
import io

import pytest
from starlette.datastructures import UploadFile

from servicekit.downloads import disposition, file_answer
from servicekit.uploads import LONGEST_NAME, digest_of, parts_of, shown_name


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("执照.pdf", "执照.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\文件\\执照.pdf", "执照.pdf"),
        ("/var/lib/hall/执照.pdf", "执照.pdf"),
        ("a\r\nSet-Cookie: x.pdf", "aSet-Cookie: x.pdf"),
        ("a\0.pdf", "a.pdf"),
        ("\u202efdp.exe", "fdp.exe"),
        ("..", "未命名文件"),
        ("", "未命名文件"),
        (None, "未命名文件"),
    ],
)
def test_names_without_folders_and_tricks(sent: str | None, shown: str) -> None:
    assert shown_name(sent) == shown


@pytest.mark.parametrize("sent", ["字" * 300 + ".pdf", "a." + "b" * 300, "c" * 300])
def test_long_names_are_cut_and_keep_their_ending(sent: str) -> None:
    assert len(shown_name(sent)) <= LONGEST_NAME
    assert not sent.endswith(".pdf") or shown_name(sent).endswith("字.pdf")


@pytest.mark.parametrize("name", ['a".pdf', "a\r\nX: y.pdf", "执照.pdf", "无"])
def test_a_file_never_breaks_out_of_its_header(name: str) -> None:
    answer = file_answer(name, b"x", "application/pdf")
    disposition = answer.headers["content-disposition"]
    assert disposition.isascii()
    assert disposition.count('"') == 2
    assert "\r" not in disposition
    assert (answer.headers["x-content-type-options"], answer.headers["cache-control"]) == (
        "nosniff",
        "private, no-store",
    )


@pytest.mark.parametrize("size", [0, 1, 2**20, 2**20 + 1])
async def test_a_file_is_read_from_its_beginning_each_time(size: int) -> None:
    content = (b"0123456789abcdef" * (2**16 + 1))[:size]
    file = UploadFile(io.BytesIO(content))
    for _ in range(2):
        assert await digest_of(file) == hashlib.sha256(content).digest()
        assert b"".join([part async for part in parts_of(file)]) == content


def test_a_file_to_show_and_one_to_save() -> None:
    shown = disposition("证明.pdf", plain="7.pdf", shown=True)
    assert shown == "inline; filename=\"7.pdf\"; filename*=UTF-8''%E8%AF%81%E6%98%8E.pdf"
    assert disposition("a b.zip", plain="7.zip") == "attachment; filename=\"7.zip\"; filename*=UTF-8''a%20b.zip"
