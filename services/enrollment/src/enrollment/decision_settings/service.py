"""The agency's setting of automatic decisions: showing and changing it."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from enrollment.applications.rules import Kind
from enrollment.decision_settings import repository
from enrollment.decision_settings.models import DecisionSetting
from servicekit import audit
from servicekit.auth import Operator
from servicekit.etag import check_version

_AN_OPERATOR = "经办管理员"


async def set_automatic(
    tx: AsyncSession, operator: Operator, kind: Kind, *, automatic: bool, seen_version: int, now: datetime
) -> DecisionSetting:
    """Lets a kind be decided automatically or by reviewers only, for what is handed in from now on.

    Raises:
        Stale: somebody else has changed it since.
    """
    setting = await repository.lock(tx, kind)
    check_version(setting.version, seen_version)
    before, setting.automatic = setting.automatic, automatic
    setting.changed_by = operator.account_id
    setting.changed_by_name = operator.display_name or _AN_OPERATOR
    setting.changed_at = now
    setting.version += 1
    await tx.flush()
    facts = {"before": before, "after": automatic}
    await audit.record(tx, operator, "decision_setting.changed", kind, chain="agency", facts=facts)
    return setting
