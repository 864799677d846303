"""Names of people and places: one rule for what the API takes and what files bring."""

import re
import unicodedata

_SPACES = re.compile(r"\s+")
# They hold emoji and letters together, and choose how one is drawn: 👩‍👧, ❤️.
_JOINERS = frozenset("\u200c\u200d")
_DROPPED = frozenset(("Cc", "Cf", "Zl", "Zp", "Cs"))


def without_marks(text: str) -> str:
    """`text` without what cannot be seen: marks of direction, zero-width spaces, controls; trimmed.

    Telephones and names copied from a chat carry them. White space of any kind becomes one space each; joiners stay.
    """
    if text.isascii() and text.isprintable():
        return text.strip()
    spaced = _SPACES.sub(" ", text)
    return "".join(map(_kept, spaced)).strip().strip("\u200c\u200d")


def _kept(character: str) -> str:
    if character in _JOINERS or "\U000e0020" <= character <= "\U000e007f":  # flags of regions are spelt with these
        return character
    return "" if unicodedata.category(character) in _DROPPED else character
