"""How well customers are won and kept, counted from the facts; docs/clienteling.md defines every measure."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, text

from clienteling.rules import COMPLETE_FIELDS, COMPLETE_IDENTITIES, REPURCHASE_MONTHS, RETENTION_DAYS
from kit.db import db, fetch_one
from kit.principal import Principal, Reach
from models import Store
from staff.queries import get_person, get_store
from staff.scope import sees_store

Row = dict[str, Any]

# To be joined with, so that an index finds the facts of each: an IN of it would read all facts for every person.
WHOSE = "(SELECT m.id FROM customer m WHERE m.person_id = p.id) same"
PERSON = "JOIN customer p ON p.id = c.person_id AND p.erased_at IS NULL"
# What a guide only claims wins nobody: bindings count from when they were confirmed.
FIRST_BINDING = f"""LEFT JOIN LATERAL (
    SELECT b.guide_id, b.store_id FROM {WHOSE} JOIN binding b ON b.customer_id = same.id
    WHERE b.confirmed_at IS NOT NULL ORDER BY b.confirmed_at, b.id LIMIT 1
  ) first ON true"""  # noqa: S608 - built from constants


def _of(store_id: str) -> str:
    return f"(CAST(:stores AS uuid[]) IS NULL OR {store_id} = ANY (CAST(:stores AS uuid[])))"


def _by(guide_id: str) -> str:
    return f"(CAST(:guide AS uuid) IS NULL OR {guide_id} = :guide)"


def _day(at: str) -> str:
    """The business day, in the store's zone, lies in the period; the instants around it let an index help."""
    around = f"{at} >= CAST(:from_day AS date) - 1 AND {at} < CAST(:to_day AS date) + 2"
    zone = "coalesce(s.time_zone, 'UTC')"
    return f"{around} AND ({at} AT TIME ZONE {zone})::date BETWEEN :from_day AND :to_day"


REGISTERED = f"""
  SELECT p.profile_fields @> CAST(:fields AS text[]) AND CAST(:identities AS text[]) <@ ARRAY(
           SELECT i.kind::text FROM customer_identity i WHERE i.customer_id = p.id) AS complete
  FROM customer p {FIRST_BINDING}
  LEFT JOIN store s ON s.id = coalesce(p.store_id, first.store_id)
  WHERE p.merged_into_id IS NULL AND p.erased_at IS NULL AND {_day("p.created_at")}
    AND {_of("s.id")} AND {_by("first.guide_id")}"""  # noqa: S608 - built from constants
WON = f"""
  SELECT {
    ", ".join(
        f"b.confirmed_at + interval '{days} days' <= :now AS mature_{name},"
        f" EXISTS (SELECT FROM {WHOSE} JOIN binding k ON k.customer_id = same.id"
        f" WHERE k.confirmed_at <= b.confirmed_at + interval '{days} days'"
        f" AND coalesce(k.ended_at > b.confirmed_at + interval '{days} days', true)) AS kept_{name}"
        for name, days in RETENTION_DAYS.items()
    )
}
  FROM binding b JOIN customer c ON c.id = b.customer_id {PERSON} JOIN store s ON s.id = b.store_id
  WHERE {_day("b.confirmed_at")} AND {_of("b.store_id")} AND {_by("b.guide_id")}
    AND NOT EXISTS (SELECT FROM {WHOSE} JOIN binding e ON e.customer_id = same.id
                    WHERE (e.confirmed_at, e.id) < (b.confirmed_at, b.id))"""  # noqa: S608
BOUGHT = f"""
  SELECT {
    ", ".join(
        f"(o.business_day + interval '{months} months')::date < :today AS mature_{months},"
        f" EXISTS (SELECT FROM {WHOSE} JOIN sales_order k ON k.customer_id = same.id WHERE k.net_sales_fen > 0"
        f" AND k.business_day > o.business_day"
        f" AND k.business_day <= (o.business_day + interval '{months} months')::date) AS again_{months}"
        for months in REPURCHASE_MONTHS
    )
}
  FROM sales_order o JOIN customer c ON c.id = o.customer_id {PERSON}
  WHERE o.net_sales_fen > 0 AND o.business_day BETWEEN :from_day AND :to_day AND {_of("o.store_id")}
    AND (CAST(:guide AS uuid) IS NULL OR EXISTS (
      SELECT FROM order_line l JOIN attribution a ON a.line_id = l.id JOIN credit s USING (decision_id)
      WHERE l.order_id = o.id AND s.role = 'seller' AND s.beneficiary_id = :guide))
    AND NOT EXISTS (SELECT FROM {WHOSE} JOIN sales_order e ON e.customer_id = same.id
                    WHERE e.net_sales_fen > 0 AND (e.ordered_at, e.id) < (o.ordered_at, o.id))"""  # noqa: S608 - built from constants


def _share(name: str, *, are: str, of: str) -> str:
    return f"count(*) FILTER (WHERE {of} AND {are}) AS {name}_count, count(*) FILTER (WHERE {of}) AS {name}_of"


MEASURES = text(f"""
WITH registered AS ({REGISTERED}), won AS ({WON}), bought AS ({BOUGHT})
SELECT * FROM (SELECT {_share("profile_completeness", are="complete", of="true")} FROM registered) profiles,
  (SELECT {
    ", ".join(_share(f"retention_{name}", are=f"kept_{name}", of=f"mature_{name}") for name in RETENTION_DAYS)
} FROM won) retention,
  (SELECT {
    ", ".join(
        _share(f"repurchase_{months}_months", are=f"again_{months}", of=f"mature_{months}")
        for months in REPURCHASE_MONTHS
    )
} FROM bought) repurchase""")  # noqa: S608 - built from constants
NAMES = (
    "profile_completeness",
    *(f"retention_{name}" for name in RETENTION_DAYS),
    *(f"repurchase_{months}_months" for months in REPURCHASE_MONTHS),
)


def measure_customers(
    *, from_day: date, to_day: date, store_id: UUID | None, guide_id: UUID | None, principal: Principal, now: datetime
) -> Row:
    """Every measure of the customers won from one day to another within sight: `of` how many, `count`, `rate_bp`.

    Raises StoreNotFound, StaffNotFound for what is out of sight.
    """
    values = {
        "from_day": from_day,
        "to_day": to_day,
        "now": now,
        "today": now.date(),
        "fields": list(COMPLETE_FIELDS),
        "identities": list(COMPLETE_IDENTITIES),
        "stores": _stores(store_id, principal),
        "guide": _guide(guide_id, principal),
    }
    found = fetch_one(MEASURES, values)
    assert found is not None
    return {name: _rate(found[f"{name}_count"], found[f"{name}_of"]) for name in NAMES}


def _stores(store_id: UUID | None, principal: Principal) -> list[UUID] | None:
    """The stores asked about; None for no limit. A guide's own customers may have been won in other stores."""
    if store_id is not None:
        return [get_store(store_id, principal=principal).id]
    if principal.reach in (Reach.ALL, Reach.SELF):
        return None
    return list(db.session.scalars(select(Store.id).where(sees_store(Store.id, principal))))


def _guide(guide_id: UUID | None, principal: Principal) -> UUID | None:
    if guide_id is not None:
        found: UUID = get_person(guide_id, principal=principal)["id"]
        return found
    return principal.id if principal.reach is Reach.SELF else None


def _rate(count: int, of: int) -> Row:
    """Basis points, rounded half up."""
    return {"count": count, "of": of, "rate_bp": (count * 10_000 + of // 2) // of if of else None}
