"""What identity announces: accounts, mandates, sessions."""

from typing import ClassVar, Literal
from uuid import UUID

from contracts.base import Event

Permission = Literal["declare", "maintain", "query", "print"]
AccountKind = Literal["legal_representative", "agent", "person", "reviewer", "operator"]


class AccountRegistered(Event):
    """An account came into being."""

    wire_name: ClassVar[str] = "identity.account_registered.v1"

    account_id: UUID
    kind: AccountKind
    uscc: str | None = None

    def subject(self) -> str:
        return str(self.account_id)


class _PersonAccountNews(Event):
    """An insured person's account as enrollment needs it to say whose it is: keyed indexes only
    (`contracts.values.person_link`), which nobody else can read."""

    account_id: UUID
    version: int
    """Counts what was said of this account from 1; older news is dropped."""
    person_index: str
    registered_as: str
    """Of the name, bound to the document."""
    reached_at: str | None
    """Of the mobile that the account has proved to have, bound to the document."""
    vouched: bool
    """An identity provider vouches for the document; otherwise somebody only typed it in."""

    def subject(self) -> str:
        return str(self.account_id)


class PersonAccountOpened(_PersonAccountNews):
    """An insured person (个人) has an account from now on."""

    wire_name: ClassVar[str] = "identity.person_account_opened.v1"
    listeners: ClassVar[tuple[str, ...]] = ("enrollment",)


class PersonAccountChanged(_PersonAccountNews):
    """The mobile of an insured person's account is another, or a provider vouches for it now."""

    wire_name: ClassVar[str] = "identity.person_account_changed.v1"
    listeners: ClassVar[tuple[str, ...]] = ("enrollment",)


class PersonLinked(Event):
    """Tokens of this account say from now on whose insurance it may see; open sessions feel it at once."""

    wire_name: ClassVar[str] = "identity.person_linked.v1"
    listeners: ClassVar[tuple[str, ...]] = ()  # gateways, by broadcast

    account_id: UUID
    person_id: UUID

    def subject(self) -> str:
        return str(self.account_id)


class MandateGranted(Event):
    """An account may act for a unit."""

    wire_name: ClassVar[str] = "identity.mandate_granted.v1"

    mandate_id: UUID
    account_id: UUID
    employer_no: str
    permissions: tuple[Permission, ...]

    def subject(self) -> str:
        return str(self.account_id)


class MandateChanged(Event):
    """An account has other permissions for a unit, these; open sessions feel it at once."""

    wire_name: ClassVar[str] = "identity.mandate_changed.v1"
    listeners: ClassVar[tuple[str, ...]] = ()  # gateways, by broadcast

    mandate_id: UUID
    account_id: UUID
    employer_no: str
    permissions: tuple[Permission, ...]

    def subject(self) -> str:
        return str(self.account_id)


class MandateRemoved(Event):
    """An account may act for a unit no longer; open sessions feel it at once."""

    wire_name: ClassVar[str] = "identity.mandate_removed.v1"
    listeners: ClassVar[tuple[str, ...]] = ()  # gateways listen by broadcast; there may be none at the moment

    mandate_id: UUID
    account_id: UUID
    employer_no: str

    def subject(self) -> str:
        return str(self.account_id)


class SessionEnded(Event):
    """A session ended: logged out, replaced at a unit switch, expired or ended by its owner."""

    wire_name: ClassVar[str] = "identity.session_ended.v1"

    session_id: UUID
    account_id: UUID
    reason: Literal["logout", "unit_switched", "expired", "ended_by_owner", "password_changed", "account_closed"]

    def subject(self) -> str:
        return str(self.session_id)


class ApiKeyRevoked(Event):
    """An employer's API key opens nothing any more. Tokens made for it name the key as their session."""

    wire_name: ClassVar[str] = "identity.api_key_revoked.v1"
    listeners: ClassVar[tuple[str, ...]] = ()  # gateways, by broadcast

    key_id: UUID
    account_id: UUID
    employer_no: str

    def subject(self) -> str:
        return str(self.key_id)
