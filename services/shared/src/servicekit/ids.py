"""Identifiers of our own making: UUID version 7, so that they sort by the time they were made."""

from datetime import UTC, datetime
from uuid import UUID

import uuid_utils.compat


def uuid7() -> UUID:
    """A new UUID of version 7 (RFC 9562). Its first 48 bits are the Unix time in milliseconds."""
    return uuid_utils.compat.uuid7()


def moment_of(made: UUID) -> datetime:
    """When an id of ours was made, to the millisecond."""
    return datetime.fromtimestamp((made.int >> 80) / 1000, UTC)
