"""Keeping the figures of customers equal to their orders, set-wise: all of them, or those that something touched."""

from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert

from clienteling import queries
from clienteling.queries.figures import EVERYONE, STATE_ID, TOUCHED, as_parameters, figures_of, scored
from clienteling.rules import Limits
from kit import locks
from kit.db import LONGEST_TRANSACTION, db
from models import FiguresState

KEYS = "customer_id, currency"
FACTS = ("orders", "net_fen", "first_order_on", "last_order_on", "stage")
VALUES = (*FACTS, "recency", "frequency", "monetary")
# Two jobs at once take turns.
LOCK = "customer figures"

# Sorting everybody in memory, and not on disk, halves the time.
MEMORY = text("SET LOCAL work_mem = '128MB'")

# Scores compare everybody with everybody, so they are computed of the whole; written is only what differs.
WRITE = f"""
gone AS (
  DELETE FROM customer_figures held
  WHERE NOT EXISTS (SELECT FROM whole w WHERE (w.customer_id, w.currency) = (held.customer_id, held.currency))
)
INSERT INTO customer_figures ({KEYS}, {", ".join(VALUES)})
SELECT {KEYS}, {", ".join(f"w.{name}" for name in VALUES)}
FROM whole w LEFT JOIN customer_figures held USING ({KEYS})
WHERE ({", ".join(f"w.{name}" for name in VALUES)})
  IS DISTINCT FROM ({", ".join(f"held.{name}" for name in VALUES)})
ON CONFLICT ({KEYS}) DO UPDATE SET {", ".join(f"{name} = excluded.{name}" for name in VALUES)}"""  # noqa: S608 - constants

REBUILD = text(f"""
WITH settled AS (DELETE FROM figures_debt),
whole AS MATERIALIZED ({scored(figures_of(EVERYONE))}),
{WRITE}""")  # noqa: S608 - built from constants

# Whoever has orders that changed lately, and those whom triggers noted; of the others, what is stored is right.
FRESH_AND_STORED = f"""
  SELECT * FROM ({figures_of(TOUCHED)}) fresh
  UNION ALL
  SELECT {KEYS}, {", ".join(FACTS)} FROM customer_figures
  WHERE customer_id NOT IN (SELECT customer_id FROM touched WHERE customer_id IS NOT NULL)"""  # noqa: S608 - constants
REFRESH = text(f"""
WITH settled AS (DELETE FROM figures_debt RETURNING customer_id),
touched AS MATERIALIZED (
  SELECT DISTINCT unnest(ARRAY[c.id, c.merged_into_id]) AS customer_id FROM customer c
  WHERE c.id IN (SELECT customer_id FROM settled
                 UNION ALL SELECT customer_id FROM sales_order WHERE changed_at > :since)
),
whole AS MATERIALIZED ({scored(FRESH_AND_STORED)}),
{WRITE}""")  # noqa: S608 - built from constants


def rebuild_figures(*, as_of: date, now: datetime) -> None:
    """Make the stored figures of all customers equal to their orders as of that day, by the limits that hold now."""
    locks.hold(LOCK)
    limits = queries.current_limits()
    db.session.execute(MEMORY)
    db.session.execute(REBUILD, as_parameters(limits, as_of=as_of))
    _note_state(as_of=as_of, limits=limits, now=now)


def refresh_figures(*, as_of: date, now: datetime) -> None:
    """Make the figures equal to the orders again, looking only at whom something touched since the last time.

    On another day, or when the limits changed, everybody's figures are computed.
    """
    locks.hold(LOCK)
    state, limits = queries.find_state(), queries.current_limits()
    if state is None or (state.as_of, state.limits) != (as_of, asdict(limits)):
        rebuild_figures(as_of=as_of, now=now)
        return
    db.session.execute(MEMORY)
    # An order carries the instant its transaction began at, and shows only when that commits.
    values: dict[str, Any] = as_parameters(limits, as_of=as_of)
    db.session.execute(REFRESH, {**values, "since": state.changed_until - LONGEST_TRANSACTION})
    _note_state(as_of=as_of, limits=limits, now=now)


def _note_state(*, as_of: date, limits: Limits, now: datetime) -> None:
    columns = {"as_of": as_of, "limits": asdict(limits), "changed_until": now, "computed_at": now}
    statement = insert(FiguresState).values(id=STATE_ID, **columns)
    db.session.execute(statement.on_conflict_do_update(index_elements=["id"], set_=columns))
