"""Days in paths."""

from datetime import date

from kit.errors import NotFound


def day_of(text: str) -> date:
    """The day that a path names, such as 2026-11-01; any other text is not found."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise NotFound from None
