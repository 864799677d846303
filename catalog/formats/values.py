"""Reading the cells of files: amounts without floats, yes and no, barcodes as text."""

import re
from decimal import Decimal, InvalidOperation

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
