"""What a declaration will cost."""

from fastapi import APIRouter

from employer.previews import service
from employer.previews.schemas import CostPreviewForm, CostPreviewOut
from servicekit.auth.deps import DeclaringClerk
from servicekit.db.tx import Tx

router = APIRouter(tags=["费用测算"])


@router.post("/cost-previews", summary="费用测算")
async def preview_cost(form: CostPreviewForm, clerk: DeclaringClerk, tx: Tx) -> CostPreviewOut:
    """Base and shares by insurance type, by the rates valid in each month. Nothing is declared by it."""
    return await service.preview(tx, clerk, form)
