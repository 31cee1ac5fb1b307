"""People's names: which characters they may hold, and the tokens by which a part of a name is found quickly.

Core PostgreSQL has no index for an infix of two characters (pg_trgm needs three), so the single characters and the
pairs of neighbours of each name are kept as tokens in a table of their own.
"""

import re
import unicodedata

SHORTEST, LONGEST = 2, 50

# The dots that people type for the separating dot of minority and foreign names (艾力·买买提): bullets, katakana and
# hyphenation points, operators, black circle, full-width stop.
_DOTS = str.maketrans(dict.fromkeys("\u2022\u30fb\uff65\u2027\u2219\u22c5\u25cf\uff0e", "·"))
_HAN = "\u3007\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U000323af"
_LATIN = "A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f"
_FORM = re.compile(rf"[{_HAN}{_LATIN}](?:[{_HAN}{_LATIN}·'’ \-.]*[{_HAN}{_LATIN}.])?")


def normalise_name(text: str) -> str:
    """One form of a name: plain letters for full-width ones, one kind of dot, no space around Chinese characters."""
    name = unicodedata.normalize("NFKC", text.translate(_DOTS)).translate(_DOTS)
    name = re.sub(r"\s+", " ", name).strip()
    return re.sub(rf"(?<=[{_HAN}·]) | (?=[{_HAN}·])", "", name)


def is_name(name: str) -> bool:
    """Whether a normalised text can be a name: 2 to 50 Chinese or Latin letters, `·` between."""
    return SHORTEST <= len(name) <= LONGEST and _FORM.fullmatch(name) is not None


def folded(name: str) -> str:
    """The form in which names are compared and searched: normalised, letter case out."""
    return normalise_name(name).casefold()


def name_tokens(name: str) -> list[str]:
    """The tokens under which a name is found: every character and every pair of neighbours."""
    text = folded(name)
    return sorted({*text, *_pairs(text)})


def search_tokens(part: str) -> list[str]:
    """The tokens that every name with this part in it has: the pairs of the part, or its one character."""
    text = folded(part)
    return sorted(_pairs(text) or set(text))


def _pairs(text: str) -> set[str]:
    return {text[i : i + 2] for i in range(len(text) - 1)}
