"""Use cases of the agency's window: whoever comes with an ID card that opens nothing, because somebody else registered
with its number, gets the number back.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from identity.accounts.models import Account
from identity.accounts.service import chain_of
from identity.holders import repository, rules
from identity.holders.schemas import HolderSearch
from identity.mandates import service as mandates
from identity.second_factor import repository as second_factors
from identity.sessions import service as sessions
from identity.sso import repository as sso
from identity.staff.service import AGENCY
from servicekit import audit
from servicekit.auth import Principal, check_stepped_up
from servicekit.db.tx import as_system, vault_of
from servicekit.refusals import NotFound


async def search(tx: AsyncSession, by: Principal, form: HolderSearch) -> Sequence[Account]:
    """The accounts of a username or an ID number. Audited, with what was asked by and never for whom.

    Raises:
        NobodyNamed: neither is given.
    """
    if form.username is None and form.id_number is None:
        raise rules.NobodyNamed
    index = None if form.id_number is None else vault_of(tx).index("id_number", form.id_number)
    async with as_system(tx):  # the agency sees its staff's accounts; the others only so, one by one
        found = await repository.named(tx, username=form.username, id_number_index=index)
    asked = [name for name in ("username", "id_number") if getattr(form, name) is not None]
    facts = {"by": asked, "accounts": [str(account.id) for account in found]}
    await audit.record(tx, by, "holders.looked_up", "accounts", chain=AGENCY, facts=facts)
    return found


async def release(
    tx: AsyncSession, by: Principal, account_id: UUID, reason: rules.ReleaseReason, *, now: datetime
) -> Account:
    """Closes an account for good and lets go of what it was registered with: its ID number and its employer's code can
    be registered again, its mandates, its links to other platforms and its sessions end. What was done with it stays.

    Raises:
        StepUpRequired: the operator's session is not raised.
        NotFound: there is no such account of the hall.
        AccountReleased: it was closed before.
    """
    check_stepped_up(by, now=now)
    async with as_system(tx):
        return await _release(tx, by, account_id, reason, now=now)


async def _release(
    tx: AsyncSession, by: Principal, account_id: UUID, reason: rules.ReleaseReason, *, now: datetime
) -> Account:
    account = await repository.locked(tx, account_id)
    if account is None:
        raise NotFound("没有这个网厅账号。")
    if account.closed_at is not None:
        raise rules.AccountReleased
    facts = {
        "reason": reason,
        "kind": account.kind,
        "id_number": account.id_number_masked,
        "uscc": account.uscc,
    }
    for employer_no in await repository.units_served(tx, account.id):
        await mandates.remove(tx, by, account.id, employer_no)
    for link in await sso.links_of(tx, account.id):
        await sso.remove_link(tx, account.id, link.id)
    await second_factors.remove(tx, account.id)
    await sessions.end_all(tx, account.id, "account_closed", now=now)
    account.closed_at = now
    account.password_hash = None
    account.id_number = account.id_number_index = account.id_number_masked = account.uscc = None
    for chain in (AGENCY, chain_of(account)):
        await audit.record(tx, by, "account.released", str(account.id), chain=chain, facts=facts)
    return account
