"""Working days, holidays and festivals: what is decreed for China, the lunar calendar, and the week where nothing is.

Holidays and make-up workdays come from the package chinesecalendar, which follows the yearly notices of the State
Council (国务院办公厅关于…年部分节假日安排的通知); months of the lunar calendar from the package lunar_python.
"""

import re
from bisect import bisect_right
from datetime import date, timedelta
from functools import lru_cache
from typing import NamedTuple

import chinese_calendar
from babel import Locale
from lunar_python import LunarYear, Solar
from lunar_python.util import LunarUtil

KINDS = ("workday", "weekend", "holiday", "makeup_workday")
KIND_NAMES = dict(zip(("工作日", "周末", "节假日", "调休上班"), KINDS, strict=True))
WORKING = frozenset({"workday", "makeup_workday"})
FIRST_YEAR, LAST_YEAR = 2000, 2099
# The first year that a new database gets; figures compare with the year before.
SEEDED_FROM = 2020
# What CLDR names beside countries: unions, the unknown, pseudo-locales.
_NO_COUNTRIES = {"EU", "EZ", "QO", "UN", "XA", "XB", "ZZ"}
_DECREE = "国务院办公厅关于{year}年部分节假日安排的通知"
_NAMES = {
    "New Year's Day": "元旦",
    "Spring Festival": "春节",
    "Tomb-sweeping Day": "清明",
    "Labour Day": "五一",
    "Dragon Boat Festival": "端午",
    "Mid-autumn Festival": "中秋",
    "National Day": "国庆",
    "Anti-Fascist 70th Day": "抗战胜利纪念日",
}
_BY_DATE = {(1, 1): "元旦", (5, 1): "五一", (10, 1): "国庆", (11, 11): "双11"}
_BY_LUNAR_DATE = {(1, 1): "春节", (1, 15): "元宵", (5, 5): "端午", (7, 7): "七夕", (8, 15): "中秋"}


class Day(NamedTuple):
    """A day of a calendar, and the festival that it is or belongs to."""

    day: date
    kind: str
    festival: str | None


class LunarDate(NamedTuple):
    """A day of the Chinese calendar; `text` is such as 闰六月初一."""

    year: int
    month: int
    day: int
    is_leap_month: bool
    text: str


def is_country(code: str) -> bool:
    """Whether this is a country's code of two capital letters (ISO 3166-1)."""
    return bool(re.fullmatch("[A-Z]{2}", code)) and code in Locale("en").territories and code not in _NO_COUNTRIES


def week_kind(day: date) -> str:
    """What a day is by the week alone."""
    return "weekend" if day.isoweekday() > 5 else "workday"


def decreed_years(country: str) -> list[int]:
    """The years, from SEEDED_FROM on, whose holidays are known without anybody entering them."""
    last = max(chinese_calendar.holidays).year
    return list(range(SEEDED_FROM, last + 1)) if country == "CN" else []


def decree_of(year: int) -> str:
    """The notice by which China's holidays of a year are decreed."""
    return _DECREE.format(year=year)


def decreed_days(year: int) -> list[Day]:
    """China's holidays, make-up workdays and festivals of a year that is among `decreed_years`."""
    festivals = _festivals(year)
    found = []
    for day in _days_of(year):
        is_holiday = day in chinese_calendar.holidays
        kind = "holiday" if is_holiday else "makeup_workday" if day in chinese_calendar.workdays else week_kind(day)
        of_holiday = _NAMES[chinese_calendar.holidays[day]] if is_holiday else None
        festival = festivals.get(day) or of_holiday
        if kind != week_kind(day) or festival:
            found.append(Day(day, kind, festival))
    return found


def festival_of(country: str, day: date) -> str | None:
    """The festival of a day whose year nobody decreed: what the date alone tells, in China."""
    return _festivals(day.year).get(day) if country == "CN" else None


def lunar_date(day: date) -> LunarDate:
    """The day in the Chinese calendar; days from 2000 to 2099."""
    starts, months = _lunar_months(day.year)
    at = bisect_right(starts, day) - 1
    year, month = months[at]
    number = (day - starts[at]).days + 1
    name = ("闰" if month < 0 else "") + LunarUtil.MONTH[abs(month)] + "月" + LunarUtil.DAY[number]
    return LunarDate(year, abs(month), number, month < 0, name)


def _days_of(year: int) -> list[date]:
    first = date(year, 1, 1)
    return [first + timedelta(days=n) for n in range((date(year + 1, 1, 1) - first).days)]


@lru_cache(maxsize=200)
def _festivals(year: int) -> dict[date, str]:
    [(qingming, _)] = [
        term for term in chinese_calendar.get_solar_terms(date(year, 4, 3), date(year, 4, 7)) if term[1] == "清明"
    ]
    found = {qingming: "清明"}
    for day in _days_of(year):
        lunar = lunar_date(day)
        by_lunar = None if lunar.is_leap_month else _BY_LUNAR_DATE.get((lunar.month, lunar.day))
        if festival := by_lunar or _BY_DATE.get((day.month, day.day)):
            found[day] = festival
    return found


@lru_cache(maxsize=200)
def _lunar_months(year: int) -> tuple[list[date], list[tuple[int, int]]]:
    """First days, and lunar year and month (negative: a leap month), of the months that touch a solar year."""
    found: dict[date, tuple[int, int]] = {}
    for lunar_year in (year - 1, year):
        for month in LunarYear.fromYear(lunar_year).getMonths():
            first = Solar.fromJulianDay(month.getFirstJulianDay())
            found[date(first.getYear(), first.getMonth(), first.getDay())] = (month.getYear(), month.getMonth())
    starts = sorted(found)
    return starts, [found[start] for start in starts]
