"""What is said of an uploaded file before anybody opens it. Pure."""

LONGEST_NAME = 120


def shown_name(name: str | None) -> str:
    """The name under which a file is shown: without the folders that some browsers send, and what can't be printed."""
    printable = "".join(character for character in (name or "") if character.isprintable())
    base = printable.replace("\\", "/").rpartition("/")[2].strip(" .")
    if not base:
        return "未命名文件"
    stem, dot, ending = base.rpartition(".")
    return (
        base if len(base) <= LONGEST_NAME else f"{stem[: LONGEST_NAME - len(ending) - 1]}{dot}{ending}"[:LONGEST_NAME]
    )
