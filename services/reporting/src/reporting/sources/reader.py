"""Reading for one report: in the name of whoever asked for it, for as long as it takes.

A token to read with lasts a minute; a long list takes longer. So it is asked for again on the way, and the report ends
when the authority does.
"""

import time
from collections.abc import AsyncIterator, Collection, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, Generic, Literal, TypeVar
from uuid import UUID

from contracts.values.month import Month
from reporting.sources.client import (
    CertificateFacts,
    ContributionFacts,
    Facts,
    OwnCertificateFacts,
    OwnContributionFacts,
    Sources,
)

_PAGE = 1000
_APPLICATIONS_PAGE = 200
_RENEWED_AFTER = 40.0

Item = TypeVar("Item", bound=Facts)


class UnitFacts(Facts):
    """The unit a report is about."""

    employer_no: str
    name: str
    uscc: str
    kind_name: str


class SumFacts(Facts):
    """A month and insurance type of a unit."""

    month: Month
    insurance: str
    insurance_name: str
    people: int
    base: Decimal
    employer_amount: Decimal
    own_amount: Decimal
    amount_total: Decimal
    received: Decimal
    received_on: str | None
    status: str
    status_name: str


class _Sums(Facts):
    items: tuple[SumFacts, ...]


class ListedPerson(Facts):
    """A person of the unit as a list shows them. The number is masked, or full where that was asked for."""

    person_id: UUID
    name: str
    id_number: str
    sex_name: str
    start_month: Month
    stop_month: Month | None
    status_name: str
    insurances: tuple[str, ...]
    monthly_wage: Decimal


class ListedApplication(Facts):
    """An application as a list shows it."""

    no: str
    kind: str
    status: str
    subject: str
    id_number: str | None
    start_month: Month | None
    submitted_at: datetime
    decided_at: datetime | None
    decided_automatically: bool
    decided_by_name: str | None
    decision_reason: str | None


class Row(ContributionFacts):
    """A contribution, with whose it is."""

    person_id: UUID
    amount_total: Decimal


class _Listed(Facts, Generic[Item]):
    items: tuple[Item, ...]
    next: str | None


class Named(Facts):
    """Who somebody is."""

    person_id: UUID
    name: str
    id_number: str


class _Names(Facts):
    items: tuple[Named, ...]


class _Base(Facts):
    person_id: UUID
    base: Decimal


class _Bases(Facts):
    items: tuple[_Base, ...]


class Reader:
    """Reads under one requester's authority. Every method raises what `Sources.read` does."""

    def __init__(self, sources: Sources, account_id: UUID, employer_no: str | None, permission: str) -> None:
        self._sources = sources
        self._asker = (account_id, employer_no, permission)
        self._token, self._until = "", 0.0

    async def token(self) -> str:
        """A token that lasts for the next request. Raises AuthorityGone."""
        now = time.monotonic()
        if now >= self._until:
            account_id, employer_no, permission = self._asker
            self._token = await self._sources.delegate(account_id, employer_no, permission=permission)
            self._until = now + _RENEWED_AFTER
        return self._token

    async def unit(self) -> UnitFacts:
        """The unit."""
        return await self._sources.read(UnitFacts, "employer", "GET", "/internal/unit-facts", await self.token())

    async def certificate_facts(self, person_id: UUID) -> CertificateFacts:
        """A person of the unit. Raises PersonUnknown."""
        return await self._sources.certificate_facts(await self.token(), person_id)

    async def own_certificate_facts(self) -> OwnCertificateFacts:
        """The insured person who asks about themselves. Raises PersonUnknown."""
        return await self._sources.own_certificate_facts(await self.token())

    async def own_contributions(self, first: Month, last: Month) -> tuple[OwnContributionFacts, ...]:
        """Their contributions with every unit."""
        return await self._sources.own_contributions(await self.token(), first, last)

    async def contributions_of(self, person_id: UUID, first: Month, last: Month) -> list[ContributionFacts]:
        """One person's contributions with the unit."""
        token = await self.token()
        return [row async for row in self._sources.contributions(token, person_id, first, last)]

    async def sums(self, first: Month, last: Month, insurance: str | None) -> tuple[SumFacts, ...]:
        """The unit's contributions by month and insurance type, oldest first."""
        asked = {"from_month": str(first), "to_month": str(last)} | ({"insurance": insurance} if insurance else {})
        path = "/internal/contribution-sums"
        found = await self._sources.read(_Sums, "employer", "GET", path, await self.token(), params=asked)
        return found.items

    def rows(self, first: Month, last: Month, person_id: UUID | None) -> AsyncIterator[tuple[Row, ...]]:
        """Contributions by month and person, in pages."""
        asked: dict[str, Any] = {"from_month": str(first), "to_month": str(last), "limit": _PAGE}
        if person_id is not None:
            asked["person_id"] = str(person_id)
        return self._pages(_Listed[Row], "employer", "GET", "/internal/contributions", asked)

    async def names(self, people: Collection[UUID], *, full: bool) -> dict[UUID, Named]:
        """Who these people are, a page of them at the most."""
        body = {"person_ids": [str(person) for person in people], "full_numbers": full}
        path = "/internal/people-names"
        found = await self._sources.read(_Names, "enrollment", "POST", path, await self.token(), json=body)
        return {person.person_id: person for person in found.items}

    async def bases(self, people: Collection[UUID]) -> dict[UUID, Decimal]:
        """What these people's contributions are reckoned from this month, of those who owe one."""
        body = {"person_ids": [str(person) for person in people]}
        path = "/internal/contribution-bases"
        found = await self._sources.read(_Bases, "employer", "POST", path, await self.token(), json=body)
        return {one.person_id: one.base for one in found.items}

    def people(self, conditions: Mapping[str, Any], *, full: bool) -> AsyncIterator[tuple[ListedPerson, ...]]:
        """The unit's people, in pages."""
        body = {**conditions, "full_numbers": full, "limit_rows": _PAGE}
        return self._pages(_Listed[ListedPerson], "enrollment", "POST", "/internal/roster-pages", body)

    def applications(
        self, conditions: Mapping[str, Any], *, full: bool
    ) -> AsyncIterator[tuple[ListedApplication, ...]]:
        """The unit's applications, in pages."""
        body = {**conditions, "full_numbers": full, "page_size": _APPLICATIONS_PAGE}
        return self._pages(_Listed[ListedApplication], "enrollment", "POST", "/internal/application-pages", body)

    async def _pages(
        self, model: type[_Listed[Item]], service: str, method: Literal["GET", "POST"], path: str, asked: dict[str, Any]
    ) -> AsyncIterator[tuple[Item, ...]]:
        """A list to its end, from page to page by key."""
        place = "params" if method == "GET" else "json"
        while True:
            page = await self._sources.read(model, service, method, path, await self.token(), **{place: asked})
            yield page.items
            if page.next is None or page.next == asked.get("after"):
                return
            asked["after"] = page.next
