"""Rules of coverage (参保关系): who may join, what stops when, which status a month shows. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol
from uuid import UUID

from contracts.values.month import Month
from servicekit.refusals import Refusal

EMPLOYEE_MEDICAL = "310"
"""职工基本医疗保险: the insurance that a person has at most once in the pooling area (domain rule 2)."""
RESIDENT_MEDICAL = "390"

RETIRED = "1201"
"""人员类别 退休: pays nothing and keeps its benefits (domain rule 10)."""

Holder = Literal["this_unit", "other_unit", "flexible", "resident", "retired"]
"""Whose a coverage is. `retired`: a pensioner's own, which follows a removal for retirement."""
Presence = Literal["none", "this_unit", "other_unit", "resident", "flexible", "retired"]
Status = Literal["0", "1", "2", "4"]

RETIREMENT, DEATH, SETTLED_ABROAD = "04", "05", "07"
"""Stop reasons (减员原因) that mean more than that somebody left the unit."""
TERMINAL_STOP_REASONS = frozenset({DEATH, SETTLED_ABROAD})
"""After these the coverage does not come back by itself."""

_AT_PERSON = "/person/id_number"


class AlreadyInsuredHere(Refusal):
    code = "already_insured_here"
    title = "该人员已在本单位参保"


class AlreadyInsuredElsewhere(Refusal):
    code = "already_insured_elsewhere"
    title = "该人员已在其他单位参保"


class AlreadyRetired(Refusal):
    code = "already_retired"
    title = "该人员已办理退休"


class CoverageEnded(Refusal):
    code = "coverage_ended"
    title = "该人员的参保关系已终止"


class NotInsuredHere(Refusal):
    code = "not_insured_here"
    title = "该人员未在本单位参保"
    detail = "该人员目前未在本单位参保，无需办理减员；请刷新查询结果后核对。"


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
    by_death: bool = False
    """Stopped because the person died."""

    @property
    def never_started(self) -> bool:
        """Stopped in or before its first month: nothing was ever owed for it."""
        return never_started(self.start, self.stop)


def never_started(start: Month, stop: Month | None) -> bool:
    """Whether a coverage was stopped in or before its first month, so that nothing was ever owed for it (rule 4)."""
    return stop is not None and stop <= start


def stop_in(month: Month, *, start: Month) -> Month:
    """The stop month of a coverage that is stopped in `month`; one that would start later stops as it starts."""
    return max(start, month)


def check_can_join(covers: Iterable[PresentCover], *, start: Month) -> None:
    """One active employee coverage per person (rule 2). Resident and flexible coverage do not stand in the way.

    Raises:
        CoverageEnded: the person is on record as having died.
        AlreadyRetired: benefits as a pensioner need no employer.
        AlreadyInsuredHere, AlreadyInsuredElsewhere: an employee coverage is open.
        OverlapsFormerCoverage: a stopped one is owed for the start month or later; happens when a review comes late.
    """
    for cover in covers:
        if cover.by_death:
            raise CoverageEnded(
                "该人员的参保关系已登记为终止，不能再申报参保；如登记有误，请到经办机构窗口更正", pointer=_AT_PERSON
            )
        if cover.holder == "retired" and cover.stop is None:
            raise AlreadyRetired(
                "该人员已办理退休，按退休人员享受医保待遇，不需要由单位再参保；如有疑问请咨询经办机构",
                pointer=_AT_PERSON,
            )
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


class HeldCover(Protocol):
    """One coverage row of a person, of whatever unit or none, as the agency sees it."""

    @property
    def id(self) -> UUID: ...
    @property
    def employer_no(self) -> str | None: ...
    @property
    def insurance(self) -> str: ...
    @property
    def start_month(self) -> Month: ...
    @property
    def stop_month(self) -> Month | None: ...
    @property
    def started_by(self) -> str | None: ...
    @property
    def stopped_by(self) -> str | None: ...


@dataclass(frozen=True)
class Consequences:
    """What a removal does to the coverage of a person."""

    stopped: Mapping[UUID, Month]
    """The stop month of each open coverage with the unit."""
    given_back: frozenset[UUID]
    """Resident and flexible coverage that is open again, because the start that had stopped it is cancelled."""
    pension_from: Month | None
    """From when on the person is covered as a pensioner, without an employer."""


def consequences(covers: Sequence[HeldCover], *, employer_no: str, stop: Month, reason: str) -> Consequences:
    """What stops, and what takes its place, when a unit's employee leaves in month `stop` (rules 4 and 10).

    Raises:
        NotInsuredHere: no coverage with the unit is open.
    """
    stopped = {
        cover.id: stop_in(stop, start=cover.start_month)
        for cover in covers
        if cover.employer_no == employer_no and cover.stop_month is None
    }
    if not stopped:
        raise NotInsuredHere
    had_begun = {cover.id for cover in covers if cover.id in stopped and stopped[cover.id] > cover.start_month}
    cancelled = {cover.started_by for cover in covers if cover.id in stopped and cover.id not in had_begun}
    given_back = {
        cover.id
        for cover in covers
        if cover.employer_no is None and cover.stopped_by is not None and cover.stopped_by in cancelled
    }
    medical_ends = any(cover.id in had_begun and cover.insurance == EMPLOYEE_MEDICAL for cover in covers)
    return Consequences(
        stopped=stopped,
        given_back=frozenset() if reason == DEATH else frozenset(given_back),
        pension_from=stop if reason == RETIREMENT and medical_ends else None,
    )


def presence(covers: Sequence[PresentCover]) -> Presence:
    """How a person is insured now, or is going to be: the open coverage that weighs most for a declaration."""
    held = {cover.holder for cover in covers if cover.stop is None}
    order: tuple[Holder, ...] = ("this_unit", "other_unit", "retired", "flexible", "resident")
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
