"""Tables that people upload (.xlsx, .csv): looked at from outside, and opened in a process with limits."""

from collections.abc import Mapping, Sequence

REASON_HEADING = "错误原因"
"""The last column of a file that is given back. It may stay in the file when that is uploaded again."""
MarkedRow = tuple[Sequence[str], Sequence[int], str]
"""A row that is given back: its cells, the places of the faulty ones from 0 on, the reasons."""


def marked_row(headings: Sequence[str], cells: Mapping[str, str], faults: Sequence[tuple[str, str]]) -> MarkedRow:
    """A row by its headings; `faults` are headings with what is wrong there."""
    found = [(headings.index(heading), message) for heading, message in faults]
    reasons = "；".join(f"第{place + 1}列 {headings[place]}：{message}" for place, message in found)
    return [cells.get(heading, "") for heading in headings], [place for place, _ in found], reasons
