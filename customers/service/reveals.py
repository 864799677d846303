"""Personal data shown plain: only on a stated ground, written down, and so many times."""

from datetime import datetime, timedelta
from math import ceil
from typing import Any
from uuid import UUID

from flask import current_app

from customers import queries
from kit import audit, locks
from kit.db import db
from kit.errors import TooMany
from kit.principal import Principal
from kit.words import say
from models import CustomerReveal

# Words, not sentences: what a person would write here might itself be personal data.
REASONS = ("call", "delivery", "after_sales", "complaint", "asked_by_customer", "correction", "other")
# What nobody states: the name stands in a message that is about to be sent.
IN_MESSAGE = "message"
WINDOWS = {"hour": timedelta(hours=1), "day": timedelta(days=1)}


class TooManyReveals(TooMany):
    """This person was shown so many customers lately that they look like someone who copies them out."""

    code = "too_many_reveals"


def reveal_customer(*, customer_id: UUID, reason: str, by: Principal, now: datetime) -> dict[str, Any]:
    """All personal data of a customer, plain; written to the audit log. Raises TooManyReveals, CustomerNotFound."""
    if full := _find_full(by, now):
        raise full
    plain = queries.get_plain_customer(customer_id)
    _write_down(CustomerReveal(customer_id=customer_id, staff_id=by.id, reason=reason, revealed_at=now))
    return plain


def name_in_message(*, customer_id: UUID, reference_id: UUID, by: Principal, now: datetime) -> bool:
    """Whether a message of this id may say the customer's name: a reveal like any other, within the same limit.

    False, and nothing written down, where the limit is used up, the name is not known or the customer not in sight.
    """
    person_id = queries.find_people([customer_id], by).get(customer_id)
    if person_id is None or queries.find_name(person_id, by) is None or _find_full(by, now):
        return False
    facts = {"customer_id": person_id, "reference_id": reference_id, "revealed_at": now}
    _write_down(CustomerReveal(staff_id=by.id, reason=IN_MESSAGE, **facts))
    return True


def _write_down(reveal: CustomerReveal) -> None:
    db.session.add(reveal)
    about = {"reference_id": str(reveal.reference_id)} if reveal.reference_id else {}
    audit.note(table_name="customer", row_id=str(reveal.customer_id), action="reveal", reason=reveal.reason, **about)


def _find_full(by: Principal, now: datetime) -> TooManyReveals | None:
    """The refusal, where a limit of this person is used up; their reveals come one after the other from here on."""
    locks.hold(f"reveals {by.id}")
    for window, limit in current_app.config["REVEALS"].items():
        last = queries.find_reveal_at(by.id, nth=limit)
        if last is not None and (left := last + WINDOWS[window] - now) > timedelta(0):
            said = say(f"too_many_reveals.{window}", limit=limit)
            return TooManyReveals(said, retry_after_seconds=ceil(left.total_seconds()))
    return None
