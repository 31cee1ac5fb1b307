"""Showing identity and mobile numbers in full: to somebody who has just proved who they are, and never unnoticed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from enrollment.disclosures.rules import Disclosable
from enrollment.disclosures.schemas import DisclosureForm, DisclosureOut
from servicekit import disclosing
from servicekit.auth import Principal
from servicekit.personal import PersonalKind


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
    sealed: dict[str, tuple[PersonalKind, bytes | None]] = {
        field: (field, ciphertext) for field, ciphertext in subject.sealed.items()
    }
    opened = disclosing.Subject(subject.action, subject.subject, subject.chain, sealed)
    return DisclosureOut(**await disclosing.disclose(tx, asker, opened, form.fields, now=now))
