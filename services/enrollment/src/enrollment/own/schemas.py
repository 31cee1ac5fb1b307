"""What an insured person is told about themselves."""

from typing import Literal
from uuid import UUID

from pydantic import BaseModel, Field

from contracts.values.month import Month
from enrollment.certificates.schemas import CertifiedCoverage
from enrollment.coverage.rules import Status


class RecognitionOut(BaseModel):
    """Whether the account was found to be an insured person's, and what to do where it was not."""

    standing: Literal["recognised", "mobile_differs", "not_found", "checking"]
    ready: bool
    """Whether this session shows the person's data already; it takes a moment after they were recognised."""


class OwnCoverage(BaseModel):
    """One spell of one insurance type (参保关系)."""

    insurance: str
    insurance_name: str
    employer_no: str | None
    held_by: str = Field(description="参保单位名称；无单位时为参保身份，如灵活就业人员")
    person_category_name: str
    start_month: Month
    stop_month: Month | None = Field(description="停保月份：自该月起不再缴费；为空表示仍在参保")
    status: Status = Field(description="本月的参保状态")
    status_name: str


class OwnCoveragesOut(BaseModel):
    """An insured person's coverage, the newest first, with who they are. Numbers are masked."""

    name: str
    id_type_name: str
    id_number_masked: str
    mobile_masked: str
    month: Month = Field(description="参保状态所属月份")
    items: list[OwnCoverage]


class CertifiedEmployer(BaseModel):
    """A unit that insured the person."""

    employer_no: str
    name: str


class OwnCertificateFacts(BaseModel):
    """Everything on a person's own certificate but the contributions. The identity number is the full one."""

    person_id: UUID
    name: str
    id_type: str
    id_type_name: str
    id_number: str = Field(repr=False)
    employers: list[CertifiedEmployer]
    """The newest first."""
    coverages: list[CertifiedCoverage]
