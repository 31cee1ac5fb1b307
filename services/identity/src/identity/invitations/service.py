"""Invitation use cases: inviting and withdrawing for the unit; seeing, accepting and refusing for the agent.

Inviting never looks whether there is such an account, so nobody learns of one by inviting: the agent who signs in with
the username or the mobile finds the invitation.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from contracts.values.identifiers import IdentifierFault, check_mobile
from identity.accounts import repository as accounts
from identity.accounts.models import Account
from identity.accounts.rules import username_fault
from identity.directory import repository as directory
from identity.invitations import repository, rules
from identity.invitations.models import Invitation
from identity.invitations.repository import Received
from identity.invitations.rules import Addressee
from identity.invitations.schemas import InvitationForm
from identity.mandates import repository as mandate_repository
from identity.mandates import service as mandates
from identity.mandates.rules import check_permissions
from identity.sms import service as sms
from servicekit import audit
from servicekit.auth import Clerk, Principal, check_stepped_up
from servicekit.clock import BUSINESS_ZONE
from servicekit.db.tx import Scope, begin, vault_of
from servicekit.ids import uuid7
from servicekit.personal import Sealed
from servicekit.refusals import FieldFault, InvalidFields, NotFound, Unauthenticated
from servicekit.runtime import Runtime


async def invite(tx: AsyncSession, clerk: Clerk, form: InvitationForm, *, now: datetime) -> Invitation:
    """Asks somebody to act for the clerk's unit. Who is asked by mobile gets a text message, with or without account.

    Raises:
        StepUpRequired: appointing agents wants the password once more.
        InvalidFields: not exactly one addressee, malformed, or no permission.
        OwnInvitation, AlreadyServes, AlreadyInvited, TooMany: as they say.
    """
    check_stepped_up(clerk, now=now)
    to, mobile = _addressee(tx, form)
    permissions = check_permissions(form.permissions, held=clerk.permissions)
    inviter = await _account(tx, clerk)
    rules.check_not_own(to, own_username=inviter.username, own_mobile_index=inviter.mobile_index)
    await repository.serialise(tx, clerk.employer_no)
    if await mandate_repository.serves(tx, clerk.employer_no, username=to.username, mobile_index=to.mobile_index):
        raise rules.AlreadyServes(pointer=to.pointer)
    sent = await repository.sent(tx, clerk.employer_no, to, now=now)
    rules.check_may_invite(to, waiting=sent.waiting, last_hour=sent.last_hour, to_the_same=sent.to_the_same)
    await repository.close_expired(tx, clerk.employer_no, to, now=now)
    invitation = Invitation(
        id=uuid7(),
        employer_no=clerk.employer_no,
        username=to.username,
        permissions=list(permissions),
        status="pending",
        invited_by=clerk.account_id,
        invited_at=now,
        expires_at=now + rules.LIFE,
    )
    if mobile is not None:
        invitation.keep_mobile(mobile)
    try:
        await repository.add(tx, invitation)
    except repository.Pending as pending:
        raise rules.AlreadyInvited(pointer=to.pointer) from pending
    if mobile is not None:
        await _tell(tx, invitation, mobile, now=now)
    facts = {"permissions": list(permissions), "by": to.pointer.strip("/")}
    await audit.record(tx, clerk, "invitation.sent", str(invitation.id), chain=clerk.employer_no, facts=facts)
    return invitation


def _addressee(tx: AsyncSession, form: InvitationForm) -> tuple[Addressee, Sealed | None]:
    """Whom the form names: by username in lower case, or by the mobile, which comes sealed as well."""
    if (form.username is None) == (form.mobile is None):
        raise InvalidFields([FieldFault("/username", "addressee", "请填写用户名或手机号码，两者选其一")])
    if form.username is not None:
        malformed = username_fault(form.username)
        if malformed is not None:
            raise InvalidFields([malformed])
        return Addressee(form.username.lower(), None), None
    assert form.mobile is not None  # noqa: S101 - said by the first condition, which mypy can't follow
    try:
        mobile = vault_of(tx).seal("mobile", check_mobile(form.mobile.reveal()))
    except IdentifierFault as fault:
        raise InvalidFields([FieldFault("/mobile", fault.code, fault.message)]) from fault
    return Addressee(None, mobile.index), mobile


async def _account(tx: AsyncSession, who: Principal) -> Account:
    account = await accounts.by_id(tx, who.account_id)
    if account is None:  # closed while its token was still good
        raise Unauthenticated
    return account


async def _tell(tx: AsyncSession, invitation: Invitation, mobile: Sealed, *, now: datetime) -> None:
    unit = await directory.unit(tx, invitation.employer_no)
    name = unit.name if unit else f"单位{invitation.employer_no}"
    until = invitation.expires_at.astimezone(BUSINESS_ZONE)
    words = (
        f"【医保单位网厅】{name}邀请您担任经办人，请于{until:%m月%d日}前登录单位网厅（经办人登录）接受或谢绝；"
        "没有账号请先用本手机号注册。"
    )
    sms.send_notice(tx, mobile, words, now=now)


async def invitations(tx: AsyncSession, clerk: Clerk, *, offset: int, limit: int) -> tuple[list[Invitation], int]:
    """A page of the invitations of the clerk's unit, the newest first, and how many there are."""
    return await repository.of_unit(tx, clerk.employer_no, offset=offset, limit=limit)


async def withdraw(tx: AsyncSession, clerk: Clerk, invitation_id: UUID, *, now: datetime) -> None:
    """Takes an invitation back. Doing so twice is harmless.

    Raises:
        NotFound: the unit has sent no such invitation.
        InvitationClosed: it has been answered.
    """
    invitation = await repository.one_of_unit(tx, clerk.employer_no, invitation_id)
    if invitation is None:
        raise NotFound("没有这份邀请，请刷新后再看。")
    if invitation.status == "withdrawn":
        return
    rules.check_open(invitation.status, expires_at=invitation.expires_at, now=now)
    invitation.status = "withdrawn"
    invitation.answered_at = now
    await audit.record(tx, clerk, "invitation.withdrawn", str(invitation.id), chain=clerk.employer_no)


async def received(
    tx: AsyncSession, who: Principal, *, now: datetime, offset: int, limit: int
) -> tuple[list[Received], int]:
    """A page of the invitations that the signed-in agent can answer, the newest first, and how many there are."""
    return await repository.waiting_for(tx, await _account(tx, who), now=now, offset=offset, limit=limit)


async def accept(tx: AsyncSession, who: Principal, invitation_id: UUID, *, now: datetime) -> Received:
    """The agent serves the unit from now on. Accepting twice, or in two windows at once, has one effect.

    Raises:
        NotFound: there is no such invitation, or it was sent to somebody else.
        InvitationClosed, UnitClosed, AlreadyAgent: as they say.
    """
    account, received = await _received(tx, who, invitation_id)
    invitation = received.invitation
    if invitation.status == "accepted" and invitation.answered_by == account.id:
        return received
    rules.check_open(invitation.status, expires_at=invitation.expires_at, now=now)
    if received.unit_status != "open":
        raise rules.UnitClosed
    if not await mandates.grant(tx, who, account.id, invitation.employer_no, invitation.permissions):
        raise rules.AlreadyAgent
    _answer(invitation, "accepted", account, now=now)
    await tx.flush()  # the others are closed by a statement, which must find this one closed
    await repository.supersede(tx, account, invitation.employer_no, now=now)
    facts = {"account_id": account.id}
    await audit.record(tx, who, "invitation.accepted", str(invitation.id), chain=invitation.employer_no, facts=facts)
    return received


async def refuse(tx: AsyncSession, who: Principal, invitation_id: UUID, *, now: datetime) -> None:
    """The agent doesn't want to. Refusing twice is harmless.

    Raises:
        NotFound: there is no such invitation, or it was sent to somebody else.
        InvitationClosed: it was answered in another way, or its time is over.
    """
    account, received = await _received(tx, who, invitation_id)
    invitation = received.invitation
    if invitation.status == "refused" and invitation.answered_by == account.id:
        return
    rules.check_open(invitation.status, expires_at=invitation.expires_at, now=now)
    _answer(invitation, "refused", account, now=now)
    await audit.record(tx, who, "invitation.refused", str(invitation.id), chain=invitation.employer_no)


async def _received(tx: AsyncSession, who: Principal, invitation_id: UUID) -> tuple[Account, Received]:
    account = await _account(tx, who)
    received = await repository.received(tx, account, invitation_id)
    if received is None:
        raise NotFound("没有这份邀请，或它不是发给您的。")
    return account, received


def _answer(invitation: Invitation, status: rules.Status, account: Account, *, now: datetime) -> None:
    invitation.status, invitation.answered_by, invitation.answered_at = status, account.id, now


async def forget_old(runtime: Runtime) -> None:
    """The worker's duty: invitations long over go, and with them the mobiles they were sent to."""
    async with begin(runtime, scope=Scope.system()) as tx:
        await repository.forget(tx, before=runtime.clock.now() - rules.KEPT_AFTER_END)
