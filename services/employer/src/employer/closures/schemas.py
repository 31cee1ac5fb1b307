"""What closing a unit takes."""

from typing import Annotated

from pydantic import Field, StringConstraints

from servicekit.forms import Form


class ReasonForm(Form):
    """Why; it goes into the audit log."""

    reason: Annotated[str, StringConstraints(min_length=2, max_length=200)] = Field(title="原因")
