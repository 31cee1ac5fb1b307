"""Who stands behind account ids. Operators only."""

from fastapi import APIRouter

from identity.actors import repository
from identity.actors.schemas import ActorOut, ActorSearch
from identity.second_factor.service import STAFF_KINDS
from servicekit.auth import OperatingStaff
from servicekit.db.tx import Tx

router = APIRouter(prefix="/actors", tags=["staff"])


@router.post("/searches", summary="操作人查询")
async def search_actors(form: ActorSearch, who: OperatingStaff, tx: Tx) -> list[ActorOut]:
    """Accounts with these ids or this username."""
    found = await repository.find(tx, ids=form.ids, username=form.username)
    return [
        ActorOut(
            account_id=account.id,
            kind=account.kind,
            username=account.username,
            display_name=account.display_name if account.kind in STAFF_KINDS else None,
        )
        for account in found
    ]
