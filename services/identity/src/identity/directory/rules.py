"""Comparing what somebody typed with the register. Pure."""

import re
import unicodedata

from contracts.values.identifiers import IdentifierFault, check_uscc, may_be_virtual_code, normalise_identifier

_IGNORED = re.compile(r"[\s·•・．.,，、()（）\[\]【】<>《》\"“”'‘’-]+")  # noqa: RUF001 - the variants people type


def same_name(typed: str, registered: str) -> bool:
    """Whether two unit names differ in nothing but width, blanks and brackets."""
    return _bare(typed) == _bare(registered)


def _bare(name: str) -> str:
    return _IGNORED.sub("", unicodedata.normalize("NFKC", name)).casefold()


def read_code(typed: str) -> str:
    """The unified social credit code, or a virtual code that only the register can know.

    Raises:
        IdentifierFault: it is neither; the fault is that of a unified social credit code.
    """
    try:
        return check_uscc(typed)
    except IdentifierFault:
        code = normalise_identifier(typed)
        # A virtual unit's code has letters where a unified social credit code has digits; a slip of the finger has not.
        if may_be_virtual_code(code) and not code[:8].isdigit():
            return code
        raise
