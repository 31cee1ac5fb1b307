"""What is asked for and shown. The answer holds the real values: it is never logged or kept."""

from pydantic import BaseModel, Field

from enrollment.disclosures.rules import Disclosable
from servicekit.forms import Form


class DisclosureForm(Form):
    """The fields wanted in full. Whoever asks for one value is audited for that one only."""

    fields: list[Disclosable] = Field(title="要查看的号码", min_length=1, max_length=2)


class DisclosureOut(BaseModel):
    """The values asked for; null for what wasn't asked for or isn't known."""

    id_number: str | None = Field(default=None, repr=False, title="证件号码")
    mobile: str | None = Field(default=None, repr=False, title="手机号码")
