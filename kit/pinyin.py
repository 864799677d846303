"""How Chinese characters are spelled: pypinyin's data, without tones, as input methods have them.

Its own functions take several times as long as its dictionaries do when read directly.
"""

import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple


class Dictionary(NamedTuple):
    """pypinyin's data: readings with tones, of code points (several with commas) and of phrases (one per character)."""

    characters: Mapping[int, str]
    phrases: Mapping[str, list[list[str]]]
    syllables: frozenset[str]
    beginnings: frozenset[str]  # of syllables, whole ones included


@lru_cache(maxsize=1)
def dictionary() -> Dictionary:
    """Loaded when it is first needed: it takes half a second and 30 MB, and most processes never spell anything."""
    from pypinyin.phrases_dict import phrases_dict
    from pypinyin.pinyin_dict import pinyin_dict

    phrases = {phrase: readings for phrase, readings in phrases_dict.items() if len(phrase) == len(readings)}
    all_syllables = {plain(reading) for readings in pinyin_dict.values() for reading in readings.split(",")}
    syllables = frozenset(syllable for syllable in all_syllables if set(syllable) & set("aeiouv"))
    beginnings = frozenset(syllable[:size] for syllable in syllables for size in range(1, len(syllable) + 1))
    return Dictionary(pinyin_dict, phrases, syllables, beginnings)


@lru_cache(maxsize=5_000)
def plain(syllable: str) -> str:
    """Without its tone: `lǜ` is `lv`."""
    composed = unicodedata.normalize("NFD", syllable).replace("u\u0308", "v")
    return re.sub("[^a-z]", "", composed) or "x"


@lru_cache(maxsize=20_000)
def readings_of(character: str) -> tuple[str, ...]:
    """Every way to read a character, the commonest first; a letter reads as itself, and anything else not at all."""
    found = dictionary().characters.get(ord(character))
    if found is None:
        return (character.lower(),) if character.isascii() and character.isalpha() else ()
    return tuple(dict.fromkeys(plain(reading) for reading in found.split(",")))
