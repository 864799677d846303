"""How the columns of a file of customers become rows: titles in English or Chinese, values from text.

A column that is missing, and a cell that is empty, leave things as they are.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from unicodedata import normalize

from customers.rules.birthdays import is_birthday
from customers.rules.identities import KINDS, normalised, read_phones
from kit.broken_codes import BrokenCode, find_failure
from kit.cells import is_no_code, is_nothing, read_code
from kit.codes import fold_code, is_code
from kit.dates import read_day
from kit.headings import header_wrong, read_headings
from kit.names import without_marks
from kit.problems import Problem
from kit.words import Said, Term, Unfit, say

MEMBER_NO = "member_no"
TITLES = {
    MEMBER_NO: "会员号",
    "name": "姓名",
    "phone": "手机号",
    "email": "邮箱",
    "wecom": "企业微信ID",
    "wechat_union": "UnionID",
    "mall": "商城会员ID",
    "gender": "性别",
    "birthday": "生日",
    "city": "城市",
    "address": "地址",
    "store_code": "门店编码",
    "staff_no": "导购工号",
    "tags": "标签",
}
KEYS = (MEMBER_NO, *KINDS)
MAX_LENGTHS = {MEMBER_NO: 64, "name": 100, "city": 100, "address": 300, "store_code": 64, "staff_no": 64}
MAX_TAG, MAX_TAGS = 64, 50
GENDERS = {
    **dict.fromkeys(("female", "f", "女", "女士", "女性"), "female"),
    **dict.fromkeys(("male", "m", "男", "先生", "男士", "男性"), "male"),
    **dict.fromkeys(("other", "其他"), "other"),
}
# What tells one customer, store or guide from another.
CODES = frozenset((MEMBER_NO, "wecom", "wechat_union", "mall", "store_code", "staff_no"))
_SEPARATORS = re.compile(r"[;；|、,，]")

# What a cell holds, and why parts of it cannot be read.
Reader = Callable[[str], tuple[list[str], list[Said]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerRow:
    """A customer as a file gives them."""

    line: int
    member_no: str | None
    identities: tuple[tuple[str, str], ...]
    profile: Mapping[str, str]
    store_code: str | None
    staff_no: str | None
    tags: tuple[str, ...]
    warnings: tuple[Problem, ...] = ()

    @property
    def keys(self) -> set[tuple[str, str]]:
        """What the customer can be found by."""
        return {*self.identities, *([(MEMBER_NO, fold_code(self.member_no))] if self.member_no else [])}


def read_header(cells: Sequence[str]) -> list[str]:
    """The columns' names in the order of the file; raises SheetHeaderWrong."""
    names = read_headings(cells, TITLES)
    if not set(names) & set(KEYS):
        raise header_wrong(MEMBER_NO, say("missing_column.key", columns=_named(KEYS)))
    return names


def read_row(line: int, names: Sequence[str], cells: Sequence[str], *, now: datetime) -> CustomerRow | Problem:
    """A typed row, with a warning for each cell that cannot be read, or why the row is refused.

    A code or id that cannot be read refuses the row: the customer would be somebody else.
    """
    values: dict[str, list[str]] = {}
    warnings: list[Problem] = []
    for name, text in zip(names, cells, strict=False):
        try:
            found, reasons = _cell(name, text)
        except BrokenCode as error:
            return Problem(name, error.said)
        except Unfit as error:
            if name in CODES:
                return Problem(name, error.said)
            found, reasons = [], [error.said]
        values[name] = found
        warnings += [Problem(name, reason) for reason in reasons]
    if not all(is_birthday(date.fromisoformat(day), now=now) for day in values.get("birthday", ())):
        values["birthday"] = []
        warnings.append(Problem("birthday", say("unreadable.birthday")))
    row = _row(line, values, tuple(warnings))
    if row.keys:
        return row
    lost = next((warning for warning in warnings if warning.field in KEYS), None)
    return lost or Problem(MEMBER_NO, say("required.key", columns=_named(KEYS)))


def _named(columns: Iterable[str]) -> list[Term]:
    return [Term(name, TITLES[name]) for name in columns]


def _cell(name: str, text: str) -> tuple[list[str], list[Said]]:
    """What the cell of the column holds, and why parts of it cannot be read."""
    if not text:
        return [], []
    if is_no_code(text) if name in KEYS else is_nothing(text):
        return [], [say("unreadable.nothing")]
    return _READERS[name](text)


def _row(line: int, values: Mapping[str, list[str]], warnings: tuple[Problem, ...]) -> CustomerRow:
    one = {name: found[0] for name, found in values.items() if found}
    return CustomerRow(
        line=line,
        member_no=one.get(MEMBER_NO),
        identities=tuple((kind, value) for kind in KINDS for value in values.get(kind, ())),
        profile={name: one[name] for name in ("name", "gender", "birthday", "city", "address") if name in one},
        store_code=one.get("store_code"),
        staff_no=one.get("staff_no"),
        tags=tuple(values.get("tags", ())),
        warnings=warnings,
    )


def _one(read: Callable[[str], str]) -> Reader:
    """A cell with one value; nothing where only what cannot be seen was in it."""

    def reader(text: str) -> tuple[list[str], list[Said]]:
        value = read(text)
        return ([value] if value else []), []

    return reader


def _text(name: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        found = without_marks(text)
        if len(found) > MAX_LENGTHS[name]:
            raise Unfit(say("too_long.text", max=MAX_LENGTHS[name]))
        if name in CODES:
            return read_code(found)
        if find_failure(found):
            raise Unfit(say("unreadable.failed"))
        return found

    return read


def _member_no(text: str) -> str:
    found = _text(MEMBER_NO)(text)
    if found and not is_code(found):
        raise Unfit(say("bad_characters.code"))
    return found


def _identity(kind: str) -> Callable[[str], str]:
    return lambda text: normalised(kind, text)


def _gender(text: str) -> str:
    word = normalize("NFKC", text).strip().lower()
    if word not in GENDERS:
        raise Unfit(say("unreadable.gender"))
    return GENDERS[word]


def _day(text: str) -> str:
    return read_day(without_marks(text)).isoformat()


def _tags(text: str) -> tuple[list[str], list[Said]]:
    words = dict.fromkeys(word for part in _SEPARATORS.split(text) if (word := without_marks(part)))
    taken = [word for word in words if len(word) <= MAX_TAG][:MAX_TAGS]
    problem = say("too_many.long_tags", max=MAX_TAGS, characters=MAX_TAG)
    return taken, [problem] if len(taken) < len(words) else []


_READERS: Mapping[str, Reader] = {
    **{name: _one(_text(name)) for name in MAX_LENGTHS},
    MEMBER_NO: _one(_member_no),
    **{kind: _one(_identity(kind)) for kind in KINDS},
    "phone": read_phones,
    "gender": _one(_gender),
    "birthday": _one(_day),
    "tags": _tags,
}
