"""Changing the key that seals: everything sealed anew at once, and what is left under each key."""

from collections.abc import Iterator
from functools import partial

from sqlalchemy import text

from catalog import service as catalog
from clienteling import service as clienteling
from customers import service as customers
from integrations import service as integrations
from kit.db import db
from kit.resealing import Page, reseal_all
from staff import service as staff

# Table and column of all that is sealed; of a source's secrets, several in base64.
SEALED = {
    "customer": "sealed_profile",
    "customer_identity": "sealed_value",
    "consent": "sealed_evidence",
    "follow_up": "sealed_note",
    "totp": "sealed_secret",
    "totp_enrolment": "sealed_secret",
    "webhook_subscription": "secrets",
    "source": "secrets",
    "idempotency_key": "body",
}
BYTES = {"source": "(SELECT decode(secret, 'base64') FROM unnest(secrets) AS secret LIMIT 1)"}


def seal_anew() -> None:
    """Seal everything with the newest key that an older one sealed, page by page, each a unit of work of its own."""
    pages: list[Page] = [partial(customers.reseal_customers, what) for what in customers.RESEALED]
    pages += [partial(staff.reseal_secrets, what) for what in staff.RESEALED]
    pages += [clienteling.reseal_notes, integrations.reseal_secrets, catalog.reseal_secrets]
    for page in pages:
        reseal_all(page)


def count_sealed() -> Iterator[tuple[str, int, int]]:
    """Table, number of a key, how many of the table's rows it sealed; answers to repeated requests go by themselves."""
    for table, column in SEALED.items():
        sealed = BYTES.get(table, column)
        counted = text(
            f"SELECT get_byte(sealed, 0) * 256 + get_byte(sealed, 1) AS key_no, count(*) "  # noqa: S608 - constants
            f"FROM (SELECT {sealed} AS sealed FROM {table}) AS rows WHERE sealed IS NOT NULL GROUP BY 1 ORDER BY 1"
        )
        for key_no, count in db.session.execute(counted):
            yield table, key_no, count
