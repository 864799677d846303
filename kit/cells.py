"""Cells of tables as a person sees them, and what people write where there is nothing to write."""

import re

from kit.broken_codes import check_code

# Marks of direction, zero-width spaces, and the mark before a file that another one was pasted behind. Joiners stay:
# they hold emoji and letters together (kit/names.py).
_UNSEEN = "\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff"
_MARKS = re.compile(f"[{_UNSEEN}]")
_NEEDS_READING = re.compile(f'[{_UNSEEN}]|="')
# ="00123", by which programs keep a spreadsheet from making a number of a code.
_AS_TEXT = re.compile(r'="([^"]*)"')
_SEPARATOR_LINE = re.compile(r"\ufeff?sep=.\r?\n?", re.IGNORECASE)
_NOTHING = frozenset(
    (
        *("-", "--", "---", "—", "——", "/", "\\", ".", "?", "n/a", "na", "null", "nil", "none", "nan", "undefined"),
        *("无", "无号", "没有", "暂无", "空", "未知", "不详", "待补", "待定"),
    )
)
# One number for all who have none.
_ZEROS = re.compile("0+")


def needs_reading(line: str) -> bool:
    """Whether a line of text may hold cells that show something else than what is written; most do not."""
    return bool(_NEEDS_READING.search(line))


def as_shown(cell: str) -> str:
    """The cell without what cannot be seen, and the text of a formula that is one."""
    seen = cell if cell.isascii() else _MARKS.sub("", cell)
    found = _AS_TEXT.fullmatch(seen.strip())
    return found[1] if found else seen


def is_separator_line(line: str) -> bool:
    """Whether the line says only by what cells are parted (`sep=;`), as Excel has it before the header."""
    return bool(_SEPARATOR_LINE.fullmatch(line))


def read_code(text: str) -> str:
    """A code as it was meant: without the quote by which people keep it text; raises BrokenCode."""
    code = check_code(text).lstrip("'")
    return code if code.isascii() else code.replace("\u200c", "").replace("\u200d", "")


def is_nothing(text: str) -> bool:
    """Whether the cell says in words that there is nothing: `-`, `N/A`, `无`. As a code it would make one of many."""
    return len(text) <= 9 and text.strip().lower() in _NOTHING


def is_no_code(text: str) -> bool:
    """The same of a code or id, for which zeros stand as well."""
    return is_nothing(text) or bool(_ZEROS.fullmatch(text.strip()))
