"""What stops when somebody leaves a unit, and what takes its place. Worked by hand from domain rules 2, 4 and 10."""

from dataclasses import dataclass, field
from uuid import UUID, uuid4

import pytest

from contracts.values.month import Month
from enrollment.coverage.rules import Consequences, NotInsuredHere, consequences

UNIT, OTHER = "330200000000000101", "330200000000000102"


@dataclass(frozen=True)
class Held:
    """A coverage row."""

    employer_no: str | None
    insurance: str
    start: str
    stop: str | None = None
    started_by: str | None = None
    stopped_by: str | None = None
    id: UUID = field(default_factory=uuid4)

    @property
    def start_month(self) -> Month:
        return Month.parse(self.start)

    @property
    def stop_month(self) -> Month | None:
        return Month.parse(self.stop) if self.stop else None


def _leave(*covers: Held, reason: str = "01", stop: str = "2026-03") -> Consequences:
    return consequences(covers, employer_no=UNIT, stop=Month.parse(stop), reason=reason)


def _stops(effect: Consequences, *covers: Held) -> list[str | None]:
    return [str(effect.stopped[cover.id]) if cover.id in effect.stopped else None for cover in covers]


@pytest.mark.parametrize(
    ("start", "stop", "expected"),
    [
        ("2025-01", "2026-03", "2026-03"),  # February is the last month owed
        ("2026-03", "2026-03", "2026-03"),  # cancelled: never started
        ("2026-04", "2026-03", "2026-04"),  # declared for next month: never starts
        ("2025-01", "2026-01", "2026-01"),  # a death told late
    ],
)
def test_stop_month_of_a_coverage(start: str, stop: str, expected: str) -> None:
    medical, maternity = Held(UNIT, "310", start), Held(UNIT, "510", start)
    assert _stops(_leave(medical, maternity, stop=stop), medical, maternity) == [expected, expected]


def test_only_what_is_open_and_the_units_own_stops() -> None:
    earlier = Held(UNIT, "310", "2024-01", "2025-01")
    theirs = Held(OTHER, "310", "2025-01", "2025-08")
    resident = Held(None, "390", "2025-08", "2026-01")
    mine = Held(UNIT, "310", "2026-01")
    effect = _leave(earlier, theirs, resident, mine)
    assert _stops(effect, earlier, theirs, resident, mine) == [None, None, None, "2026-03"]
    assert effect.given_back == frozenset()
    assert effect.pension_from is None


@pytest.mark.parametrize("covers", [(), (Held(OTHER, "310", "2025-01"),), (Held(UNIT, "310", "2025-01", "2026-02"),)])
def test_nobody_leaves_where_they_are_not(covers: tuple[Held, ...]) -> None:
    with pytest.raises(NotInsuredHere):
        _leave(*covers)


# The start of March (or April) had stopped a resident's or flexible coverage; A1 is that addition.
CONVERTED = [
    ("2026-03", "01", True),  # cancelled: covered as before, no month between
    ("2026-04", "01", True),
    ("2026-03", "05", False),  # the dead are given nothing back
    ("2026-02", "01", False),  # it had begun: what was stopped stays stopped
]


@pytest.mark.parametrize(("start", "reason", "given_back"), CONVERTED)
@pytest.mark.parametrize("insurance", ["390", "310"])
def test_a_cancelled_start_gives_back_what_it_had_stopped(
    start: str, reason: str, given_back: bool, insurance: str
) -> None:
    former = Held(None, insurance, "2024-01", start, stopped_by="A1")
    older = Held(None, insurance, "2020-01", "2022-01", stopped_by="A0")
    taken_over = Held(None, insurance, "2019-01", "2020-01")
    mine = Held(UNIT, "310", start, started_by="A1")
    effect = _leave(taken_over, older, former, mine, reason=reason)
    assert effect.given_back == (frozenset({former.id}) if given_back else frozenset())


@pytest.mark.parametrize(
    ("covers", "reason", "pension"),
    [
        ([Held(UNIT, "310", "2025-01"), Held(UNIT, "510", "2025-01")], "04", "2026-03"),  # no day without benefits
        ([Held(UNIT, "310", "2025-01")], "01", None),
        ([Held(UNIT, "310", "2025-01")], "05", None),
        ([Held(UNIT, "310", "2026-03")], "04", None),  # never was insured here
    ],
)
def test_retirement_goes_on_as_a_pensioner(covers: list[Held], reason: str, pension: str | None) -> None:
    effect = _leave(*covers, reason=reason)
    assert (str(effect.pension_from) if effect.pension_from else None) == pension
