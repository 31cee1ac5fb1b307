"""Facts for certificates (参保证明). They hold the full identity number, so every reading is audited."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from contracts.values.month import Month
from enrollment.certificates.schemas import CertificateFacts, CertifiedCoverage
from enrollment.coverage import repository as coverage
from enrollment.coverage.models import Coverage
from enrollment.coverage.rules import status_in
from enrollment.dictionaries import service as dictionaries
from enrollment.dictionaries.rules import Dictionary
from enrollment.employers import repository as employers
from enrollment.people import repository as people
from enrollment.roster import repository as roster
from servicekit import audit
from servicekit.auth import Delegate
from servicekit.db.tx import vault_of
from servicekit.refusals import Forbidden, NotFound


async def facts(tx: AsyncSession, reader: Delegate, person_id: UUID, *, month: Month) -> CertificateFacts:
    """A person of the reader's unit as the certificate names them.

    Raises:
        Forbidden: the account behind the reader may not print.
        NotFound: not on this unit's roster.
    """
    if not reader.may("print"):
        raise Forbidden
    unit = await employers.unit(tx, reader.employer_no)
    person = await people.get(tx, person_id)
    if unit is None or person is None or await roster.entry(tx, reader.employer_no, person_id) is None:
        raise NotFound
    covers = await coverage.of_person(tx, person_id, employer_no=reader.employer_no)
    dictionary = await dictionaries.current(tx)
    await audit.record(
        tx, reader, "person.revealed", str(person_id), chain=reader.employer_no, facts={"for": "certificate"}
    )
    return CertificateFacts(
        person_id=person.id,
        name=person.name,
        id_type=person.id_type,
        id_type_name=dictionary.name("id_types", person.id_type),
        id_number=vault_of(tx).open("id_number", person.id_number).reveal(),
        employer_no=unit.employer_no,
        employer_name=unit.name,
        coverages=by_insurance(covers, dictionary, month),
    )


def by_insurance(covers: list[Coverage], dictionary: Dictionary, month: Month) -> list[CertifiedCoverage]:
    """One line per insurance type: its first month of all spells that started, the status of the newest."""
    lines: dict[str, CertifiedCoverage] = {}
    for cover in covers:  # oldest first
        if cover.stop_month is not None and cover.stop_month <= cover.start_month:
            continue
        first = lines[cover.insurance].first_month if cover.insurance in lines else cover.start_month
        status = status_in(month, start=cover.start_month, stop=cover.stop_month, stop_reason=cover.stop_reason)
        lines[cover.insurance] = CertifiedCoverage(
            insurance=cover.insurance,
            insurance_name=dictionary.name("insurance_types", cover.insurance),
            first_month=first,
            status=status,
            status_name=dictionary.name("coverage_statuses", status),
        )
    return [lines[code] for code in sorted(lines)]
