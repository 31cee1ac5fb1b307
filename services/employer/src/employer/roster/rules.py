"""Rules of the billing roster. Pure."""

from enum import Enum

from contracts.values.month import Month


class News(Enum):
    """What to do with a piece of news about a coverage."""

    NEXT = "next"
    """Apply it."""
    OLD = "old"
    """Known already, or overtaken: drop it."""
    EARLY = "early"
    """Something before it has not arrived yet: look again later."""


def judge(version: int, *, known: int) -> News:
    """Whether news of this version follows on what is known (0: nothing is). Versions count from 1 without gaps."""
    if version <= known:
        return News.OLD
    return News.NEXT if version == known + 1 else News.EARLY


def stop_month(start: Month, stop: Month, *, never_started: bool) -> Month:
    """The first month not owed any more. A coverage that never started owes none: it stops as it starts."""
    return start if never_started else max(start, stop)


def is_late(start: Month, *, billed_from: Month, assessed_through: Month) -> bool:
    """Whether a coverage that is told now owes months of the unit that were assessed without it."""
    return max(start, billed_from) <= assessed_through


def months_owed(start: Month, stop: Month | None, *, since: Month, through: Month) -> tuple[Month, ...]:
    """The months from `since` to `through` that a coverage owes: from its start to the month before its stop."""
    first = max(start, since)
    last = through if stop is None else min(through, stop.previous())
    return tuple(Month.range(first, last))
