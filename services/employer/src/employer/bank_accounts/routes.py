"""单位银行账户: the change (with a step-up), and the history."""

from fastapi import APIRouter, Response

from employer.bank_accounts import service
from employer.bank_accounts.schemas import BankAccountForm, BankAccountOut
from servicekit.auth.deps import MaintainingClerk
from servicekit.clock import Now
from servicekit.db.tx import Tx
from servicekit.etag import IfMatch, etag_of
from servicekit.paging import Listing, Page

router = APIRouter(prefix="/unit", tags=["单位信息"])


@router.put("/bank-account", summary="修改银行账户")
async def change_bank_account(
    form: BankAccountForm, clerk: MaintainingClerk, tx: Tx, version: IfMatch, now: Now, response: Response
) -> BankAccountOut:
    """Makes another account the unit's. Needs a step-up. `If-Match` is the present account's `number`, `"v0"` where the
    unit has none yet.
    """
    account = await service.change(tx, clerk, form, seen_version=version, now=now)
    response.headers["ETag"] = etag_of(account.number)
    return account


@router.get("/bank-accounts", summary="银行账户变更记录")
async def list_bank_accounts(clerk: MaintainingClerk, tx: Tx, page: Page) -> Listing[BankAccountOut]:
    """The unit's accounts, the present one first, numbers masked."""
    items, total = await service.history(tx, clerk, offset=page.offset, limit=page.limit)
    return Listing(items=items, total=total)
