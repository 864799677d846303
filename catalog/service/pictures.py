"""Pictures that sources name by address: claimed, fetched outside of any transaction, made safe, kept."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

from flask import current_app
from sqlalchemy import text

from kit import outbound, storage
from kit.db import db, fetch_all
from kit.errors import DomainError
from kit.images import contain, decode_image, encode_jpeg

MAX_BYTES = 10 * 1024 * 1024
MAX_PIXELS = 40_000_000
MAX_SIDE = 2048
MAX_SECONDS = 20.0
MAX_REDIRECTS = 3
FETCHERS = 8
# While somebody fetches a picture, nobody else does; after so long it is taken for given up.
LEASE = timedelta(minutes=15)
WAITS = (timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=4), timedelta(hours=24))

CLAIM = text("""
WITH due AS (
  SELECT product_id, position FROM image_link WHERE due_at <= :now ORDER BY due_at LIMIT :limit FOR UPDATE SKIP LOCKED
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
UPDATE image_link SET due_at = :due_at, problem = :problem
WHERE product_id = :product_id AND position = :position AND url = :url
""")


def claim_pictures(*, now: datetime, limit: int) -> list[dict[str, Any]]:
    """Up to `limit` pictures to fetch, for the caller alone until the lease is over."""
    return list(fetch_all(CLAIM, {"now": now, "lease": now + LEASE, "limit": limit}))


def fetch_pictures(links: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The links, each with the `key` its picture is stored under, or with the `problem`; touches no table."""
    app = current_app._get_current_object()  # type: ignore[attr-defined]

    def fetch(link: dict[str, Any]) -> bytes | str:
        with app.app_context():
            return _body(link["url"])

    with ThreadPoolExecutor(FETCHERS) as fetchers:
        bodies = list(fetchers.map(fetch, links))
    return [{**link, **_stored(body)} for link, body in zip(links, bodies, strict=True)]


def keep_pictures(fetched: list[dict[str, Any]], *, now: datetime) -> None:
    """Show what was fetched; try the rest again later, at last never."""
    for picture in fetched:
        if "key" in picture:
            db.session.execute(KEEP, picture)
        else:
            tries = picture["attempts"] - 1
            due_at = now + WAITS[tries] if tries < len(WAITS) else None
            db.session.execute(POSTPONE, {**picture, "due_at": due_at})


def _body(url: str) -> bytes | str:
    """What is at the address, or why there is nothing to be had."""
    try:
        answer = outbound.request(
            "GET", url, timeout_seconds=MAX_SECONDS, max_bytes=MAX_BYTES, max_redirects=MAX_REDIRECTS
        )
    except outbound.Unreachable as refusal:
        return refusal.detail[:200]
    if answer.status != 200:
        return f"It answered {answer.status}."
    return answer.content if answer.complete else f"It is larger than {MAX_BYTES:,} bytes."


def _stored(body: bytes | str) -> dict[str, str]:
    if isinstance(body, str):
        return {"problem": body}
    try:
        picture = decode_image(body, max_pixels=MAX_PIXELS, max_bytes=MAX_BYTES, at_least=(MAX_SIDE, MAX_SIDE))
    except DomainError as refusal:
        return {"problem": refusal.detail[:200]}
    content = encode_jpeg(contain(picture, (MAX_SIDE, MAX_SIDE)) if max(picture.size) > MAX_SIDE else picture)
    key = storage.content_key(content, suffix=".jpg")
    storage.put(key, content)
    return {"key": key}
