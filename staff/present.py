"""People as answers show them."""

from typing import Any

from kit.links import file_url


def with_portrait(row: dict[str, Any]) -> dict[str, Any]:
    """The row with the address of the portrait in place of where it is stored."""
    return {
        **{name: row[name] for name in row if name != "portrait_key"},
        "portrait_url": file_url(row["portrait_key"]),
    }
