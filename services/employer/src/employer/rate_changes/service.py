"""Use cases of rates and limits: looking, proposing, deciding. None of them commits.

A proposal is checked when it is made and again when it is approved: the months assessed meanwhile stay as they were.
"""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from contracts.values.month import Month
from employer.assessments import repository as assessments
from employer.rate_changes import repository, rules
from employer.rate_changes.models import RateChange
from employer.rate_changes.rules import Decision, Status
from employer.rate_changes.schemas import ROUNDING_NAMES, LimitsForm, LimitsOut, RateForm, RateOut, RateTableOut
from employer.rates import repository as rates
from employer.rates.models import Rate
from employer.rates.periods import Period, placed
from employer.rates.rules import RateValues
from employer.units import repository as units
from servicekit import audit
from servicekit.auth.principals import Operator
from servicekit.etag import check_version
from servicekit.ids import uuid7
from servicekit.refusals import FieldFault, InvalidFields

AGENCY = "agency"
_AN_OPERATOR = "经办管理员"


async def table(tx: AsyncSession) -> RateTableOut:
    """Every rate and limit there is."""
    insurances, kinds = await units.insurance_names(tx), await units.kind_names(tx)
    return RateTableOut(
        rates=[
            RateOut(
                insurance=rate.insurance,
                insurance_name=insurances[rate.insurance],
                employer_kind=rate.employer_kind,
                employer_kind_name=kinds[rate.employer_kind],
                first_month=rate.first_month,
                last_month=rate.last_month,
                employer_rate=rate.employer_rate,
                own_rate=rate.own_rate,
                employer_fixed=rate.employer_fixed,
                own_fixed=rate.own_fixed,
                rounding=rate.rounding,
                rounding_name=ROUNDING_NAMES[rate.rounding],
                source=rate.source,
            )
            for rate in await rates.every(tx)
        ],
        limits=[LimitsOut.model_validate(limit) for limit in await rates.every_limit(tx)],
        newest_assessed=await assessments.newest_month(tx),
    )


async def propose_rate(
    tx: AsyncSession, operator: Operator, form: RateForm, *, current: Month, now: datetime
) -> RateChange:
    """Proposes a rate; it holds once another operator has approved it.

    Raises:
        InvalidFields, CodeUnknown, NothingChanges, MonthAssessed, AlreadyProposed.
    """
    rules.check_months(form.first_month, form.last_month, current=current)
    if form.insurance not in await units.insurance_names(tx):
        raise rules.CodeUnknown("/insurance")
    if form.employer_kind not in await units.kind_names(tx):
        raise rules.CodeUnknown("/employer_kind")
    change = _proposed("rate", operator, form, now=now)
    await _check_rate(tx, change)
    return await _add(tx, operator, change)


async def propose_limits(
    tx: AsyncSession, operator: Operator, form: LimitsForm, *, current: Month, now: datetime
) -> RateChange:
    """Proposes the limits of a year; they hold once another operator has approved them.

    Raises:
        InvalidFields, NothingChanges, MonthAssessed, AlreadyProposed.
    """
    rules.check_year(form.year, current=current)
    if form.upper < form.lower:
        raise InvalidFields([FieldFault("/upper", "limits_reversed", "上限不能低于下限")])
    change = _proposed("limits", operator, form, now=now)
    await _check_limits(tx, change)
    return await _add(tx, operator, change)


async def decide(
    tx: AsyncSession,
    operator: Operator,
    change_id: UUID,
    decision: Decision,
    reason: str | None,
    *,
    seen_version: int,
    now: datetime,
) -> RateChange:
    """Approves a proposal, which then holds, or rejects it.

    Raises:
        ChangeNotFound, NotPending, Stale, OwnProposal, ReasonRequired, MonthAssessed.
    """
    change = await _locked(tx, change_id, seen_version)
    rules.check_may_decide(
        operator=operator.account_id, proposed_by=change.proposed_by, decision=decision, reason=reason
    )
    before: list[dict[str, str]] = []
    if decision == "approve":
        await rates.hold_assessments_off(tx)
        before = await (_apply_rate(tx, change) if change.subject == "rate" else _apply_limits(tx, change))
    _decided(change, operator, "approved" if decision == "approve" else "rejected", reason, now)
    await tx.flush()
    facts = {**_facts(change), "before": before, "proposed_by": change.proposed_by}
    await audit.record(tx, operator, f"rate_change.{change.status}", str(change.id), chain=AGENCY, facts=facts)
    return change


async def withdraw(
    tx: AsyncSession, operator: Operator, change_id: UUID, *, seen_version: int, now: datetime
) -> RateChange:
    """Takes back what one proposed oneself.

    Raises:
        ChangeNotFound, NotPending, Stale, NotOwnProposal.
    """
    change = await _locked(tx, change_id, seen_version)
    if change.proposed_by != operator.account_id:
        raise rules.NotOwnProposal
    _decided(change, operator, "withdrawn", None, now)
    await tx.flush()
    await audit.record(tx, operator, "rate_change.withdrawn", str(change.id), chain=AGENCY, facts=_facts(change))
    return change


async def page(tx: AsyncSession, status: Status | None, *, offset: int, limit: int) -> tuple[list[RateChange], int]:
    """Proposals, newest first, and how many there are."""
    return await repository.page(tx, status, offset=offset, limit=limit)


def _proposed(subject: rules.Subject, operator: Operator, form: RateForm | LimitsForm, *, now: datetime) -> RateChange:
    return RateChange(
        id=uuid7(),
        subject=subject,
        status="pending",
        proposed_by=operator.account_id,
        proposed_by_name=operator.display_name or _AN_OPERATOR,
        proposed_at=now,
        version=1,
        **{name: getattr(form, name) for name in type(form).model_fields},
    )


async def _add(tx: AsyncSession, operator: Operator, change: RateChange) -> RateChange:
    if not await repository.add(tx, change):
        raise rules.AlreadyProposed
    await audit.record(tx, operator, "rate_change.proposed", str(change.id), chain=AGENCY, facts=_facts(change))
    return change


async def _locked(tx: AsyncSession, change_id: UUID, seen_version: int) -> RateChange:
    change = await repository.lock(tx, change_id)
    if change is None:
        raise rules.ChangeNotFound
    rules.check_pending(change.status)
    check_version(change.version, seen_version)
    return change


def _decided(change: RateChange, operator: Operator, status: Status, reason: str | None, now: datetime) -> None:
    change.status, change.reason = status, reason or None
    change.decided_by, change.decided_by_name = operator.account_id, operator.display_name or _AN_OPERATOR
    change.decided_at = now
    change.version += 1


def _facts(change: RateChange) -> dict[str, object]:
    named = (
        "subject", "insurance", "employer_kind", "first_month", "last_month", "employer_rate", "own_rate",
        "employer_fixed", "own_fixed", "rounding", "year", "lower", "upper", "source",
    )  # fmt: skip
    return {name: value for name in named if (value := getattr(change, name)) is not None}


def _values(change: RateChange) -> RateValues:
    return RateValues(
        employer_rate=change.employer_rate or Decimal(0),
        own_rate=change.own_rate or Decimal(0),
        employer_fixed=change.employer_fixed or Decimal(0),
        own_fixed=change.own_fixed or Decimal(0),
        rounding=change.rounding if change.rounding is not None else 2,
    )


async def _check_rate(tx: AsyncSession, change: RateChange) -> tuple[Period[Rate | None], list[Period[Rate | None]]]:
    """The period that a proposed rate takes, and those that are there. Raises NothingChanges, MonthAssessed."""
    if change.first_month is None:
        raise LookupError("a proposed rate has its first month")
    known: list[Period[Rate | None]] = [
        Period(rate.first_month, rate.last_month, rate)
        for rate in await rates.of_kind(tx, change.insurance or "", change.employer_kind or "")
    ]
    touched = [
        period
        for period in known
        if (change.last_month is None or period.first <= change.last_month)
        and (period.last is None or period.last >= change.first_month)
    ]
    same = [period for period in touched if period.value and rates.values_of(period.value) == _values(change)]
    if len(touched) == len(same) == 1 and same[0].holds_in(change.first_month) and same[0].last == change.last_month:
        raise rules.NothingChanges
    since = min((max(period.first, change.first_month) for period in touched), default=None)
    rules.check_past(
        change.first_month,
        known_since=since,
        newest_assessed=await assessments.newest_month(tx),
        pointer="/first_month",
    )
    return Period(change.first_month, change.last_month, None), known


async def _apply_rate(tx: AsyncSession, change: RateChange) -> list[dict[str, str]]:
    new, known = await _check_rate(tx, change)
    insurance, kind = change.insurance or "", change.employer_kind or ""
    after = [
        (period.first, period.last, rates.values_of(period.value), period.value.source)
        if period.value is not None
        else (period.first, period.last, _values(change), change.source)
        for period in placed(known, new)
    ]
    await rates.replace_periods(tx, insurance, kind, after)
    return [
        {
            "first_month": str(period.first),
            "last_month": str(period.last or ""),
            **_shown(period.value),
        }
        for period in known
        if period.value is not None
    ]


def _shown(rate: Rate) -> dict[str, str]:
    values = rates.values_of(rate)
    return {
        "employer_rate": str(values.employer_rate),
        "own_rate": str(values.own_rate),
        "employer_fixed": str(values.employer_fixed),
        "own_fixed": str(values.own_fixed),
        "rounding": str(values.rounding),
    }


async def _check_limits(tx: AsyncSession, change: RateChange) -> LimitsOut | None:
    """What is known of the year. Raises NothingChanges, MonthAssessed."""
    year = change.year or 0
    found = await rates.limits_of(tx, year)
    known = LimitsOut.model_validate(found) if found is not None else None
    if known is not None and (known.lower, known.upper) == (change.lower, change.upper):
        raise rules.NothingChanges
    january = Month(year, 1)
    rules.check_past(
        january,
        known_since=january if known is not None else None,
        newest_assessed=await assessments.newest_month(tx),
        pointer="/year",
    )
    return known


async def _apply_limits(tx: AsyncSession, change: RateChange) -> list[dict[str, str]]:
    known = await _check_limits(tx, change)
    await rates.put_limits(
        tx, change.year or 0, lower=change.lower or Decimal(0), upper=change.upper or Decimal(0), source=change.source
    )
    return [] if known is None else [{"lower": str(known.lower), "upper": str(known.upper)}]
