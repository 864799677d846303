"""Whether a rule can ever be reached behind an earlier one."""

from datetime import date

from catalog.rules import CATEGORY_SEPARATOR
from commissions.rules.language.model import Match

SETS = ("brands", "skus", "tags", "channels", "store_tags", "roles", "customers", "campaigns")
BOUNDS = ("discount_from_bp", "price_from", "quantity_from")


def covers(earlier: Match, later: Match) -> bool:
    """Whether every line that `later` fits is fitted by `earlier`."""
    return (
        all(_holds(getattr(earlier, name), getattr(later, name)) for name in SETS)
        and _holds_paths(earlier.categories, later.categories)
        and all(_reaches(getattr(earlier, name), getattr(later, name)) for name in BOUNDS)
        and (earlier.first_day is None or (later.first_day or date.min) >= earlier.first_day)
        and (earlier.last_day is None or (later.last_day or date.max) <= earlier.last_day)
    )


def _holds(earlier: tuple[str, ...], later: tuple[str, ...]) -> bool:
    return not earlier or (bool(later) and set(later) <= set(earlier))


def _holds_paths(earlier: tuple[str, ...], later: tuple[str, ...]) -> bool:
    within = all(
        any(f"{path}{CATEGORY_SEPARATOR}".startswith(f"{one}{CATEGORY_SEPARATOR}") for one in earlier) for path in later
    )
    return not earlier or (bool(later) and within)


def _reaches(earlier: int | None, later: int | None) -> bool:
    return not earlier or (later is not None and later >= earlier)
