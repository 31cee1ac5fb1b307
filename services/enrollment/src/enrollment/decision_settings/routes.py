"""审核设置 of the agency's operators."""

from fastapi import APIRouter, Response

from enrollment.applications.rules import Kind
from enrollment.decision_settings import repository, service
from enrollment.decision_settings.schemas import DecisionSettingForm, DecisionSettingOut
from servicekit.auth import OperatingStaff
from servicekit.clock import Now
from servicekit.db.tx import Tx
from servicekit.etag import IfMatch, etag_of
from servicekit.paging import Listing

router = APIRouter(prefix="/decision-settings", tags=["reviews"])


@router.get("")
async def list_settings(operator: OperatingStaff, tx: Tx) -> Listing[DecisionSettingOut]:
    """Every kind of application and whether it is decided automatically. `version` is what `If-Match` wants."""
    rows = [DecisionSettingOut.model_validate(row) for row in await repository.every(tx)]
    return Listing(items=rows, total=len(rows))


@router.put("/{kind}")
async def change_setting(
    kind: Kind,
    form: DecisionSettingForm,
    operator: OperatingStaff,
    tx: Tx,
    version: IfMatch,
    now: Now,
    response: Response,
) -> DecisionSettingOut:
    """Holds for what is handed in from now on; what is pending already waits for a reviewer. Audited."""
    setting = await service.set_automatic(tx, operator, kind, automatic=form.automatic, seen_version=version, now=now)
    response.headers["ETag"] = etag_of(setting.version)
    return DecisionSettingOut.model_validate(setting)
