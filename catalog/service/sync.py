"""Products from their sources, set-wise: a handful of statements whatever the number of items."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import insert, text

from catalog.items import ProductItem, canonical, digest, why_not_acceptable
from catalog.rules import REFUSALS
from catalog.service import merge
from kit.db import db, fetch_all
from models import Source, SyncReject

FILL = text("""
INSERT INTO incoming (item_no, external_id, version, digest, payload)
SELECT * FROM unnest(CAST(:item_nos AS int[]), CAST(:external_ids AS text[]), CAST(:versions AS bigint[]),
                     CAST(:digests AS bigint[]), CAST(:payloads AS text[]))
""")


def sync_products(*, source: Source, items: Sequence[ProductItem], now: datetime) -> list[dict[str, Any]]:
    """One outcome per item, in their order: created, updated, unchanged, stale, or rejected with a code.

    The highest version of a product wins whatever arrives first; what is unchanged writes no row. Of one product
    twice in `items`, the lower version is stale. Batches of one source take turns.
    """
    rejected = {index: code for index, item in enumerate(items) if (code := why_not_acceptable(item))}
    _fill(items, set(rejected))
    merge.merge_incoming(source=source, now=now)
    found = fetch_all(merge.OUTCOMES)
    outcomes = {row["item_no"]: (row["outcome"], row["code"]) for row in found}
    outcomes |= {index: ("rejected", code) for index, code in rejected.items()}
    return [_outcome(index, item.external_id, *outcomes[index]) for index, item in enumerate(items)]


def keep_rejections(*, source: Source, rejections: Sequence[dict[str, Any]]) -> None:
    """Keep what a push sent in vain (external_id, code, detail, raw) where an operator sees it."""
    if rejections:
        rows = [{"source_id": source.id, "raw": None, **rejection} for rejection in rejections]
        db.session.execute(insert(SyncReject), rows)


def _fill(items: Sequence[ProductItem], rejected: set[int]) -> None:
    chosen = [(index, item, canonical(item)) for index, item in enumerate(items) if index not in rejected]
    merge.prepare()
    db.session.execute(
        FILL,
        {
            "item_nos": [index for index, _, _ in chosen],
            "external_ids": [item.external_id for _, item, _ in chosen],
            "versions": [item.version for _, item, _ in chosen],
            "digests": [digest(content) for _, _, content in chosen],
            "payloads": [content.decode() for _, _, content in chosen],
        },
    )


def _outcome(index: int, external_id: str, outcome: str, code: str | None) -> dict[str, Any]:
    answer: dict[str, Any] = {"index": index, "external_id": external_id, "outcome": outcome}
    return answer if code is None else {**answer, "code": code, "detail": REFUSALS[code]}
