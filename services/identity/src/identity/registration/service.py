"""Registration use cases."""

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
from identity.persons import service as persons
from identity.registration import rules
from identity.registration.schemas import RegistrationForm
from identity.sms import service as sms
from identity.sms.rules import sms_code_fault
from servicekit.db.tx import vault_of
from servicekit.ids import uuid7
from servicekit.personal import Sealed
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


async def register(
    tx: AsyncSession, form: RegistrationForm, passwords: Passwords, *, now: datetime, today: date
) -> Account:
    """Registers an account: of a legal representative, who acts for every unit of the code, of an agent, or of an
    insured person.

    Raises:
        InvalidFields: every faulty field, all at once.
        UnknownUnit: as it says.
        WrongCode, AlreadyRegistered, PersonRegistered, UsernameTaken: as they say. A try of the code is counted in this
            transaction, which the edge then commits.
    """
    await _check_fields(tx, form, today=today)
    unit = None
    if form.uscc is not None and form.unit_name is not None:
        unit, _ = await find_units(tx, form.uscc, form.unit_name)
    mobile = sms.sealed_mobile(tx, form.person.mobile, "/person/mobile")
    code = await sms.use_code(
        tx, mobile.index, "registration", form.person.sms_code, now=now, pointer="/person/sms_code"
    )
    try:
        return await _open(tx, form, unit, mobile, passwords, now=now, today=today)
    except rules.Taken:
        sms.count_try(code)
        raise


async def _open(
    tx: AsyncSession,
    form: RegistrationForm,
    unit: Unit | None,
    mobile: Sealed,
    passwords: Passwords,
    *,
    now: datetime,
    today: date,
) -> Account:
    number = vault_of(tx).seal("id_number", check_resident_id(form.person.id_number.reveal(), today=today).number)
    uscc = unit.uscc if unit is not None and form.kind == "legal_representative" else None
    if uscc is not None and await accounts.legal_representative_of(tx, uscc) is not None:
        raise rules.AlreadyRegistered
    if form.kind == "person" and await accounts.person_of(tx, number.index) is not None:
        raise rules.PersonRegistered(pointer="/person/id_number")
    account = Account(
        id=uuid7(),
        kind=form.kind,
        username=form.username.lower(),
        display_name=form.person.name,
        uscc=uscc,
        created_at=now,
    )
    await account_service.set_password(tx, account, form.password, passwords, now=now)
    account.keep_mobile(mobile)
    account.keep_id_number(number)
    try:
        await account_service.open_account(tx, account, form.kind)
        await persons.announce(tx, account)
    except accounts.EmployerTaken as taken:
        raise rules.AlreadyRegistered from taken
    except accounts.PersonTaken as taken:
        raise rules.PersonRegistered(pointer="/person/id_number") from taken
    except accounts.UsernameTaken as taken:
        raise rules.UsernameTaken(pointer="/username") from taken
    return account


async def _check_fields(tx: AsyncSession, form: RegistrationForm, *, today: date) -> None:
    policy = account_service.policy_of(tx)
    found = [
        rules.name_fault(form.person.name),
        sms_code_fault(form.person.sms_code, "/person/sms_code"),
        username_fault(form.username),
        password_fault(form.password, username=form.username, unit_name=form.unit_name or "", policy=policy),
        *rules.unit_faults(form.kind, form.uscc, form.unit_name),
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
        if form.uscc is not None:
            await directory.units_of(tx, form.uscc)
    except IdentifierFault as fault:
        faults.append(FieldFault("/uscc", fault.code, fault.message))
    if faults:
        raise InvalidFields(faults)
