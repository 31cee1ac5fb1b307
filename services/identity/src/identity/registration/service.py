"""Registration use cases."""

import hmac
import secrets
from datetime import date, datetime

from sqlalchemy.ext.asyncio import AsyncSession

from contracts.identity import AccountRegistered
from contracts.values.identifiers import IdentifierFault, check_mobile, check_resident_id
from identity.accounts import repository as accounts
from identity.accounts.models import Account
from identity.accounts.passwords import Passwords
from identity.accounts.rules import password_fault, username_fault
from identity.directory import repository as directory
from identity.directory.models import Unit
from identity.directory.rules import read_code, same_name
from identity.registration import repository, rules
from identity.registration.models import SmsCode, SmsMessage
from identity.registration.schemas import RegistrationForm
from servicekit import audit, outbox
from servicekit.db.tx import vault_of
from servicekit.ids import uuid7
from servicekit.personal import Personal
from servicekit.refusals import FieldFault, InvalidFields


async def find_units(tx: AsyncSession, uscc: str, unit_name: str) -> list[Unit]:
    """The open units of a code, when the name is that of one of them.

    Raises:
        InvalidFields: the code can't be one.
        UnknownUnit: the register doesn't know the code, or not with this name.
    """
    try:
        code = read_code(uscc)
    except IdentifierFault as fault:
        raise InvalidFields([FieldFault("/uscc", fault.code, fault.message)]) from fault
    units = await directory.open_units_of(tx, code)
    if not any(same_name(unit_name, unit.name) for unit in units):
        raise rules.UnknownUnit
    return units


async def send_code(tx: AsyncSession, mobile: Personal, purpose: str, *, client: str, now: datetime) -> None:
    """Makes a code and the message that carries it.

    Raises:
        InvalidFields: no mobile number.
        TooMany: too often for this mobile or this address.
    """
    number = _mobile(mobile, "/mobile")
    vault = vault_of(tx)
    sealed = vault.seal("mobile", number)
    await repository.serialise(tx, sealed.index)
    since = now - rules.HOUR
    sent = await repository.sent_to(tx, sealed.index, since)
    rules.check_may_send(sent, await repository.sent_for(tx, client, since), now=now)
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
            client=client,
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


def _digest(tx: AsyncSession, mobile_index: bytes, code: str) -> bytes:
    return vault_of(tx).fingerprint("sms_code", mobile_index + code.encode())


def _mobile(mobile: Personal, pointer: str) -> str:
    try:
        return check_mobile(mobile.reveal())
    except IdentifierFault as fault:
        raise InvalidFields([FieldFault(pointer, fault.code, fault.message)]) from fault


async def use_code(tx: AsyncSession, mobile_index: bytes, purpose: str, typed: str, *, now: datetime) -> bool:
    """Whether this is the code; a right one is used up, a wrong one counts as a try."""
    await repository.serialise(tx, mobile_index)
    code = await repository.newest_code(tx, mobile_index, purpose)
    if code is None or not rules.may_be_used(
        expires_at=code.expires_at, used_at=code.used_at, tries=code.tries, now=now
    ):
        return False
    if not hmac.compare_digest(code.code_digest, _digest(tx, mobile_index, typed.strip())):
        return False
    code.used_at = now
    return True


async def count_wrong_code(tx: AsyncSession, mobile: Personal, purpose: str) -> None:
    """Counts a wrong guess, in a transaction that outlives the refused request's."""
    code = await repository.newest_code(tx, vault_of(tx).index("mobile", mobile), purpose)
    if code is not None:
        await repository.count_try(tx, code.id)


async def register(
    tx: AsyncSession, form: RegistrationForm, passwords: Passwords, *, now: datetime, today: date
) -> Account:
    """Registers an account: of a legal representative, who acts for every unit of the code, or of an agent.

    Raises:
        InvalidFields: every faulty field, all at once.
        UnknownUnit, AlreadyRegistered, UsernameTaken, WrongCode: as they say.
    """
    _check_fields(form, today=today)
    units = await find_units(tx, form.uscc, form.unit_name)
    uscc = units[0].uscc
    is_representative = form.kind == "legal_representative"
    if is_representative and await accounts.legal_representative_of(tx, uscc) is not None:
        raise rules.AlreadyRegistered
    vault = vault_of(tx)
    mobile = vault.seal("mobile", check_mobile(form.person.mobile.reveal()))
    if not await use_code(tx, mobile.index, "registration", form.person.sms_code, now=now):
        raise rules.WrongCode(pointer="/person/sms_code")
    id_number = vault.seal("id_number", check_resident_id(form.person.id_number.reveal(), today=today).number)
    account = Account(
        id=uuid7(),
        kind=form.kind,
        username=form.username.lower(),
        password_hash=await passwords.hash(form.password),
        display_name=form.person.name,
        uscc=uscc if is_representative else None,
        id_number=id_number.ciphertext,
        id_number_index=id_number.index,
        id_number_masked=id_number.masked,
        mobile=mobile.ciphertext,
        mobile_index=mobile.index,
        mobile_masked=mobile.masked,
        created_at=now,
    )
    try:
        await accounts.add(tx, account)
    except accounts.EmployerTaken as taken:
        raise rules.AlreadyRegistered from taken
    except accounts.UsernameTaken as taken:
        raise rules.UsernameTaken(pointer="/username") from taken
    facts = {"kind": account.kind}
    await audit.record(tx, None, "account.registered", str(account.id), chain=f"account:{account.id}", facts=facts)
    await outbox.add(tx, AccountRegistered(account_id=account.id, kind=form.kind, uscc=account.uscc))
    return account


def _check_fields(form: RegistrationForm, *, today: date) -> None:
    found = [
        username_fault(form.username),
        password_fault(form.password, username=form.username, unit_name=form.unit_name),
    ]
    faults = [fault for fault in found if fault is not None]
    checks = (
        ("/person/id_number", lambda: check_resident_id(form.person.id_number.reveal(), today=today)),
        ("/person/mobile", lambda: check_mobile(form.person.mobile.reveal())),
        ("/uscc", lambda: read_code(form.uscc)),
    )
    for pointer, check in checks:
        try:
            check()
        except IdentifierFault as fault:
            faults.append(FieldFault(pointer, fault.code, fault.message))
    if faults:
        raise InvalidFields(faults)
