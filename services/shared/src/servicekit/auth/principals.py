"""The principals: who a verified token says is asking, and for which unit. The unit comes only from here."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from servicekit.auth.tokens import INTERNAL_AUDIENCE, Claims, Kind, Limit, Permission, Via
from servicekit.refusals import Unauthenticated


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """Someone with an account. Which business they may do is said by the subclass."""

    account_id: UUID
    session_id: str
    kind: Kind
    via: Via = "session"
    step_up_until: datetime | None = None
    display_name: str | None = None
    """Agency staff only: the name under which their decisions are shown."""

    def stepped_up(self, now: datetime) -> bool:
        """Whether a second factor was shown a short while ago."""
        return self.step_up_until is not None and now < self.step_up_until


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountHolder(Principal):
    """A legal representative or agent who hasn't chosen a unit yet, or may no longer act for the one they chose."""

    lost_unit: str | None = None
    """The chosen unit for which the mandate has ended: only to tell them what happened."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitedHolder(Principal):
    """Somebody who has to set something first: agency staff without a second factor, a password that is too old.

    Only the routes by which it is set let them in.
    """

    limited_to: Limit


@dataclass(frozen=True, slots=True, kw_only=True)
class Clerk(Principal):
    """A legal representative (法人) or agent (经办人) acting for one unit."""

    employer_no: str
    permissions: frozenset[Permission] = frozenset()

    def may(self, permission: Permission) -> bool:
        """Whether the account holds this permission for the unit."""
        return permission in self.permissions


@dataclass(frozen=True, slots=True, kw_only=True)
class Delegate(Clerk):
    """A service reading another's internal API under a clerk's authority. Only `/internal` routes let it in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonPrincipal(Principal):
    """An insured person on their own behalf. Plain: nobody knows yet whose insurance the account may see."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InsuredPerson(PersonPrincipal):
    """An insured person whose account has been recognised: they see what is theirs."""

    person_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonDelegate(InsuredPerson):
    """A service reading another's internal API for an insured person. Only `/internal` routes let it in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reviewer(Principal):
    """Agency staff who decide applications (审核)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Operator(Principal):
    """Agency staff who run the hall: tables, assessments, the directory."""


_UNIT_KINDS: Final = frozenset({"legal_representative", "agent"})
_OTHERS: Final[dict[str, type[Principal]]] = {"person": PersonPrincipal, "reviewer": Reviewer, "operator": Operator}


def principal_of(claims: Claims) -> Principal:
    """The principal a token's claims describe.

    Raises:
        Unauthenticated: claims that contradict each other, e.g. an internal token without a unit.
    """
    who: dict[str, Any] = {
        "account_id": claims.account_id,
        "session_id": claims.session_id,
        "kind": claims.kind,
        "via": claims.via,
        "step_up_until": claims.step_up_until,
        "display_name": claims.display_name,
    }
    if claims.limited_to is not None:
        return LimitedHolder(**who, limited_to=claims.limited_to)
    if claims.person_id is not None and (claims.kind != "person" or claims.employer_no is not None):
        raise Unauthenticated
    if claims.kind in _UNIT_KINDS:
        return _unit_principal(claims, who)
    if claims.person_id is not None:
        insured = PersonDelegate if claims.audience == INTERNAL_AUDIENCE else InsuredPerson
        return insured(**who, person_id=claims.person_id)
    if claims.audience == INTERNAL_AUDIENCE or claims.employer_no is not None:
        raise Unauthenticated
    return _OTHERS[claims.kind](**who)


def _unit_principal(claims: Claims, who: dict[str, Any]) -> Principal:
    internal = claims.audience == INTERNAL_AUDIENCE
    if claims.employer_no is not None:
        made = Delegate if internal else Clerk
        return made(**who, employer_no=claims.employer_no, permissions=claims.permissions)
    if internal:
        raise Unauthenticated
    return AccountHolder(**who, lost_unit=claims.lost_unit)
