"""Rules of coverage (参保关系): who may join, what stops when, which status a month shows. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from contracts.values.month import Month
from servicekit.refusals import Refusal

EMPLOYEE_MEDICAL = "310"
"""职工基本医疗保险: the insurance that a person has at most once in the pooling area (domain rule 2)."""
RESIDENT_MEDICAL = "390"

Holder = Literal["this_unit", "other_unit", "flexible", "resident"]
Presence = Literal["none", "this_unit", "other_unit", "resident", "flexible"]
Status = Literal["0", "1", "2", "4"]

# Stop reasons (减员原因) after which the coverage does not come back by itself: death, settling abroad.
TERMINAL_STOP_REASONS = frozenset({"05", "07"})

_AT_PERSON = "/person/id_number"


class AlreadyInsuredHere(Refusal):
    code = "already_insured_here"
    title = "该人员已在本单位参保"


class AlreadyInsuredElsewhere(Refusal):
    code = "already_insured_elsewhere"
    title = "该人员已在其他单位参保"


class OverlapsFormerCoverage(Refusal):
    code = "overlaps_former_coverage"
    title = "参保月份与原参保关系重叠"


@dataclass(frozen=True)
class PresentCover:
    """One coverage of a person as seen by a unit: by whom it is held, never the other unit's name."""

    holder: Holder
    insurance: str
    start: Month
    stop: Month | None

    @property
    def never_started(self) -> bool:
        """Stopped in or before its first month: nothing was ever owed for it."""
        return self.stop is not None and self.stop <= self.start


def check_can_join(covers: Iterable[PresentCover], *, start: Month) -> None:
    """One active employee coverage per person (rule 2). Resident and flexible coverage do not stand in the way.

    Raises:
        AlreadyInsuredHere, AlreadyInsuredElsewhere: an employee coverage is open.
        OverlapsFormerCoverage: a stopped one is owed for the start month or later; happens when a review comes late.
    """
    for cover in covers:
        if cover.holder not in ("this_unit", "other_unit") or cover.insurance != EMPLOYEE_MEDICAL:
            continue
        if cover.stop is None:
            if cover.holder == "this_unit":
                raise AlreadyInsuredHere(f"该人员自 {cover.start} 起已在本单位参保，无需再次增员", pointer=_AT_PERSON)
            raise AlreadyInsuredElsewhere(
                "该人员已在其他单位参加职工医保，请其先在原单位办理减员后再申报", pointer=_AT_PERSON
            )
        if start < cover.stop and not cover.never_started:
            raise OverlapsFormerCoverage(
                f"该人员原职工医保应缴至 {cover.stop.previous()}，参保月份不能早于 {cover.stop}",
                pointer="/insurance/start_month",
            )


def presence(covers: Sequence[PresentCover]) -> Presence:
    """How a person is insured now, or is going to be: the open coverage that weighs most for a declaration."""
    held = {cover.holder for cover in covers if cover.stop is None}
    order: tuple[Holder, ...] = ("this_unit", "other_unit", "flexible", "resident")
    return next((holder for holder in order if holder in held), "none")


def former_stop_month(*, former_start: Month, new_start: Month) -> Month:
    """The month in which resident or flexible coverage stops when an employee coverage starts.

    The same month: benefits of the former last into it, contributions of the former end with the month before
    (rule 2: no day without cover, no month paid twice). A former coverage that would start later never starts.
    """
    return max(former_start, new_start)


def status_in(month: Month, *, start: Month, stop: Month | None, stop_reason: str | None) -> Status:
    """参保状态 in a month: 0 待生效, 1 正常参保, 2 暂停参保, 4 终止参保.

    Benefits last to the end of the stop month (rule 4), so a coverage is normal in it, unless it never started.
    """
    if stop is not None and (stop <= start or stop < month):
        return "4" if stop_reason in TERMINAL_STOP_REASONS else "2"
    return "0" if month < start else "1"
