"""What the verification of a document shows: names and numbers masked."""

from datetime import date, datetime
from typing import Literal

from pydantic import BaseModel, Field

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


class EmployerFactsOut(BaseModel):
    """What a genuine 单位缴费证明 says."""

    employer_name: str
    employer_no: str
    uscc: str
    from_month: Month
    to_month: Month
    months: int
    amount_total: str
    received_total: str


class ListFactsOut(BaseModel):
    """What a genuine 单位参保人员缴费明细表 or 参保人员花名册 says of itself as a whole."""

    employer_name: str
    employer_no: str
    about: str
    rows: int
    people: int
    amount_total: str | None


class RevocationOut(BaseModel):
    """When and why the agency took a document back."""

    revoked_at: datetime
    reason: str


class VerificationOut(BaseModel):
    """The genuine document behind a code. Compare it with the paper. One that was revoked holds no longer."""

    genuine: Literal[True] = True
    expired: bool
    """Genuine, but its validity is over."""
    revoked: RevocationOut | None
    """Genuine, but taken back by the agency."""
    kind: Literal["insurance_certificate", "employer_certificate", "contribution_list", "roster_list"]
    title: str
    number: str
    code: str
    issued_at: datetime
    valid_until: date
    facts: CertificateFactsOut | EmployerFactsOut | ListFactsOut
    sha256: str


Verdict = Literal["unchanged", "appended", "changed", "unknown"]


class CopyOut(BaseModel):
    """What an uploaded file is."""

    verdict: Verdict = Field(
        description="unchanged：与签发的文件逐字节相同；appended：签发后的文件之后附加了内容；"
        "changed：带有本系统的签章但内容已被改动；unknown：不是本系统签发的文件"
    )
    signature: Literal["valid", "broken", "foreign", "none"] = Field(
        description="valid：签章有效；broken：签章与内容不符；foreign：不是本机构的签章；none：没有签章"
    )
    documents: list[VerificationOut]
    """The documents in it: several where one file holds many certificates, up to 50 of them."""
