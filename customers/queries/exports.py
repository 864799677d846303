"""Everything the customers room holds about a person, for the person."""

from typing import Any
from uuid import UUID

from sqlalchemy import select, text

from customers.queries.cards import get_plain_customer
from customers.queries.consents import list_consents
from customers.queries.duplicates import list_merges
from customers.queries.tags import list_tag_history
from kit.db import db, fetch_all
from models import Customer

MAX_CONSENTS = 1_000
SECTIONS = {
    "bindings": text("""
        SELECT b.bound_at, b.ended_at, b.reason, b.ended_reason, staff.staff_no, store.code AS store_code
        FROM binding b JOIN staff ON staff.id = b.guide_id JOIN store ON store.id = b.store_id
        WHERE b.customer_id = ANY (:ids) ORDER BY b.bound_at
    """),
    "transfers": text("""
        SELECT t.requested_at, t.effective_at, t.refused_at, t.done_at, t.lapsed_at, t.reason,
               old.staff_no AS from_staff_no, new.staff_no AS to_staff_no
        FROM binding_transfer t JOIN staff old ON old.id = t.from_guide_id JOIN staff new ON new.id = t.to_guide_id
        WHERE t.customer_id = ANY (:ids) ORDER BY t.requested_at
    """),
    "quiet_hours": text("SELECT starts, ends, updated_at FROM quiet_hours WHERE customer_id = ANY (:ids)"),
    "contacts": text("""
        SELECT c.channel, staff.staff_no, c.reserved_at, c.sent_at, c.released_at
        FROM contact c JOIN staff ON staff.id = c.guide_id
        WHERE c.customer_id = ANY (:ids) ORDER BY c.reserved_at
    """),
    "reveals": text("""
        SELECT r.revealed_at, r.reason, staff.staff_no FROM customer_reveal r JOIN staff ON staff.id = r.staff_id
        WHERE r.customer_id = ANY (:ids) ORDER BY r.revealed_at
    """),
}


def find_same(person_id: UUID) -> list[UUID]:
    """The customer ids that the person has or had."""
    return list(db.session.scalars(select(Customer.id).where(Customer.person_id == person_id).order_by(Customer.id)))


def export_person(person_id: UUID) -> dict[str, Any]:
    """Plain: who they are, what they said, whose they were, who contacted them and who looked."""
    ids = find_same(person_id)
    profiles = [get_plain_customer(one) for one in ids]
    consents = list_consents(person_id, after=None, limit=MAX_CONSENTS, with_evidence=True)
    facts = {name: fetch_all(statement, {"ids": ids}) for name, statement in SECTIONS.items()}
    tags, merges = list_tag_history(person_id), list_merges(person_id)
    return {"id": person_id, "profiles": profiles, "consents": consents, "tags": tags, "merges": merges, **facts}
