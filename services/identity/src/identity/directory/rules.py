"""Comparing what somebody typed with the register. Pure."""

import re
import unicodedata

from contracts.values.identifiers import may_be_virtual_code, normalise_identifier

_IGNORED = re.compile(r"[\s·•・．.,，、()（）\[\]【】<>《》\"“”'‘’-]+")  # noqa: RUF001 - the variants people type


def same_name(typed: str, registered: str) -> bool:
    """Whether two unit names differ in nothing but width, blanks and brackets."""
    return _bare(typed) == _bare(registered)


def _bare(name: str) -> str:
    return _IGNORED.sub("", unicodedata.normalize("NFKC", name)).casefold()


def looks_virtual(typed: str) -> bool:
    """Whether a code the register doesn't know may be meant as a virtual one (虚拟单位).

    Then nothing can be said of its form. A virtual code begins with letters, or has some where a unified social credit
    code has the digits of its region; a slip of the finger has not.
    """
    code = normalise_identifier(typed)
    return may_be_virtual_code(code) and (code[:2].isalpha() or not code[2:8].isdigit())
