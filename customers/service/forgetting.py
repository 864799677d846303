"""What is known of contacts and consents for a stated time, and then forgotten."""

from datetime import datetime

from flask import current_app
from sqlalchemy import text

from kit.ids import first_id_at
from kit.retention import forget, months_before

CONTACTS = text("DELETE FROM contact WHERE id IN (SELECT id FROM contact WHERE id < :before ORDER BY id LIMIT :limit)")
# What is newest of a channel holds, however old it is.
CONSENTS = text("""
DELETE FROM consent WHERE id IN (
  SELECT held.id FROM consent held
  WHERE EXISTS (
    SELECT FROM consent later
    WHERE (later.customer_id, later.channel) = (held.customer_id, held.channel)
      AND (later.given_at, later.id) > (held.given_at, held.id) AND later.recorded_at < :replaced_before)
  ORDER BY held.id LIMIT :limit)
""")


def forget_contacts(*, now: datetime) -> int:
    """Remove contacts of over CONTACT_MONTHS ago; how many. Commits on the way: call it alone."""
    before = months_before(now, current_app.config["CONTACT_MONTHS"])
    return forget(CONTACTS, {"before": first_id_at(before)})


def forget_consents(*, now: datetime) -> int:
    """Remove consents that later ones replaced over CONSENT_MONTHS ago; how many. Commits on the way: call it alone."""
    return forget(CONSENTS, {"replaced_before": months_before(now, current_app.config["CONSENT_MONTHS"])})
