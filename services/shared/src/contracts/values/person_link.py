"""The keyed indexes by which identity and enrollment find out that they mean the same person, without saying who.

Both services compute them with one key that nothing else has: what crosses the bus can be compared, and neither read
nor guessed by whoever reads along. Name and mobile are bound to the document, so that equal names don't look equal.
"""

import hashlib
import hmac
import re
import unicodedata

_BLANKS = re.compile(r"[\s\-\u2010-\u2015]+")
_IGNORED_IN_NAMES = re.compile(r"[\s·.\u2022\u30fb\u2027\u2219\u22c5\u25cf]+")  # after NFKC: \uff65 is \u30fb by then
# One 18-character number is one person's, whichever of these documents carries it.
_RESIDENT_TYPES = frozenset({"01", "07", "16"})
RESIDENT_ID = "01"


class LinkKey:
    """The key that identity and enrollment share (`person_link_key`). 32 bytes."""

    def __init__(self, key: bytes) -> None:
        if len(key) != 32:
            raise ValueError("the key is 32 bytes")
        self._key = key

    def person(self, id_type: str, id_number: str) -> str:
        """The index of a person by their document: 64 hexadecimal digits, as are the others."""
        kind = "resident" if id_type in _RESIDENT_TYPES else id_type
        return self._digest("person", kind, _plain(id_number))

    def registered_as(self, person: str, name: str) -> str:
        """The index of the name under which this person (by index) is known. Blanks, dots and case don't count."""
        return self._digest("name", person, _IGNORED_IN_NAMES.sub("", _plain(name)).casefold())

    def reached_at(self, person: str, mobile: str) -> str:
        """The index of the mobile at which this person (by index) is reached."""
        return self._digest("mobile", person, _plain(mobile).removeprefix("+86"))

    def _digest(self, *parts: str) -> str:
        return hmac.new(self._key, "\0".join(("hall.person-link", *parts)).encode(), hashlib.sha256).hexdigest()


def _plain(text: str) -> str:
    return _BLANKS.sub("", unicodedata.normalize("NFKC", text)).upper()
