"""What the 职工参保证明 says of a person, in full: for the reporting service, under the clerk's authority."""

from uuid import UUID

from pydantic import BaseModel, Field

from contracts.values.month import Month
from enrollment.coverage.rules import Status


class CertifiedCoverage(BaseModel):
    """One insurance type with this unit: when it first began, how it stands this month."""

    insurance: str
    insurance_name: str
    first_month: Month
    status: Status
    status_name: str


class CertificateFacts(BaseModel):
    """Everything on the certificate but the contributions. The identity number is the full one."""

    person_id: UUID
    name: str
    id_type: str
    id_type_name: str
    id_number: str = Field(repr=False)
    employer_no: str
    employer_name: str
    coverages: list[CertifiedCoverage]
