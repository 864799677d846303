"""What a person may ask of the chain about themselves, and how long it may know them."""

from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from flask import current_app

from clienteling import queries
from customers import service as customers
from kit import audit
from kit.batches import settle_apart

EXPORT_REASONS = ("asked_by_customer", "authority", "other")
FORGOTTEN_AT_ONCE = 5_000
DAYS_OF_MONTH = 365 / 12


def export_person(person_id: UUID, *, reason: str) -> dict[str, Any]:
    """Everything about a person, plain; written to the audit log."""
    audit.note(table_name="customer", row_id=str(person_id), action="export", reason=reason)
    return queries.export_person(person_id)


def forget_people(*, now: datetime) -> int:
    """Forget up to 5,000 people whom the chain has no ground to know any more, and answer how many were forgotten.

    One whom the database lets nobody forget is logged, and stays due.
    """
    before = kept_since(now)
    due = queries.list_forgotten(before=before, limit=FORGOTTEN_AT_ONCE) if before else []
    erase = partial(customers.erase_people, reason="retention", now=now)
    return len(due) - len(settle_apart(erase, due, kind="forgetting of customer"))


def retention(now: datetime) -> dict[str, Any]:
    """After how many months of nothing people are forgotten (None: never), and how many that would be now."""
    before = kept_since(now)
    due = queries.count_forgotten(before=before) if before else 0
    return {"months": current_app.config["RETENTION_MONTHS"] or None, "due": due}


def kept_since(now: datetime) -> datetime | None:
    """Since when something must have been for a person to be kept; None: everybody is."""
    months = current_app.config["RETENTION_MONTHS"]
    return now - timedelta(days=months * DAYS_OF_MONTH) if months else None
