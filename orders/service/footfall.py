"""Take a batch of hours in, with a fixed number of statements however many there are."""

from collections.abc import Mapping, Sequence
from datetime import datetime, time
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy import text

from catalog import queries as catalog
from kit.codes import fold_code
from kit.db import db
from kit.words import Said, say
from orders.incoming_footfall import FootfallItem, content_digest, count_digest
from orders.queries import matching
from orders.queries.footfall import HeldHour, Hour, find_hours
from orders.rules.receipts import is_plausible
from orders.service.versions import Judge, Numbered, Outcome, choose, known, outcome

# In one order, so that two batches wait for each other and never in a circle. A row that ON CONFLICT updated carries
# the updating transaction in xmax; a fresh one carries none.
UPSERT = text("""
    INSERT INTO footfall AS held (source_id, store_id, day, hour, visitors, source_version, changed_at)
    SELECT :source_id, store_id, day, hour, visitors, version, :now
    FROM json_to_recordset(CAST(:rows AS json)) AS r (store_id uuid, day date, hour smallint, visitors int,
      version bigint)
    ORDER BY store_id, day, hour
    ON CONFLICT (store_id, day, hour, source_id) DO UPDATE SET
      visitors = excluded.visitors, source_version = excluded.source_version, changed_at = excluded.changed_at
    WHERE held.source_version < excluded.source_version
    RETURNING store_id, day, hour, xmax = 0 AS fresh
""")

Stores = Mapping[str, matching.PlaceRef]


def ingest_footfall(*, source: str, items: Sequence[Numbered[FootfallItem]], now: datetime) -> list[Outcome]:
    """One outcome per (index, hour) of a source's batch: created, updated, unchanged, stale or rejected.

    An hour is known by (source, store, day, hour): the newest sound version is taken, an older one is stale, the same
    one unchanged, or rejected where it says another count. Raises SourceNotFound.
    """
    source_id = catalog.get_source(source).id
    stores = matching.find_stores({item.store for _, item in items})
    judge = Judge(
        digest=content_digest,
        why_rejected=lambda item, _currency: _why_rejected(item, stores, now=now),
        currency=lambda item: stores[fold_code(item.store)].currency,
        reused=lambda version: say("version_reused.footfall", version=version),
    )
    accepted, outcomes = choose(items, _find_held(source_id, [item for _, item in items], stores), judge)
    outcomes += _take(source_id, accepted, stores, judge, now=now)
    return sorted(outcomes, key=lambda told: int(told["index"]))


def _why_rejected(item: FootfallItem, stores: Stores, *, now: datetime) -> Said | None:
    store = stores.get(fold_code(item.store))
    if store is None:
        return say("unknown_store", code=item.store)
    begins = datetime.combine(item.day, time(item.hour), tzinfo=ZoneInfo(store.time_zone))
    if not is_plausible(begins, now=now):
        return say("implausible_time.hour", day=item.day.isoformat(), hour=item.hour)
    return None


def _find_held(source_id: UUID, items: Sequence[FootfallItem], stores: Stores) -> dict[str, matching.Held]:
    """What is held of the hours of the items, by the items' names."""
    hours = {item.external_id: _hour(item, stores) for item in items if fold_code(item.store) in stores}
    held = find_hours(source_id, set(hours.values()))
    currencies = {store.id: store.currency for store in stores.values()}
    return {name: _as_held(held[hour], currencies[hour.store_id]) for name, hour in hours.items() if hour in held}


def _as_held(hour: HeldHour, currency: str) -> matching.Held:
    return matching.Held(hour.version, currency, count_digest(hour.visitors))


def _hour(item: FootfallItem, stores: Stores) -> Hour:
    return Hour(stores[fold_code(item.store)].id, item.day, item.hour)


def _take(
    source_id: UUID,
    accepted: Sequence[Numbered[FootfallItem]],
    stores: Stores,
    judge: Judge[FootfallItem],
    *,
    now: datetime,
) -> list[Outcome]:
    if not accepted:
        return []
    written = _write(source_id, {_hour(item, stores): item for _, item in accepted}, now=now)
    # What is missing, another batch brought while we read: the same version, or a newer one.
    missed = [item for _, item in accepted if _hour(item, stores) not in written]
    overtaken = _find_held(source_id, missed, stores) if missed else {}
    return [
        known(index, item, version=before.version, digest=before.digest, judge=judge)
        if (before := overtaken.get(item.external_id))
        else outcome(index, item, "created" if written[_hour(item, stores)] else "updated")
        for index, item in accepted
    ]


def _write(source_id: UUID, items: Mapping[Hour, FootfallItem], *, now: datetime) -> dict[Hour, bool]:
    """Write the hours that are newer than what is held; those, and whether each is new."""
    rows = [{**hour._asdict(), "visitors": item.count, "version": item.version} for hour, item in items.items()]
    written = db.session.execute(
        UPSERT, {"source_id": source_id, "rows": msgspec.json.encode(rows).decode(), "now": now}
    )
    return {Hour(row.store_id, row.day, row.hour): row.fresh for row in written}
