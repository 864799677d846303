"""Pure checks on what sources send, and what people mean by what they type."""

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Sequence

from kit.words import say

MAX_CODE = 128
CATEGORY_SEPARATOR = " > "
MAX_PATH_LENGTH = 500
MAX_SEARCH_WORDS = 8
# Whose word keeps a product from being sold: its own source's, that of the source that its SKUs are listed by instead,
# or the store's.
BLOCKERS = ("brand", "other_source", "store")
# Why an item is rejected; docs/api.md lists the codes.
REFUSALS = {
    "broken_by_spreadsheet": say("broken_by_spreadsheet.item"),
    "list_price_below_price": say("list_price_below_price"),
    "sku_repeated": say("sku_repeated"),
    "category_unusable": say("category_unusable"),
    "sku_taken": say("sku_taken"),
    "version_reused": say("version_reused"),
}


def category_path(segments: str | Sequence[str]) -> str:
    """The path of a category such as `护肤 > 精华`, from a list of segments or a path written with `>` or `＞`."""
    parts = segments.replace("＞", ">").split(">") if isinstance(segments, str) else segments
    return CATEGORY_SEPARATOR.join(trimmed for part in parts if (trimmed := part.strip()))


def shortened(code: str) -> str:
    """A code of at most 128 characters: of a longer one its beginning, and a digest that keeps it apart from others."""
    return code if len(code) <= MAX_CODE else f"{code[:119]}~{hashlib.sha256(code.encode()).hexdigest()[:8]}"


def known_tags(tags: Iterable[str]) -> list[str]:
    """Tags as they are kept: NFKC, trimmed, each once, in order."""
    return sorted({tag for given in tags if (tag := unicodedata.normalize("NFKC", given).strip())})


def category_readings(written: str) -> list[str]:
    """The paths that somebody who looks for a category may mean: a stroke may part two, or belong to a name."""
    folded = written.replace("»", ">").replace("›", ">").replace("｜", ">").replace("|", ">")
    readings = (category_path(folded), category_path(folded.replace("/", ">").replace("／", ">")))
    return list(dict.fromkeys(path for path in readings if path))


def is_far(price_fen: int, from_fen: int, *, factor: int) -> bool:
    """Whether a price is more than `factor` times another, or less than that part of it: 3.19 for 319."""
    return price_fen > from_fen * factor or price_fen * factor < from_fen


def search_words(typed: str) -> list[str]:
    """The words of what people type: full-width forms folded, in lower case, without marks that begin no word."""
    folded = unicodedata.normalize("NFKC", typed).lower()
    words = (re.sub(r"^[\W_]+", "", word) for word in folded.split())
    return list(dict.fromkeys(word for word in words if word))


def is_part(word: str) -> bool:
    """Whether the search index knows the word anywhere in a title, and not only where a word of the title begins.

    It knows single Chinese characters, and letters of other scripts by threes.
    """
    return any(_SPACED.match(character) for character in word) or bool(re.search(r"[^\W_]{3}", word))


# What `search_text` in the database makes a word of its own.
_SPACED = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff]")
