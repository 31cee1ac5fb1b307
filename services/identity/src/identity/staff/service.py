"""Use cases of staff accounts: opening, one-time codes, closing, and beginning with a code."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from identity.accounts import repository as accounts
from identity.accounts import service as account_service
from identity.accounts.models import Account
from identity.accounts.passwords import Passwords
from identity.accounts.rules import password_fault, username_fault
from identity.registration.rules import UsernameTaken, name_fault
from identity.second_factor import repository as second_factors
from identity.sessions import service as sessions
from identity.sms import service as sms
from identity.staff import repository, rules
from identity.staff.models import OpeningCode
from identity.staff.schemas import BeginForm, StaffForm
from servicekit import audit
from servicekit.auth import Principal, check_stepped_up
from servicekit.ids import uuid7
from servicekit.refusals import FieldFault, InvalidFields, NotFound, Refusal

AGENCY = "agency"
"""The audit chain of what operators do; the account's own has it as well."""


@dataclass(frozen=True, slots=True)
class NewCode:
    """A one-time code, readable this once."""

    account: Account
    code: str
    expires_at: datetime


async def open_account(tx: AsyncSession, by: Principal | None, form: StaffForm, *, now: datetime) -> Account:
    """Opens an account without a password: `new_code` gives what its owner begins with. `by` None: the command line.

    Raises:
        StepUpRequired: the operator's session is not raised.
        InvalidFields: every faulty field, all at once.
        UsernameTaken: somebody has this username.
    """
    if by is not None:
        check_stepped_up(by, now=now)
    name = name_fault(form.display_name)
    found = [username_fault(form.username), FieldFault("/display_name", name.code, name.message) if name else None]
    faults = [fault for fault in found if fault is not None]
    if faults:
        raise InvalidFields(faults)
    account = Account(
        id=uuid7(),
        kind=form.kind,
        username=form.username.lower(),
        display_name=form.display_name,
        created_at=now,
        password_changed_at=now,
        password_is_short=False,
    )
    account.keep_mobile(sms.sealed_mobile(tx, form.mobile, "/mobile"))
    try:
        await account_service.open_account(tx, account, form.kind)
    except accounts.UsernameTaken as taken:
        raise UsernameTaken(pointer="/username") from taken
    facts = {"kind": form.kind}
    await audit.record(tx, by, "staff.opened", str(account.id), chain=AGENCY, facts=facts)
    return account


async def new_code(tx: AsyncSession, by: Principal | None, account_id: UUID, *, now: datetime) -> NewCode:
    """A one-time code. For an account in use it means that its owner lost password or telephone: both are gone with
    it, and every session ends.

    Raises:
        StepUpRequired: the operator's session is not raised.
        OwnAccount: it is the operator's own.
        NotFound: no such member of the staff.
        StaffClosed: the account is closed.
    """
    account = await _other(tx, by, account_id, now=now)
    code = rules.new_code()
    await repository.put_code(
        tx,
        OpeningCode(
            id=uuid7(),
            account_id=account.id,
            digest=rules.digest_of(code),
            created_at=now,
            expires_at=now + rules.CODE_LIFE,
        ),
    )
    account.password_hash = None
    await second_factors.remove(tx, account.id)
    await sessions.end_all(tx, account.id, "password_changed", now=now)
    await _record(tx, by, "staff.code_made", account)
    return NewCode(account, code, now + rules.CODE_LIFE)


async def close(tx: AsyncSession, by: Principal, account_id: UUID, *, now: datetime) -> Account:
    """Closes an account; every session ends.

    Raises:
        StepUpRequired, OwnAccount, NotFound, StaffClosed: as for a new code.
    """
    account = await _other(tx, by, account_id, now=now)
    account.closed_at = now
    await repository.drop_codes(tx, account.id)
    await sessions.end_all(tx, account.id, "account_closed", now=now)
    await _record(tx, by, "account.closed", account)
    return account


async def _other(tx: AsyncSession, by: Principal | None, account_id: UUID, *, now: datetime) -> Account:
    if by is not None:
        check_stepped_up(by, now=now)
        if by.account_id == account_id:
            raise rules.OwnAccount
    account = await repository.member(tx, account_id)
    if account is None:
        raise NotFound("没有这位工作人员的账号。")
    if account.closed_at is not None:
        raise rules.StaffClosed
    return account


async def _record(tx: AsyncSession, by: Principal | None, action: str, account: Account) -> None:
    for chain in (AGENCY, account_service.chain_of(account)):
        await audit.record(tx, by, action, str(account.id), chain=chain)


async def page(tx: AsyncSession, *, q: str, offset: int, limit: int) -> tuple[list[Any], int]:
    """A page of the staff with the moment since which each has a second factor, and how many there are."""
    return await repository.page(tx, q=q, offset=offset, limit=limit)


async def begin(tx: AsyncSession, form: BeginForm, passwords: Passwords, *, now: datetime) -> Refusal | None:
    """Sets the password of a new account with its one-time code. A refusal that is returned was counted like a wrong
    login, so the edge commits it and raises.

    Raises:
        InvalidFields: the password won't do.
        TooManyLogins: the username refuses every answer for a while.
    """
    policy = account_service.policy_of(tx)
    # Staff have a second factor at once: without one they get no further.
    fault = password_fault(form.password, username=form.username, second_factor=True, policy=policy)
    if fault is not None:
        raise InvalidFields([fault])
    attempts = await account_service.attempts_of(tx, form.username, now=now)
    account = await accounts.by_username(tx, form.username)
    owner = account.id if account is not None else uuid7()  # the same statement for an unknown one
    if not await repository.use_code(tx, owner, rules.digest_of(form.code), now) or account is None:
        await account_service.count_wrong(tx, attempts, now=now)
        return rules.WrongOpeningCode()
    await account_service.forget_wrong(tx, attempts)
    await account_service.set_password(tx, account, form.password, passwords, now=now)
    await audit.record(tx, None, "staff.begun", str(account.id), chain=account_service.chain_of(account))
    return None
