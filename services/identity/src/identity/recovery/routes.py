"""A forgotten password over HTTP. Public: nobody is signed in."""

from fastapi import APIRouter, Request

from identity.accounts.passwords import Passwords
from identity.clients import address_of
from identity.recovery import service
from identity.recovery.schemas import ResetCodeForm, ResetForm
from identity.registration.schemas import SmsCodeSent
from identity.sms.rules import CODE_LIFE, PAUSE
from servicekit.auth import public
from servicekit.clock import Now
from servicekit.db.tx import PublicTx

router = APIRouter(tags=["forgotten password"])
_FORGOTTEN = public("whoever forgot the password can't sign in")


@router.post("/password-resets/sms-codes", status_code=202, openapi_extra=_FORGOTTEN)
async def send_code(form: ResetCodeForm, request: Request, tx: PublicTx, now: Now) -> SmsCodeSent:
    """Sends a code to the mobile, if it is the account's. The answer is the same if it isn't."""
    await service.send_code(tx, form, client=address_of(request), now=now)
    return SmsCodeSent(expires_in=round(CODE_LIFE.total_seconds()), retry_after=round(PAUSE.total_seconds()))


@router.post("/password-resets", status_code=204, openapi_extra=_FORGOTTEN)
async def reset(form: ResetForm, request: Request, tx: PublicTx, now: Now) -> None:
    """Sets a new password; every session of the account ends."""
    passwords: Passwords = request.app.state.runtime.resources["passwords"]
    async with passwords.turn():
        refused = await service.reset(tx, form, passwords, now=now)
        if refused is not None:
            await tx.commit()  # the guess counts, before the next one is looked at
            raise refused
