"""减员: whom to remove, and the declaration itself."""

from fastapi import APIRouter

from enrollment.applications.schemas import ApplicationOut
from enrollment.removals import service
from enrollment.removals.schemas import RemovableList, RemovalForm, RemovalSearch
from servicekit.auth import DeclaringClerk
from servicekit.clock import CurrentMonth, Now, Today
from servicekit.db.tx import Tx
from servicekit.idempotency import Once

router = APIRouter(prefix="/removals", tags=["removals"])


@router.post("/searches")
async def search_removable(form: RemovalSearch, clerk: DeclaringClerk, tx: Tx, month: CurrentMonth) -> RemovableList:
    """The unit's insured people by identity number or part of the name; one of the two is needed."""
    return await service.search(tx, clerk, form, month=month)


@router.post("", status_code=201)
async def submit_removal(
    form: RemovalForm, clerk: DeclaringClerk, tx: Tx, once: Once, today: Today, now: Now
) -> ApplicationOut:
    """Declares that one employee leaves. Every fault of the form is told at once, each at its field."""

    async def submit() -> ApplicationOut:
        return ApplicationOut.of(await service.submit(tx, clerk, form, today=today, now=now))

    return await once(form, ApplicationOut, submit)
