"""The declarative base of the identity service's tables."""

from sqlalchemy.orm import DeclarativeBase

from servicekit.db.base import new_metadata


class Base(DeclarativeBase):
    """Every table of this service."""

    metadata = new_metadata()
