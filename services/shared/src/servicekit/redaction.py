"""Takes personal data and secrets out of text and values that are about to be logged.

The last line of defence: log calls carry ids, not people. What regular expressions can't know (names, addresses) is
kept out by what is logged: exception texts lose everything they quote, objects are named by their type only.
"""

import re
from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from enum import Enum
from functools import lru_cache
from pathlib import PurePath
from typing import Any, Literal
from uuid import UUID

from pydantic import SecretStr, ValidationError
from sqlalchemy.exc import DBAPIError, StatementError

from contracts.values.month import Month
from servicekit.personal import Personal
from servicekit.refusals import Refusal

REDACTED = "[redacted]"

# 18 characters with a believable date at the seventh; unit numbers (330200000000000101) are not of this form.
_RESIDENT_ID = re.compile(
    r"(?<![0-9A-Za-z])[1-9][0-9]{5}(?:18|19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])[0-9]{3}[0-9Xx]"
    r"(?![0-9A-Za-z])"
)
_MOBILE = re.compile(r"(?<![0-9A-Za-z])(?:\+?86[- ]?)?1[3-9][0-9][- ]?[0-9]{4}[- ]?[0-9]{4}(?![0-9A-Za-z])")
_LONG_NUMBER = re.compile(r"(?<![0-9A-Za-z])[0-9](?:[ -]?[0-9]){14,31}(?![0-9A-Za-z])")
_SECRETS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"(?i)\b(bearer|basic)\s+[A-Za-z0-9._~+/=-]{6,}"), rf"\1 {REDACTED}"),
    (re.compile(r"\beyJ[A-Za-z0-9_-]{4,}\.[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]*)?"), REDACTED),
    (re.compile(r"__(Host|Secure)-([A-Za-z0-9_-]+)=[^;\s'\"]+"), rf"__\1-\2={REDACTED}"),
    (re.compile(r"(?i)\b((?:set-)?cookie)(['\"]?\s*[:=]\s*)[^\r\n]+"), rf"\1\2{REDACTED}"),
    (
        re.compile(
            r"(?i)(password|passwd|secret|api[_-]?key|access[_-]?token|sms[_-]?code)(['\"]?\s*[:=]\s*)"
            r"(?:'[^']*'|\"[^\"]*\"|[^\s,;&)}\]]+)"
        ),
        rf"\1\2{REDACTED}",
    ),
    (re.compile(r"(://[^\s:/@]*):[^\s/@]+@"), rf"\1:{REDACTED}@"),
)
# Cheap question before the dear ones: most values hold nothing of the kind.
_SUSPECT = re.compile(
    r"(?i)[0-9][0-9 -]{9,}[0-9xX]|bearer|basic|eyJ|__Host|__Secure|cookie|passw|secret|api[_-]?key|token|code|://"
)
_SECRET_KEY = re.compile(r"(?i)passw|secret|authorization|cookie|api_?key|(^|_)token$|private_key|otp|sms_code")
_ID_KEY = re.compile(r"(?:^|_)(?:no|id|ids|subject|chain|route|month|queue|consumer|causation|correlation)$")
_OURS = frozenset({"at", "level", "service", "logger", "method", "route", "status", "ms", "trace_id"})
_SHORTEST_PERSONAL = 10**10  # a mobile has 11 digits
_QUOTED = re.compile(r"'([^'\n]*)'|\"([^\"\n]*)\"|“([^”\n]*)”")
_PLAIN_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.]{0,60}")
_TOO_LONG = 4000


def text(value: str, *, identifier: bool = False) -> str:
    """The text without ID numbers, mobiles, bank numbers, tokens, cookies and passwords.

    With `identifier`, long digit runs stay: the field is known to hold a number of ours.
    """
    if len(value) > _TOO_LONG:
        value = value[:_TOO_LONG] + "…"
    if _SUSPECT.search(value) is None:
        return value
    if not value.isdigit():
        for pattern, replacement in _SECRETS:
            value = pattern.sub(replacement, value)
    value = _MOBILE.sub(REDACTED, _RESIDENT_ID.sub(REDACTED, value))
    return value if identifier else _LONG_NUMBER.sub(REDACTED, value)


@lru_cache(maxsize=2048)
def _meaning(key: str) -> Literal["ours", "secret", "identifier", "other"]:
    """What a field's name says about it. `ours`: written by servicekit itself, never from input."""
    if key in _OURS:
        return "ours"
    if _SECRET_KEY.search(key):
        return "secret"
    return "identifier" if _ID_KEY.search(key) else "other"


def field(key: str, value: Any) -> Any:
    """A log field's value, fit to be written as JSON."""
    meaning = _meaning(key)
    if value is None or meaning == "ours":
        return value
    if meaning == "secret":
        return REDACTED
    if isinstance(value, Enum):
        value = value.value
    if isinstance(value, str):
        return text(value, identifier=meaning == "identifier")
    if isinstance(value, Mapping):
        return {str(inner): field(str(inner), item) for inner, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [field(key, item) for item in value]
    return _single(value, identifier=meaning == "identifier")


def _single(value: object, *, identifier: bool) -> Any:
    if isinstance(value, bool | float):
        return value
    if isinstance(value, int):
        return value if abs(value) < _SHORTEST_PERSONAL else text(str(value), identifier=identifier)
    if isinstance(value, PurePath):
        return text(str(value))
    if isinstance(value, UUID | Decimal | date | timedelta | Month | Personal | SecretStr):
        return str(value)
    return f"<{type(value).__name__}>"  # objects say what they hold when printed


def exception_text(fault: BaseException) -> str:
    """What an exception may say in a log: never the values it complains about."""
    if isinstance(fault, Refusal):
        return fault.code
    if isinstance(fault, ValidationError):
        places = ", ".join(
            f"{'.'.join(map(str, e['loc']))}: {e['type']}" for e in fault.errors(include_input=False)[:20]
        )
        return f"{fault.error_count()} errors: {text(places)}"
    if isinstance(fault, DBAPIError):
        return _database_text(fault.orig if fault.orig is not None else fault)
    if hasattr(fault, "sqlstate"):
        return _database_text(fault)
    said = fault.args[0] if isinstance(fault, StatementError) and fault.args else str(fault)
    return text(_QUOTED.sub(_without_content, str(said)))


def _without_content(match: re.Match[str]) -> str:
    content = next((group for group in match.groups() if group is not None), "")
    return match[0] if _PLAIN_NAME.fullmatch(content) else "'…'"


def _database_text(fault: BaseException) -> str:
    """SQLSTATE and the names of what was violated; a database's own text quotes the row."""
    original = fault.__cause__ if fault.__cause__ is not None and hasattr(fault.__cause__, "sqlstate") else fault
    known = {
        name: getattr(original, attribute, None)
        for name, attribute in (
            ("sqlstate", "sqlstate"),
            ("constraint", "constraint_name"),
            ("table", "table_name"),
            ("column", "column_name"),
        )
    }
    said = " ".join(f"{name}={value}" for name, value in known.items() if value)
    return f"{type(original).__name__} {said}".rstrip()
