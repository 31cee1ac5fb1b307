"""Looking a code up. Public: whoever holds the code holds the document."""

import asyncio
import hashlib
from datetime import date

from sqlalchemy.ext.asyncio import AsyncSession

from reporting.documents import repository as documents
from reporting.documents.models import Document
from reporting.resources import resources_of
from reporting.signing.checking import check
from reporting.verification.codes import LENGTH, in_groups, normalise
from reporting.verification.schemas import CopyOut, Verdict, VerificationOut
from servicekit.refusals import NotFound


class CodeUnknown(NotFound):
    """No document carries this code."""

    code = "verification_code_unknown"
    title = "未查到该证明"
    detail = "没有与该校验码对应的证明，请核对校验码是否输入完整；如无误，该证明可能不是由本系统出具。"


class CodeMalformed(NotFound):
    """What was typed can't be a code."""

    code = "verification_code_malformed"
    title = "校验码不完整"
    detail = f"校验码由 {LENGTH} 位数字和字母组成，分五组，每组五位，请核对后重新输入。"


async def verify(tx: AsyncSession, typed: str, *, today: date) -> VerificationOut:
    """The document of a code as typed. Raises CodeMalformed, CodeUnknown."""
    code = normalise(typed)
    if code is None:
        raise CodeMalformed
    document = await documents.with_code(tx, code)
    if document is None:
        raise CodeUnknown
    return shown(document, today=today)


async def check_copy(tx: AsyncSession, content: bytes, *, today: date) -> CopyOut:
    """What a file somebody has is: one of ours, one of ours with something added or changed, or neither."""
    checked = await asyncio.to_thread(check, content, [resources_of(tx).signer.certificate])
    whole = hashlib.sha256(content).hexdigest()
    found = await documents.with_digest(tx, [whole])
    verdict: Verdict = "unchanged" if found else "unknown"
    signature = "valid" if found and checked.signature == "foreign" else checked.signature  # an earlier key of ours
    if not found and checked.signature == "valid" and checked.covered < len(content):
        found = await documents.with_digest(tx, [hashlib.sha256(content[: checked.covered]).hexdigest()])
        verdict = "appended" if found else "unknown"
    elif not found and checked.signature == "broken":
        verdict = "changed"
    return CopyOut(verdict=verdict, signature=signature, documents=[shown(document, today=today) for document in found])


def shown(document: Document, *, today: date) -> VerificationOut:
    """What the public page shows of a document."""
    revoked = None
    if document.revoked_at is not None:
        revoked = {"revoked_at": document.revoked_at, "reason": document.revoked_reason}
    return VerificationOut.model_validate(
        {
            "expired": today > document.valid_until,
            "revoked": revoked,
            "kind": document.kind,
            "title": document.title,
            "number": document.number,
            "code": in_groups(document.code),
            "issued_at": document.issued_at,
            "valid_until": document.valid_until,
            "facts": document.facts,
            "sha256": document.sha256,
        }
    )
