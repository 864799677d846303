"""Reading the cells of files: amounts without floats, yes and no, barcodes as text."""

import re
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from zoneinfo import ZoneInfo

# Minor units per currency (ISO 4217); two where nothing else is said.
EXPONENTS = {
    **dict.fromkeys(("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND", "XAF"), 0),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
}
PLAIN = re.compile(r"\d{1,15}(\.\d{1,6})?")
GROUPED = re.compile(r"\d{1,3}(,\d{3}){1,4}(\.\d{1,6})?")
SIGNS = "¥￥$€£ \u00a0"
TRUE = frozenset({"1", "true", "yes", "y", "t", "是", "有", "有货"})
FALSE = frozenset({"0", "false", "no", "n", "f", "否", "无", "无货", "缺货"})
BARCODE = re.compile(r"[0-9A-Za-z-]{1,64}")
URL = re.compile(r"https?://[^\s\"<>]{3,1990}")


MOMENT = re.compile(r"(\d{4}-\d\d-\d\d)(?:[ T](\d{1,2}:\d\d(?::\d\d)?)\s*(Z|[+-]\d\d:?\d\d)?)?")


@dataclass(frozen=True, kw_only=True)
class Instant:
    """When the file came in, and the time zone of what it says without one: they decide whether a sale is on."""

    at: datetime
    zone: ZoneInfo


class BadValue(Exception):
    """A cell that cannot be read; the message says what it holds and what was expected."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail


def minor_units(given: str, currency: str) -> int:
    """An amount in major units as written (`1,299.00`, `¥129`) in minor units; raises BadValue.

    Digits beyond the currency's minor unit must be zeros: nothing is rounded.
    """
    written = given.strip(SIGNS).removesuffix(currency).removeprefix(currency).strip(SIGNS)
    if not (PLAIN.fullmatch(written) or GROUPED.fullmatch(written)):
        raise BadValue("price_unreadable", f"{given[:50]!r} is not an amount.")
    try:
        exact = Decimal(written.replace(",", "")).scaleb(EXPONENTS.get(currency, 2))
    except InvalidOperation:
        raise BadValue("price_unreadable", f"{given[:50]!r} is not an amount.") from None
    if exact != exact.to_integral_value():
        raise BadValue("price_unreadable", f"{given[:50]!r} has more digits than {currency} has.")
    return int(exact)


def yes_or_no(given: str, *, default: bool) -> bool:
    """What a cell such as `TRUE`, `0` or `是` says; an empty one says `default`. Raises BadValue."""
    word = given.strip().lower()
    if not word:
        return default
    if word in TRUE:
        return True
    if word in FALSE:
        return False
    raise BadValue("flag_unreadable", f"{given[:50]!r} is neither yes nor no.")


def barcode(given: str) -> str | None:
    """A barcode as text, None when empty; raises BadValue for what a spreadsheet made unreadable (6.9E+12)."""
    written = given.strip().lstrip("'")
    if not written:
        return None
    if not BARCODE.fullmatch(written):
        raise BadValue("barcode_unreadable", f"{given[:50]!r} is not a barcode; format the column as text.")
    return written


def whole_number(given: str) -> int:
    """A non-negative whole number; raises BadValue."""
    written = given.strip()
    if not re.fullmatch(r"[0-9]{1,18}", written):
        raise BadValue("number_unreadable", f"{given[:50]!r} is not a whole number.")
    return int(written)


def urls(given: str) -> list[str]:
    """The web addresses in a cell that lists them with commas, semicolons, bars or spaces; others are left out."""
    return URL.findall(given.replace(";", " ").replace("|", " ").replace(", ", " ").replace(",http", " http"))[:20]


def sale_is_on(starts: str, ends: str, *, now: Instant) -> bool:
    """Whether `now` lies between two dates or moments as written, both included; an empty one bounds nothing.

    A date begins and ends at midnight of its zone. Raises BadValue.
    """
    after_start = not starts.strip() or _moment(starts, now.zone, end=False) <= now.at
    before_end = not ends.strip() or now.at < _moment(ends, now.zone, end=True)
    return after_start and before_end


def _moment(given: str, zone: ZoneInfo, *, end: bool) -> datetime:
    """The first instant of what is written; with `end`, the first one after it."""
    found = MOMENT.fullmatch(given.strip())
    if found is None:
        raise BadValue("date_unreadable", f"{given[:50]!r} is not a date.")
    day, clock_time, offset = found.groups()
    try:
        if clock_time is None:
            return datetime.combine(datetime.fromisoformat(day) + timedelta(days=end), time(), tzinfo=zone)
        # WooCommerce writes hours before ten with one digit.
        at = datetime.fromisoformat(f"{day}T{clock_time.zfill(8 if clock_time.count(':') == 2 else 5)}{offset or ''}")
    except (ValueError, OverflowError):
        raise BadValue("date_unreadable", f"{given[:50]!r} is not a date.") from None
    step = timedelta(seconds=1) if clock_time.count(":") == 2 else timedelta(minutes=1)
    return (at if offset else at.replace(tzinfo=zone)) + step * end
