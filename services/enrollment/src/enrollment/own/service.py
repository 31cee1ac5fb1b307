"""What an insured person sees of their own. Audited in their account's chain: they can see who looked, too."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from contracts.values.month import Month
from enrollment.certificates.service import by_insurance
from enrollment.coverage import repository as coverage
from enrollment.coverage.models import Coverage
from enrollment.coverage.rules import RESIDENT_MEDICAL, RETIRED, never_started, status_in
from enrollment.dictionaries import service as dictionaries
from enrollment.dictionaries.rules import Dictionary
from enrollment.own import repository
from enrollment.own.schemas import CertifiedEmployer, OwnCertificateFacts, OwnCoverage, OwnCoveragesOut
from enrollment.people import repository as people
from servicekit import audit
from servicekit.auth import InsuredPerson, PersonDelegate
from servicekit.db.tx import vault_of
from servicekit.refusals import NotFound


async def coverages(tx: AsyncSession, me: InsuredPerson, *, month: Month) -> OwnCoveragesOut:
    """The asker's coverage of every unit and of none, the newest first.

    Raises:
        NotFound: the person is gone from the register.
    """
    person = await people.get(tx, me.person_id)
    if person is None:
        raise NotFound
    covers = [cover for cover in await coverage.of_person(tx, me.person_id) if _began(cover)]
    names = await _names(tx, covers)
    dictionary = await dictionaries.current(tx)
    await audit.record(tx, me, "coverage.viewed", str(me.person_id), chain=f"account:{me.account_id}")
    newest_first = sorted(covers, key=lambda cover: (-_count(cover.start_month), cover.insurance))
    return OwnCoveragesOut(
        name=person.name,
        id_type_name=dictionary.name("id_types", person.id_type),
        id_number_masked=person.id_number_masked,
        mobile_masked=person.mobile_masked,
        month=month,
        items=[_shown(cover, names, dictionary, month) for cover in newest_first],
    )


def _began(cover: Coverage) -> bool:
    return not never_started(cover.start_month, cover.stop_month)


def _count(month: Month) -> int:
    return month.year * 12 + month.month


async def _names(tx: AsyncSession, covers: Sequence[Coverage]) -> dict[str, str]:
    numbers = {cover.employer_no for cover in covers if cover.employer_no is not None}
    return await repository.employer_names(tx, numbers) if numbers else {}


def _shown(cover: Coverage, names: dict[str, str], dictionary: Dictionary, month: Month) -> OwnCoverage:
    status = status_in(month, start=cover.start_month, stop=cover.stop_month, stop_reason=cover.stop_reason)
    return OwnCoverage(
        insurance=cover.insurance,
        insurance_name=dictionary.name("insurance_types", cover.insurance),
        employer_no=cover.employer_no,
        held_by=_held_by(cover, names),
        person_category_name=dictionary.name("person_categories", cover.person_category),
        start_month=cover.start_month,
        stop_month=cover.stop_month,
        status=status,
        status_name=dictionary.name("coverage_statuses", status),
    )


def _held_by(cover: Coverage, names: dict[str, str]) -> str:
    if cover.employer_no is not None:
        return names.get(cover.employer_no, cover.employer_no)
    if cover.insurance == RESIDENT_MEDICAL:
        return "城乡居民"
    return "退休人员" if cover.person_category == RETIRED else "灵活就业人员"


async def certificate_facts(tx: AsyncSession, reader: PersonDelegate, *, month: Month) -> OwnCertificateFacts:
    """The asker as their own certificate names them. It holds the full identity number, so every reading is audited.

    Raises:
        NotFound: the person is gone from the register.
    """
    person = await people.get(tx, reader.person_id)
    if person is None:
        raise NotFound
    covers = await coverage.of_person(tx, reader.person_id)
    begun = [cover for cover in covers if _began(cover)]
    names = await _names(tx, begun)
    numbers = dict.fromkeys(cover.employer_no for cover in reversed(begun) if cover.employer_no is not None)
    dictionary = await dictionaries.current(tx)
    chain, facts = f"account:{reader.account_id}", {"for": "certificate"}
    await audit.record(tx, reader, "person.revealed", str(reader.person_id), chain=chain, facts=facts)
    return OwnCertificateFacts(
        person_id=person.id,
        name=person.name,
        id_type=person.id_type,
        id_type_name=dictionary.name("id_types", person.id_type),
        id_number=vault_of(tx).open("id_number", person.id_number).reveal(),
        employers=[CertifiedEmployer(employer_no=number, name=names.get(number, number)) for number in numbers],
        coverages=by_insurance(covers, dictionary, month),
    )
