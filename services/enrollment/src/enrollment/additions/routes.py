"""增员: the look-up while the clerk types, and the declaration itself."""

from fastapi import APIRouter

from enrollment.additions import lookup, service
from enrollment.additions.schemas import AdditionForm
from enrollment.applications.schemas import ApplicationOut
from enrollment.people.schemas import LookupForm, LookupOut
from servicekit.auth import DeclaringClerk
from servicekit.clock import Now, Today
from servicekit.db.tx import Tx
from servicekit.idempotency import Once

router = APIRouter(tags=["additions"])


@router.post("/people/lookups")
async def look_up_person(form: LookupForm, clerk: DeclaringClerk, tx: Tx, today: Today) -> LookupOut:
    """Sex and birth date from the ID number, the person's present insurance, and what will happen. Audited."""
    seen = await lookup.look_up(tx, clerk, id_type=form.id_type, id_number=form.id_number.reveal(), today=today)
    return LookupOut(
        sex=seen.found.sex,
        birth_date=seen.found.birth_date,
        present=seen.found.present,
        outlook=seen.sentence,
        may_declare=seen.may_declare,
        suggested_reason=seen.suggested_reason,
    )


@router.post("/additions", status_code=201)
async def submit_addition(
    form: AdditionForm, clerk: DeclaringClerk, tx: Tx, once: Once, today: Today, now: Now
) -> ApplicationOut:
    """Declares one new employee. Every fault of the form is told at once, each at its field."""

    async def submit() -> ApplicationOut:
        return ApplicationOut.of(await service.submit(tx, clerk, form, today=today, now=now))

    return await once(form, ApplicationOut, submit)
