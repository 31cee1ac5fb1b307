"""Verification codes (校验码): 25 characters in five groups of five. Pure but for the randomness.

35 signs (digits and letters without O, which people can't tell from 0) to the power of 25 are 128.2 bits: a code can't
be guessed, so the public page needs no other proof that somebody holds the document.
"""

import secrets
import unicodedata

ALPHABET = "0123456789ABCDEFGHIJKLMNPQRSTUVWXYZ"
LENGTH = 25
_GROUP = 5
_SEPARATORS = frozenset(" \t\u3000-_\u2010\u2011\u2013—.·")


def new_code() -> str:
    """A code nobody has had before."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def normalise(typed: str) -> str | None:
    """The code somebody typed or scanned, or None if it can't be one.

    Lower case, full-width characters, blanks and dashes between groups, and the letter O for zero are all read.
    """
    text = unicodedata.normalize("NFKC", typed[:200]).upper()
    code = "".join(sign for sign in text if sign not in _SEPARATORS).replace("O", "0")
    return code if len(code) == LENGTH and all(sign in ALPHABET for sign in code) else None


def in_groups(code: str) -> str:
    """The code as it is printed: ABCDE-12345-..."""
    return "-".join(code[start : start + _GROUP] for start in range(0, len(code), _GROUP))
