"""Registration over HTTP. Public: there is no account yet."""

from fastapi import APIRouter, Depends, Request

from identity.accounts.passwords import Passwords
from identity.clients import address_of, demo_only
from identity.registration import service
from identity.registration.rules import Taken
from identity.registration.schemas import (
    InboxForm,
    InboxMessage,
    InboxOut,
    RegistrationForm,
    RegistrationOut,
    SmsCodeForm,
    SmsCodeSent,
    UnitCheckForm,
    UnitCheckOut,
    UnitFound,
)
from identity.sms import service as sms
from identity.sms.rules import CODE_LIFE, PAUSE, WrongCode
from servicekit.auth import public
from servicekit.clock import Now, Today
from servicekit.db.tx import PublicTx
from servicekit.idempotency import PublicOnce

router = APIRouter(tags=["registration"])
_BEFORE_LOGIN = public("before there is an account")


@router.post("/registrations/unit-checks", openapi_extra=_BEFORE_LOGIN)
async def check_unit(form: UnitCheckForm, tx: PublicTx) -> UnitCheckOut:
    """Step 1 of the registration: is there a unit of this code and name?"""
    named, units = await service.find_units(tx, form.uscc, form.unit_name)
    return UnitCheckOut(
        uscc=named.uscc,
        unit_name=named.name,
        virtual=named.is_virtual,
        units=[UnitFound(employer_no=unit.employer_no, name=unit.name) for unit in units],
    )


@router.post("/registrations/sms-codes", status_code=202, openapi_extra=_BEFORE_LOGIN)
async def send_code(form: SmsCodeForm, request: Request, tx: PublicTx, now: Now) -> SmsCodeSent:
    """Sends a code by text message; at most one a minute and five an hour to a mobile."""
    await sms.send_code(tx, form.mobile, form.purpose, client=address_of(request), now=now)
    return SmsCodeSent(expires_in=round(CODE_LIFE.total_seconds()), retry_after=round(PAUSE.total_seconds()))


@router.post("/registrations", status_code=201, openapi_extra=_BEFORE_LOGIN)
async def register(
    form: RegistrationForm, request: Request, tx: PublicTx, once: PublicOnce, now: Now, today: Today
) -> RegistrationOut:
    """The last step of the registration: everything together."""
    passwords: Passwords = request.app.state.runtime.resources["passwords"]

    async def act() -> RegistrationOut:
        account = await service.register(tx, form, passwords, now=now, today=today)
        return RegistrationOut(account_id=account.id, username=account.username)

    async with passwords.turn():
        try:
            return await once(form, RegistrationOut, act)
        except (WrongCode, Taken):
            # A refusal rolls back; the try has to count all the same, before the next one gets its turn.
            await tx.commit()
            raise


@router.post(
    "/demo/sms-inbox",
    dependencies=[Depends(demo_only)],
    openapi_extra=public("the demo's stand-in for a telephone"),
)
async def show_inbox(form: InboxForm, tx: PublicTx) -> InboxOut:
    """The newest text messages of a mobile, the newest first. Only where the hall runs with synthetic data."""
    messages = await sms.inbox(tx, form.mobile)
    return InboxOut(messages=[InboxMessage(text=text, code=code, sent_at=sent_at) for text, code, sent_at in messages])
