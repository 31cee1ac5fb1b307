"""Names of uploaded files as they are shown, and files as answers."""

import pytest

from servicekit.downloads import file_answer
from servicekit.uploads import LONGEST_NAME, shown_name


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
