"""Use cases of a forgotten password. Whether there is such an account is told to nobody who hasn't got its code."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from identity.accounts import repository as accounts
from identity.accounts.passwords import Passwords
from identity.accounts.rules import password_fault
from identity.accounts.service import (
    attempts_of,
    chain_of,
    count_wrong,
    forget_wrong,
    policy_of,
    set_password,
    username_key,
)
from identity.recovery.schemas import ResetCodeForm, ResetForm
from identity.second_factor import service as second_factor
from identity.sessions import service as sessions
from identity.sessions.rules import SecondFactorRequired, SecondFactorWrong
from identity.sms import service as sms
from identity.sms.rules import WrongCode, sms_code_fault
from servicekit import audit
from servicekit.refusals import InvalidFields, Refusal


async def send_code(tx: AsyncSession, form: ResetCodeForm, *, client: str, now: datetime) -> None:
    """Sends a code, if the account has this mobile. If not, or if there is no such account, the same is done, and
    nobody gets the code.

    Raises:
        InvalidFields: no mobile number.
        TooMany: too often for this mobile, this address or this username.
    """
    mobile = sms.sealed_mobile(tx, form.mobile, "/mobile")
    account = await accounts.by_username(tx, form.username)
    known = account is not None and account.mobile_index == mobile.index
    key = username_key(tx, form.username)
    await sms.send_code(tx, form.mobile, "password_reset", client=client, account_key=key, sent=known, now=now)


async def reset(tx: AsyncSession, form: ResetForm, passwords: Passwords, *, now: datetime) -> Refusal | None:
    """Sets a new password; every session of the account ends. A refusal that is returned was counted, so the edge
    commits it and raises.

    Raises:
        InvalidFields: every faulty field, all at once.
        SecondFactorRequired: the code is right, and the account wants a dynamic code as well.
    """
    policy = policy_of(tx)
    # The account may have a second factor or not: until the code is right, nothing may tell.
    found = (
        sms_code_fault(form.sms_code),
        password_fault(form.password, username=form.username, second_factor=True, policy=policy),
    )
    faults = [fault for fault in found if fault is not None]
    mobile = sms.sealed_mobile(tx, form.mobile, "/mobile")
    if faults:
        raise InvalidFields(faults)
    key = username_key(tx, form.username)
    try:
        await sms.use_code(tx, mobile.index, "password_reset", form.sms_code, account_key=key, now=now)
    except WrongCode as wrong:
        return wrong
    account = await accounts.by_username(tx, form.username)
    if account is None or account.mobile_index != mobile.index:  # closed, or another mobile, since the code was sent
        return WrongCode(pointer="/sms_code")
    attempts = await attempts_of(tx, form.username, now=now)
    factor = await second_factor.confirmed(tx, account.id, lock=True)
    fault = password_fault(form.password, username=account.username, second_factor=factor is not None, policy=policy)
    if fault is not None:
        raise InvalidFields([fault])
    if factor is not None:
        if form.totp_code is None:
            raise SecondFactorRequired
        if not await second_factor.use_code(tx, account, factor, form.totp_code, now=now):
            await count_wrong(tx, attempts, now=now)
            return SecondFactorWrong()
    await forget_wrong(tx, attempts)
    await set_password(tx, account, form.password, passwords, now=now)
    await sessions.end_all(tx, account.id, "password_changed", now=now)
    await audit.record(tx, None, "account.password_reset", str(account.id), chain=chain_of(account))
    return None
