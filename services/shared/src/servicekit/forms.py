"""The base of request models: unknown fields are refused, blanks around texts dropped, unstorable text refused."""

import re
from datetime import date
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict
from pydantic_core import PydanticKnownError

_WRITTEN_DAY = re.compile(r"\s*[0-9]{4}-[0-9]{2}-[0-9]{2}\s*")


class Form(BaseModel):
    """What a page or an HR system sends. A misspelt optional field must not be lost silently, so extras are refused."""

    # hide_input_in_errors: what people typed must not travel in exception texts.
    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True, hide_input_in_errors=True)


def _as_written(value: Any) -> Any:
    if isinstance(value, str) and _WRITTEN_DAY.fullmatch(value):
        return value.strip()
    if type(value) is date:
        return value
    raise PydanticKnownError("date_type")


Day = Annotated[date, BeforeValidator(_as_written)]
"""A date of a form, as YYYY-MM-DD. pydantic alone also takes seconds since 1970: a 0 would pass for a day."""
