"""Settings of enrollment: what it shares with identity, to recognise insured persons' accounts."""

from sqlalchemy.ext.asyncio import AsyncSession

from contracts.values.person_link import LinkKey
from servicekit.db.tx import runtime_of
from servicekit.settings import PersonLinkSettings, decode_key


class EnrollmentSettings(PersonLinkSettings):
    """What enrollment needs: every service's settings, and the key of the comparison."""


def link_key_of(tx: AsyncSession) -> LinkKey:
    """The key under which people are found for identity's accounts."""
    settings = runtime_of(tx).settings
    assert isinstance(settings, EnrollmentSettings)  # noqa: S101 - the service names this class
    return LinkKey(decode_key(settings.person_link_key))
