"""Use cases of codes by text message. Each works in the caller's transaction, which runs in the system's scope."""

import hmac
import secrets
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from contracts.values.identifiers import IdentifierFault, check_mobile
from identity.sms import repository, rules
from identity.sms.models import SmsCode, SmsMessage
from identity.sms.rules import Purpose
from servicekit.db.tx import vault_of
from servicekit.ids import uuid7
from servicekit.personal import Personal, Sealed
from servicekit.refusals import FieldFault, InvalidFields

_PURPOSES: dict[Purpose, str] = {
    "registration": "您正在注册账号",
    "password_reset": "您正在重新设置登录密码",
    "mobile_change": "您正在更换账号绑定的手机号码",
}


async def send_code(
    tx: AsyncSession,
    mobile: Personal,
    purpose: Purpose,
    *,
    client: str,
    now: datetime,
    account_key: bytes | None = None,
    sent: bool = True,
) -> None:
    """Makes a code and the message that carries it. `client` is the address that asks; `account_key` says for which
    account. Not `sent`: everything is done as otherwise, and nobody gets the code.

    Raises:
        InvalidFields: no mobile number.
        TooMany: too often for this mobile, this address or this account.
    """
    sealed = sealed_mobile(tx, mobile, "/mobile")
    vault = vault_of(tx)
    asker = vault.fingerprint("client", client.encode())
    await repository.serialise(tx, sealed.index)
    if account_key is not None:
        await repository.serialise(tx, account_key)
    since = now - rules.HOUR
    to_mobile = await repository.sent_to(tx, sealed.index, since)
    for_client = await repository.sent_for(tx, asker, since)
    for_account = await repository.sent_to_account(tx, account_key, since) if account_key else 0
    rules.check_may_send(to_mobile, for_client, for_account, now=now)
    code = f"{secrets.randbelow(10**rules.CODE_DIGITS):0{rules.CODE_DIGITS}d}"
    minutes = round(rules.CODE_LIFE.total_seconds() / 60)
    words = f"【医保单位网厅】{_PURPOSES[purpose]}，验证码 {code}，{minutes}分钟内有效，请勿告诉他人。"
    await repository.add(
        tx,
        SmsCode(
            id=uuid7(),
            mobile_index=sealed.index,
            purpose=purpose,
            code_digest=_digest(tx, sealed.index, code),
            client=asker,
            account_key=account_key,
            sent_at=now,
            expires_at=now + rules.CODE_LIFE,
        ),
        SmsMessage(
            id=uuid7(),
            mobile=sealed.ciphertext,
            mobile_index=sealed.index,
            text=vault.seal("mobile", words).ciphertext,
            code=vault.seal("mobile", code).ciphertext,
            created_at=now,
        ),
        sent=sent,
    )


def sealed_mobile(tx: AsyncSession, mobile: Personal, pointer: str) -> Sealed:
    """A mobile as it is stored.

    Raises:
        InvalidFields: it is none.
    """
    try:
        return vault_of(tx).seal("mobile", check_mobile(mobile.reveal()))
    except IdentifierFault as fault:
        raise InvalidFields([FieldFault(pointer, fault.code, fault.message)]) from fault


def _digest(tx: AsyncSession, mobile_index: bytes, code: str) -> bytes:
    return vault_of(tx).fingerprint("sms_code", mobile_index + code.encode())


async def use_code(
    tx: AsyncSession,
    mobile_index: bytes,
    purpose: Purpose,
    typed: str,
    *,
    now: datetime,
    account_key: bytes | None = None,
    pointer: str = "/sms_code",
) -> SmsCode:
    """Uses the code up, and returns it.

    Raises:
        WrongCode: it is not the code. The guess is counted in this transaction, which the edge then commits.
    """
    await repository.serialise(tx, mobile_index)
    code = await repository.newest_code(tx, mobile_index, purpose, account_key)
    usable = code is not None and rules.may_be_used(
        expires_at=code.expires_at, used_at=code.used_at, tries=code.tries, now=now
    )
    shown = _digest(tx, mobile_index, rules.read_sms_code(typed) or "")
    if code is None or not usable or not hmac.compare_digest(code.code_digest, shown):
        if code is not None:
            code.tries += 1
        raise rules.WrongCode(pointer=pointer)
    code.used_at = now
    return code


def count_try(code: SmsCode) -> None:
    """The code was right and comes to nothing: it can be shown again, but not for ever."""
    code.used_at = None
    code.tries += 1


def send_notice(tx: AsyncSession, mobile: Sealed, words: str, *, now: datetime) -> None:
    """News by text message. Also for transactions of a clerk, who may write a message and read none."""
    message = SmsMessage(
        id=uuid7(),
        mobile=mobile.ciphertext,
        mobile_index=mobile.index,
        text=vault_of(tx).seal("mobile", words).ciphertext,
        code=None,
        send_until=now + rules.NOTICE_LIFE,
        created_at=now,
        sent_at=None,
        attempts=0,  # said here: fetching a default back would be reading
    )
    tx.add(message)


async def inbox(tx: AsyncSession, mobile: Personal) -> list[tuple[str, str | None, datetime]]:
    """Text, code (if there is one) and moment of the newest messages to a mobile: what is on its owner's telephone."""
    vault = vault_of(tx)
    return [
        (
            vault.open("mobile", message.text).reveal(),
            None if message.code is None else vault.open("mobile", message.code).reveal(),
            message.created_at,
        )
        for message in await repository.messages_of(tx, vault.index("mobile", mobile))
    ]
