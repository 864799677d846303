"""Amounts of money as a poster shows them: integer minor units in, parts to be set in different sizes out."""

from typing import NamedTuple

SYMBOLS = {"CNY": "¥", "USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥", "KRW": "₩", "HKD": "HK$", "TWD": "NT$"}
SYMBOLS |= {"SGD": "S$", "MOP": "MOP$", "AUD": "A$", "CAD": "C$"}
WITHOUT_MINOR_UNIT = frozenset({"JPY", "KRW", "VND"})


class PriceParts(NamedTuple):
    """`¥` `1,299` `.50`; the fraction is empty for whole amounts."""

    symbol: str
    whole: str
    fraction: str


def price_parts(amount_fen: int, currency: str) -> PriceParts:
    """The parts of a non-negative amount; a currency without a known symbol shows its ISO code."""
    if amount_fen < 0:
        raise ValueError("a price is not negative")
    symbol = SYMBOLS.get(currency, f"{currency} ")
    if currency in WITHOUT_MINOR_UNIT:
        return PriceParts(symbol, f"{amount_fen:,}", "")
    whole, fraction = divmod(amount_fen, 100)
    return PriceParts(symbol, f"{whole:,}", f".{fraction:02}" if fraction else "")


def is_reduced(price_fen: int, list_price_fen: int | None) -> bool:
    """Whether there is a higher original price worth striking through."""
    return list_price_fen is not None and list_price_fen > price_fen
