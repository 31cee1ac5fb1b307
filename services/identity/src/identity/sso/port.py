"""The port through which the hall learns who somebody is from elsewhere, and what an adapter behind it says.

A provider is asked twice: where to send the browser, and what the browser's return is worth. All else (whose account it
is, whether it may come in) is ours and the same for every provider.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol

from contracts.values.identifiers import IdentifierFault, check_mobile, check_resident_id
from identity.sso.config import SsoProvider
from identity.sso.rules import AttemptSecrets, DocumentUnsupported, same_name
from servicekit.personal import Personal


@dataclass(frozen=True, slots=True)
class Vouched:
    """What a provider vouches for. What it doesn't say is None."""

    subject: str = field(repr=False)
    """The provider's own, lasting name of the account."""
    level: str | None
    name: str | None = field(default=None, repr=False)
    id_number: Personal | None = None
    """Checked: a resident's, or of the same form."""
    mobile: Personal | None = None
    uscc: str | None = None
    """Of whom the user acts for as a legal person's account."""
    representative: str | None = field(default=None, repr=False)
    """Who is that legal person's legal representative (法定代表人), by name."""

    @property
    def by_operator(self) -> bool:
        """Whether a legal person's account is used by somebody who is not its legal representative."""
        return self.uscc is not None and self.name is not None and not same_name(self.name, self.representative)


@dataclass(frozen=True, slots=True)
class Returned:
    """What the browser came back with: the query of the callback."""

    values: Mapping[str, str] = field(repr=False)

    def get(self, name: str) -> str:
        """One parameter; empty when it is missing or longer than anything sensible."""
        value = self.values.get(name, "")
        return value if len(value) <= 4096 else ""


def checked_id_number(number: str | None, *, today: date) -> Personal:
    """An ID number as a provider tells it.

    Raises:
        DocumentUnsupported: none, or not that of a resident.
    """
    try:
        return Personal(check_resident_id(number or "", today=today).number, "id_number")
    except IdentifierFault as fault:
        raise DocumentUnsupported from fault


def checked_mobile(number: str | None) -> Personal | None:
    """A mobile as a provider tells it, or None: some tell it masked, and none is needed."""
    try:
        return Personal(check_mobile(number or ""), "mobile")
    except IdentifierFault:
        return None


class IdentityProvider(Protocol):
    """One provider. Its methods raise the refusals of `rules` and nothing else."""

    @property
    def settings(self) -> SsoProvider:
        """What was agreed on with the provider."""
        ...

    @property
    def always_bound(self) -> bool:
        """Whether the provider always gives back the state; if not, it also sends people who never started here."""
        ...

    def state_of(self, returned: Returned) -> str:
        """The state that came back, empty when none did."""
        ...

    async def login_url(self, secrets: AttemptSecrets) -> str:
        """Where the browser goes to sign in."""
        ...

    async def vouch(self, returned: Returned, secrets: AttemptSecrets | None, *, now: datetime, today: date) -> Vouched:
        """Who came back. `secrets` is None when the way began at the provider.

        Raises:
            TicketRefused, TokenRefused, Cancelled: what came back is worth nothing.
            DocumentUnsupported: it is somebody whose document the hall can't take.
            ProviderAway, ProviderFault: the provider doesn't answer, or not as agreed.
        """
        ...

    async def logout_url(self) -> str | None:
        """Where the provider's own session is ended, if it can be."""
        ...
