"""Searching applications: a unit its own, the agency all."""

from datetime import date, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from enrollment.applications import repository
from enrollment.applications.repository import Found, Order, Wanted
from enrollment.applications.schemas import ApplicationSearch
from enrollment.employers import repository as employers
from enrollment.names import folded, normalise_name
from enrollment.reviews.schemas import ReviewSearch
from servicekit import audit
from servicekit.auth import Clerk, Reviewer
from servicekit.db.tx import vault_of
from servicekit.personal import Personal
from servicekit.refusals import FieldFault, InvalidFields

# A word that so many units have in their names says nothing: their applications would be most of the table.
_MOST_EMPLOYERS = 1000


def _index(tx: AsyncSession, id_number: Personal | None) -> bytes | None:
    return None if id_number is None else vault_of(tx).index("id_number", id_number)


async def _employers(tx: AsyncSession, part: str | None) -> list[str] | None:
    if part is None:
        return None
    found = await employers.named(tx, part, most=_MOST_EMPLOYERS + 1)
    if len(found) > _MOST_EMPLOYERS:
        message = f"名称含“{part}”的单位超过 {_MOST_EMPLOYERS} 家，请填写更完整的名称或单位编号"
        raise InvalidFields([FieldFault("/employer", "too_many_employers", message)])
    return found


async def _person_name(tx: AsyncSession, clerk: Clerk, name: str | None) -> str | None:
    """姓名/单位名称: the part of a person's name that is looked for; None when the unit itself is called so, and all
    its applications are meant.
    """
    unit = await employers.unit(tx, clerk.employer_no) if name else None
    if not name or (unit is not None and folded(name) in folded(unit.name)):
        return None
    return normalise_name(name)


async def of_unit(tx: AsyncSession, clerk: Clerk, form: ApplicationSearch) -> Found:
    """A page of the clerk's unit's applications, newest first."""
    wanted = Wanted(
        state=form.state,
        status=form.status,
        kind=form.kind,
        no=form.no,
        id_number_index=_index(tx, form.id_number),
        person_name=await _person_name(tx, clerk, form.name),
        from_date=form.from_date,
        to_date=form.to_date,
    )
    order = Order("submitted_at" if form.state == "pending" else "decided_at", descending=True)
    return await repository.search(
        tx, wanted, order, employer_no=clerk.employer_no, offset=form.offset, limit=form.limit, after=form.after
    )


async def of_agency(tx: AsyncSession, reviewer: Reviewer, form: ReviewSearch, *, today: date) -> Found:
    """A page of all units' applications: what waits oldest first, as it is worked off, unless asked otherwise; what is
    decided newest first. Looking for one person is audited.
    """
    to_date = form.to_date
    if form.min_age_days is not None:
        old_enough = today - timedelta(days=form.min_age_days)
        to_date = old_enough if to_date is None else min(to_date, old_enough)
    wanted = Wanted(
        state=form.state,
        status=form.status,
        kind=form.kind,
        no=form.no,
        id_number_index=_index(tx, form.id_number),
        person_name=normalise_name(form.name) if form.name else None,
        employers=await _employers(tx, form.employer),
        from_date=form.from_date,
        to_date=to_date,
        flagged=form.flagged,
    )
    pending = form.state == "pending"
    order = Order("submitted_at" if pending else "decided_at", descending=not pending or form.order == "newest")
    found = await repository.search(
        tx, wanted, order, employer_no=None, offset=form.offset, limit=form.limit, after=form.after
    )
    if form.id_number is not None:
        facts, chain = {"id": form.id_number.masked()}, f"account:{reviewer.account_id}"
        await audit.record(tx, reviewer, "applications.searched", form.state, chain=chain, facts=facts)
    return found
