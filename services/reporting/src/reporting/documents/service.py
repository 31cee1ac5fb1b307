"""What the agency does with issued documents: find one, and take it back. None of these commits."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from reporting.documents import repository
from reporting.documents.models import Document
from reporting.documents.rules import AlreadyRevoked, DocumentUnknown
from reporting.verification.codes import normalise
from servicekit import audit
from servicekit.auth import Operator


async def find(tx: AsyncSession, reference: str) -> Document:
    """A document by its number or its code. Raises DocumentUnknown."""
    code = normalise(reference)
    found = await repository.with_number(tx, reference) if code is None else await repository.with_code(tx, code)
    if found is None:
        raise DocumentUnknown
    return found


async def revoke(tx: AsyncSession, operator: Operator, number: str, reason: str, *, now: datetime) -> Document:
    """Takes a document back: from now on its verification says so. It stays genuine, and that can't be undone.

    Raises:
        DocumentUnknown, AlreadyRevoked.
    """
    document = await repository.lock(tx, number)
    if document is None:
        raise DocumentUnknown
    if document.revoked_at is not None:
        raise AlreadyRevoked
    document.revoked_at, document.revoked_reason, document.revoked_by = now, reason, operator.account_id
    chain = document.employer_no or f"account:{document.requested_by}"
    facts = {"number": number, "reason": reason}
    await audit.record(tx, operator, "document.revoked", str(document.id), chain=chain, facts=facts)
    return document
