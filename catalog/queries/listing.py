"""Pages of products: for each way of narrowing, the statement that reads a page and not the catalog."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import TextClause, text

from catalog.queries.offers import CARD_COLUMNS, CARD_JOINS
from catalog.rules import CATEGORY_SEPARATOR, is_indexed
from kit.db import fetch_all

FIELDS = "id, title, brand_id, category_id, shelf_status, shelf_reason, doubtful"
BELOW = "SELECT id FROM category WHERE path = :category OR starts_with(path, :below)"

# What is found is a page; only its rows are then priced.
PAGE = f"""
SELECT {CARD_COLUMNS}
FROM ({{found}}) p {CARD_JOINS}
ORDER BY p.title, p.id
"""  # noqa: S608 - built from constants

# Along an index that has the order of titles, as far as the page goes. The limit is no parameter: a plan that does not
# know it would sort every product there is.
WALK = f"SELECT {FIELDS} FROM product WHERE NOT shadowed AND {{conditions}} ORDER BY title, id LIMIT {{limit}}"  # noqa: S608 - constants

# A page of each category below the path, then the first of them all.
BY_CATEGORY = f"""
SELECT found.* FROM ({BELOW}) k
CROSS JOIN LATERAL (
  SELECT {FIELDS} FROM product WHERE category_id = k.id AND NOT shadowed AND {{conditions}}
  ORDER BY title, id LIMIT {{limit}}
) found
ORDER BY found.title, found.id LIMIT {{limit}}"""  # noqa: S608 - built from constants

# All that match, then the first of them: titles begin with the words that are looked for, so that a walk along them
# would first meet everything else. OFFSET keeps the planner from walking.
MATCHES = f"""
SELECT {FIELDS} FROM (SELECT {FIELDS} FROM product WHERE NOT shadowed AND {{conditions}} OFFSET 0) found
ORDER BY title, id LIMIT {{limit}}"""  # noqa: S608 - built from constants

# Whatever is worked out from a parameter is a select of its own: done once, and not for every row.
CONDITIONS = {
    "shelf_status": "shelf_status = :shelf_status",
    "brand": "brand_id = (SELECT id FROM brand WHERE name = :brand)",
    "category": f"category_id = ANY(ARRAY({BELOW}))",
    "pattern": "search LIKE (SELECT '%' || search_text(:pattern) || '%')",
    "doubtful": "doubtful",
    "certain": "NOT doubtful",
    "after_title": "(title, id) > (:after_title, CAST(:after_id AS uuid))",
}


@dataclass(frozen=True, kw_only=True)
class ProductFilter:
    """What a list of products is narrowed to; None narrows nothing."""

    shelf_status: str | None = None
    brand: str | None = None  # its whole name
    category: str | None = None  # a path, with everything below it
    doubtful: bool | None = None
    q: str | None = None  # part of the title, in Chinese or English, upper or lower case


def list_products(
    wanted: ProductFilter, *, store_id: UUID | None, after: list[Any] | None, limit: int
) -> list[dict[str, Any]]:
    """Cards by title, past the (title, id) in `after`, with price (fen) and availability of the store."""
    parameters: dict[str, Any] = {
        "shelf_status": wanted.shelf_status,
        "brand": wanted.brand,
        "category": wanted.category,
        "pattern": None if wanted.q is None else escape_like(wanted.q),
        "doubtful": wanted.doubtful or None,
        "certain": True if wanted.doubtful is False else None,
        "after_title": after[0] if after else None,
    }
    narrowed = tuple(name for name, value in parameters.items() if value is not None)
    statement = _statement(narrowed, searched=wanted.q is not None and is_indexed(wanted.q), limit=limit)
    parameters |= {"below": f"{wanted.category}{CATEGORY_SEPARATOR}", "after_id": after[1] if after else None}
    return list(fetch_all(statement, {**parameters, "store_id": store_id}))


def escape_like(given: str) -> str:
    """`given` as a LIKE pattern that matches only itself."""
    return given.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


@lru_cache(maxsize=200)
def _statement(narrowed: tuple[str, ...], *, searched: bool, limit: int) -> TextClause:
    by_category = "category" in narrowed and "brand" not in narrowed and not searched
    way = MATCHES if searched else BY_CATEGORY if by_category else WALK
    left = [CONDITIONS[name] for name in narrowed if not (by_category and name == "category")]
    found = way.format(conditions=" AND ".join(left) or "true", limit=limit)
    return text(PAGE.format(found=found))
