"""The facts of a unit's registration that a change can be about: as they are, and made to be others."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy.ext.asyncio import AsyncSession

from employer.registration_changes import rules
from employer.units import repository as units
from employer.units.models import Unit, UnitContact, UnitRegistration
from employer.units.rules import grams
from servicekit.db.tx import vault_of
from servicekit.personal import Personal, mask
from servicekit.refusals import NotFound


@dataclass(frozen=True)
class Registered:
    """The facts as they are now."""

    unit: Unit
    contact: UnitContact
    registration: UnitRegistration
    facts: rules.Values = field(repr=False)
    """By the names of `rules.TITLES`; the identity number in full."""

    @classmethod
    async def of(cls, tx: AsyncSession, employer_no: str, *, locked: bool = False) -> "Registered":
        """The facts of a unit; `locked` for who is about to change them.

        Raises:
            NotFound: there is no such unit, or it is none of the asker's.
        """
        if locked:  # in one order, so that nobody waits for somebody who waits for them
            await units.lock(tx, employer_no)
            await units.lock_contact(tx, employer_no)
            await units.lock_registration(tx, employer_no)
        found = await units.find(tx, employer_no)
        if found is None:
            raise NotFound
        unit, _, contact, registration = found
        number = contact.legal_representative_id
        facts = {
            "name": unit.name,
            "uscc": unit.uscc,
            "kind": unit.kind,
            "legal_representative": contact.legal_representative,
            "legal_representative_id_type": contact.legal_representative_id_type,
            rules.ID_NUMBER: None if number is None else vault_of(tx).open("id_number", number).reveal(),
            "address": registration.address,
        }
        return cls(unit, contact, registration, facts)


def shown(facts: rules.Values) -> dict[str, str | None]:
    """Facts as they may be shown and kept: the identity number masked."""
    number = facts.get(rules.ID_NUMBER)
    return {**facts, rules.ID_NUMBER: None if number is None else mask("id_number", number)}


def put(tx: AsyncSession, registered: Registered, wanted: Mapping[str, str | None], id_number: bytes | None) -> None:
    """Makes the facts those of `wanted`, and counts the versions of what changes on. `id_number` is sealed."""
    unit, contact = registered.unit, registered.contact
    for name, value in wanted.items():
        if name in rules.PUBLIC_FACTS:
            setattr(unit, name, value)
        elif name == "address":
            registered.registration.address = value or ""
        elif name == rules.ID_NUMBER and id_number is not None:
            number: Personal = vault_of(tx).open("id_number", id_number)
            sealed = vault_of(tx).seal("id_number", number)
            contact.legal_representative_id, contact.legal_representative_id_masked = sealed.ciphertext, sealed.masked
        elif name != rules.ID_NUMBER:
            setattr(contact, name, value)
    if not rules.PUBLIC_FACTS.isdisjoint(wanted):
        unit.name_grams = grams(unit.name)
        unit.version += 1
    if any(name.startswith("legal_representative") for name in wanted):
        contact.version += 1
