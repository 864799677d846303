"""How the columns of a file become rows: names in English or Chinese, values from text."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kit.broken_codes import find_failure
from kit.cells import is_nothing, read_code
from kit.dates import read_day
from kit.headings import as_terms, header_wrong, read_headings
from kit.names import without_marks
from kit.phones import read_phone
from kit.problems import Problem
from kit.words import Unfit, say
from staff.rules import roster
from staff.rules.calendar import KIND_NAMES
from staff.rules.roles import ROLE_TITLES
from staff.rules.rows import NORMAL_MINUTES, AreaRow, CalendarRow, RegionRow, RosterRow, StaffRow, StoreRow

_COUNT = re.compile(r"\d{1,3}(,\d{3})*|\d{1,15}")
_ROLE_OF = {title: role for role, titles in ROLE_TITLES.items() for title in titles}
_SEPARATORS = re.compile(r"[;；|、,，]")


def read_text(text: str) -> str:
    """A text for people; raises Unfit for what became of a formula."""
    if find_failure(text):
        raise Unfit(say("unreadable.failed"))
    return without_marks(text)


def read_own_code(text: str) -> str:
    """A code that tells rows apart; raises BrokenCode, and Unfit for one that says that there is none."""
    if is_nothing(text):
        raise Unfit(say("unreadable.nothing"))
    return read_code(text)


@dataclass(frozen=True, kw_only=True)
class Column:
    """A column of a file; empty cells become `default`, unless the column is required."""

    chinese: str
    read: Callable[[str], Any] = read_text
    required: bool = False
    optional: bool = False  # may be missing: what is known then stays
    default: Any = None


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """One kind of file: what its rows become, and which columns tell them apart."""

    row: Callable[..., Any]
    keys: tuple[str, ...]
    columns: Mapping[str, Column]

    def key_of(self, row: Any) -> str:
        """By what a row is called in reports, and compared with others."""
        return " ".join(str(getattr(row, name)) for name in self.keys)


def read_roles(text: str) -> tuple[str, ...]:
    """Roles as programs name them, written so or in Chinese; each once."""
    return tuple(dict.fromkeys(_ROLE_OF.get(word, word.lower()) for word in read_words(text)))


def read_words(text: str) -> tuple[str, ...]:
    """Words between semicolons, commas or bars."""
    return tuple(word.strip() for word in _SEPARATORS.split(text) if word.strip())


def read_count(text: str) -> int:
    """A whole number, with or without marks between thousands."""
    if not _COUNT.fullmatch(text):
        raise Unfit(say("unreadable.count"))
    return int(text.replace(",", ""))


def _read_roster_kind(text: str) -> str:
    return roster.KIND_NAMES.get(text, text)


def _read_kind(text: str) -> str:
    return KIND_NAMES.get(text, text)


SHEETS: Mapping[str, Sheet] = {
    "regions": Sheet(
        row=RegionRow,
        keys=("code",),
        columns={
            "code": Column(chinese="区域编码", read=read_own_code, required=True),
            "name": Column(chinese="区域名称", required=True),
            "parent_code": Column(chinese="上级区域编码", read=read_own_code),
        },
    ),
    "stores": Sheet(
        row=StoreRow,
        keys=("code",),
        columns={
            "code": Column(chinese="门店编码", read=read_own_code, required=True),
            "name": Column(chinese="门店名称", required=True),
            "region_code": Column(chinese="区域编码", read=read_own_code, required=True),
            "time_zone": Column(chinese="时区", default="Asia/Shanghai"),
            "currency": Column(chinese="币种", default="CNY"),
            "country": Column(chinese="国家", default="CN"),
            "city": Column(chinese="城市"),
            "normal_minutes": Column(chinese="标准工时", read=read_count, optional=True, default=NORMAL_MINUTES),
            "tags": Column(chinese="标签", read=read_words, default=()),
            "opened_on": Column(chinese="开业日期", read=read_day, required=True),
            "closed_on": Column(chinese="关店日期", read=read_day),
        },
    ),
    "staff": Sheet(
        row=StaffRow,
        keys=("staff_no",),
        columns={
            "staff_no": Column(chinese="工号", read=read_own_code, required=True),
            "name": Column(chinese="姓名", required=True),
            "roles": Column(chinese="角色", read=read_roles, required=True),
            "store_code": Column(chinese="门店编码", read=read_own_code),
            "region_code": Column(chinese="区域编码", read=read_own_code),
            "hired_on": Column(chinese="入职日期", read=read_day, required=True),
            "left_on": Column(chinese="离职日期", read=read_day),
            "placed_from": Column(chinese="到岗日期", read=read_day, optional=True),
            "phone": Column(chinese="手机", read=read_phone, optional=True),
            "wecom_user_id": Column(chinese="企业微信账号", optional=True),
        },
    ),
    "rosters": Sheet(
        row=RosterRow,
        keys=("store_code", "staff_no", "day"),
        columns={
            "store_code": Column(chinese="门店编码", read=read_own_code, required=True),
            "staff_no": Column(chinese="工号", read=read_own_code, required=True),
            "day": Column(chinese="日期", read=read_day, required=True),
            "kind": Column(chinese="班次类型", read=_read_roster_kind, required=True),
            "minutes": Column(chinese="分钟", read=read_count, default=0),
            "version": Column(chinese="版本", read=read_count, optional=True),
        },
    ),
    "store-areas": Sheet(
        row=AreaRow,
        keys=("store_code", "valid_from"),
        columns={
            "store_code": Column(chinese="门店编码", read=read_own_code, required=True),
            "valid_from": Column(chinese="生效日期", read=read_day, required=True),
            "area_m2": Column(chinese="营业面积", read=read_count, required=True),
        },
    ),
    "calendars": Sheet(
        row=CalendarRow,
        keys=("day",),
        columns={
            "day": Column(chinese="日期", read=read_day, required=True),
            "kind": Column(chinese="类型", read=_read_kind, required=True),
            "festival": Column(chinese="节日"),
        },
    ),
}


def read_header(sheet: Sheet, cells: Sequence[str]) -> list[str]:
    """The columns' names in the order of the file; raises SheetHeaderWrong.

    Every column must be there, but for optional ones: one that is missing would empty that field of everybody.
    """
    titles = {name: column.chinese for name, column in sheet.columns.items()}
    names = read_headings(cells, titles)
    if missing := [name for name, column in sheet.columns.items() if not column.optional and name not in names]:
        raise header_wrong(missing[0], say("missing_column", columns=as_terms(titles)))
    return names


def read_row(sheet: Sheet, names: Sequence[str], cells: Sequence[str]) -> Any:
    """A typed row, or the first cell that cannot be read."""
    values: dict[str, Any] = {}
    for index, name in enumerate(names):
        column = sheet.columns[name]
        text = cells[index] if index < len(cells) else ""
        if not text and column.required:
            return Problem(name, say("required"))
        try:
            values[name] = column.read(text) if text else column.default
        except Unfit as error:
            return Problem(name, error.said)
    return sheet.row(**values)
