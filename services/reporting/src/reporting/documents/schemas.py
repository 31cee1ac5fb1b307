"""Issued documents as the agency sees them."""

from datetime import date, datetime
from typing import Annotated, Any

from pydantic import BaseModel, Field

from reporting.documents.models import Document
from reporting.verification.codes import in_groups
from servicekit.forms import Form


class IssuedDocumentOut(BaseModel):
    """A document that was issued. Names and numbers in it are masked."""

    number: str
    kind: str
    title: str
    code: str
    employer_no: str | None
    issued_at: datetime
    valid_until: date
    facts: dict[str, Any]
    revoked_at: datetime | None
    revoked_reason: str | None

    @classmethod
    def of(cls, document: Document) -> "IssuedDocumentOut":
        """From its row."""
        names = cls.model_fields.keys() - {"code"}
        return cls(**{name: getattr(document, name) for name in names}, code=in_groups(document.code))


class RevocationForm(Form):
    """Why a document is taken back. Whoever verifies it reads this."""

    reason: Annotated[str, Field(min_length=2, max_length=200)] = Field(title="作废原因")
