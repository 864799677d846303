"""Pictures that sources name by address: claimed, fetched outside of any transaction, made safe, kept, each by itself.

A picture that ends the process that works on it leaves its claim without a problem. From then on it is claimed alone,
so that it takes no others with it, and given up like any other.
"""

import logging
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from flask import current_app
from sqlalchemy import text

from kit import clock, outbound, storage
from kit.db import LONGEST_TRANSACTION, db, fetch_all, unit_of_work
from kit.errors import DomainError
from kit.images import contain, decode_image, encode_jpeg
from kit.jobs import TimeIsUp
from kit.words import Said, say

log = logging.getLogger(__name__)

MAX_BYTES = 10 * 1024 * 1024
MAX_PIXELS = 40_000_000
MAX_SIDE = 2048
MAX_SECONDS = 20.0
MAX_REDIRECTS = 3
FETCHERS = 8
# While somebody fetches a picture, nobody else does; the job that does it is over by then.
LEASE = LONGEST_TRANSACTION
WAITS = (timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=4), timedelta(hours=24))

MAX_ATTEMPTS = len(WAITS) + 1

CLAIM = text("""
WITH due AS (
  SELECT product_id, position FROM image_link
  WHERE due_at <= :now AND (attempts > 0 AND problem IS NULL) = :was_left
  ORDER BY due_at LIMIT :limit FOR UPDATE SKIP LOCKED
)
UPDATE image_link l SET due_at = :lease, attempts = attempts + 1
FROM due d WHERE l.product_id = d.product_id AND l.position = d.position
RETURNING l.product_id, l.position, l.url, l.attempts
""")
# Only while the source still names this address: a change that came meanwhile has its own turn.
KEEP = text("""
WITH fetched AS (
  UPDATE image_link SET due_at = NULL, problem = NULL
  WHERE product_id = :product_id AND position = :position AND url = :url RETURNING product_id, position
)
INSERT INTO product_image (product_id, position, storage_key)
SELECT product_id, position, :key FROM fetched
ON CONFLICT (product_id, position) DO UPDATE SET storage_key = excluded.storage_key
""")
POSTPONE = text("""
UPDATE image_link SET due_at = :due_at, problem = CAST(:problem AS jsonb)
WHERE product_id = :product_id AND position = :position AND url = :url
""")
RETRY = text("""
UPDATE image_link l SET due_at = :now, attempts = 0, problem = NULL
FROM product p
WHERE p.id = l.product_id AND p.source_id = :source_id AND l.problem IS NOT NULL AND l.due_at IS NULL
""")


def fetch_due_pictures(*, limit: int) -> int:
    """Fetch and keep up to `limit` pictures that are due; how many were tried. Commits on the way: call it alone."""
    links = _claim(was_left=False, limit=limit) or _claim(was_left=True, limit=1)
    app = current_app._get_current_object()  # type: ignore[attr-defined]

    def fetch(link: dict[str, Any]) -> bytes | Said:
        with app.app_context():
            return _fetched(link)

    with ThreadPoolExecutor(FETCHERS) as fetchers:
        for link, body in zip(links, fetchers.map(fetch, links), strict=True):
            _settle({**link, **_stored(link, body)})
    return len(links)


def retry_pictures(*, source_id: UUID, now: datetime) -> int:
    """Begin again with the pictures of a source that were given up; how many those are."""
    return int(db.session.execute(RETRY, {"source_id": source_id, "now": now}).rowcount)  # type: ignore[attr-defined]


def _claim(*, was_left: bool, limit: int) -> list[dict[str, Any]]:
    """Up to `limit` pictures, for the caller alone until the lease is over; such as were left in the middle, or not."""
    now = clock.now()
    with unit_of_work():
        return list(fetch_all(CLAIM, {"now": now, "lease": now + LEASE, "was_left": was_left, "limit": limit}))


def _settle(picture: dict[str, Any]) -> None:
    """Show what was fetched; try the rest again later, at last never."""
    tries = picture["attempts"] - 1
    due_at = clock.now() + WAITS[tries] if tries < len(WAITS) else None
    with unit_of_work():
        if "key" in picture:
            db.session.execute(KEEP, picture)
        else:
            db.session.execute(POSTPONE, {**picture, "due_at": due_at})


def _fetched(link: dict[str, Any]) -> bytes | Said:
    """What is at the address, or why there is nothing to be had, whatever that is."""
    if link["attempts"] > MAX_ATTEMPTS:
        return say("picture.process_ended")
    try:
        return _body(link["url"])
    except outbound.Unreachable as refusal:
        return refusal.said
    except Exception as error:
        log.exception("picture %s of product %s cannot be fetched", link["position"], link["product_id"])
        return say("picture.cannot_be_fetched", why=type(error).__name__)


def _body(url: str) -> bytes | Said:
    answer = outbound.request("GET", url, timeout_seconds=MAX_SECONDS, max_bytes=MAX_BYTES, max_redirects=MAX_REDIRECTS)
    if answer.status != 200:
        return say("answered", status=answer.status)
    return answer.content if answer.complete else say("too_large", max=MAX_BYTES)


def _stored(link: dict[str, Any], body: bytes | Said) -> dict[str, str]:
    """The `key` that the picture is stored under, or the `problem`."""
    if isinstance(body, Said):
        return _problem(body)
    try:
        return {"key": _made_safe(body)}
    except DomainError as refusal:
        return _problem(refusal.said)
    except TimeIsUp:
        raise
    except Exception as error:
        log.exception("picture %s of product %s cannot be used", link["position"], link["product_id"])
        return _problem(say("picture.cannot_be_used", why=type(error).__name__))


def _made_safe(body: bytes) -> str:
    picture = decode_image(body, max_pixels=MAX_PIXELS, max_bytes=MAX_BYTES, at_least=(MAX_SIDE, MAX_SIDE))
    content = encode_jpeg(contain(picture, (MAX_SIDE, MAX_SIDE)) if max(picture.size) > MAX_SIDE else picture)
    key = storage.content_key(content, suffix=".jpg")
    storage.put(key, content)
    return key


def _problem(said: Said) -> dict[str, str]:
    return {"problem": said.as_json()}
