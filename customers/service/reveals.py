"""Personal data shown plain: only on a stated ground, written down, and so many times."""

from datetime import datetime, timedelta
from math import ceil
from typing import Any
from uuid import UUID

from flask import current_app
from sqlalchemy import text

from customers import queries
from kit import audit
from kit.db import db
from kit.errors import TooMany
from kit.principal import Principal
from models import CustomerReveal

# Words, not sentences: what a person would write here might itself be personal data.
REASONS = ("call", "delivery", "after_sales", "complaint", "asked_by_customer", "correction", "other")
WINDOWS = {"hour": timedelta(hours=1), "day": timedelta(days=1)}
LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended('customer_reveal ' || :staff_id, 0))")


class TooManyReveals(TooMany):
    """This person was shown so many customers lately that they look like someone who copies them out."""

    code = "too_many_reveals"
    title = "Too many reveals"


def reveal_customer(*, customer_id: UUID, reason: str, by: Principal, now: datetime) -> dict[str, Any]:
    """All personal data of a customer, plain; written to the audit log. Raises TooManyReveals, CustomerNotFound."""
    _spend(by, now)
    plain = queries.get_plain_customer(customer_id)
    db.session.add(CustomerReveal(customer_id=customer_id, staff_id=by.id, reason=reason, revealed_at=now))
    audit.note(table_name="customer", row_id=str(customer_id), action="reveal", reason=reason)
    return plain


def _spend(by: Principal, now: datetime) -> None:
    db.session.execute(LOCK, {"staff_id": str(by.id)})
    for window, limit in current_app.config["REVEALS"].items():
        last = queries.find_reveal_at(by.id, nth=limit)
        if last is not None and (left := last + WINDOWS[window] - now) > timedelta(0):
            raise TooManyReveals(
                f"At most {limit} customers an {window}.", retry_after_seconds=ceil(left.total_seconds())
            )
