"""The code tables in force. Read once per version and process: they change a few times a year."""

from sqlalchemy.ext.asyncio import AsyncSession

from enrollment.dictionaries import repository
from enrollment.dictionaries.rules import Dictionary
from servicekit.db.tx import runtime_of

_KEPT_AS = "dictionary"


async def current(tx: AsyncSession) -> Dictionary:
    """All code tables, as of the version now in force."""
    resources = runtime_of(tx).resources
    kept: Dictionary | None = resources.get(_KEPT_AS)
    if kept is not None and kept.version == await repository.version(tx):
        return kept
    resources[_KEPT_AS] = loaded = await repository.load(tx)
    return loaded
