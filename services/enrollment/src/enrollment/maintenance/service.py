"""参保人员信息维护: finding a person, showing, changing, and what changed. In the caller's transaction."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from contracts.values.month import Month
from enrollment.dictionaries import service as dictionaries
from enrollment.dictionaries.rules import Dictionary
from enrollment.maintenance.rules import check_still_here
from enrollment.maintenance.schemas import ContactForm, FieldChangeOut, PeopleSearch, PersonChangeOut
from enrollment.people import repository as people_repository
from enrollment.people import service as people
from enrollment.people.models import FieldChange, Person, PersonChange
from enrollment.people.rules import TITLES, read_contact
from enrollment.roster import repository as roster
from enrollment.roster.service import search_insured
from servicekit import audit
from servicekit.auth import Clerk
from servicekit.etag import check_version
from servicekit.refusals import InvalidFields, NotFound


async def search(tx: AsyncSession, clerk: Clerk, form: PeopleSearch, *, month: Month) -> tuple[Sequence[Any], int]:
    """A page of the people insured with the clerk's unit, and how many there are. Audited as the roster's search is."""
    return await search_insured(tx, clerk, form, "people.searched", month=month)


async def _check_insured(tx: AsyncSession, clerk: Clerk, person_id: UUID) -> None:
    entry = await roster.entry(tx, clerk.employer_no, person_id)
    if entry is None:
        raise NotFound
    check_still_here(entry.stop_month)


async def show(tx: AsyncSession, clerk: Clerk, person_id: UUID) -> Person:
    """A person insured with the unit. That they were looked at is audited.

    Raises:
        NotFound: not on this unit's roster.
        LeftTheUnit: not insured with it any more.
    """
    await _check_insured(tx, clerk, person_id)
    person = await people_repository.get(tx, person_id)
    if person is None:
        raise NotFound
    await audit.record(tx, clerk, "person.viewed", str(person_id), chain=clerk.employer_no)
    return person


async def change(
    tx: AsyncSession, clerk: Clerk, person_id: UUID, form: ContactForm, *, seen_version: int, now: datetime
) -> Person:
    """Saves 户籍与联系信息 at once.

    Raises:
        NotFound, LeftTheUnit.
        Stale: somebody else was quicker.
        InvalidFields: with every fault of the form.
    """
    await _check_insured(tx, clerk, person_id)
    person = await people_repository.lock(tx, person_id)
    check_version(person.version, seen_version)
    facts, faults = read_contact(form.texts(), pointer="", dictionary=await dictionaries.current(tx))
    if facts is None:
        raise InvalidFields(faults)
    values = {name: value for name, value in vars(facts).items() if name != "mobile"}
    by = people.ChangedBy(clerk.employer_no, clerk.account_id)
    changes = await people.change(tx, person, values, mobile=facts.mobile, by=by, now=now)
    if changes:
        fields = [one["field"] for one in changes]
        await audit.record(
            tx, clerk, "person.changed", str(person_id), chain=clerk.employer_no, facts={"fields": fields}
        )
    return person


async def history(
    tx: AsyncSession, clerk: Clerk, person_id: UUID, *, offset: int, limit: int
) -> tuple[list[PersonChangeOut], int]:
    """What this unit changed of a person, newest first, and how many changes there are. Audited.

    Raises:
        NotFound: not on this unit's roster.
        LeftTheUnit: not insured with it any more.
    """
    await _check_insured(tx, clerk, person_id)
    rows, total = await people_repository.changes_of(tx, clerk.employer_no, person_id, offset=offset, limit=limit)
    dictionary = await dictionaries.current(tx)
    await audit.record(tx, clerk, "person.history_viewed", str(person_id), chain=clerk.employer_no)
    return [_change_out(row, clerk, dictionary) for row in rows], total


def _change_out(row: PersonChange, clerk: Clerk, dictionary: Dictionary) -> PersonChangeOut:
    return PersonChangeOut(
        changed_at=row.changed_at,
        source=row.source,
        application_no=row.application_no,
        changed_by=row.changed_by,
        by_me=row.changed_by == clerk.account_id,
        changes=[_field_out(one, dictionary) for one in row.changes],
    )


def _field_out(change: FieldChange, dictionary: Dictionary) -> FieldChangeOut:
    title, table = TITLES[change["field"]]

    def said(value: str | None) -> str | None:
        return dictionary.name(table, value) if table is not None and value is not None else value

    return FieldChangeOut(
        field=change["field"], title=title, before=said(change["before"]), after=said(change["after"])
    )
