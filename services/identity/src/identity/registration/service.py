"""Registration use cases."""

import hmac
import secrets
from collections.abc import Callable
from datetime import date, datetime

from sqlalchemy.ext.asyncio import AsyncSession

from contracts.values.identifiers import IdentifierFault, check_mobile, check_resident_id
from identity.accounts import repository as accounts
from identity.accounts import service as account_service
from identity.accounts.models import Account
from identity.accounts.passwords import Passwords
from identity.accounts.rules import password_fault, username_fault
from identity.directory import service as directory
from identity.directory.models import Unit
from identity.directory.rules import same_name
from identity.registration import repository, rules
from identity.registration.models import SmsCode, SmsMessage
from identity.registration.schemas import RegistrationForm
from servicekit.db.tx import vault_of
from servicekit.ids import uuid7
from servicekit.personal import Personal, Sealed
from servicekit.refusals import FieldFault, InvalidFields


async def find_units(tx: AsyncSession, uscc: str, unit_name: str) -> tuple[Unit, list[Unit]]:
    """The open unit of this code and name, and all open units of the code.

    Raises:
        InvalidFields: the code can't be one, and the register doesn't know it either.
        UnknownUnit: the register doesn't know the code, or not with this name.
    """
    try:
        units = await directory.units_of(tx, uscc)
    except IdentifierFault as fault:
        raise InvalidFields([FieldFault("/uscc", fault.code, fault.message)]) from fault
    named = next((unit for unit in units if same_name(unit_name, unit.name)), None)
    if named is None:
        raise rules.UnknownUnit
    return named, units


async def send_code(tx: AsyncSession, mobile: Personal, purpose: str, *, client: str, now: datetime) -> None:
    """Makes a code and the message that carries it. `client` is the address that asks.

    Raises:
        InvalidFields: no mobile number.
        TooMany: too often for this mobile or this address.
    """
    number = _mobile(mobile, "/mobile")
    vault = vault_of(tx)
    sealed = vault.seal("mobile", number)
    asker = vault.fingerprint("client", client.encode())
    await repository.serialise(tx, sealed.index)
    since = now - rules.HOUR
    sent = await repository.sent_to(tx, sealed.index, since)
    rules.check_may_send(sent, await repository.sent_for(tx, asker, since), now=now)
    code = f"{secrets.randbelow(10**rules.CODE_DIGITS):0{rules.CODE_DIGITS}d}"
    minutes = round(rules.CODE_LIFE.total_seconds() / 60)
    words = f"【医保单位网厅】验证码 {code}，{minutes}分钟内有效，请勿告诉他人。"
    repository.add(
        tx,
        SmsCode(
            id=uuid7(),
            mobile_index=sealed.index,
            purpose=purpose,
            code_digest=_digest(tx, sealed.index, code),
            client=asker,
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
    )


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


def _digest(tx: AsyncSession, mobile_index: bytes, code: str) -> bytes:
    return vault_of(tx).fingerprint("sms_code", mobile_index + code.encode())


def _mobile(mobile: Personal, pointer: str) -> str:
    try:
        return check_mobile(mobile.reveal())
    except IdentifierFault as fault:
        raise InvalidFields([FieldFault(pointer, fault.code, fault.message)]) from fault


async def _use_code(tx: AsyncSession, mobile_index: bytes, purpose: str, typed: str, *, now: datetime) -> None:
    """Uses the code up.

    Raises:
        WrongCode: it is not the code. The guess is counted in this transaction, which the edge then commits.
    """
    await repository.serialise(tx, mobile_index)
    code = await repository.newest_code(tx, mobile_index, purpose)
    usable = code is not None and rules.may_be_used(
        expires_at=code.expires_at, used_at=code.used_at, tries=code.tries, now=now
    )
    shown = _digest(tx, mobile_index, rules.read_sms_code(typed) or "")
    if code is None or not usable or not hmac.compare_digest(code.code_digest, shown):
        if code is not None:
            code.tries += 1
        raise rules.WrongCode(pointer="/person/sms_code")
    code.used_at = now


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


async def register(
    tx: AsyncSession, form: RegistrationForm, passwords: Passwords, *, now: datetime, today: date
) -> Account:
    """Registers an account: of a legal representative, who acts for every unit of the code, or of an agent.

    Raises:
        InvalidFields: every faulty field, all at once.
        UnknownUnit, WrongCode, AlreadyRegistered, UsernameTaken: as they say. Nothing but a wrong guess is kept then.
    """
    await _check_fields(tx, form, today=today)
    unit, _ = await find_units(tx, form.uscc, form.unit_name)
    vault = vault_of(tx)
    mobile = vault.seal("mobile", check_mobile(form.person.mobile.reveal()))
    await _use_code(tx, mobile.index, "registration", form.person.sms_code, now=now)
    is_representative = form.kind == "legal_representative"
    if is_representative and await accounts.legal_representative_of(tx, unit.uscc) is not None:
        raise rules.AlreadyRegistered
    account = Account(
        id=uuid7(),
        kind=form.kind,
        username=form.username.lower(),
        password_hash=await passwords.hash(form.password),
        display_name=form.person.name,
        uscc=unit.uscc if is_representative else None,
        created_at=now,
    )
    account.keep_mobile(mobile)
    account.keep_id_number(
        vault.seal("id_number", check_resident_id(form.person.id_number.reveal(), today=today).number)
    )
    try:
        await account_service.open_account(tx, account, form.kind)
    except accounts.EmployerTaken as taken:
        raise rules.AlreadyRegistered from taken
    except accounts.UsernameTaken as taken:
        raise rules.UsernameTaken(pointer="/username") from taken
    return account


async def _check_fields(tx: AsyncSession, form: RegistrationForm, *, today: date) -> None:
    found = [
        rules.name_fault(form.person.name),
        rules.sms_code_fault(form.person.sms_code),
        username_fault(form.username),
        password_fault(form.password, username=form.username, unit_name=form.unit_name),
    ]
    faults = [fault for fault in found if fault is not None]
    checks: tuple[tuple[str, Callable[[], object]], ...] = (
        ("/person/id_number", lambda: check_resident_id(form.person.id_number.reveal(), today=today)),
        ("/person/mobile", lambda: check_mobile(form.person.mobile.reveal())),
    )
    for pointer, check in checks:
        try:
            check()
        except IdentifierFault as fault:
            faults.append(FieldFault(pointer, fault.code, fault.message))
    try:
        await directory.units_of(tx, form.uscc)
    except IdentifierFault as fault:
        faults.append(FieldFault("/uscc", fault.code, fault.message))
    if faults:
        raise InvalidFields(faults)
