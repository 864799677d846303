"""Products as answers show them: prices as amounts of money, pictures by their addresses."""

from typing import Any

from kit.links import file_url, thumbnail_url
from kit.money import money_or_none

Row = dict[str, Any]

PRICES = ("price", "list_price")


def priced(row: Row) -> Row:
    """The row with the API's amounts in place of its fen and currency; None where the product has no price."""
    hidden = ("currency", *(f"{name}_fen" for name in PRICES))
    amounts = {name: money_or_none(row[f"{name}_fen"], row["currency"]) for name in PRICES}
    return {**{name: value for name, value in row.items() if name not in hidden}, **amounts}


def product_row(row: Row) -> Row:
    """A product of the catalog's own lists."""
    return {**priced(row), "thumbnail_url": thumbnail_url(row["image_key"])}


def product_card(row: Row, *names: str) -> Row:
    """A product beside something else: what stands under `names`, its prices, and the addresses of its picture."""
    prices = priced({name: row[name] for name in (*names, "price_fen", "list_price_fen", "currency")})
    key = row["image_key"]
    return {**prices, "image_url": file_url(key), "thumbnail_url": thumbnail_url(key)}
