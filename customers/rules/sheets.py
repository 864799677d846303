"""How the columns of a file of customers become rows: titles in English or Chinese, values from text.

A column that is missing, and a cell that is empty, leave things as they are.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from customers.rules.identities import KINDS, normalised
from kit.codes import fold_code, is_code

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
GENDERS = {"female": "female", "male": "male", "other": "other", "女": "female", "男": "male", "其他": "other"}
_DATE = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")
_SEPARATORS = re.compile(r"[;；|、,，]")


class Problem(NamedTuple):
    """Why a row is refused: the column, a stable code, a sentence that repeats no personal data."""

    field: str
    code: str
    message: str


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

    @property
    def keys(self) -> set[tuple[str, str]]:
        """What the customer can be found by."""
        return {*self.identities, *([(MEMBER_NO, fold_code(self.member_no))] if self.member_no else [])}


def read_header(cells: Sequence[str]) -> list[str] | Problem:
    """The columns' names in the order of the file, or why the header will not do."""
    by_title = {title.lower(): name for name, title in TITLES.items()}
    while cells and not cells[-1]:
        cells = cells[:-1]
    names = [by_title.get(cell.lower(), cell.lower()) for cell in cells]
    if unknown := [cell for name, cell in zip(names, cells, strict=True) if name not in TITLES]:
        return Problem(unknown[0][:64], "unknown_column", f"Columns are {', '.join(TITLES)}.")
    if len(set(names)) < len(names):
        return Problem(max(names, key=names.count), "repeated_column", "Each column once.")
    if not set(names) & set(KEYS):
        return Problem(MEMBER_NO, "missing_column", f"At least one of {', '.join(KEYS)}.")
    return names


def read_row(line: int, names: Sequence[str], cells: Sequence[str]) -> CustomerRow | Problem:
    """A typed row, or the first cell that cannot be read."""
    texts = {name: cell for name, cell in zip(names, cells, strict=False) if cell}
    values: dict[str, str] = {}
    for name, text in texts.items():
        try:
            values[name] = _READERS[name](text)
        except ValueError as error:
            return Problem(name, "unreadable", str(error))
    tags = tuple(dict.fromkeys(tag.strip() for tag in _SEPARATORS.split(values.get("tags", "")) if tag.strip()))
    if len(tags) > MAX_TAGS or any(len(tag) > MAX_TAG for tag in tags):
        return Problem("tags", "too_long", f"At most {MAX_TAGS} tags of {MAX_TAG} characters.")
    if not all(tag.isprintable() for tag in tags):
        return Problem("tags", "unreadable", "Printable characters only.")
    row = CustomerRow(
        line=line,
        member_no=values.get(MEMBER_NO),
        identities=tuple((kind, values[kind]) for kind in KINDS if kind in values),
        profile={name: values[name] for name in ("name", "gender", "birthday", "city", "address") if name in values},
        store_code=values.get("store_code"),
        staff_no=values.get("staff_no"),
        tags=tags,
    )
    return row if row.keys else Problem(MEMBER_NO, "required", f"At least one of {', '.join(KEYS)}.")


def _text(name: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if len(text) > MAX_LENGTHS[name] or not text.isprintable():
            raise ValueError(f"At most {MAX_LENGTHS[name]} printable characters.")
        return text

    return read


def _member_no(text: str) -> str:
    if not is_code(text):
        raise ValueError("Not characters of a code.")
    return _text(MEMBER_NO)(text)


def _identity(kind: str) -> Callable[[str], str]:
    return lambda text: normalised(kind, text)


def _gender(text: str) -> str:
    if text.lower() not in GENDERS:
        raise ValueError("One of female, male, other; 女, 男, 其他.")
    return GENDERS[text.lower()]


def _day(text: str) -> str:
    found = _DATE.fullmatch(text)
    if not found:
        raise ValueError("Not a date like 1990-05-17.")
    return date(*(int(part) for part in found.groups())).isoformat()


_READERS: Mapping[str, Callable[[str], str]] = {
    **{name: _text(name) for name in MAX_LENGTHS},
    MEMBER_NO: _member_no,
    **{kind: _identity(kind) for kind in KINDS},
    "gender": _gender,
    "birthday": _day,
    "tags": str,
}
