"""What the declaration pages need to know of the unit."""

from pydantic import BaseModel, Field

from contracts.values.month import Month


class InsuranceType(BaseModel):
    """An insurance type and its Chinese name."""

    code: str
    name: str


class OnlineDeclarationOut(BaseModel):
    """Whether the unit may declare online, which insurance types an addition starts, in which months."""

    allowed: bool
    reason: str | None = Field(default=None, title="不能申报的原因")
    insurances: list[InsuranceType]
    months: list[Month]
