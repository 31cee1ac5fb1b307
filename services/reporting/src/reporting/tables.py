"""The base of this service's mapped tables."""

from sqlalchemy.orm import DeclarativeBase

from servicekit.db.base import new_metadata


class Base(DeclarativeBase):
    """Base of the service's models."""

    metadata = new_metadata()
