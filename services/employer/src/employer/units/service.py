"""Use cases of insured units. Each works in the caller's transaction and never commits."""

from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from contracts.employer import EmployerChanged, EmployerOpened
from contracts.values.month import Month
from employer.assessments import repository as positions
from employer.bank_accounts import repository as bank_accounts
from employer.bank_accounts.schemas import BankAccountOut
from employer.contributions import repository as ledger
from employer.contributions.rules import STATUS_NAMES
from employer.roster import repository as roster
from employer.units import repository, rules
from employer.units.models import EmployerKind, Unit
from employer.units.schemas import (
    BasicOut,
    ContactForm,
    ContactOut,
    EmployerOut,
    InsuranceOut,
    OpenEmployerForm,
    PaymentOut,
    RegistrationOut,
    UnitOut,
)
from servicekit import audit, outbox
from servicekit.auth.principals import Operator
from servicekit.db.tx import vault_of
from servicekit.personal import Personal, PersonalKind
from servicekit.refusals import NotFound


async def open_employer(
    tx: AsyncSession, operator: Operator | None, form: OpenEmployerForm, *, current: Month, now: datetime
) -> EmployerOut:
    """Opens an insured unit: other services learn of it, and assessments bill it from `billed_from` on.

    Raises:
        As `register` says.
    """
    news, kind = await register(tx, operator, form, current=current, now=now)
    await outbox.add(tx, news)
    return EmployerOut(
        employer_no=news.employer_no,
        name=news.name,
        uscc=news.uscc,
        kind=news.kind,
        kind_name=kind.name,
        virtual=news.virtual,
        status="open",
        online_declaration=news.online_declaration,
    )


async def register(
    tx: AsyncSession, operator: Operator | None, form: OpenEmployerForm, *, current: Month, now: datetime
) -> tuple[EmployerOpened, EmployerKind]:
    """Opens an insured unit and leaves it to the caller to tell the news of it.

    Raises:
        InvalidFields: unit number or credit code can't be right.
        KindUnknown: the kind of employer is not in the table.
        BilledFromOutOfReach: the first month to bill lies too far off.
        EmployerNoTaken: the number belongs to a unit already.
    """
    employer_no, uscc = rules.checked_identity(form.employer_no, form.uscc, kind=form.kind)
    billed_from = form.billed_from or current
    rules.check_billed_from(billed_from, current=current)
    kind = await repository.kind(tx, form.kind)
    if kind is None:
        raise rules.KindUnknown(form.kind)
    unit = {
        "employer_no": employer_no,
        "uscc": uscc,
        "name": form.name,
        "name_grams": rules.grams(form.name),
        "kind": kind.code,
        "virtual": kind.code == rules.VIRTUAL_KIND,
        "affiliation": form.affiliation,
        "industry": form.industry,
        "insured_since": form.insured_since,
        "billed_from": billed_from,
        "opened_at": now,
        "version": 1,
    }
    contact = _sealed_contact(tx, form.contact)
    if not await repository.insert_unit(tx, unit, contact, form.registration.model_dump()):
        raise rules.EmployerNoTaken(employer_no)
    await positions.open_position(tx, employer_no, assessed_through=billed_from.previous())
    facts = {"uscc": uscc, "kind": kind.code, "billed_from": billed_from}
    await audit.record(tx, operator, "employer.opened", employer_no, chain=employer_no, facts=facts)
    news = EmployerOpened(
        employer_no=employer_no,
        uscc=uscc,
        name=form.name,
        kind=kind.code,
        virtual=kind.code == rules.VIRTUAL_KIND,
        online_declaration=kind.online_declaration,
        insurances=tuple(kind.insurances),
        version=1,
    )
    return news, kind


def changed(unit: Unit, kind: EmployerKind) -> EmployerChanged:
    """The news that facts of a unit have changed, with all of them."""
    return EmployerChanged(
        employer_no=unit.employer_no,
        uscc=unit.uscc,
        name=unit.name,
        kind=unit.kind,
        virtual=unit.virtual,
        online_declaration=kind.online_declaration,
        insurances=tuple(kind.insurances),
        status="closed" if unit.status == "closed" else "open",
        version=unit.version,
    )


def _sealed_contact(tx: AsyncSession, form: ContactForm) -> dict[str, Any]:
    vault = vault_of(tx)
    kinds: dict[str, PersonalKind] = {
        "legal_representative_id": "id_number",
        "legal_representative_phone": "mobile",
        "contact_phone": "mobile",
        "contact_mobile": "mobile",
    }
    values: dict[str, Any] = {}
    for field in ContactForm.model_fields:
        value = getattr(form, field)
        if isinstance(value, Personal):
            sealed = vault.seal(kinds[field], value)
            values |= {field: sealed.ciphertext, f"{field}_masked": sealed.masked}
        else:
            values[field] = value
    return values


async def view(tx: AsyncSession, employer_no: str, *, current: Month) -> UnitOut:
    """All that is kept of a unit, personal values masked.

    Raises:
        NotFound: there is no such unit, or it is none of the asker's.
    """
    found = await repository.find(tx, employer_no)
    if found is None:
        raise NotFound
    unit, kind, contact, registration = found
    names = await repository.insurance_names(tx)
    standing = await ledger.standing(tx, employer_no)
    account = await bank_accounts.present(tx, employer_no)
    basic = BasicOut(
        **_listed(unit, kind).model_dump(),
        affiliation=unit.affiliation,
        industry=unit.industry,
        insured_since=unit.insured_since,
        insurances=[InsuranceOut(code=code, name=names[code]) for code in kind.insurances],
        insured_people=await roster.people_insured(tx, employer_no, current),
        payment=PaymentOut(
            month=standing.month,
            status=standing.status,
            status_name=STATUS_NAMES[standing.status] if standing.status else None,
            outstanding=standing.outstanding,
            unpaid_months=standing.unpaid_months,
            unpaid_since=standing.unpaid_since,
        ),
        bank_account=None if account is None else BankAccountOut.model_validate(account),
    )
    return UnitOut(
        basic=basic,
        contact=ContactOut.model_validate(contact, from_attributes=True),
        registration=RegistrationOut.model_validate(registration, from_attributes=True),
    )


async def search(tx: AsyncSession, text: str, *, offset: int, limit: int) -> tuple[list[EmployerOut], int]:
    """Units by number, credit code or part of the name; all for an empty text. Also how many there are."""
    found, total = await repository.search(tx, text.strip(), offset=offset, limit=limit)
    return [_listed(unit, kind) for unit, kind in found], total


def _listed(unit: Unit, kind: EmployerKind) -> EmployerOut:
    return EmployerOut(
        employer_no=unit.employer_no,
        name=unit.name,
        uscc=unit.uscc,
        kind=unit.kind,
        kind_name=kind.name,
        virtual=unit.virtual,
        status="closed" if unit.status == "closed" else "open",
        online_declaration=kind.online_declaration,
    )
