"""Reading the cells of files: amounts without floats, yes and no, barcodes as text."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import msgspec

from kit.broken_codes import BrokenCode, find_damage, find_failure
from kit.cells import is_nothing, read_code
from kit.words import Said, Unfit, say

# Minor units per currency (ISO 4217); two where nothing else is said.
EXPONENTS = {
    **dict.fromkeys(("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND", "XAF"), 0),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
}
DIGITS = re.compile(r"[0-9]{1,15}")
FRACTION = re.compile(r"[0-9]{1,6}")
# What stands between thousands in France or Switzerland.
GROUP_SPACE = re.compile(r"(?<=\d)[ '’](?=\d{3}(?!\d))")
NO_FRACTION = re.compile(r"(?<=\d)[.,][-–—]+(?=\D*$)")
SIGNS = "¥￥$€£元圆円 \u00a0"
TRUE = frozenset({"1", "true", "yes", "y", "t", "是", "有", "有货"})
FALSE = frozenset({"0", "false", "no", "n", "f", "否", "无", "无货", "缺货"})
BLANKS = re.compile(r"\s+")
BARCODE = re.compile(r"[0-9A-Za-z-]{1,64}")
URL = re.compile(r"https?://[^\s\"<>]{3,1990}")


MOMENT = re.compile(r"(\d{4}-\d\d-\d\d)(?:[ T](\d{1,2}:\d\d(?::\d\d)?)\s*(Z|[+-]\d\d:?\d\d)?)?")


@dataclass(frozen=True, kw_only=True)
class Instant:
    """When the file came in, and the time zone of what it says without one: they decide whether a sale is on."""

    at: datetime
    zone: ZoneInfo


class BadValue(Unfit):
    """A cell that cannot be read; the words say what it holds and what was expected, `field` which one it is."""

    def __init__(self, said: Said, field: str | None = None) -> None:
        super().__init__(said)
        self.field = field


@dataclass(frozen=True)
class Money:
    """How a source writes amounts: in which currency, and with which decimal sign."""

    currency: str
    decimal_sign: str = "."


def minor_units(given: str, money: Money) -> int:
    """An amount in major units as written (`1,299.00`, `¥129`, `12,90 €`) in minor units; raises BadValue.

    Where one sign stands before three digits (1.299), the source's decimal sign decides; what can be meant in one way
    only is read so. Digits beyond the currency's minor unit must be zeros: nothing is rounded.
    """
    currency = money.currency
    plain = unicodedata.normalize("NFKC", given[:200])
    # `129,-` is what shops write where there are no cents.
    plain = NO_FRACTION.sub("", plain.strip().lstrip("'"))
    written = plain.strip(SIGNS).removesuffix(currency).removeprefix(currency).strip(SIGNS)
    whole, fraction = _parted(GROUP_SPACE.sub("", written), money.decimal_sign)
    if not DIGITS.fullmatch(whole) or not FRACTION.fullmatch(fraction):
        raise BadValue(say("price_unreadable", given=given[:50]))
    exact = Decimal(f"{whole}.{fraction}").scaleb(EXPONENTS.get(currency, 2))
    if exact != exact.to_integral_value():
        raise BadValue(say("price_unreadable.digits", given=given[:50], currency=currency))
    return int(exact)


def _parted(written: str, decimal_sign: str) -> tuple[str, str]:
    """The digits before and behind the decimal sign; the first is no number where the signs stand astray."""
    last = max(written.rfind("."), written.rfind(","))
    if last < 0:
        return written, "0"
    sign, behind = written[last], written[last + 1 :]
    other = "," if sign == "." else "."
    if written.count(sign) == 1 and (sign == decimal_sign or other in written or len(behind) != 3):
        return _ungrouped(written[:last], other) or "0", behind
    return _ungrouped(written, sign), "0"


def _ungrouped(written: str, sign: str) -> str:
    first, *groups = written.split(sign)
    tidy = 1 <= len(first) <= 3 and all(len(group) == 3 for group in groups)
    return "".join((first, *groups)) if tidy else written


def yes_or_no(given: str, *, default: bool) -> bool:
    """What a cell such as `TRUE`, `0` or `是` says; an empty one says `default`. Raises BadValue."""
    word = given.strip().lower()
    if not word:
        return default
    if word in TRUE:
        return True
    if word in FALSE:
        return False
    raise BadValue(say("flag_unreadable", given=given[:50]))


def code(given: str) -> str:
    """A code or id as it was meant; raises BadValue for one that a spreadsheet has broken (6.9E+12).

    One that says that there is none (`-`, `无`) is refused, too: it would make one product of many.
    """
    try:
        found = read_code(given)
    except BrokenCode as error:
        raise BadValue(error.said) from None
    if is_nothing(found):
        raise BadValue(say("id_missing.word", given=given[:50]))
    return found


def words(given: str) -> str | None:
    """A text for people, None when empty; raises BadValue for what became of a formula (#N/A)."""
    if find_failure(given):
        raise BadValue(say("cell_failed"))
    return given or None


def barcode(given: str) -> str | None:
    """A barcode as text, None when empty; raises BadValue for what is none, or was broken by a spreadsheet."""
    written = given.strip().lstrip("'")
    if not written or is_nothing(written):
        return None
    if damage := find_damage(given):
        raise BadValue(say("barcode_unreadable.broken", why=damage))
    if not BARCODE.fullmatch(written):
        # As it is printed, or typed: with blanks between groups, in full width.
        written = BLANKS.sub("", unicodedata.normalize("NFKC", written))
    if not BARCODE.fullmatch(written):
        raise BadValue(say("barcode_unreadable", given=given[:50]))
    return written


def platform_id(given: str) -> str | None:
    """What a platform knows a product or variant by, None when empty; raises BadValue for what is broken."""
    return code(given) or None


def variant_id(given: str) -> str | msgspec.UnsetType:
    """The same of a variant, as items have it."""
    return platform_id(given) or msgspec.UNSET


def whole_number(given: str) -> int:
    """A non-negative whole number; raises BadValue."""
    written = unicodedata.normalize("NFKC", given).strip().lstrip("'")
    if not re.fullmatch(r"[0-9]{1,18}", written):
        raise BadValue(say("number_unreadable", given=given[:50]))
    return int(written)


def tags(given: str) -> list[str]:
    """The tags in a cell that lists them with commas, full-width ones included, or semicolons; raises BadValue."""
    parts = (part.strip() for part in re.split(r"[,，;；]", given))
    return [tag for part in parts if (tag := words(part))]


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
        raise BadValue(say("date_unreadable", given=given[:50]))
    day, clock_time, offset = found.groups()
    try:
        if clock_time is None:
            return datetime.combine(datetime.fromisoformat(day) + timedelta(days=end), time(), tzinfo=zone)
        # WooCommerce writes hours before ten with one digit.
        at = datetime.fromisoformat(f"{day}T{clock_time.zfill(8 if clock_time.count(':') == 2 else 5)}{offset or ''}")
    except (ValueError, OverflowError):
        raise BadValue(say("date_unreadable", given=given[:50])) from None
    step = timedelta(seconds=1) if clock_time.count(":") == 2 else timedelta(minutes=1)
    return (at if offset else at.replace(tzinfo=zone)) + step * end
