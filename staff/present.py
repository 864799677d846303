"""People as answers show them."""

from typing import Any

from kit.links import file_url
from kit.phones import masked_phone

Row = dict[str, Any]


def as_oneself(row: Row) -> Row:
    """The row for the person it is about: with the address of the portrait in place of where it is stored."""
    shown = {name: value for name, value in row.items() if name != "portrait_key"}
    return {**shown, "portrait_url": file_url(row["portrait_key"])}


def as_seen(row: Row) -> Row:
    """The same for others: the telephone is masked."""
    return {**as_oneself(row), "phone": masked_phone(row["phone"]) if row["phone"] else None}
