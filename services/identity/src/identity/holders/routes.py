"""Accounts of the hall over HTTP: for operators."""

from typing import cast
from uuid import UUID

from fastapi import APIRouter

from identity.accounts.models import Account
from identity.holders import service
from identity.holders.schemas import HolderKind, HolderOut, HolderSearch, ReleaseForm
from servicekit.auth import OperatingStaff
from servicekit.clock import Now
from servicekit.db.tx import Tx
from servicekit.paging import Listing

router = APIRouter(prefix="/holders", tags=["holders"])


def _out(account: Account) -> HolderOut:
    return HolderOut(
        id=account.id,
        kind=cast("HolderKind", account.kind),
        username=account.username,
        display_name=account.display_name,
        id_number_masked=account.id_number_masked,
        mobile_masked=account.mobile_masked,
        uscc=account.uscc,
        status="open" if account.closed_at is None else "closed",
        created_at=account.created_at,
        closed_at=account.closed_at,
    )


@router.post("/searches")
async def search(form: HolderSearch, who: OperatingStaff, tx: Tx) -> Listing[HolderOut]:
    """Accounts of a username, or of whoever has an ID number. A search by POST: addresses hold no personal data."""
    found = await service.search(tx, who, form)
    return Listing(items=[_out(account) for account in found], total=len(found))


@router.post("/{account_id}/release")
async def release(account_id: UUID, form: ReleaseForm, who: OperatingStaff, tx: Tx, now: Now) -> HolderOut:
    """Closes an account for good; its ID number and its employer's code can be registered again. Needs a raised
    session.
    """
    return _out(await service.release(tx, who, account_id, form.reason, now=now))
