"""What both sides of the stand-in stand on: the secrets agreed on with the hall, tickets, forms."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request

SERVICE_CODE, SERVICE_SECRET = "demo-hall", "demo-service-secret"
ACCESS_KEY, ACCESS_SECRET = "demo-access-key", "demo-access-secret"
CLIENT_ID, CLIENT_SECRET = "demo-hall-client", "demo-client-secret"
TICKET_LIFE = timedelta(seconds=60)


@dataclass(frozen=True)
class Site:
    """Where browsers reach the stand-in, the hall it sends them back to, and its clock."""

    base_url: str
    hall_url: str
    now: Callable[[], datetime]

    def callback(self, key: str) -> str:
        """The hall's registered address of a provider."""
        return f"{self.hall_url}/api/identity/sso/{key}/callback"


@dataclass
class Tickets:
    """Tickets, tokens and codes: unguessable, good once (or until they expire), and briefly."""

    now: Callable[[], datetime]
    _kept: dict[str, tuple[Any, datetime]] = field(default_factory=dict)

    def issue(self, content: Any) -> str:
        """A new one that stands for `content`."""
        self._kept = {name: kept for name, kept in self._kept.items() if kept[1] > self.now()}
        ticket = secrets.token_urlsafe(24)
        self._kept[ticket] = (content, self.now() + TICKET_LIFE)
        return ticket

    def take(self, ticket: str) -> Any:
        """What it stands for; None when it never did, does no longer, or was taken before."""
        content, expires_at = self._kept.pop(ticket, (None, self.now()))
        return content if expires_at > self.now() else None

    def look(self, ticket: str) -> Any:
        """As `take`, and it stays."""
        content, expires_at = self._kept.get(ticket, (None, self.now()))
        return content if expires_at > self.now() else None


async def form_of(request: Request) -> dict[str, str]:
    """A urlencoded body."""
    return dict(parse_qsl((await request.body()).decode("utf-8", "replace"), keep_blank_values=True))
