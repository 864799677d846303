"""What people type at the shelf, as conditions that each have an index: titles, spellings, codes, barcodes, ids."""

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import product as combinations
from typing import Any, NamedTuple

from catalog import pinyin
from catalog.rules import is_part, search_words

# Whatever is worked out from a parameter is a select of its own: done once, and not for every row.
IN_TITLE = "search LIKE (SELECT '{left}' || search_text(:title{n}) || '%')"
SPELLED = "pinyin @@ (SELECT CAST(:spelling{n} AS tsquery))"
# At most so many products go by one code that is begun. Few may have ids of variants: said so, the planner knows it.
BY_CODE = """id = ANY(ARRAY(
  (SELECT product_id FROM sku WHERE {key} LIMIT 200)
  UNION ALL
  (SELECT product_id FROM sku WHERE barcode_key(barcode) = barcode_key(:code{n}) AND listed LIMIT 200)
  UNION ALL
  (SELECT product_id FROM sku
   WHERE variant_id IS NOT NULL AND code_key(variant_id) = code_key(:code{n}) AND listed LIMIT 200)
  UNION ALL
  (SELECT k.product_id FROM sku_listing l JOIN sku k ON k.id = l.sku_id
   WHERE l.variant_id IS NOT NULL AND code_key(l.variant_id) = code_key(:code{n}) AND l.listed AND k.listed
   LIMIT 200)))"""
WHOLE_CODE = "code_key(code) = code_key(:code{n}) AND listed"
BEGUN_CODE = """code_key(code) ~>=~ code_key(:code{n})
    AND code_key(code) ~<~ (code_key(:code{n}) || chr(1114111)) AND listed"""
# So many words are each looked for in titles or by spelling; of more, all in one way or all in the other.
MIXED_WORDS = 2
SHORTEST_BEGUN = 3
# Of a product's SKUs, the one that the search names.
NAMED = """(
    code_key(k.code) IN (SELECT code_key(named) FROM unnest(CAST(:named AS text[])) named)
    OR coalesce(code_key(k.variant_id) IN (SELECT code_key(n) FROM unnest(CAST(:named AS text[])) n), false)
    OR coalesce(barcode_key(k.barcode) IN (SELECT barcode_key(n) FROM unnest(CAST(:named AS text[])) n), false))"""


@dataclass(frozen=True)
class Search:
    """What is looked for: the condition that finds it, its parameters, and the codes that it may name."""

    condition: str
    parameters: dict[str, Any]
    codes: list[str]


class Word(NamedTuple):
    """The ways in which one word is found, as conditions."""

    title: str
    spelled: str | None
    code: str | None


@lru_cache(maxsize=1000)
def as_search(typed: str) -> Search:
    """The search that `typed` means: each of its words somewhere, in any order, or the whole as a code.

    Each of the ways is a conjunction of its own, which one scan of the search index answers: asked for as a product of
    alternatives, the planner looks up one word and reads all that it is in.
    """
    typed_words = search_words(typed)
    parameters: dict[str, Any] = {}
    words = [_word(number, word, parameters) for number, word in enumerate(typed_words)]
    ways = [" AND ".join(way) for way in _by_index(words)] + _by_code(words)
    codes = [word for word in typed_words if _may_be_code(word)]
    whole = "".join(typed_words)
    if len(words) > 1 and _may_be_code(whole):
        codes.append(whole)
        parameters["code_whole"] = whole
        ways.append(BY_CODE.format(key=WHOLE_CODE, n="{n}").format(n="_whole"))
    return Search(f"({' OR '.join(f'({way})' for way in ways)})", parameters, codes)


def _by_index(words: list[Word]) -> list[tuple[str, ...]]:
    spelled = sum(word.spelled is not None for word in words)
    if spelled <= MIXED_WORDS:
        return list(combinations(*([word.title, word.spelled] if word.spelled else [word.title] for word in words)))
    return [tuple(word.title for word in words), tuple(word.spelled or word.title for word in words)]


def _by_code(words: list[Word]) -> list[str]:
    """One word is a code; of the few products that it names, those that the other words fit."""
    ways = []
    for word in words:
        others = [
            f"({other.title} OR {other.spelled or 'false'} OR {other.code or 'false'})"
            for other in words
            if other is not word
        ]
        if word.code:
            ways.append(" AND ".join([word.code, *others]))
    return ways


def escape_like(given: str) -> str:
    """`given` as a LIKE pattern that matches only itself."""
    return given.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _word(number: int, word: str, parameters: dict[str, Any]) -> Word:
    parameters[f"title{number}"] = escape_like(word)
    spelling = pinyin.typed_query(word)
    if spelling:
        parameters[f"spelling{number}"] = spelling
    code = None
    if _may_be_code(word):
        parameters[f"code{number}"] = word
        begun = len(word) >= SHORTEST_BEGUN and re.search("[0-9]", word)
        code = BY_CODE.format(key=BEGUN_CODE if begun else WHOLE_CODE, n="{n}").format(n=number)
    title = IN_TITLE.format(left="%" if is_part(word) else "% ", n=number)
    return Word(title, SPELLED.format(n=number) if spelling else None, code)


def _may_be_code(word: str) -> bool:
    return word.isascii() and len(word) > 1
