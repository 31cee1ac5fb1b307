"""The units an account may act for, as pages see them."""

from pydantic import BaseModel

from contracts.identity import Permission


class UnitOut(BaseModel):
    """A unit to choose."""

    employer_no: str
    name: str
    uscc: str
    kind: str
    permissions: list[Permission]
