"""Personal values in full: to somebody who has just proved who they are, and never unnoticed."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from servicekit import audit
from servicekit.auth.principals import Principal
from servicekit.auth.step_up import check_stepped_up
from servicekit.db.tx import vault_of
from servicekit.personal import PersonalKind


@dataclass(frozen=True)
class Subject:
    """Whose values are shown: what the audit row is to say, and the sealed values the asker may see, by field."""

    action: str
    subject: str
    chain: str
    sealed: Mapping[str, tuple[PersonalKind, bytes | None]]


async def disclose(
    tx: AsyncSession, asker: Principal, subject: Subject, fields: Collection[str], *, now: datetime
) -> dict[str, str]:
    """Opens the values asked for; one that isn't known is left out. That the asker may see the subject at all is
    checked by the caller, before this. The answer holds real values: it is never logged or kept.

    Raises:
        StepUpRequired, StepUpImpossible: see `check_stepped_up`.
    """
    check_stepped_up(asker, now=now)
    wanted = sorted(set(fields))
    shown: dict[str, str] = {}
    for field in wanted:
        kind, ciphertext = subject.sealed[field]
        if ciphertext is not None:
            shown[field] = vault_of(tx).open(kind, ciphertext).reveal()
    facts = {"for": "display", "fields": wanted}
    await audit.record(tx, asker, subject.action, subject.subject, chain=subject.chain, facts=facts)
    return shown
