"""Applications of every kind: handing in, withdrawing, recording a decision, searching.

Each works in the caller's transaction and never commits. Every transition goes through `rules.move`, with its audit
row and its event beside it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from contracts.enrollment import ApplicationDecided, ApplicationSubmitted, ApplicationWithdrawn
from contracts.values.month import Month
from enrollment.applications import repository
from enrollment.applications.models import Application
from enrollment.applications.rules import AlreadyFinal, Effect, Kind, described, move
from servicekit import audit, outbox
from servicekit.auth import Clerk, PermissionMissing, Reviewer
from servicekit.clock import BUSINESS_ZONE
from servicekit.db.tx import wake_after_commit
from servicekit.etag import check_version
from servicekit.personal import Sealed
from servicekit.refusals import NotFound
from servicekit.wakeup import CHANGED

# Who an application was ended by, where no name of a member of staff says it.
_BY_THE_UNIT, BY_A_REVIEWER, _BY_ITSELF = "申报单位", "经办机构审核员", "系统自动审核"


@dataclass(frozen=True)
class Draft:
    """An application about to be handed in."""

    kind: Kind
    employer_no: str
    employer_name: str
    form: Mapping[str, Any] = field(repr=False)
    person_id: UUID | None = None
    person_name: str | None = field(default=None, repr=False)
    id_number: Sealed | None = field(default=None, repr=False)
    mobile: Sealed | None = field(default=None, repr=False)
    start_month: Month | None = None
    change_id: UUID | None = None
    changed_fields: Sequence[str] | None = None


async def hand_in(
    tx: AsyncSession, clerk: Clerk, draft: Draft, *, pointer: str | None = None, today: date, now: datetime
) -> Application:
    """Writes a clerk's application, pending. What is announced of it has the automatic checks run (see `consumers`).

    `pointer` is the field of the form that names the person, where it is about one.

    Raises:
        AlreadyPending, AdditionPending, RemovalPending: the unit has a pending one that stands in the way.
    """
    no = await repository.next_number(tx, today)
    values = _values(draft, no, submitted_by=clerk.account_id, today=today, submitted_at=now)
    await repository.add(tx, values, pointer=pointer)
    await _announce_submitted(tx, values)
    facts = {"kind": draft.kind, "person_id": str(draft.person_id)}
    await audit.record(tx, clerk, "application.submitted", values["no"], chain=draft.employer_no, facts=facts)
    return await find(tx, values["no"])


async def take_in(
    tx: AsyncSession, draft: Draft, *, requested_by: UUID, requested_at: datetime, today: date
) -> str | None:
    """Writes the pending application of a change request that another service announced: its number.

    None when it was taken in before, whether or not the same message told of it.
    """
    no = await repository.next_number(tx, today)
    values = _values(draft, no, submitted_by=requested_by, today=today, submitted_at=requested_at)
    if not await repository.add_requested(tx, values):
        return None
    await _announce_submitted(tx, values)
    facts = {"kind": draft.kind, "change_id": str(draft.change_id), "requested_by": str(requested_by)}
    await audit.record(tx, None, "application.submitted", values["no"], chain=draft.employer_no, facts=facts)
    return str(values["no"])


def _values(draft: Draft, no: str, *, submitted_by: UUID, today: date, submitted_at: datetime) -> dict[str, Any]:
    return {
        "no": no,
        "kind": draft.kind,
        "status": "pending",
        "employer_no": draft.employer_no,
        "employer_name": draft.employer_name,
        "person_id": draft.person_id,
        "person_name": draft.person_name,
        "id_number": draft.id_number.ciphertext if draft.id_number else None,
        "id_number_index": draft.id_number.index if draft.id_number else None,
        "id_number_masked": draft.id_number.masked if draft.id_number else None,
        "start_month": draft.start_month,
        "form": dict(draft.form),
        "mobile": draft.mobile.ciphertext if draft.mobile else None,
        "mobile_masked": draft.mobile.masked if draft.mobile else None,
        "change_id": draft.change_id,
        "changed_fields": None if draft.changed_fields is None else list(draft.changed_fields),
        "submitted_by": submitted_by,
        "submitted_on": today,
        "submitted_at": submitted_at,
        "version": 1,
    }


def _submitted(values: Mapping[str, Any]) -> ApplicationSubmitted:
    names = ("kind", "employer_no", "person_id", "change_id", "submitted_by", "submitted_at")
    return ApplicationSubmitted(application_no=values["no"], **{name: values[name] for name in names})


async def _announce_submitted(tx: AsyncSession, values: Mapping[str, Any]) -> None:
    await outbox.add(tx, _submitted(values))
    wake_watchers(tx, values["employer_no"])


async def find(tx: AsyncSession, no: str) -> Application:
    """An application the asker may see.

    Raises:
        NotFound: there is none, or it is another unit's.
    """
    application = await repository.get(tx, no)
    if application is None:
        raise NotFound
    return application


async def lock(tx: AsyncSession, no: str) -> Application:
    """The same, locked. Raises NotFound."""
    application = await repository.lock(tx, no)
    if application is None:
        raise NotFound
    return application


def watched(employer_no: str) -> str:
    """What a page that shows a unit's applications watches: the payload of its wake-up signals."""
    return f"applications:{employer_no}"


def wake_watchers(tx: AsyncSession, employer_no: str) -> None:
    """Tells the open pages of a unit, once this is committed, that its applications have changed."""
    wake_after_commit(tx, CHANGED, watched(employer_no))


def check_pending(application: Application) -> None:
    """Whether anything can still happen to a locked application.

    Raises:
        AlreadyFinal: with what became of it, who did that, and when.
    """
    if application.status == "pending":
        return
    at = application.decided_at
    when = f"{at.astimezone(BUSINESS_ZONE):%Y-%m-%d %H:%M}" if at is not None else ""
    raise AlreadyFinal(f"该申报已于 {when} 由{application.decided_by_name}办结：{described(application.status)}")


def _check_may_withdraw(clerk: Clerk, kind: Kind | None) -> None:
    # What was declared of people is taken back by who may declare, a change of the unit's data by who may change them.
    if kind is None:
        if not (clerk.may("declare") or clerk.may("maintain")):
            raise PermissionMissing("declare")
        return
    permission: Literal["declare", "maintain"] = "maintain" if kind == "employer_change" else "declare"
    if not clerk.may(permission):
        raise PermissionMissing(permission)


async def withdraw(tx: AsyncSession, clerk: Clerk, no: str, *, seen_version: int, now: datetime) -> Application:
    """撤销: takes a pending application back.

    Raises:
        PermissionMissing, NotFound, AlreadyFinal, Stale.
    """
    _check_may_withdraw(clerk, None)
    application = await lock(tx, no)
    _check_may_withdraw(clerk, application.kind)
    check_pending(application)  # before the version: says what has happened to it
    application.status = move(application.status, "withdrawn")
    check_version(application.version, seen_version)
    application.decided_by = clerk.account_id
    application.decided_by_name = _BY_THE_UNIT
    application.decided_at = now
    application.version += 1
    await tx.flush()
    news = ApplicationWithdrawn(**_news_of(application), withdrawn_by=clerk.account_id, withdrawn_at=now)
    await outbox.add(tx, news)
    wake_watchers(tx, application.employer_no)
    facts = {"kind": application.kind}
    await audit.record(tx, clerk, "application.withdrawn", application.no, chain=application.employer_no, facts=facts)
    return application


async def record_decision(
    tx: AsyncSession,
    application: Application,
    decision: Literal["approved", "rejected"],
    *,
    by: Reviewer | None,
    reason: str | None,
    findings: Sequence[Mapping[str, Any]],
    effect: Sequence[Effect],
    now: datetime,
) -> None:
    """Makes a locked application decided, for good. `by` None: automatically.

    Raises:
        AlreadyFinal: it isn't pending.
    """
    application.status = move(application.status, decision)
    application.decided_by = by.account_id if by else None
    application.decided_by_name = (by.display_name or BY_A_REVIEWER) if by else _BY_ITSELF
    application.decided_at = now
    application.decision_reason = reason
    application.findings = [dict(finding) for finding in findings]
    application.effect = [one.kept() for one in effect]
    application.version += 1
    await tx.flush()
    news = ApplicationDecided(
        **_news_of(application), decision=decision, decided_by=by.account_id if by else None, decided_at=now
    )
    await outbox.add(tx, news)
    wake_watchers(tx, application.employer_no)
    facts = {"kind": application.kind, "automatic": by is None, "effects": len(effect)}
    await audit.record(tx, by, f"application.{decision}", application.no, chain=application.employer_no, facts=facts)


def _news_of(application: Application) -> dict[str, Any]:
    return {
        "application_no": application.no,
        "kind": application.kind,
        "employer_no": application.employer_no,
        "person_id": application.person_id,
        "change_id": application.change_id,
    }


async def hand_in_many(
    tx: AsyncSession, clerk: Clerk, drafts: Sequence[Draft], *, today: date, now: datetime
) -> list[str | None]:
    """Hands in many drafts of one kind and unit as `hand_in` would one after another; the number of each.

    None where the unit has a pending application about the person in the meantime: another transaction was quicker.
    """
    if not drafts:
        return []
    kind, employer_no = drafts[0].kind, drafts[0].employer_no
    numbers = await repository.next_numbers(tx, today, len(drafts))
    rows = [
        _values(draft, no, submitted_by=clerk.account_id, today=today, submitted_at=now)
        for draft, no in zip(drafts, numbers, strict=True)
    ]
    added = await repository.add_many(tx, rows)
    written = [row for row in rows if row["no"] in added]
    await outbox.add(tx, *(_submitted(row) for row in written))
    wake_watchers(tx, employer_no)
    entries = [
        audit.Entry("application.submitted", row["no"], {"kind": kind, "person_id": str(row["person_id"])})
        for row in written
    ]
    await audit.record_many(tx, clerk, entries, chain=employer_no)
    return [no if no in added else None for no in numbers]
