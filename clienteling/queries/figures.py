"""What customers' orders add up to: recency, frequency, money, and the stage of life.

A purchase is an order of a positive net amount. A score is 1 to 5: five times the share of buyers of the window, in
the same currency, who are strictly below, rounded down, plus one. Equal values have equal scores.
"""

from dataclasses import asdict
from datetime import date
from typing import Any

from sqlalchemy import select

from clienteling.rules import Limits
from kit.db import db
from models import FiguresState, LifeCycle

STATE_ID = "customers"
LIMITS = tuple(asdict(Limits()))

# Each customer whose orders count, and the person they are.
EVERYONE = """
      SELECT c.person_id, c.id FROM customer c
      WHERE NOT EXISTS (
        SELECT FROM customer e WHERE e.id = c.person_id AND e.erased_at IS NOT NULL)"""
TOUCHED = """
      SELECT p.id AS person_id, same.id FROM touched t
      JOIN customer p ON p.id = t.customer_id AND p.merged_into_id IS NULL AND p.erased_at IS NULL
      JOIN customer same ON same.person_id = p.id"""

STAGE = """CASE
         WHEN min(first_order_on) OVER person >= :as_of - CAST(:new_days AS int) THEN 'new'
         WHEN max(last_order_on) OVER person >= :as_of - CAST(:active_days AS int) THEN 'active'
         WHEN max(last_order_on) OVER person >= :as_of - CAST(:at_risk_days AS int) THEN 'at_risk'
         WHEN max(last_order_on) OVER person >= :as_of - CAST(:lapsed_days AS int) THEN 'lapsed'
         ELSE 'lost' END"""
IN_WINDOW = "o.business_day > :as_of - CAST(:window_days AS int)"


def figures_of(people: str) -> str:
    """SQL for customer_id, currency, orders, net_fen, first_order_on, last_order_on, stage of EVERYONE or TOUCHED."""
    return f"""
  SELECT customer_id, currency, orders, net_fen, first_order_on, last_order_on, {STAGE} AS stage
  FROM (
    SELECT p.person_id AS customer_id, o.currency, (count(*) FILTER (WHERE {IN_WINDOW}))::int AS orders,
           coalesce(sum(o.net_sales_fen) FILTER (WHERE {IN_WINDOW}), 0)::bigint AS net_fen,
           min(o.business_day) AS first_order_on, max(o.business_day) AS last_order_on
    FROM ({people}) p JOIN sales_order o ON o.customer_id = p.id AND o.net_sales_fen > 0
    GROUP BY p.person_id, o.currency
  ) bought
  WINDOW person AS (PARTITION BY customer_id)"""  # noqa: S608 - built from constants


def scored(figures: str) -> str:
    """SQL for the relation `figures` with the three scores, which are null for who did not buy in the window."""
    ranks = ", ".join(
        f"CASE WHEN orders > 0 THEN (1 + 5 * (rank() OVER (buyers ORDER BY {value}) - 1) / count(*) OVER buyers)"
        f"::smallint END AS {score}"
        for score, value in (("recency", "last_order_on"), ("frequency", "orders"), ("monetary", "net_fen"))
    )
    return f"""SELECT figures.*, {ranks} FROM ({figures}) figures
  WINDOW buyers AS (PARTITION BY currency, orders > 0)"""  # noqa: S608 - built from constants


def current_limits() -> Limits:
    """The day limits that hold now."""
    row = db.session.scalar(select(LifeCycle).order_by(LifeCycle.created_at.desc(), LifeCycle.id.desc()).limit(1))
    return Limits(**{name: getattr(row, name) for name in LIMITS}) if row else Limits()


def find_state() -> FiguresState | None:
    """How far the stored figures are; None before they were first computed."""
    return db.session.get(FiguresState, STATE_ID)


def as_parameters(limits: Limits, *, as_of: date) -> dict[str, Any]:
    """The values of the statements built here."""
    return {**asdict(limits), "as_of": as_of}
