"""Searching applications: a unit its own, the agency all."""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from enrollment.applications import repository
from enrollment.applications.repository import Wanted
from enrollment.applications.schemas import ApplicationSearch
from enrollment.names import normalise_name
from enrollment.reviews.schemas import ReviewSearch
from servicekit import audit
from servicekit.auth import Clerk, Reviewer
from servicekit.db.tx import vault_of
from servicekit.personal import Personal


def _index(tx: AsyncSession, id_number: Personal | None) -> bytes | None:
    return None if id_number is None else vault_of(tx).index("id_number", id_number)


async def of_unit(tx: AsyncSession, clerk: Clerk, form: ApplicationSearch) -> tuple[list[Any], int]:
    """A page of the clerk's unit's applications, and how many there are."""
    wanted = Wanted(
        state=form.state,
        status=form.status,
        kind=form.kind,
        no=form.no,
        id_number_index=_index(tx, form.id_number),
        person_name=normalise_name(form.name) if form.name else None,
        from_date=form.from_date,
        to_date=form.to_date,
    )
    return await repository.search(tx, wanted, employer_no=clerk.employer_no, offset=form.offset, limit=form.limit)


async def of_agency(tx: AsyncSession, reviewer: Reviewer, form: ReviewSearch) -> tuple[list[Any], int]:
    """A page of all units' applications, and how many there are. Looking for one person is audited."""
    wanted = Wanted(
        state=form.state,
        status=form.status,
        kind=form.kind,
        no=form.no,
        id_number_index=_index(tx, form.id_number),
        person_name=normalise_name(form.name) if form.name else None,
        employer_name=form.employer_name,
        from_date=form.from_date,
        to_date=form.to_date,
    )
    found = await repository.search(tx, wanted, employer_no=None, offset=form.offset, limit=form.limit)
    if form.id_number is not None:
        facts, chain = {"id": form.id_number.masked()}, f"account:{reviewer.account_id}"
        await audit.record(tx, reviewer, "applications.searched", form.state, chain=chain, facts=facts)
    return found
