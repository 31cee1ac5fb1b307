"""The templates, made once per version of the code tables and month."""

import asyncio

from sqlalchemy.ext.asyncio import AsyncSession

from contracts.values.month import Month
from enrollment.batches.columns import KIND_NAMES, Kind
from enrollment.dictionaries import service as dictionaries
from servicekit.db.tx import runtime_of

_KEPT_AS = "batch_templates"


async def template(tx: AsyncSession, kind: Kind, *, month: Month) -> tuple[str, bytes]:
    """A template: its name and content."""
    from enrollment.batches.sheet import write_template  # openpyxl takes long to import, and few processes need it

    dictionary = await dictionaries.current(tx)
    kept: dict[tuple[Kind, int, Month], bytes] = runtime_of(tx).resources.setdefault(_KEPT_AS, {})
    key = (kind, dictionary.version, month)
    if key not in kept:
        made = await asyncio.to_thread(write_template, kind, dictionary=dictionary, month=month.compact())
        for old in [known for known in kept if known[0] == kind]:
            del kept[old]
        kept[key] = made
    return f"批量{KIND_NAMES[kind]}模板.xlsx", kept[key]
