"""How Chinese titles are spelled, and how what people type of a spelling is looked up.

A title becomes a `tsvector`: at the place of each character its syllable and the initials of the four characters from
there on, so that `'mei' <-> 'gui':*` finds 玫瑰 by its spelling and `'mgms':*` finds 玫瑰面霜 by its initials. Readings
are those of phrases (kit/pinyin.py) before those of single characters: 重庆 is chong qing, 重量 zhong liang.
"""

import re
from functools import lru_cache

from kit.pinyin import dictionary, plain

CHINESE = re.compile("[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]+")
INITIALS = 4
LONGEST_PHRASE = 4
MOST_READINGS = 8  # of what is typed: `xian` is 先 or 西安
LONGEST_TYPED = 48
MOST_LETTERS = 6  # of a syllable
NEVER_FIRST = frozenset("iuv")  # no syllable begins so
# Before the first initial of a title: what one letter alone is looked for by.
FIRST = "^"


def spelled(title: str) -> str:
    """The title's spelling as the text of a `tsvector`; empty without Chinese characters."""
    words: list[str] = []
    place = 1
    for run in CHINESE.findall(title):
        syllables = _syllables(run)
        initials = "".join(syllable[0] for syllable in syllables)
        for at, syllable in enumerate(syllables):
            words.append(f"{syllable}:{place + at}")
            if at + 1 < len(initials):
                words.append(f"{initials[at : at + INITIALS]}:{place + at}")
        if place == 1:
            words.append(f"'{FIRST}{initials[0]}':1")
        place += len(syllables) + 1
    return " ".join(words)


def typed_query(word: str) -> str | None:
    """What people type, in lower case, as the text of a `tsquery` over spellings; None for what can be none.

    Initials, or syllables written together of which the last may be unfinished; one letter is a title's first initial.
    """
    letters = word.replace("ü", "v").replace("'", "")
    if not re.fullmatch(f"[a-z]{{1,{LONGEST_TYPED}}}", letters):
        return None
    if len(letters) == 1:
        return f"'{FIRST}{letters}'"
    ways = _readings(letters)
    if not NEVER_FIRST & set(letters):
        ways.append(tuple(letters[at : at + INITIALS] for at in range(max(1, len(letters) - INITIALS + 1))))
    return " | ".join(f"({' <-> '.join((*way[:-1], _begun(way[-1])))})" for way in dict.fromkeys(ways)) or None


def _begun(part: str) -> str:
    """The last part of a query, which may go on; where none can, it is quicker to ask for itself."""
    syllables = dictionary().syllables
    is_last = part in syllables and not any(other != part and other.startswith(part) for other in syllables)
    return part if is_last else f"{part}:*"


def _readings(letters: str) -> list[tuple[str, ...]]:
    """The letters as whole syllables, in every way, longer ones first; if there is no way, the last is unfinished."""
    known = dictionary()
    whole = _divided(letters, known.syllables, known.syllables)
    return whole or _divided(letters, known.syllables, known.beginnings)


def _divided(letters: str, syllables: frozenset[str], last: frozenset[str]) -> list[tuple[str, ...]]:
    ways: list[list[tuple[str, ...]]] = [[] for _ in letters]
    for at in reversed(range(len(letters))):
        rest = letters[at:]
        if rest in last:
            ways[at].append((rest,))
        for size in range(min(MOST_LETTERS, len(rest) - 1), 0, -1):
            if rest[:size] in syllables:
                ways[at] += [(rest[:size], *way) for way in ways[at + size]]
        ways[at] = ways[at][:MOST_READINGS]
    return ways[0]


@lru_cache(maxsize=20_000)
def _syllables(run: str) -> tuple[str, ...]:
    """One per character; a character that the dictionary does not know is spelled `x`."""
    known = dictionary()
    found: list[str] = []
    while len(found) < len(run):
        at = len(found)
        sizes = range(min(LONGEST_PHRASE, len(run) - at), 1, -1)
        phrase = next((known.phrases[part] for n in sizes if (part := run[at : at + n]) in known.phrases), None)
        if phrase is None:
            found.append(plain(known.characters.get(ord(run[at]), "x").partition(",")[0]))
        else:
            found += [plain(readings[0]) for readings in phrase]
    return tuple(found)
