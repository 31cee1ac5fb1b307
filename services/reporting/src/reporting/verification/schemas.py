"""What the verification of a document shows: names and numbers masked."""

from datetime import date, datetime
from typing import Literal

from pydantic import BaseModel

from contracts.values.month import Month


class CertificateFactsOut(BaseModel):
    """What a genuine 职工参保证明 says."""

    name_masked: str
    id_number_masked: str
    employer_name: str
    from_month: Month
    to_month: Month
    months: int
    received_months: int
    insurances: list[str]
    employer_total: str
    own_total: str


class VerificationOut(BaseModel):
    """The genuine document behind a code. Compare it with the paper."""

    genuine: Literal[True] = True
    expired: bool
    """Genuine, but its validity is over."""
    kind: Literal["insurance_certificate"]
    title: str
    number: str
    code: str
    issued_at: datetime
    valid_until: date
    facts: CertificateFactsOut
    sha256: str
