"""Use cases of 单位信息维护. Each works in the caller's transaction and never commits."""

from datetime import date, datetime

from sqlalchemy.ext.asyncio import AsyncSession

from employer.bank_accounts import repository as bank_accounts
from employer.contacts import rules
from employer.contacts.schemas import ContactEdit, DisclosureForm, DisclosureOut
from employer.units import repository
from employer.units.models import UnitContact
from employer.units.schemas import ContactOut
from servicekit import audit, disclosing
from servicekit.auth.principals import Clerk
from servicekit.db.tx import vault_of
from servicekit.etag import check_version
from servicekit.personal import Personal, PersonalKind
from servicekit.refusals import FieldFault, InvalidFields, NotFound

_PLAIN = ("legal_representative", "contact", "email", "address", "postal_code")
_KINDS: dict[str, PersonalKind] = {
    "legal_representative_id": "id_number",
    "legal_representative_phone": "mobile",
    "contact_phone": "mobile",
    "contact_mobile": "mobile",
}


async def change(tx: AsyncSession, clerk: Clerk, form: ContactEdit, *, seen_version: int, today: date) -> ContactOut:
    """Saves 单位联系信息 at once. Saving what is there already does nothing.

    Raises:
        NotFound: there is no such unit.
        Stale: somebody else was quicker.
        InvalidFields: with every fault of the form.
        RepresentativeByApplication: another identity number is recorded.
    """
    contact = await repository.lock_contact(tx, clerk.employer_no)
    if contact is None:
        raise NotFound
    check_version(contact.version, seen_version)
    numbers = _numbers(tx, contact, form, today=today)
    changed = []
    for field in _PLAIN:
        if getattr(contact, field) != getattr(form, field):
            setattr(contact, field, getattr(form, field))
            changed.append(field)
    for field, number in numbers.items():
        if _put_number(tx, contact, field, number):
            changed.append(field)
    if form.without_contact_mobile and contact.contact_mobile is not None:
        contact.contact_mobile = contact.contact_mobile_masked = None
        changed.append("contact_mobile")
    if changed:
        contact.version += 1
        await tx.flush()
        facts = {"fields": sorted(changed)}
        await audit.record(tx, clerk, "contact.changed", clerk.employer_no, chain=clerk.employer_no, facts=facts)
    return ContactOut.model_validate(contact, from_attributes=True)


def _numbers(tx: AsyncSession, contact: UnitContact, form: ContactEdit, *, today: date) -> dict[str, str]:
    """The numbers that were typed, normalised."""
    faults: list[FieldFault] = []

    def typed(field: str) -> str | None:
        value: Personal | None = getattr(form, field)
        return None if value is None else value.reveal()

    number = rules.read_document(
        form.legal_representative_id_type,
        typed("legal_representative_id"),
        faults,
        today=today,
        type_pointer="/legal_representative_id_type",
        number_pointer="/legal_representative_id",
    )
    read = {
        "legal_representative_id": number,
        "legal_representative_phone": rules.read_telephone(
            typed("legal_representative_phone"), "/legal_representative_phone", faults
        ),
        "contact_phone": rules.read_telephone(typed("contact_phone"), "/contact_phone", faults),
        "contact_mobile": None
        if form.without_contact_mobile
        else rules.read_mobile(typed("contact_mobile"), "/contact_mobile", faults),
    }
    if faults:
        raise InvalidFields(faults)
    recorded = contact.legal_representative_id
    rules.check_representative_number(
        None if recorded is None else vault_of(tx).open("id_number", recorded).reveal(), number
    )
    if number is not None and recorded is None:
        contact.legal_representative_id_type = form.legal_representative_id_type
    return {field: value for field, value in read.items() if value is not None}


def _put_number(tx: AsyncSession, contact: UnitContact, field: str, number: str) -> bool:
    """Seals a number into its columns; False when it is the one that is there."""
    vault, kind = vault_of(tx), _KINDS[field]
    recorded: bytes | None = getattr(contact, field)
    if recorded is not None and vault.open(kind, recorded).reveal() == number:
        return False
    sealed = vault.seal(kind, Personal(number, kind))
    setattr(contact, field, sealed.ciphertext)
    setattr(contact, f"{field}_masked", sealed.masked)
    return True


async def disclose(tx: AsyncSession, clerk: Clerk, form: DisclosureForm, *, now: datetime) -> DisclosureOut:
    """The unit's own numbers in full. Audited.

    Raises:
        NotFound: there is no such unit.
        StepUpRequired, StepUpImpossible: see `check_stepped_up`.
    """
    contact = await repository.contact(tx, clerk.employer_no)
    if contact is None:
        raise NotFound
    account = await bank_accounts.present(tx, clerk.employer_no)
    sealed: dict[str, tuple[PersonalKind, bytes | None]] = {
        field: (kind, getattr(contact, field)) for field, kind in _KINDS.items()
    }
    sealed["bank_account"] = ("bank_account", None if account is None else account.account_number)
    subject = disclosing.Subject("unit.revealed", clerk.employer_no, clerk.employer_no, sealed)
    return DisclosureOut(**await disclosing.disclose(tx, clerk, subject, form.fields, now=now))
