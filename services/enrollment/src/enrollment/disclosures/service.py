"""Showing identity and mobile numbers in full: to somebody who has just proved who they are, and never unnoticed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from enrollment.disclosures.rules import Disclosable
from enrollment.disclosures.schemas import DisclosureForm, DisclosureOut
from servicekit import audit
from servicekit.auth import Principal, check_stepped_up
from servicekit.db.tx import vault_of


@dataclass(frozen=True)
class Subject:
    """Whose values are shown: what the audit row is to say, and the sealed values the asker may see."""

    action: str
    subject: str
    chain: str
    sealed: Mapping[Disclosable, bytes | None]


async def disclose(
    tx: AsyncSession, asker: Principal, subject: Subject, form: DisclosureForm, *, now: datetime
) -> DisclosureOut:
    """Opens the values asked for. That the asker may see the subject at all is checked by the caller, before this.

    Raises:
        StepUpRequired, StepUpImpossible: see `check_stepped_up`.
    """
    check_stepped_up(asker, now=now)
    wanted = sorted(set(form.fields))
    shown: dict[str, str] = {}
    for field in wanted:
        ciphertext = subject.sealed[field]
        if ciphertext is not None:
            shown[field] = vault_of(tx).open(field, ciphertext).reveal()
    await audit.record(
        tx, asker, subject.action, subject.subject, chain=subject.chain, facts={"for": "display", "fields": wanted}
    )
    return DisclosureOut(**shown)
