"""The declarative base of the employer service's tables."""

from sqlalchemy.orm import DeclarativeBase

from servicekit.db.base import new_metadata


class Base(DeclarativeBase):
    """Base of every table of this service."""

    metadata = new_metadata()
