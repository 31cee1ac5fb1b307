"""The one call between services: a worker of ours reads what a document needs, page by page.

It asks identity for a short-lived token in the requester's name first. Identity refuses when the requester may no
longer print for the unit, so the authority is that of the moment the document is made, not of the click.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack
from decimal import Decimal
from typing import Any, Self, TypeVar
from uuid import UUID

import httpx
from pydantic import BaseModel, ConfigDict, ValidationError

from contracts.values.month import Month
from reporting.settings import ReportingSettings
from servicekit.tracing import outgoing_headers

M = TypeVar("M", bound=BaseModel)
_PAGE = 500
_TIMEOUT = httpx.Timeout(10.0, connect=3.0)
# Too busy, restarting, or cut off from what it stands on.
_AWAY = frozenset({408, 429, 502, 503, 504})
_LIMITS = httpx.Limits(max_connections=8, max_keepalive_connections=4)


class AuthorityGone(Exception):
    """The requester may no longer print for the unit."""


class PersonUnknown(Exception):
    """The person isn't, or no longer, one of the unit's."""


class PeopleUnknown(Exception):
    """Some of the people asked for aren't the unit's. `places`: which of them, the first is 1; `asked`: how many."""

    def __init__(self, places: Sequence[int], asked: int) -> None:
        super().__init__(asked)
        self.places = places
        self.asked = asked


class SourceUnavailable(Exception):
    """A service is away or overloaded: it will be back, whatever was asked."""


class SourceFaulty(Exception):
    """A service answered, but not with what it should: a fault of its or ours that time alone hardly heals."""


class Facts(BaseModel):
    """What a service said."""

    # A newer service may say more than we read; hide_input: the values are personal data.
    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)


class CoverageFacts(Facts):
    """One insurance type of the person."""

    insurance: str
    insurance_name: str
    first_month: Month
    status_name: str


class CertificateFacts(Facts):
    """Who the person is, and how they are insured with the unit."""

    person_id: UUID
    name: str
    id_type: str
    id_number: str
    coverages: tuple[CoverageFacts, ...]
    employer_no: str
    employer_name: str


class ContributionFacts(Facts):
    """One month of one insurance type."""

    month: Month
    insurance: str
    insurance_name: str
    base: Decimal
    employer_amount: Decimal
    own_amount: Decimal
    status: str
    status_name: str


class EmployerFacts(Facts):
    """A unit that insured the person."""

    employer_no: str
    name: str


class OwnCertificateFacts(Facts):
    """Who the person is that asks about themselves, and how they are insured with whomever."""

    person_id: UUID
    name: str
    id_type: str
    id_number: str
    coverages: tuple[CoverageFacts, ...]
    employers: tuple[EmployerFacts, ...]
    """The newest first."""


class OwnContributionFacts(ContributionFacts):
    """One month of one insurance type, with the unit that pays it."""

    employer_no: str


class _OwnLedger(Facts):
    items: tuple[OwnContributionFacts, ...]


class _ContributionPage(Facts):
    items: tuple[ContributionFacts, ...]
    next: str | None = None


class _Delegation(Facts):
    token: str


class Sources:
    """Clients of identity, enrollment and employer. `async with` closes them.

    `transports` by service name replaces the network: the standalone hall passes its own applications in.
    """

    def __init__(
        self, settings: ReportingSettings, transports: Mapping[str, httpx.AsyncBaseTransport] | None = None
    ) -> None:
        urls = {
            "identity": settings.identity_url,
            "enrollment": settings.enrollment_url,
            "employer": settings.employer_url,
        }
        self._secret = settings.reporting_secret
        self._clients = {
            name: httpx.AsyncClient(
                base_url=url, timeout=_TIMEOUT, limits=_LIMITS, transport=(transports or {}).get(name)
            )
            for name, url in urls.items()
        }
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        for client in self._clients.values():
            await self._stack.enter_async_context(client)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    async def delegate(self, account_id: UUID, employer_no: str | None, *, permission: str = "print") -> str:
        """A token to read in the requester's name; without a unit what is about themselves.

        Raises:
            AuthorityGone: the account may not print for the unit (or look things up) any more, or is no recognised
                person's.
            SourceUnavailable, SourceFaulty: identity didn't answer, or not as it should.
        """
        body = {"account_id": str(account_id), "employer_no": employer_no, "permission": permission}
        answer = await self._ask(
            "identity", "POST", "/internal/delegations", self._secret.get_secret_value(), json=body
        )
        if answer.status_code == httpx.codes.FORBIDDEN:
            raise AuthorityGone
        return _read(_Delegation, answer, "identity").token

    async def certificate_facts(self, token: str, person_id: UUID) -> CertificateFacts:
        """The person of a certificate.

        Raises:
            PersonUnknown: not one of the unit's.
            AuthorityGone: enrollment doesn't accept the authority.
            SourceUnavailable, SourceFaulty: enrollment didn't answer, or not as it should.
        """
        answer = await self._ask("enrollment", "GET", f"/internal/people/{person_id}/certificate-facts", token)
        if answer.status_code == httpx.codes.NOT_FOUND:
            raise PersonUnknown
        if answer.status_code == httpx.codes.FORBIDDEN:
            raise AuthorityGone
        return _read(CertificateFacts, answer, "enrollment")

    async def own_certificate_facts(self, token: str) -> OwnCertificateFacts:
        """The insured person for whom the token is.

        Raises:
            PersonUnknown: they are gone from the register.
            SourceUnavailable, SourceFaulty: enrollment didn't answer, or not as it should.
        """
        answer = await self._ask("enrollment", "GET", "/internal/me/certificate-facts", token)
        if answer.status_code == httpx.codes.NOT_FOUND:
            raise PersonUnknown
        return _read(OwnCertificateFacts, answer, "enrollment")

    async def own_contributions(self, token: str, first: Month, last: Month) -> tuple[OwnContributionFacts, ...]:
        """The contributions of the insured person for whom the token is, at every unit.

        Raises:
            SourceUnavailable, SourceFaulty: employer didn't answer, or not as it should.
        """
        asked = {"from_month": str(first), "to_month": str(last)}
        answer = await self._ask("employer", "GET", "/internal/me/contributions", token, params=asked)
        return _read(_OwnLedger, answer, "employer").items

    async def contributions(
        self, token: str, person_id: UUID, first: Month, last: Month
    ) -> AsyncIterator[ContributionFacts]:
        """The person's contributions with the unit in a range of months, read page by page.

        Raises:
            AuthorityGone: employer doesn't accept the authority.
            SourceUnavailable, SourceFaulty: employer didn't answer, or not as it should.
        """
        asked: dict[str, str | int] = {
            "person_id": str(person_id),
            "from_month": str(first),
            "to_month": str(last),
            "limit": _PAGE,
        }
        while True:
            answer = await self._ask("employer", "GET", "/internal/contributions", token, params=asked)
            if answer.status_code == httpx.codes.FORBIDDEN:
                raise AuthorityGone
            page = _read(_ContributionPage, answer, "employer")
            for item in page.items:
                yield item
            if page.next is None or page.next == asked.get("after"):
                return
            asked["after"] = page.next

    async def read(self, model: type[M], service: str, method: str, path: str, token: str, **rest: Any) -> M:
        """What a service's internal API says.

        Raises:
            AuthorityGone: the service doesn't accept the authority.
            SourceUnavailable, SourceFaulty: it didn't answer, or not as it should.
        """
        answer = await self._ask(service, method, path, token, **rest)
        if answer.status_code == httpx.codes.FORBIDDEN:
            raise AuthorityGone
        return _read(model, answer, service)

    async def _ask(self, service: str, method: str, path: str, bearer: str, **rest: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {bearer}", "Accept": "application/json", **outgoing_headers()}
        try:
            return await self._clients[service].request(method, path, headers=headers, **rest)
        except httpx.HTTPError as error:
            raise SourceUnavailable(f"{service}: {type(error).__name__}") from error


def _read(model: type[M], answer: httpx.Response, service: str) -> M:
    if answer.status_code in _AWAY:
        raise SourceUnavailable(f"{service}: {answer.status_code}")
    if answer.status_code != httpx.codes.OK:
        raise SourceFaulty(f"{service}: {answer.status_code}")
    try:
        return model.model_validate_json(answer.content)
    except ValidationError as error:
        raise SourceFaulty(f"{service}: unreadable answer") from error
