"""The account page over HTTP."""

import segno
from fastapi import APIRouter, Request, Response

from identity.accounts.passwords import Passwords
from identity.accounts.service import policy_of
from identity.clients import address_of
from identity.profile import rules, service
from identity.profile.schemas import (
    EnrolmentForm,
    EnrolmentOut,
    LogRow,
    MobileChange,
    MobileCodeForm,
    PasswordChange,
    PasswordPolicyOut,
    ProfileOut,
    RecoveryCodesOut,
    SecondFactorOut,
)
from identity.registration.schemas import SmsCodeSent
from identity.sessions.routes import session_out, set_session_cookie
from identity.sessions.schemas import SessionOut
from identity.sms.rules import CODE_LIFE, PAUSE, WrongCode
from servicekit.auth import LimitedAccount, SignedInAccount, public
from servicekit.clock import Now
from servicekit.db.tx import PublicTx, Tx
from servicekit.paging import Listing, Page
from servicekit.refusals import Refusal

router = APIRouter(tags=["account"])


def _policy(tx: Tx) -> PasswordPolicyOut:
    policy = policy_of(tx)
    return PasswordPolicyOut(
        shortest=policy.shortest,
        shortest_with_second_factor=policy.shortest_with_second_factor,
        classes=policy.classes,
        days=policy.life.days if policy.life else None,
    )


def _out(tx: Tx, profile: service.Profile) -> ProfileOut:
    account, factor = profile.account, profile.factor
    return ProfileOut(
        id=account.id,
        kind=account.kind,
        username=account.username,
        display_name=account.display_name,
        id_number_masked=account.id_number_masked,
        mobile_masked=account.mobile_masked,
        created_at=account.created_at,
        password_changed_at=account.password_changed_at,
        second_factor=SecondFactorOut(since=factor.confirmed_at, recovery_codes_left=profile.recovery_codes_left)
        if factor is not None and factor.confirmed_at is not None
        else None,
        second_factor_needed=profile.second_factor_needed,
        password_policy=_policy(tx),
    )


@router.get("/password-policy", openapi_extra=public("registration tells it before there is an account"))
async def password_policy(tx: PublicTx) -> PasswordPolicyOut:
    """What is asked of a new password."""
    return _policy(tx)


@router.get("/account")
async def show(who: LimitedAccount, tx: Tx) -> ProfileOut:
    """The own account."""
    return _out(tx, await service.show(tx, who))


@router.post("/account/password")
async def change_password(
    form: PasswordChange, who: LimitedAccount, request: Request, response: Response, tx: Tx, now: Now
) -> SessionOut:
    """Sets a new password; every other session of the account ends."""
    passwords: Passwords = request.app.state.runtime.resources["passwords"]
    async with passwords.turn():
        opened = await service.change_password(tx, who, form, passwords, now=now)
        if isinstance(opened, Refusal):
            await tx.commit()  # the wrong answer counts, before the next one is looked at
            raise opened
    set_session_cookie(request, response, opened.cookie)
    return await session_out(tx, opened)


@router.post("/account/mobile/sms-codes", status_code=202)
async def send_mobile_code(
    form: MobileCodeForm, who: SignedInAccount, request: Request, tx: Tx, now: Now
) -> SmsCodeSent:
    """Sends a code to the mobile that is to be the account's. Needs a raised session."""
    await service.send_mobile_code(tx, who, form.mobile, client=address_of(request), now=now)
    return SmsCodeSent(expires_in=round(CODE_LIFE.total_seconds()), retry_after=round(PAUSE.total_seconds()))


@router.post("/account/mobile")
async def change_mobile(form: MobileChange, who: SignedInAccount, tx: Tx, now: Now) -> ProfileOut:
    """Takes the new mobile into use. Needs a raised session."""
    try:
        return _out(tx, await service.change_mobile(tx, who, form, now=now))
    except WrongCode:
        await tx.commit()  # the guess counts
        raise


@router.post("/account/second-factor/enrolment")
async def begin_enrolment(who: LimitedAccount, response: Response, tx: Tx, now: Now) -> EnrolmentOut:
    """A new secret for the authenticator app, which counts once a code of it was shown. Needs a raised session."""
    enrolment = await service.begin_enrolment(tx, who, now=now)
    response.headers["Cache-Control"] = "no-store"
    qr = segno.make(enrolment.uri, error="m").svg_data_uri(scale=4, border=2)
    return EnrolmentOut(secret=enrolment.secret, uri=enrolment.uri, qr=qr)


@router.post("/account/second-factor")
async def confirm_enrolment(
    form: EnrolmentForm, who: LimitedAccount, request: Request, response: Response, tx: Tx, now: Now
) -> RecoveryCodesOut:
    """Takes the new secret into use; gives the recovery codes, this once."""
    opened, codes = await service.confirm_enrolment(tx, who, form.code, now=now)
    set_session_cookie(request, response, opened.cookie)
    return RecoveryCodesOut(recovery_codes=codes)


@router.post("/account/second-factor/recovery-codes")
async def new_recovery_codes(who: SignedInAccount, response: Response, tx: Tx, now: Now) -> RecoveryCodesOut:
    """Ten new recovery codes in place of the old ones. Needs a raised session."""
    response.headers["Cache-Control"] = "no-store"
    return RecoveryCodesOut(recovery_codes=await service.new_recovery_codes(tx, who, now=now))


@router.delete("/account/second-factor", status_code=204)
async def turn_off(who: SignedInAccount, tx: Tx, now: Now) -> None:
    """Does without the second factor. Needs a raised session."""
    await service.turn_off(tx, who, now=now)


@router.get("/account/security-log")
async def security_log(who: SignedInAccount, tx: Tx, page: Page) -> Listing[LogRow]:
    """The own security log, the newest first."""
    rows, total = await service.security_log(tx, who, offset=page.offset, limit=page.limit)
    return Listing(
        items=[
            LogRow(
                at=row.at,
                action=row.action,
                title=rules.ACTIONS.get(row.action, "其他"),
                detail=rules.detail_of(row.action, row.facts),
            )
            for row in rows
        ],
        total=total,
    )
