"""Pages of a unit's people and applications for reports. That they were read is on record, with full numbers or not."""

import json
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from contracts.values.month import Month
from enrollment.applications import search as searching
from enrollment.applications.schemas import following, shown
from enrollment.dictionaries import service as dictionaries
from enrollment.report_facts import repository
from enrollment.report_facts.schemas import (
    ApplicationPageForm,
    ApplicationPageOut,
    ListedApplication,
    ListedPerson,
    NamedPerson,
    NamesForm,
    NamesOut,
    RosterPageForm,
    RosterPageOut,
)
from enrollment.roster import repository as roster
from enrollment.roster.service import wanted_of
from servicekit import audit
from servicekit.auth import Delegate
from servicekit.db.tx import vault_of


async def roster_page(tx: AsyncSession, reader: Delegate, form: RosterPageForm, *, month: Month) -> RosterPageOut:
    """A page of the reader's unit's people, newest start first, from behind `form.after` on."""
    page = await roster.listing(
        tx, reader.employer_no, wanted_of(tx, form), month=month, offset=0, limit=form.limit_rows, after=form.after
    )
    listed: dict[str, Any] = json.loads(page.json)
    dictionary = await dictionaries.current(tx)
    full = await _full_numbers(tx, reader, [UUID(row["person_id"]) for row in listed["items"]], asked=form.full_numbers)
    await _note(tx, reader, "roster.read", shown=page.shown, full=form.full_numbers)
    items = [
        ListedPerson(
            person_id=row["person_id"],
            name=row["name"],
            id_number=full.get(UUID(row["person_id"]), row["id_number_masked"]),
            sex_name=dictionary.name("sexes", row["sex"]),
            start_month=row["start_month"],
            stop_month=row["stop_month"],
            status_name=dictionary.name("coverage_statuses", row["status"]) or "未开始",
            insurances=[dictionary.name("insurance_types", code) for code in row["insurances"]],
            monthly_wage=row["monthly_wage"],
        )
        for row in listed["items"]
    ]
    return RosterPageOut(items=items, next=listed["next"])


async def application_page(tx: AsyncSession, reader: Delegate, form: ApplicationPageForm) -> ApplicationPageOut:
    """A page of the reader's unit's applications, newest first, from behind `form.after` on."""
    found = await searching.of_unit(tx, reader, form)
    sealed: dict[str, bytes | None] = {}
    if form.full_numbers:
        sealed = await repository.sealed_numbers(tx, reader.employer_no, [row.no for row in found.rows])
    await _note(tx, reader, "applications.read", shown=len(found.rows), full=form.full_numbers)
    vault = vault_of(tx)

    def listed(row: Any) -> ListedApplication:
        fields = shown(row)
        ciphertext = sealed.get(row.no)
        number = fields["id_number_masked"] if ciphertext is None else vault.open("id_number", ciphertext).reveal()
        kept = {name: fields[name] for name in ListedApplication.model_fields.keys() & fields.keys()}
        return ListedApplication(**kept, subject=row.person_name or row.employer_name, id_number=number)

    return ApplicationPageOut(items=[listed(row) for row in found.rows], next=following(found))


async def names(tx: AsyncSession, reader: Delegate, form: NamesForm) -> NamesOut:
    """Who these people of the reader's unit are."""
    rows = await repository.named(tx, reader.employer_no, form.person_ids)
    await _note(tx, reader, "people.named", shown=len(rows), full=form.full_numbers)
    vault = vault_of(tx)
    return NamesOut(
        items=[
            NamedPerson(
                person_id=row.person_id,
                name=row.name,
                id_number=vault.open("id_number", row.id_number).reveal()
                if form.full_numbers
                else row.id_number_masked,
            )
            for row in rows
        ]
    )


async def _full_numbers(tx: AsyncSession, reader: Delegate, people: list[UUID], *, asked: bool) -> dict[UUID, str]:
    if not asked or not people:
        return {}
    vault = vault_of(tx)
    rows = await repository.named(tx, reader.employer_no, people)
    return {row.person_id: vault.open("id_number", row.id_number).reveal() for row in rows}


async def _note(tx: AsyncSession, reader: Delegate, action: str, *, shown: int, full: bool) -> None:
    facts = {"for": "report", "shown": shown, "full_numbers": full}
    await audit.record(tx, reader, action, reader.employer_no, chain=reader.employer_no, facts=facts)
