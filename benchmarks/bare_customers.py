"""The look-ups, lists and checks of customers as one would write them by hand: plain SQL on psycopg, no house around.

It reads who is signed in, asks one statement, unseals what it shows, and writes JSON; it checks no token, counts and
logs nothing.
"""

import hmac
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
import psycopg
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from psycopg.rows import dict_row

from benchmarks.bare_caller import CALLER

CARD = """
SELECT c.id, c.member_no, c.sealed_profile, c.profile_fields, c.origin, c.store_id, s.code AS store_code,
       s.name AS store_name, g.id AS guide_id, g.staff_no, g.name AS guide_name, b.bound_at, c.created_at, c.updated_at,
       c.version, known.ids, known.kinds, known.sealed,
       ARRAY(SELECT tag FROM customer_tag t WHERE t.customer_id = c.id AND t.removed_at IS NULL ORDER BY t.id) AS tags
FROM {found}
JOIN staff g ON g.id = b.guide_id LEFT JOIN store s ON s.id = c.store_id
JOIN LATERAL (SELECT array_agg(id ORDER BY id) AS ids, array_agg(kind ORDER BY id) AS kinds,
                     array_agg(sealed_value ORDER BY id) AS sealed
              FROM customer_identity WHERE customer_id = c.id) known ON true
WHERE c.erased_at IS NULL AND c.merged_into_id IS NULL {where}"""
LOOK_UP = CARD.format(
    found="customer_identity i JOIN customer c ON c.id = i.customer_id"
    " JOIN binding b ON b.customer_id = c.id AND b.ended_at IS NULL AND b.guide_id = %(guide)s",
    where="AND i.kind = 'phone' AND i.blind_index = %(index)s",
)
MINE = CARD.format(
    found="(SELECT * FROM binding WHERE guide_id = %(guide)s AND ended_at IS NULL ORDER BY customer_id DESC LIMIT 51) b"
    " JOIN customer c ON c.id = b.customer_id",
    where="ORDER BY c.id DESC",
)
CHECK = """
SELECT c.id, coalesce(own.starts, stores.starts, '21:00') AS starts, coalesce(own.ends, stores.ends, '09:00') AS ends,
       now() AT TIME ZONE coalesce(s.time_zone, 'Asia/Shanghai') AS here,
       (SELECT granted FROM consent o WHERE o.customer_id = c.id AND o.channel = 'sms'
        ORDER BY given_at DESC, id DESC LIMIT 1) AS granted,
       ARRAY(SELECT reserved_at FROM contact k WHERE k.customer_id = c.id AND k.reserved_at > now() - interval '30 days'
               AND k.released_at IS NULL AND (k.sent_at IS NOT NULL OR k.expires_at > now())
             ORDER BY reserved_at DESC) AS contacted
FROM customer c JOIN binding b ON b.customer_id = c.id AND b.ended_at IS NULL AND b.guide_id = %(guide)s
LEFT JOIN store s ON s.id = coalesce(c.store_id, b.store_id)
LEFT JOIN quiet_hours own ON own.customer_id = c.id LEFT JOIN quiet_hours stores ON stores.store_id = s.id
WHERE c.id = ANY(%(ids)s) AND c.erased_at IS NULL"""
# What `customer_figures` holds, computed into an empty twin of it.
FIGURES = """
INSERT INTO bare_figures
SELECT customer_id, currency, orders, net_fen, first_on, last_on,
       CASE WHEN orders > 0 THEN 1 + 5 * (rank() OVER (bought ORDER BY last_on) - 1) / count(*) OVER bought END,
       CASE WHEN orders > 0 THEN 1 + 5 * (rank() OVER (bought ORDER BY orders) - 1) / count(*) OVER bought END,
       CASE WHEN orders > 0 THEN 1 + 5 * (rank() OVER (bought ORDER BY net_fen) - 1) / count(*) OVER bought END,
       CASE WHEN first_on >= %(day)s::date - 30 THEN 'new' WHEN last_on >= %(day)s::date - 90 THEN 'active'
            WHEN last_on >= %(day)s::date - 180 THEN 'at_risk' WHEN last_on >= %(day)s::date - 365 THEN 'lapsed'
            ELSE 'lost' END
FROM (
  SELECT c.id AS customer_id, o.currency, count(*) FILTER (WHERE o.business_day > %(day)s::date - 365) AS orders,
         coalesce(sum(net_fen) FILTER (WHERE o.business_day > %(day)s::date - 365), 0) AS net_fen,
         min(o.business_day) AS first_on, max(o.business_day) AS last_on
  FROM sales_order o JOIN customer c ON c.id = o.customer_id WHERE o.net_fen > 0 GROUP BY c.id, o.currency
) f WINDOW bought AS (PARTITION BY currency, orders > 0)"""
WEEK = timedelta(days=7)


class Bare:
    """What a guide asks, on one connection."""

    def __init__(self, database_url: str, *, guide_id: UUID, key_no: int, key: bytes) -> None:
        self.connection = psycopg.connect(database_url.replace("+psycopg", ""), row_factory=dict_row)
        self._guide_id = guide_id
        self._prefix = key_no.to_bytes(2, "big")
        self._profile = AESGCM(_derived(key, "customer profile"))
        self._identity = AESGCM(_derived(key, "customer identity"))
        self._index_key = _derived(key, "blind index of customer phone")

    def look_up(self, phone: str) -> bytes:
        """The customer with this telephone, as JSON."""
        index = self._prefix + hmac.digest(self._index_key, phone.encode(), "sha256")[:16]
        return self._cards(LOOK_UP, {"guide": self._guide_id, "index": index})

    def list_mine(self) -> bytes:
        """The guide's newest fifty customers, as JSON."""
        return self._cards(MINE, {"guide": self._guide_id})

    def check(self, customer_ids: list[UUID]) -> bytes:
        """Who of them may be contacted now, and why not, as JSON."""
        rows = self._rows(CHECK, {"guide": self._guide_id, "ids": customer_ids})
        return orjson.dumps({"items": [_verdict(row) for row in rows]})

    def _rows(self, statement: str, values: dict[str, Any]) -> list[dict[str, Any]]:
        with self.connection.transaction():
            self.connection.execute(CALLER, (self._guide_id,), prepare=True).fetchone()
            return self.connection.execute(statement, values, prepare=True).fetchall()

    def _cards(self, statement: str, values: dict[str, Any]) -> bytes:
        cards = self._rows(statement, values)
        for card in cards:
            profile = orjson.loads(_unsealed(self._profile, card.pop("sealed_profile"), card["id"]))
            card["name"] = profile["name"][:1] + "*"
            known = zip(card.pop("ids"), card.pop("kinds"), card.pop("sealed"), strict=True)
            card["identities"] = [
                {"id": id_, "kind": kind, "value": _unsealed(self._identity, value, id_)[-4:].decode()}
                for id_, kind, value in known
            ]
        return orjson.dumps({"items": cards[:50]})


def _verdict(row: dict[str, Any]) -> dict[str, Any]:
    here: datetime = row["here"]
    quiet = not row["ends"] <= here.strftime("%H:%M") < row["starts"]
    lately = [at for at in row["contacted"] if at > datetime.now(at.tzinfo) - WEEK]
    reasons = [
        reason
        for reason, holds in (
            ("no_consent", not row["granted"]),
            ("budget_used", len(lately) >= 2 or len(row["contacted"]) >= 6),
            ("quiet_hours", quiet),
        )
        if holds
    ]
    return {"customer_id": row["id"], "allowed": not reasons, "reasons": reasons}


def _unsealed(cipher: AESGCM, sealed: bytes, place: UUID) -> bytes:
    return cipher.decrypt(sealed[2:14], sealed[14:], str(place).encode())


def _derived(key: bytes, purpose: str) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose.encode()).derive(key)
