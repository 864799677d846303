"""Text to lines: which characters are set, where each line ends, and what goes when there is too much.

Widths come in as a function, so nothing here knows a font.
"""

import re
import unicodedata
from collections.abc import Callable, Sequence
from itertools import pairwise

from content_center.posters.linebreak import (
    NO_LINE_END,
    NO_LINE_START,
    PAUSES,
    SPACES,
    pieces,
    with_autospace,
)

ELLIPSIS = "…"
BLANKS = "".join(SPACES)
LOOKALIKES = {"❤": "♥", "➜": "→", "➡": "→", "✔": "✓", "✕": "×", "✖": "×", "⭐": "★", "\t": " ", "\u00a0": " "}
VARIATION_SELECTORS = frozenset(map(chr, (*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0))))
PUNCTUATION = NO_LINE_START | NO_LINE_END

# Spaces before these are dropped; before a dash or a stroke they belong there.
CLOSERS = frozenset("，。、；：！？）》〉」』】〕”％%,.;:!?)]}")

Measure = Callable[[str], float]
Units = list[str]  # unbreakable pieces
Ways = dict[int, tuple[float, int]]  # units set so far → (cost, where this line began)


def clean(text: str, *, has_glyph: Callable[[str], bool], autospace: bool = True) -> str:
    """The text as it can be set: one space at most, paragraphs by newline, nothing without a glyph (emoji).

    `autospace` puts a thin space between Chinese and Latin.
    """
    composed = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    kept = "".join(_settable(character, has_glyph) for character in composed)
    paragraphs = (re.sub(" +", " ", paragraph).strip(BLANKS) for paragraph in kept.split("\n"))
    settled = "\n".join(_tight(paragraph) for paragraph in paragraphs if paragraph)
    return with_autospace(settled) if autospace else settled


def wrap(text: str, *, width: float, max_lines: int, measure: Measure, balance: bool = False) -> list[str]:
    """At most `max_lines` lines, none wider than `width`; what does not fit ends in an ellipsis.

    `balance` makes the lines of a heading about equally long and lets them end at punctuation.
    """
    paragraphs = [_filled(paragraph, width, measure) for paragraph in text.split("\n")]
    if sum(len(lines) for lines in paragraphs) <= max_lines:
        shape = _balanced if balance else _without_runt
        return [_line(units) for lines in paragraphs for units in shape(lines, width, measure)]
    return _cut(paragraphs, width=width, max_lines=max_lines, measure=measure)


def shorten(text: str, *, width: float, measure: Measure) -> str:
    """As much of `text` as fits with an ellipsis after it, not ending in punctuation or half a word."""
    kept = pieces(text)
    while kept and measure(_with_ellipsis(kept)) > width:
        kept.pop()
    if kept:
        return _with_ellipsis(kept)
    end = _fitting(text, width - measure(ELLIPSIS), measure)
    return text[:end].rstrip(BLANKS) + ELLIPSIS


def _cut(paragraphs: Sequence[list[Units]], *, width: float, max_lines: int, measure: Measure) -> list[str]:
    rows = [(number, units) for number, lines in enumerate(paragraphs) for units in lines]
    number, last = rows[max_lines - 1]
    following, more = rows[max_lines]
    rest = "".join(last + more) if number == following else "".join(last)
    return [*(_line(units) for _, units in rows[: max_lines - 1]), shorten(rest, width=width, measure=measure)]


def _filled(paragraph: str, width: float, measure: Measure) -> list[Units]:
    lines: list[Units] = [[]]
    used = 0.0
    for unit in [part for piece in pieces(paragraph) for part in _parts(piece, width, measure)]:
        if lines[-1] and used + measure(unit.rstrip(BLANKS)) > width:
            lines.append([])
            used = 0.0
        lines[-1].append(unit)
        used += measure(unit)
    return lines


def _balanced(lines: list[Units], width: float, measure: Measure) -> list[Units]:
    """As many lines with the least squared raggedness, a line's end at a pause counting for it."""
    units = [unit for line in lines for unit in line]
    widths = [measure(unit) for unit in units]
    ways: list[Ways] = [{0: (0.0, 0)}]
    for _ in lines:
        ways.append(_one_more_line(ways[-1], units, widths, ideal=sum(widths) / len(lines), width=width))
    if len(units) not in ways[-1]:
        return lines
    cuts = [len(units)]
    for way in reversed(ways[1:]):
        cuts.insert(0, way[cuts[0]][1])
    return [units[start:end] for start, end in pairwise(cuts)]


def _one_more_line(reached: Ways, units: Units, widths: Sequence[float], *, ideal: float, width: float) -> Ways:
    found: Ways = {}
    for start, (cost, _) in reached.items():
        used = 0.0
        for end in range(start + 1, len(units) + 1):
            used += widths[end - 1]
            if used > width:
                break
            total = cost + ((used - ideal) / width) ** 2 - _pause_bonus(units[end - 1], last=end == len(units))
            if end not in found or total < found[end][0]:
                found[end] = (total, start)
    return found


def _pause_bonus(unit: str, *, last: bool) -> float:
    if last:
        return 0.0
    if unit[-1] in SPACES:
        return 0.02 if unit[-1] == " " else 0.0
    return 0.12 if unit[-1] in PAUSES else 0.0


def _without_runt(lines: list[Units], _width: float, _measure: Measure) -> list[Units]:
    """One more unit taken down where a single character would stand alone on the last line."""
    if len(lines) < 2:
        return lines
    *before, above, last = lines
    letters = [character for character in "".join(last) if character not in PUNCTUATION | SPACES]
    if len(letters) != 1 or len(above) < 4 or len(above[-1].rstrip(BLANKS)) > 2:
        return lines
    return [*before, above[:-1], [above[-1], *last]]


def _parts(piece: str, width: float, measure: Measure) -> list[str]:
    """The piece itself, or, where even a whole line is too short for it, as many parts as it takes."""
    parts = []
    while piece and measure(piece.rstrip(BLANKS)) > width:
        end = _spot_inside(piece, max(1, _fitting(piece, width, measure)))
        parts.append(piece[:end])
        piece = piece[end:]
    return [*parts, piece] if piece else parts


def _spot_inside(piece: str, end: int) -> int:
    back = end
    while back > 1 and (piece[back] in NO_LINE_START or piece[back - 1] in NO_LINE_END):
        back -= 1
    return back if back > 1 else end


def _fitting(text: str, width: float, measure: Measure) -> int:
    end = 0
    while end < len(text) and measure(text[: end + 1]) <= width:
        end += 1
    return end


def _line(units: Units) -> str:
    return "".join(units).strip(BLANKS)


def _with_ellipsis(kept: Units) -> str:
    return "".join(kept).rstrip(BLANKS + "".join(PUNCTUATION)) + ELLIPSIS


def _settable(character: str, has_glyph: Callable[[str], bool]) -> str:
    character = LOOKALIKES.get(character, character)
    # Joiners, keycaps and variation selectors only serve emoji; faces draw them as blanks.
    if unicodedata.category(character) in ("Cf", "Me") or character in VARIATION_SELECTORS:
        return ""
    if character == "\n" or (character.isprintable() and has_glyph(character)):
        return character
    return " " if character.isspace() or unicodedata.category(character) in ("So", "Cn", "Co") else ""


def _tight(paragraph: str) -> str:
    """Without the spaces that would let punctuation stand at the wrong end of a line."""
    out: list[str] = []
    for at, character in enumerate(paragraph):
        at_closing = at + 1 < len(paragraph) and paragraph[at + 1] in CLOSERS
        after_opening = bool(out) and out[-1] in NO_LINE_END
        if character not in SPACES or not (at_closing or after_opening):
            out.append(character)
    return "".join(out)
