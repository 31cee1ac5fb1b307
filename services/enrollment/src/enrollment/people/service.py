"""People: finding or adding the person a declaration is about, confirming what was declared, looking somebody up."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from contracts.enrollment import PersonChanged
from contracts.values.identifiers import IdentifierFault
from contracts.values.person_link import LinkKey
from enrollment.coverage import repository as coverage
from enrollment.coverage.rules import Presence, presence
from enrollment.names import folded
from enrollment.people import repository
from enrollment.people.models import FieldChange, Person
from enrollment.people.repository import Known
from enrollment.people.rules import NameDiffers, PersonFacts, check_document
from enrollment.settings import link_key_of
from servicekit import audit, outbox
from servicekit.auth import Clerk
from servicekit.db.tx import vault_of
from servicekit.ids import uuid7
from servicekit.personal import Vault
from servicekit.refusals import FieldFault, InvalidFields

# What an approved declaration brings up to date on a person already registered. Name, document, sex and birth date
# change only at the agency's counter.
_KEPT_UP_TO_DATE = (
    "nationality",
    "household_kind",
    "household_region",
    "household_address",
    "marital_status",
    "education_level",
    "work_start_date",
    "email",
    "contact_address",
    "postal_code",
)
_FIXED_ONCE_CONFIRMED = ("name", "sex", "birth_date")
_KEPT_AS_TOLD = (*_KEPT_UP_TO_DATE, *_FIXED_ONCE_CONFIRMED)


@dataclass(frozen=True)
class Found:
    """What a look-up tells a clerk before anything is submitted."""

    sex: str | None
    birth_date: date | None
    present: Presence
    known: bool
    person_id: UUID | None


def new_person(
    vault: Vault, facts: PersonFacts, *, now: datetime, link: LinkKey | None = None, confirmed: bool = False
) -> dict[str, Any]:
    """The row of a person, identity and mobile number sealed. Without `link` a worker's duty gives them their index."""
    told = vars(facts)
    id_number = vault.seal("id_number", facts.id_number)
    mobile = vault.seal("mobile", facts.mobile)
    return {
        "id": uuid7(),
        "id_type": facts.id_type,
        "id_number": id_number.ciphertext,
        "id_number_index": id_number.index,
        "id_number_masked": id_number.masked,
        "link_index": None if link is None else bytes.fromhex(link.person(facts.id_type, facts.id_number)),
        "mobile": mobile.ciphertext,
        "mobile_index": mobile.index,
        "mobile_masked": mobile.masked,
        **{name: told[name] for name in _KEPT_AS_TOLD},
        "name_folded": folded(facts.name),
        "confirmed_at": now if confirmed else None,
        "version": 1,
        "created_at": now,
        "updated_at": now,
    }


async def find_or_add(tx: AsyncSession, facts: PersonFacts, *, now: datetime) -> UUID:
    """The person with this document, added if nobody has told us of them yet.

    Raises:
        NameDiffers: the document is registered under another name. Said of confirmed people only: what another
            undecided declaration says may be the one that is wrong.
    """
    row = new_person(vault_of(tx), facts, now=now, link=link_key_of(tx))
    key = {"id_type": facts.id_type, "index": row["id_number_index"], "folded_name": folded(facts.name)}
    known = await repository.find(tx, **key)
    if known is None:
        if await repository.add(tx, row):
            return UUID(str(row["id"]))
        known = await repository.find(tx, **key)
        if known is None:
            raise LookupError("a person that could not be added must be there")
    check_name(known)
    return known.id


def check_name(known: Known) -> None:
    """Whether a known person was declared under the name that they are registered with.

    Raises:
        NameDiffers.
    """
    if known.confirmed and not known.name_agrees:
        raise NameDiffers(
            "该证件号码在经办机构登记的姓名与填写的不一致，请核对；如已更名，请先到经办机构窗口变更",
            pointer="/person/name",
        )


@dataclass(frozen=True)
class ChangedBy:
    """Who brings a change of a person's data, and how."""

    employer_no: str
    account_id: UUID
    application_no: str | None = None
    """The approved addition; None for a change saved at once."""


async def confirm(tx: AsyncSession, person: Person, facts: PersonFacts, *, by: ChangedBy, now: datetime) -> None:
    """Writes what an approved declaration says of a person. The row is locked.

    Blanks leave what is known of a confirmed person. What a first declaration said of them that was never approved is
    nobody's knowledge: all of it is overwritten.

    Raises:
        NameDiffers: the person was confirmed under another name since the declaration was handed in.
    """
    if person.confirmed_at is None:
        for name in (*_FIXED_ONCE_CONFIRMED, *_KEPT_UP_TO_DATE):
            setattr(person, name, getattr(facts, name))
        _set_mobile(tx, person, facts.mobile)
        person.landline = None
        person.name_folded = folded(person.name)
        person.confirmed_at = person.updated_at = now
        person.version += 1
        await tx.flush()
        return
    if person.name_folded != folded(facts.name):
        raise NameDiffers("该证件号码在经办机构登记的姓名与申报的不一致")
    told = {name: value for name in _KEPT_UP_TO_DATE if (value := getattr(facts, name)) is not None}
    await change(tx, person, told, mobile=facts.mobile, by=by, now=now)


async def change(
    tx: AsyncSession, person: Person, values: Mapping[str, Any], *, mobile: str | None, by: ChangedBy, now: datetime
) -> list[FieldChange]:
    """Brings a locked, confirmed person's data up to date, keeps what changed, and announces it. None of it when
    nothing differs. A mobile number of None stays as it is.
    """
    changes: list[FieldChange] = []
    for name, value in values.items():
        known = getattr(person, name)
        if known != value:
            changes.append({"field": name, "before": _as_text(known), "after": _as_text(value)})
            setattr(person, name, value)
    if mobile is not None and vault_of(tx).index("mobile", mobile) != person.mobile_index:
        before = person.mobile_masked
        _set_mobile(tx, person, mobile)
        # Kept even where both look the same masked: the number is another one.
        changes.append({"field": "mobile", "before": before, "after": person.mobile_masked})
    if not changes:
        return changes
    person.updated_at = now
    person.version += 1
    await tx.flush()
    kept = {
        "id": uuid7(),
        "employer_no": by.employer_no,
        "person_id": person.id,
        "source": "maintenance" if by.application_no is None else "addition",
        "application_no": by.application_no,
        "changed_by": by.account_id,
        "changed_at": now,
        "version": person.version,
        "changes": changes,
    }
    await repository.add_change(tx, kept)
    await outbox.add(tx, PersonChanged(person_id=person.id, version=person.version))
    return changes


def _set_mobile(tx: AsyncSession, person: Person, number: str) -> None:
    mobile = vault_of(tx).seal("mobile", number)
    person.mobile, person.mobile_index, person.mobile_masked = mobile.ciphertext, mobile.index, mobile.masked


def _as_text(value: Any) -> str | None:
    return None if value is None else str(value)


async def look_up(tx: AsyncSession, clerk: Clerk, *, id_type: str, id_number: str, today: date) -> Found:
    """How a person is insured at present, as far as a unit may know before declaring them. Audited.

    Raises:
        InvalidFields: the number is not one of this document type.
    """
    try:
        document = check_document(id_type, id_number, today=today)
    except IdentifierFault as fault:
        at = "/id_type" if fault.code.startswith("id_type_") else "/id_number"
        raise InvalidFields([FieldFault(at, fault.code, fault.message)]) from fault
    sealed = vault_of(tx).seal("id_number", document.number)
    known = await repository.find(tx, id_type=id_type, index=sealed.index)
    covers = [] if known is None else await coverage.present_covers(tx, known.id, seen_by=clerk.employer_no)
    subject = "unknown" if known is None else str(known.id)
    await audit.record(tx, clerk, "person.looked_up", subject, chain=clerk.employer_no, facts={"id": sealed.masked})
    return Found(
        sex=document.sex,
        birth_date=document.birth_date,
        present=presence(covers),
        known=bool(covers),
        person_id=None if known is None else known.id,
    )
