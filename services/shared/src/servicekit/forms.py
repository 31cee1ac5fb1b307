"""The base of request models: unknown fields are refused, blanks around texts dropped, unstorable text refused."""

import re
from datetime import date
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticKnownError, core_schema

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


def _none_if_blank(value: Any) -> Any:
    return None if isinstance(value, str) and not value.strip() else value


class _NoneIfBlank:
    """Takes blanks for nothing, and says so in the schema, where a pattern or a list of codes would rule them out."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_before_validator_function(_none_if_blank, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        known = handler(schema)
        return {"anyOf": [*known.get("anyOf", [known]), {"type": "string", "pattern": r"^\s*$"}]}


NoneIfBlank = _NoneIfBlank()
"""For optional fields: an empty input of a page means that nothing was asked for or filled in."""
