"""Use cases of the account page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from identity.accounts.models import Account
from identity.accounts.passwords import Passwords
from identity.accounts.rules import password_fault
from identity.accounts.service import chain_of, policy_of, set_password, username_key
from identity.directory import service as directory
from identity.persons import service as persons
from identity.profile import repository, rules
from identity.profile.schemas import MobileChange, PasswordChange
from identity.second_factor import service as second_factor
from identity.second_factor.models import SecondFactor
from identity.second_factor.repository import recovery_codes_left
from identity.second_factor.service import STAFF_KINDS, Enrolment
from identity.sessions import service as sessions
from identity.sessions.rules import SessionExpired
from identity.sessions.service import OpenSession
from identity.sms import service as sms
from identity.sms.rules import sms_code_fault
from servicekit import audit
from servicekit.auth import LimitedHolder, Principal, check_stepped_up
from servicekit.db.tx import as_system
from servicekit.personal import Personal
from servicekit.refusals import InvalidFields, Refusal


@dataclass(frozen=True, slots=True)
class Profile:
    """An account with its second factor."""

    account: Account
    factor: SecondFactor | None
    recovery_codes_left: int

    @property
    def second_factor_needed(self) -> bool:
        """Whether the account can't do without."""
        return self.account.kind in STAFF_KINDS


async def show(tx: AsyncSession, who: Principal) -> Profile:
    """The own account.

    Raises:
        SessionExpired: the session has ended.
    """
    account = (await sessions.current(tx, who)).account
    factor = await second_factor.confirmed(tx, account.id)
    return Profile(account, factor, await recovery_codes_left(tx, account.id))


async def change_password(
    tx: AsyncSession, who: Principal, form: PasswordChange, passwords: Passwords, *, now: datetime
) -> OpenSession | Refusal:
    """Sets a new password; every other session ends, and this one gets a new cookie. A refusal that is returned was
    counted like a wrong login, so the edge commits it and raises.

    Raises:
        InvalidFields: the new password won't do, or is the old one.
        StepUpRequired: there is no old password, and the session is not raised.
        SessionLimited: the session is there for something else.
    """
    account = (await sessions.current(tx, who)).account
    if isinstance(who, LimitedHolder):
        rules.check_may_set(who, "password", now=now)
    factor = await second_factor.confirmed(tx, account.id)
    fault = password_fault(
        form.password,
        username=account.username,
        unit_name=await _unit_name(tx, account),
        second_factor=factor is not None,
        policy=policy_of(tx),
    )
    if fault is not None:
        raise InvalidFields([fault])
    if form.old_password is None:
        check_stepped_up(who, now=now)
    else:
        refused = await sessions.check_password(
            tx, who, account, form.old_password, passwords, field="old_password", now=now
        )
        if refused is not None:
            return refused
    if await passwords.verify(account.password_hash, form.password):
        raise rules.SamePassword
    known = await sessions.current(tx, who, lock=True)
    await set_password(tx, account, form.password, passwords, now=now)
    await sessions.end_all(tx, account.id, "password_changed", but=known.session.id, now=now)
    known.session.limited_to = None
    await audit.record(tx, who, "account.password_changed", str(account.id), chain=chain_of(account))
    return sessions.renew_cookie(known)


async def _unit_name(tx: AsyncSession, account: Account) -> str:
    """The name of the unit that a legal representative's password must not be made of."""
    units = await directory.units_of(tx, account.uscc) if account.uscc else []
    return units[0].name if units else ""


async def send_mobile_code(tx: AsyncSession, who: Principal, mobile: Personal, *, client: str, now: datetime) -> None:
    """Sends a code to the mobile that is to be the account's.

    Raises:
        StepUpRequired: the session is not raised.
        InvalidFields, TooMany: as `sms.send_code` says.
    """
    check_stepped_up(who, now=now)
    account = (await sessions.current(tx, who)).account
    key = username_key(tx, account.username)
    async with as_system(tx):
        await sms.send_code(tx, mobile, "mobile_change", client=client, account_key=key, now=now)


async def change_mobile(tx: AsyncSession, who: Principal, form: MobileChange, *, now: datetime) -> Profile:
    """Takes the new mobile into use.

    Raises:
        StepUpRequired: the session is not raised.
        InvalidFields: the mobile or the form of the code is wrong.
        WrongCode: it is not the code; the edge commits the guess.
    """
    check_stepped_up(who, now=now)
    account = (await sessions.current(tx, who)).account
    sealed = sms.sealed_mobile(tx, form.mobile, "/mobile")
    fault = sms_code_fault(form.sms_code)
    if fault is not None:
        raise InvalidFields([fault])
    key = username_key(tx, account.username)
    async with as_system(tx):
        await sms.use_code(tx, sealed.index, "mobile_change", form.sms_code, account_key=key, now=now)
    facts = {"from": account.mobile_masked, "to": sealed.masked}
    account.keep_mobile(sealed)
    await persons.announce(tx, account)
    await audit.record(tx, who, "account.mobile_changed", str(account.id), chain=chain_of(account), facts=facts)
    return await show(tx, who)


async def begin_enrolment(tx: AsyncSession, who: Principal, *, now: datetime) -> Enrolment:
    """A new secret for the authenticator app.

    Raises:
        StepUpRequired: the session is neither raised nor there for this.
    """
    return await second_factor.begin_enrolment(tx, await _enrolling(tx, who, now=now), now=now)


async def confirm_enrolment(
    tx: AsyncSession, who: Principal, code: str, *, now: datetime
) -> tuple[OpenSession, list[str]]:
    """Takes the new secret into use. A session that was there for this opens everything from now on, under a new
    cookie, and others like it end: they knew the password only.

    Raises:
        StepUpRequired: the session is neither raised nor there for this.
        NoEnrolment, WrongEnrolmentCode: as they say.
    """
    account = await _enrolling(tx, who, now=now)
    codes = await second_factor.confirm_enrolment(tx, who, account, code, now=now)
    known = await sessions.current(tx, who, lock=True)
    if isinstance(who, LimitedHolder):
        await sessions.end_all(tx, account.id, "ended_by_owner", but=known.session.id, now=now)
        known.session.limited_to = None
    return sessions.renew_cookie(known), codes


async def _enrolling(tx: AsyncSession, who: Principal, *, now: datetime) -> Account:
    rules.check_may_set(who, "second_factor", now=now)
    account = (await sessions.current(tx, who)).account
    if isinstance(who, LimitedHolder) and await second_factor.confirmed(tx, account.id) is not None:
        raise SessionExpired  # set in another session meanwhile: from now on that one is asked for its codes
    return account


async def new_recovery_codes(tx: AsyncSession, who: Principal, *, now: datetime) -> list[str]:
    """Ten new recovery codes.

    Raises:
        StepUpRequired: the session is not raised.
        NotEnrolled: there is no second factor.
    """
    check_stepped_up(who, now=now)
    return await second_factor.new_recovery_codes(tx, who, (await sessions.current(tx, who)).account)


async def turn_off(tx: AsyncSession, who: Principal, *, now: datetime) -> None:
    """Does without the second factor.

    Raises:
        StepUpRequired: the session is not raised.
        StaffNeedIt, PasswordTooShort, NotEnrolled: as they say.
    """
    check_stepped_up(who, now=now)
    await second_factor.turn_off(tx, who, (await sessions.current(tx, who)).account)


async def security_log(tx: AsyncSession, who: Principal, *, offset: int, limit: int) -> tuple[Sequence[Any], int]:
    """A page of the own security log, the newest first, and how many rows it has.

    Raises:
        SessionExpired: the session has ended.
    """
    account = (await sessions.current(tx, who)).account
    return await repository.log(tx, chain_of(account), offset=offset, limit=limit)
