"""Pure checks on what sources send."""

import hashlib
import unicodedata
from collections.abc import Iterable, Sequence

MAX_CODE = 128
CATEGORY_SEPARATOR = " > "
MAX_PATH_LENGTH = 500
# Why an item is rejected, for people; docs/api.md lists the codes.
REFUSALS = {
    "broken_by_spreadsheet": "A spreadsheet has broken an id, SKU code or barcode (6.9E+12): digits are lost.",
    "list_price_below_price": "A list price is below the price.",
    "sku_repeated": "Two SKUs of the product have the same code.",
    "category_unusable": "The category path is empty or longer than 500 characters.",
    "sku_taken": "A SKU code belongs to another product.",
    "version_reused": "This version was sent before with other content; a change needs a higher version.",
}


def category_path(segments: str | Sequence[str]) -> str:
    """The path of a category such as `护肤 > 精华`, from a list of segments or a path written with `>`."""
    parts = segments.split(">") if isinstance(segments, str) else segments
    return CATEGORY_SEPARATOR.join(trimmed for part in parts if (trimmed := part.strip()))


def shortened(code: str) -> str:
    """A code of at most 128 characters: of a longer one its beginning, and a digest that keeps it apart from others."""
    return code if len(code) <= MAX_CODE else f"{code[:119]}~{hashlib.sha256(code.encode()).hexdigest()[:8]}"


def known_tags(tags: Iterable[str]) -> list[str]:
    """Tags as they are kept: NFKC, trimmed, each once, in order."""
    return sorted({tag for given in tags if (tag := unicodedata.normalize("NFKC", given).strip())})


def is_indexed(words: str) -> bool:
    """Whether the search index helps with `words`: it knows single Chinese characters, and Latin letters by threes."""
    return len(words) >= 3 or not words.isascii()
