"""What the settings look like outside."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from enrollment.applications.rules import Kind
from servicekit.forms import Form


class DecisionSettingOut(BaseModel):
    """Whether a kind is decided automatically, and who set that."""

    model_config = ConfigDict(from_attributes=True)

    kind: Kind
    automatic: bool = Field(title="自动审核")
    changed_by_name: str | None
    changed_at: datetime | None
    version: int


class DecisionSettingForm(Form):
    """The new setting of a kind."""

    automatic: bool = Field(title="自动审核")
