"""Where a line of Chinese, or of Chinese and Latin mixed, may end: after UAX #14 and the W3C's clreq."""

import unicodedata
from functools import lru_cache

# clreq 3.1.3 "line-start and line-end prohibition", UAX #14 classes CL, CP, EX, IS, SY, PO, NS and OP, PR.
NO_LINE_START = frozenset(
    "，。、；：！？）》〉」』】〕〗〙〛｝］”’·‧・…—～〜ー々〻％‰℃°℉%,.;:!?)]}>/｜|」﹂﹄︶＞／，．"
)
NO_LINE_END = frozenset("（《〈「『【〔〖〘〚｛［“‘([{<¥￥$＄€£₩№＃#＠@﹁﹃︵＜")
# A number keeps its measure word: 30毫升, 2件, 7天 are read in one go.
MEASURE_WORDS = frozenset("元角分件折天倍款支瓶盒套片年月日号周点小时秒克升毫厘公个次位名步重层色岁度")
LONG_MEASURES = frozenset({"毫升", "毫克", "毫米", "厘米", "公斤", "小时", "分钟", "个月"})
PAUSES = frozenset("，。、；：！？…—,.;:!?”」』）)")
THIN_SPACE = "\u2009"
SPACES = frozenset((" ", THIN_SPACE, "\u3000"))


def pieces(text: str) -> list[str]:
    """The text of one paragraph cut at every place where a line may end; trailing spaces stay with their piece."""
    cut: list[str] = []
    start = 0
    for at in range(1, len(text)):
        if may_break(text, at):
            cut.append(text[start:at])
            start = at
    return [*cut, text[start:]] if text else []


def may_break(text: str, at: int) -> bool:
    """Whether a line may end before `text[at]`."""
    after = text[at]
    end = at
    while end > 0 and text[end - 1] in SPACES:
        end -= 1
    if after in SPACES or end == 0 or after in NO_LINE_START or _joins_backwards(after):
        return False
    before = text[end - 1]
    if before in NO_LINE_END or (before.isdigit() and after in MEASURE_WORDS and " " not in text[end:at]):
        return False
    return end < at or _may_break_inside(text, at)


def is_wide(character: str) -> bool:
    """Whether it is written in a full-width square: Han, kana, full-width signs."""
    return unicodedata.east_asian_width(character) in "WF"


def is_han(character: str) -> bool:
    """Whether it is a Chinese character (and not punctuation)."""
    return unicodedata.category(character) == "Lo" and unicodedata.east_asian_width(character) == "W"


def with_autospace(text: str) -> str:
    """A thin space between Chinese and Latin letters or digits, as clreq 3.2.3 asks, where the writer left none."""
    out: list[str] = []
    for at, character in enumerate(text):
        if at and _needs_space(text[at - 1], character):
            out.append(THIN_SPACE)
        out.append(character)
    return "".join(out)


def _may_break_inside(text: str, at: int) -> bool:
    before, after = text[at - 1], text[at]
    if before + after in LONG_MEASURES:
        return False
    if before == "-":
        return at > 1 and text[at - 2].isalpha() and after.isalpha()
    return is_wide(before) or is_wide(after)


@lru_cache(maxsize=4096)
def _joins_backwards(character: str) -> bool:
    return unicodedata.category(character) in ("Mn", "Me", "Mc", "Cf")


def _needs_space(left: str, right: str) -> bool:
    return (is_han(left) and _is_western(right)) or (_is_western(left) and is_han(right))


def _is_western(character: str) -> bool:
    return character.isascii() and character.isalnum()
