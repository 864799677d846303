"""What was sent in vain is kept until a sound version of it is taken, by the source's own doing or by hand.

Of each order or refund the newest is kept, however often it is sent. Items are sealed: what cannot be read may hold
anything, telephone numbers too.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
from sqlalchemy import delete, text

from catalog.items import digest
from kit.codes import fold_code
from kit.db import db
from kit.ids import new_id
from kit.resealing import reseal_page
from kit.sealing import seal
from kit.words import Said
from models import OrderReject
from orders.queries import matching
from orders.queries.rejects import PURPOSE
from orders.service.versions import Numbered, Outcome, Versioned

# What nobody has sent again or mended after this time is given up.
KEPT_FOR = timedelta(days=30)
# Of one source, the newest so many are kept.
MAX_KEPT = 10_000
MAX_ITEM_BYTES = 256 * 1024
TAKEN = ("created", "updated")

LOCK = text("""
    SELECT id FROM order_reject
    WHERE source_id = :source_id AND receipt_kind = :kind AND name_key = ANY (CAST(:keys AS text[]))
    ORDER BY name_key FOR UPDATE
""")
REPLACE = text("""
    DELETE FROM order_reject r
    USING json_to_recordset(CAST(:taken AS json)) AS t (name_key text, version bigint)
    WHERE r.source_id = :source_id AND r.receipt_kind = :kind AND r.name_key = t.name_key
      AND (r.source_version IS NULL OR r.source_version < t.version
           OR r.source_version = t.version AND r.code <> 'version_reused')
""")
KEEP = text("""
    INSERT INTO order_reject AS held
      (id, source_id, receipt_kind, name_key, external_id, source_version, store_id, code, said, sealed_item,
       item_digest, whole, first_at, last_at)
    SELECT id, :source_id, :kind, name_key, external_id, version, store_id, code, said, decode(sealed, 'hex'),
           digest, whole, :now, :now
    FROM json_to_recordset(CAST(:rows AS json)) AS r (id uuid, name_key text, external_id text, version bigint,
      store_id uuid, code text, said jsonb, sealed text, digest bigint, whole boolean)
    ORDER BY name_key
    ON CONFLICT (source_id, receipt_kind, name_key) DO UPDATE SET
      -- An id names what was looked at: other content has another one.
      id = CASE WHEN held.item_digest = excluded.item_digest THEN held.id ELSE excluded.id END,
      sealed_item = CASE WHEN held.item_digest = excluded.item_digest THEN held.sealed_item
                         ELSE excluded.sealed_item END,
      source_version = excluded.source_version, store_id = excluded.store_id, code = excluded.code,
      said = excluded.said, item_digest = excluded.item_digest, whole = excluded.whole, times = held.times + 1,
      last_at = excluded.last_at
    WHERE held.source_version IS NULL OR excluded.source_version IS NULL
       OR held.source_version <= excluded.source_version
""")
TRIM = text("""
    DELETE FROM order_reject WHERE source_id = :source_id AND id <= (
      SELECT id FROM order_reject WHERE source_id = :source_id ORDER BY id DESC OFFSET :kept LIMIT 1
    )
""")


class Unreadable(NamedTuple):
    """An item of a batch that is not of its shape, as it was sent; `external_id` as far as it can be made out."""

    external_id: str | None
    said: Said
    raw: str


class _Reject(NamedTuple):
    external_id: str | None
    version: int | None
    store: str | None
    code: str
    said: Said
    item: bytes

    @property
    def name_key(self) -> str:
        return f"id:{self.external_id}" if self.external_id else f"is:{digest(self.item)}"


def keep_rejects(
    source_id: UUID,
    *,
    kind: str,
    items: Sequence[Numbered[Any]],
    told: Sequence[Outcome],
    unreadable: Sequence[Unreadable],
    now: datetime,
) -> None:
    """Keep what of a batch was rejected, and forget what came to be taken in a version as new or newer."""
    sent: dict[int, Versioned] = dict(items)
    taken = {one["external_id"]: sent[one["index"]].version for one in told if one["outcome"] in TAKEN}
    refused = [_of(sent[one["index"]], one) for one in told if one["outcome"] == "rejected"]
    rejects = [one for one in [*map(_of_unreadable, unreadable), *refused] if not _is_overtaken(one, taken)]
    about = {"source_id": source_id, "kind": kind}
    keys = [*(f"id:{name}" for name in taken), *(one.name_key for one in rejects)]
    if not keys or not (db.session.execute(LOCK, {**about, "keys": keys}).all() or rejects):
        return
    replaced = [{"name_key": f"id:{name}", "version": version} for name, version in taken.items()]
    db.session.execute(REPLACE, {**about, "taken": msgspec.json.encode(replaced).decode()})
    if rejects:
        db.session.execute(KEEP, {**about, "rows": msgspec.json.encode(_rows(rejects)).decode(), "now": now})
        db.session.execute(TRIM, {"source_id": source_id, "kept": MAX_KEPT})


def _of(item: Any, told: Outcome) -> _Reject:
    return _Reject(item.external_id, item.version, item.store, told["code"], told["detail"], msgspec.json.encode(item))


def _of_unreadable(one: Unreadable) -> _Reject:
    return _Reject(one.external_id, _version(one.raw), None, "invalid_item", one.said, one.raw.encode())


def _version(raw: str) -> int | None:
    """Which version an item says it is, where that can be made out."""
    try:
        version = msgspec.json.decode(raw, type=dict[str, Any]).get("version")
    except (msgspec.MsgspecError, RecursionError, UnicodeError):
        return None
    fits = isinstance(version, int) and not isinstance(version, bool) and 0 <= version < 2**63
    return version if fits else None


def _is_overtaken(one: _Reject, taken: Mapping[str, int]) -> bool:
    """Whether the same batch brought a sound version as new, or newer."""
    version = taken.get(one.external_id) if one.external_id else None
    if version is None or one.version is None:
        return version is not None
    return version > one.version or (version == one.version and one.code != "version_reused")


def _rows(rejects: Sequence[_Reject]) -> list[dict[str, Any]]:
    """One row by name: of several of one batch the newest, of equal ones the last."""
    newest = {one.name_key: one for one in sorted(rejects, key=lambda one: -1 if one.version is None else one.version)}
    stores = matching.find_stores({one.store for one in newest.values() if one.store})
    return [_row(one, stores) for one in newest.values()]


def _row(one: _Reject, stores: Mapping[str, matching.PlaceRef]) -> dict[str, Any]:
    row_id = new_id()
    store = stores.get(fold_code(one.store)) if one.store else None
    return {
        "id": row_id,
        "name_key": one.name_key,
        "external_id": one.external_id,
        "version": one.version,
        "store_id": store.id if store else None,
        "code": one.code,
        "said": one.said.as_stored(),
        "sealed": seal(one.item[:MAX_ITEM_BYTES], purpose=PURPOSE, place=str(row_id)).hex(),
        "digest": digest(one.item),
        "whole": len(one.item) <= MAX_ITEM_BYTES,
    }


def forget_rejects(*, now: datetime) -> None:
    """Give up what nobody sent again or mended for KEPT_FOR; safe to run again."""
    db.session.execute(delete(OrderReject).where(OrderReject.last_at < now - KEPT_FOR))


def reseal_rejects(*, after: UUID | None = None) -> UUID | None:
    """Seal a page of them anew with the newest key; the last id, None at the end."""
    return reseal_page(OrderReject.sealed_item, key=OrderReject.id, purpose=PURPOSE, after=after)
