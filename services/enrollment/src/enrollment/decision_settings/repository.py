"""SQL of the settings. Every kind has its row from the migrations."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from enrollment.applications.rules import KINDS, Kind
from enrollment.decision_settings.models import DecisionSetting


async def is_automatic(tx: AsyncSession, kind: Kind) -> bool:
    """Whether the agency lets this kind be decided automatically."""
    setting = await tx.get(DecisionSetting, kind)
    return setting is not None and setting.automatic


async def every(tx: AsyncSession) -> list[DecisionSetting]:
    """The settings of all kinds, in the order of the kinds."""
    rows = list(await tx.scalars(select(DecisionSetting)))
    return sorted(rows, key=lambda row: KINDS.index(row.kind))


async def lock(tx: AsyncSession, kind: Kind) -> DecisionSetting:
    """The setting of a kind, locked."""
    statement = select(DecisionSetting).where(DecisionSetting.kind == kind).with_for_update()
    return (await tx.execute(statement)).scalar_one()
