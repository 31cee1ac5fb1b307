"""证明管理: the agency finds issued documents and takes them back."""

from typing import Annotated

from fastapi import APIRouter, Path

from reporting.documents import service
from reporting.documents.schemas import IssuedDocumentOut, RevocationForm
from servicekit.auth import OperatingStaff
from servicekit.clock import Now
from servicekit.db.tx import Tx

router = APIRouter(prefix="/issued-documents", tags=["证明管理"])
Reference = Annotated[str, Path(max_length=60, description="证明编号或校验码")]


@router.get("/{reference}", summary="查找证明")
async def find_document(reference: Reference, operator: OperatingStaff, tx: Tx) -> IssuedDocumentOut:
    """An issued document by its number or its code, masked."""
    return IssuedDocumentOut.of(await service.find(tx, reference))


@router.post("/{reference}/revocation", summary="作废证明")
async def revoke_document(
    reference: Annotated[str, Path(max_length=60, description="证明编号")],
    form: RevocationForm,
    operator: OperatingStaff,
    tx: Tx,
    now: Now,
) -> IssuedDocumentOut:
    """From now on the verification of this document says that it was taken back, and why."""
    return IssuedDocumentOut.of(await service.revoke(tx, operator, reference, form.reason, now=now))
