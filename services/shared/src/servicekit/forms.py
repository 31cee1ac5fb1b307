"""The base of request models: unknown fields are refused, blanks around texts dropped, unstorable text refused."""

from pydantic import BaseModel, ConfigDict


class Form(BaseModel):
    """What a page or an HR system sends. A misspelt optional field must not be lost silently, so extras are refused."""

    # hide_input_in_errors: what people typed must not travel in exception texts.
    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True, hide_input_in_errors=True)
