"""The look-up that fills the 增员 form while a clerk types."""

from datetime import date
from typing import Annotated

from pydantic import BaseModel, Field

from enrollment.coverage.rules import Presence
from servicekit.forms import Form
from servicekit.personal import IdNumberStr


class LookupForm(Form):
    """An identity document."""

    id_type: Annotated[str, Field(min_length=2, max_length=2, title="证件类型")]
    id_number: IdNumberStr = Field(title="证件号码")


class LookupOut(BaseModel):
    """What the document says, how the person is insured, and what a declaration would lead to."""

    sex: str | None
    birth_date: date | None
    present: Presence
    outlook: str
    may_declare: bool
    suggested_reason: str | None
