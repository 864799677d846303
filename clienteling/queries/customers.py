"""The customers whom somebody looks after, as a list shows them: who they are, what came last, what comes next."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import TextClause, select, text

from clienteling.queries.segments import PROSPECT
from customers import queries as customers
from customers.queries import CustomerFilter
from kit.db import fetch_all
from kit.money import as_money
from kit.principal import Principal
from models import Customer

Row = dict[str, Any]
# A place in the order of a list; smaller ones come first.
Place = tuple[bool, int, int]

SORTS = ("newest", "last_order", "last_contact", "next_step")
GOODS_SHOWN = 3

SAME = "CROSS JOIN LATERAL (SELECT array_agg(c.id) AS ids FROM customer c WHERE c.person_id = p.id) same"
BOUGHT = """LEFT JOIN LATERAL (
  SELECT o.id AS order_id, o.ordered_at, o.net_sales_fen AS net_fen, o.currency, o.store_id FROM sales_order o
  WHERE o.customer_id = ANY(same.ids) AND o.net_sales_fen > 0 ORDER BY o.ordered_at DESC, o.id DESC LIMIT 1
) bought ON true"""
SENT = """LEFT JOIN LATERAL (
  SELECT c.sent_at, c.channel AS sent_channel, c.guide_id AS sent_by FROM contact c
  WHERE c.customer_id = ANY(same.ids) AND c.sent_at IS NOT NULL AND c.released_at IS NULL
  ORDER BY c.sent_at DESC, c.id DESC LIMIT 1
) sent ON true"""
# The newest word, of what was corrected the correction. Looked up for each word: NOT EXISTS was joined with every
# follow-up that there is.
SEEN_TO = """LEFT JOIN LATERAL (
  SELECT f.id AS follow_up_id, f.at AS seen_to_at, f.channel AS seen_to_channel, f.guide_id AS seen_to_by, f.outcome,
         f.next_on
  FROM follow_up f
  WHERE f.customer_id = ANY(same.ids)
    AND (SELECT r.id FROM follow_up r WHERE r.corrects_id = f.id LIMIT 1) IS NULL
  ORDER BY f.at DESC, f.id DESC LIMIT 1
) seen_to ON true"""
LATEST = text(f"""
SELECT p.id, stage.stage, bought.*, bought_at.name AS store_name, goods.titles, goods.lines, sent.*, seen_to.*,
       sender.name AS sent_by_name, looker.name AS seen_to_by_name
FROM unnest(CAST(:ids AS uuid[])) AS p (id)
{SAME}
LEFT JOIN LATERAL (SELECT f.stage FROM customer_figures f WHERE f.customer_id = p.id LIMIT 1) stage ON true
{BOUGHT}
LEFT JOIN store bought_at ON bought_at.id = bought.store_id
LEFT JOIN LATERAL (
  SELECT array_agg(l.product_title ORDER BY l.line_no) AS titles, count(*) AS lines
  FROM order_line l WHERE l.order_id = bought.order_id AND l.quantity > 0
) goods ON true
{SENT}
LEFT JOIN staff sender ON sender.id = sent.sent_by
{SEEN_TO}
LEFT JOIN staff looker ON looker.id = seen_to.seen_to_by
""")  # noqa: S608 - built from constants


def _keys(joins: str, key: str) -> TextClause:
    # Whole numbers, so that a cursor holds exactly what was compared.
    return text(f"SELECT p.id, {key} AS key FROM unnest(CAST(:ids AS uuid[])) AS p (id) {SAME} {joins}")  # noqa: S608


MICROSECONDS = "(extract(epoch FROM {}) * 1000000)::bigint"
KEYS = {
    "last_order": _keys(BOUGHT, "-" + MICROSECONDS.format("bought.ordered_at")),
    "last_contact": _keys(f"{SENT} {SEEN_TO}", "-" + MICROSECONDS.format("greatest(sent.sent_at, seen_to.seen_to_at)")),
    "next_step": _keys(SEEN_TO, "seen_to.next_on - DATE '2000-01-01'"),
}


def list_newest(wanted: CustomerFilter, *, principal: Principal, after: Sequence[Any] | None, limit: int) -> list[Row]:
    """The customers in sight, the newest first: a page costs the same however many there are."""
    older = UUID(after[0]) if after else None
    return list_of(customers.find_in_sight(principal, wanted, older=older, limit=limit))


def find_sorted(wanted: CustomerFilter, *, q: str | None, sort: str, principal: Principal) -> list[tuple[Place, UUID]]:
    """All customers in sight whom the filter finds and `q` means, in order; raises TooManyCustomers.

    Without a last order or contact, or a next step, they come last. Among equals the newest customer comes first.
    """
    found = customers.find_all(principal, wanted)
    if q is not None:
        found = customers.find_meant(q, found)
    keys: dict[UUID, int | None] = {}
    if sort in KEYS and found:
        keys = {row["id"]: row["key"] for row in fetch_all(KEYS[sort], {"ids": found})}
    return sorted((_place(keys.get(id_), id_), id_) for id_ in found)


def list_of(customer_ids: Sequence[UUID]) -> list[Row]:
    """These customers in this order; who may see them is the caller's affair."""
    cards = {card["id"]: card for card in customers.cards_of(select(Customer.id).where(Customer.id.in_(customer_ids)))}
    return _with_latest(cards[id_] for id_ in customer_ids if id_ in cards)


def _place(key: int | None, customer_id: UUID) -> Place:
    return key is None, key or 0, -customer_id.int


def _with_latest(cards: Iterable[Row]) -> list[Row]:
    rows = list(cards)
    latest = {row["id"]: row for row in fetch_all(LATEST, {"ids": [row["id"] for row in rows]})} if rows else {}
    return [{**row, **_latest(latest[row["id"]])} for row in rows]


def _latest(found: Row) -> Row:
    return {
        "stage": found["stage"] or PROSPECT,
        "last_order": _last_order(found),
        "last_contact": _last_contact(found),
        "next_step": {"follow_up_id": found["follow_up_id"], "next_on": found["next_on"], "outcome": found["outcome"]}
        if found["next_on"]
        else None,
    }


def _last_order(found: Row) -> Row | None:
    if found["order_id"] is None:
        return None
    return {
        "id": found["order_id"],
        "at": found["ordered_at"],
        "store_name": found["store_name"],
        "net": as_money(found["net_fen"], found["currency"]),
        "goods": (found["titles"] or [])[:GOODS_SHOWN],
        "lines": found["lines"],
    }


def _last_contact(found: Row) -> Row | None:
    """A message that was sent, or a follow-up, whichever was later."""
    sent_at: datetime | None = found["sent_at"]
    seen_to_at: datetime | None = found["seen_to_at"]
    if sent_at is None and seen_to_at is None:
        return None
    if seen_to_at is None or (sent_at is not None and sent_at > seen_to_at):
        kind = "sent"
        at = sent_at
    else:
        kind = "seen_to"
        at = seen_to_at
    return {"at": at, "channel": found[f"{kind}_channel"], "guide_name": found[f"{kind}_by_name"]}
