"""Pages of products: for each way of narrowing and sorting, the statement that reads a page and not the catalog."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import TextClause, text

from catalog.queries.offers import CARD_COLUMNS, CARD_JOINS, ROW_COLUMNS, SKU_AVAILABLE, card_joins
from catalog.queries.search import NAMED, as_search
from catalog.rules import CATEGORY_SEPARATOR, category_readings, known_tags
from kit.db import fetch_all

FIELDS = "p.id, p.title, p.brand_id, p.category_id, p.shelf_status, p.shelf_reason, p.doubtful, p.shadowed"
BELOW = "SELECT id FROM category WHERE path = ANY(:paths) OR starts_with(path, :below) OR starts_with(path, :or_below)"
# Of what a search finds, so many products are looked at; see docs/catalog.md.
LOOKED_AT = 1000


class Sorting(NamedTuple):
    """An order that an index has."""

    key: str  # the column of a found row that it goes by, before the id
    fields: str
    rows: str
    by: str  # that column where the rows come from
    direction: str
    after: str


def _by_price(direction: str, beyond: str) -> Sorting:
    rows = "product_price pp JOIN product p ON p.id = pp.product_id"
    after = f"(pp.price_fen, pp.product_id) {beyond} (:after_key, CAST(:after_id AS uuid))"
    return Sorting("lowest_fen", f"{FIELDS}, pp.price_fen AS lowest_fen", rows, "pp.price_fen", direction, after)


def _of_matches(sorting: Sorting) -> Sorting:
    """The same order of a few products: each one's price is looked up, rather than joined to all prices there are."""
    if sorting.key != "lowest_fen":
        return sorting
    price = "(SELECT {} FROM product_price pp WHERE pp.product_id = p.id)"
    fields = f"{FIELDS}, {price.format('pp.price_fen')} AS lowest_fen"
    return sorting._replace(fields=fields, rows="product p", after=price.format(sorting.after))


SORTINGS = {
    "title": Sorting(
        *("title", FIELDS, "product p", "p.title", ""), "(p.title, p.id) > (:after_key, CAST(:after_id AS uuid))"
    ),
    # Ids begin with the time at which they were made.
    "newest": Sorting("id", FIELDS, "product p", "p.id", "DESC", "p.id < CAST(:after_id AS uuid)"),
    "price": _by_price("", ">"),
    "price_desc": _by_price("DESC", "<"),
}

# Titles of one tag, in their order.
BY_TAG = Sorting(
    *("title", FIELDS, "tagged_product t JOIN product p ON p.id = t.product_id", "t.title", ""),
    "(t.title, t.product_id) > (:after_key, CAST(:after_id AS uuid))",
)
TAG = "(SELECT id FROM product_tag WHERE name = :tag)"

# What is found is a page; only its rows are then priced.
PAGE = "SELECT {columns} FROM ({found}) p {joins} ORDER BY {order}"

# Along an index that has the order, as far as the page goes. The limit is no parameter: a plan that does not know it
# would sort every product there is.
WALK = "SELECT {fields} FROM {rows} WHERE {conditions} ORDER BY {walked} LIMIT {limit}"

# A page of each category below the path, then the first of them all.
BY_CATEGORY = f"""
SELECT p.* FROM ({BELOW}) k
CROSS JOIN LATERAL (
  SELECT {{fields}} FROM {{rows}} WHERE p.category_id = k.id AND {{conditions}} ORDER BY {{walked}} LIMIT {{limit}}
) p
ORDER BY {{order}} LIMIT {{limit}}"""  # noqa: S608 - built from constants

# What matches by the search indexes, up to a limit, then the first of it in order. MATERIALIZED keeps the planner from
# walking along the order, or through the table, in the hope of an early match; it reads no further than the limit.
MATCHES = f"""
WITH matching AS MATERIALIZED (SELECT {{fields}} FROM {{rows}} WHERE {{conditions}}),
     looked_at AS MATERIALIZED (SELECT * FROM matching LIMIT {LOOKED_AT + 1})
SELECT p.*, (SELECT count(*) > {LOOKED_AT} FROM looked_at) AS cut FROM looked_at p
ORDER BY {{order}} LIMIT {{limit}}"""  # noqa: S608 - built from constants

# OFFSET keeps the planner from making a table of what all SKUs say for the few products of a page.
CONDITIONS = {
    "shelf_status": "p.shelf_status = :shelf_status",
    "brand": "p.brand_id = (SELECT id FROM brand WHERE name = :brand)",
    "category": f"p.category_id = ANY(ARRAY({BELOW}))",
    "tag": f"""EXISTS (
      SELECT FROM tagged_product WHERE tag_id = {TAG} AND title = p.title AND product_id = p.id)""",
    "doubtful": "p.doubtful = :doubtful",
    "sellable": f"""(p.shelf_status = 'on_shelf' AND EXISTS (
      SELECT FROM sku k LEFT JOIN store_availability a ON a.sku_id = k.id AND a.store_id = :store_id
      WHERE k.product_id = p.id AND k.listed AND {SKU_AVAILABLE} OFFSET 0)) = :sellable""",
}


@dataclass(frozen=True, kw_only=True)
class ProductFilter:
    """What a list of products is narrowed to; None narrows nothing."""

    shelf_status: str | None = None
    brand: str | None = None  # its whole name
    category: str | None = None  # a path, with everything below it
    tag: str | None = None
    doubtful: bool | None = None
    sellable: bool | None = None  # in the store that is asked for
    q: str | None = None  # words, a spelling or its initials, a SKU code, a barcode


def list_products(
    wanted: ProductFilter, *, sort: str = "title", store_id: UUID | None, after: list[Any] | None, limit: int
) -> list[dict[str, Any]]:
    """Cards in the order of `sort`, past the (key, id) in `after`, with price (fen) and availability of the store.

    Each with its SKU's code, barcode and stock; `cut` where a search found more than it looked at.
    """
    given = {name: value for name, value in vars(wanted).items() if value is not None and name != "q"}
    search = None if wanted.q is None else as_search(wanted.q)
    statement = _statement(tuple(given), search and search.condition, sort=sort, past=after is not None, limit=limit)
    parameters = {**given, **_below(wanted.category), "store_id": store_id}
    if wanted.tag is not None:
        parameters["tag"] = "".join(known_tags([wanted.tag]))
    if search:
        parameters |= {**search.parameters, "named": search.codes}
    if after:
        parameters |= {"after_key": after[0], "after_id": after[1]}
    return list(fetch_all(statement, parameters))


def sort_key(row: dict[str, Any], sort: str) -> list[Any]:
    """Where a row stands in the order of `sort`: what `after` takes."""
    key = row[SORTINGS[sort].key]
    return [str(key) if isinstance(key, UUID) else key, str(row["id"])]


def _below(category: str | None) -> dict[str, Any]:
    if category is None:
        return {}
    paths = category_readings(category)
    starts = [f"{path}{CATEGORY_SEPARATOR}" for path in paths or [""]]
    return {"paths": paths, "below": starts[0], "or_below": starts[-1]}


def _way(narrowed: tuple[str, ...], *, searches: bool, sort: str) -> tuple[str, Sorting, dict[str, str]]:
    """By which statement and in which order the page is found, and the conditions of each way of narrowing."""
    conditions = {name: CONDITIONS[name] for name in narrowed}
    if searches:
        return MATCHES, _of_matches(SORTINGS[sort]), conditions
    if sort == "title" and "brand" not in narrowed:
        if "tag" in narrowed:
            return WALK, BY_TAG, {**conditions, "tag": f"t.tag_id = {TAG}"}
        if conditions.pop("category", None):
            return BY_CATEGORY, SORTINGS[sort], conditions
    return WALK, SORTINGS[sort], conditions


@lru_cache(maxsize=500)
def _statement(narrowed: tuple[str, ...], search: str | None, *, sort: str, past: bool, limit: int) -> TextClause:
    way, sorting, narrowing = _way(narrowed, searches=search is not None, sort=sort)
    conditions = [*narrowing.values(), "NOT p.shadowed"] + [sorting.after] * past + [search or "true"]
    order = f"p.{sorting.key} {sorting.direction}, p.id {sorting.direction}"
    found = way.format(
        fields=sorting.fields,
        rows=sorting.rows,
        conditions=" AND ".join(conditions),
        walked=f"{sorting.by} {sorting.direction}, p.id {sorting.direction}",
        order=order,
        limit=limit,
    )
    columns = [
        CARD_COLUMNS,
        ROW_COLUMNS,
        *(["p.lowest_fen"] * (sorting.key == "lowest_fen")),
        *(["p.cut"] * bool(search)),
    ]
    joins = card_joins(first=NAMED) if search else CARD_JOINS
    return text(PAGE.format(columns=", ".join(columns), found=found, joins=joins, order=order))
