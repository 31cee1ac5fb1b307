"""Metadata with stable constraint names, and the metadata of the kit's own tables.

A service writes `class Base(DeclarativeBase): metadata = new_metadata()`.
"""

from collections.abc import Mapping

from sqlalchemy import MetaData

# Migrations drop and alter constraints by name, so every constraint has a predictable one.
NAMING_CONVENTION: Mapping[str, str] = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


def new_metadata() -> MetaData:
    """Metadata of one service, with our constraint names."""
    return MetaData(naming_convention=dict(NAMING_CONVENTION))


KIT_METADATA = new_metadata()
"""Tables that every service's database has: outbox, inbox, jobs, parked, duties, idempotency, audit."""
