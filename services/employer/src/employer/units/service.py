"""Use cases of insured units. Each works in the caller's transaction and never commits."""

from collections.abc import Sequence
from dataclasses import dataclass
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


@dataclass(frozen=True)
class _Opening:
    """The rows of a unit that is to be opened, its kind, and the news of it."""

    unit: dict[str, Any]
    contact: dict[str, Any]
    registration: dict[str, Any]
    kind: EmployerKind
    news: EmployerOpened

    @property
    def assessed_through(self) -> Month:
        """Months up to this one are not assessed here."""
        billed_from: Month = self.unit["billed_from"]
        return billed_from.previous()


async def open_employer(
    tx: AsyncSession, operator: Operator | None, form: OpenEmployerForm, *, current: Month, now: datetime
) -> EmployerOut:
    """Opens an insured unit: other services learn of it, and assessments bill it from `billed_from` on.

    Raises:
        InvalidFields: unit number or credit code can't be right.
        KindUnknown: the kind of employer is not in the table.
        BilledFromOutOfReach: the first month to bill lies too far off.
        EmployerNoTaken: the number belongs to a unit already.
    """
    opening = await _opening(tx, form, current=current, now=now)
    news, kind = opening.news, opening.kind
    if not await repository.insert_unit(tx, opening.unit, opening.contact, opening.registration):
        raise rules.EmployerNoTaken(news.employer_no)
    await positions.open_position(tx, news.employer_no, assessed_through=opening.assessed_through)
    facts = {"uscc": news.uscc, "kind": kind.code, "billed_from": opening.unit["billed_from"]}
    await audit.record(tx, operator, "employer.opened", news.employer_no, chain=news.employer_no, facts=facts)
    await outbox.add(tx, news)
    return EmployerOut(
        employer_no=news.employer_no,
        name=news.name,
        uscc=news.uscc,
        kind=kind.code,
        kind_name=kind.name,
        virtual=news.virtual,
        status="open",
        online_declaration=kind.online_declaration,
    )


async def take_over(
    tx: AsyncSession, forms: Sequence[OpenEmployerForm], *, current: Month, now: datetime
) -> list[EmployerOpened]:
    """Takes units over from older records, many at once: neither audited nor announced; the news is the caller's to
    tell. Nothing, when the first of them is there already.
    """
    if await repository.find(tx, forms[0].employer_no) is not None:
        return []
    openings = [await _opening(tx, form, current=current, now=now) for form in forms]
    await repository.insert_units(tx, [(one.unit, one.contact, one.registration) for one in openings])
    through = {one.news.employer_no: one.assessed_through for one in openings}
    await positions.open_positions(tx, through)
    return [one.news for one in openings]


async def _opening(tx: AsyncSession, form: OpenEmployerForm, *, current: Month, now: datetime) -> _Opening:
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
    return _Opening(unit, _sealed_contact(tx, form.contact), form.registration.model_dump(), kind, news)


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
        **listed(unit, kind).model_dump(),
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
    return [listed(unit, kind) for unit, kind in found], total


def listed(unit: Unit, kind: EmployerKind) -> EmployerOut:
    """A unit as the agency's list shows it."""
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
