"""Products from their sources, set-wise: a handful of statements whatever the number of items."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import insert

from catalog.items import ProductItem, canonical, digest, why_not_acceptable
from catalog.rules import REFUSALS
from catalog.service.judging import INCOMING, JSONB_MARK, copy_rows, prepare
from catalog.service.merge import OUTCOMES, merge
from catalog.service.quotas import trim_rejects
from kit.db import db, fetch_all
from kit.versions import stale_outcome
from models import Source, SyncReject


def sync_products(
    *,
    source: Source,
    items: Sequence[ProductItem],
    now: datetime,
    names: Sequence[str] | None = None,
    careful: bool = False,
) -> list[dict[str, Any]]:
    """One outcome per item, in their order: created, updated, unchanged, stale, or rejected with a code.

    The highest version of a product wins whatever arrives first; what is unchanged writes no row. Of one product
    twice in `items`, the lower version is stale. Batches of one source take turns. `names` are what the catalog knows
    the items by, where that is not their `external_id`; `careful` is for versions that are not fine enough (merge).
    """
    rejected = {index: code for index, item in enumerate(items) if (code := why_not_acceptable(item))}
    _fill(items, set(rejected), names or [item.external_id for item in items])
    merge(source=source, now=now, careful=careful)
    found = fetch_all(OUTCOMES)
    outcomes = {row["item_no"]: {"outcome": row["outcome"], **_reasons(row)} for row in found}
    outcomes |= {
        index: {"outcome": "rejected", "code": code, "detail": REFUSALS[code]} for index, code in rejected.items()
    }
    return [{"index": index, "external_id": item.external_id, **outcomes[index]} for index, item in enumerate(items)]


def keep_rejections(*, source: Source, rejections: Sequence[dict[str, Any]]) -> None:
    """Keep what a push sent in vain (external_id, code, said, raw) where an operator sees it."""
    if rejections:
        rows = [{"source_id": source.id, "raw": None, **rejection} for rejection in rejections]
        db.session.execute(insert(SyncReject), rows)
        trim_rejects(source.id)


def _fill(items: Sequence[ProductItem], rejected: set[int], names: Sequence[str]) -> None:
    prepare()
    rows = []
    for index, item in enumerate(items):
        if index not in rejected:
            content = canonical(item)
            rows.append((index, names[index], item.version, digest(content), JSONB_MARK + content))
    copy_rows("incoming", INCOMING, rows)


def _reasons(judged: dict[str, Any]) -> dict[str, Any]:
    code = judged["code"]
    if judged["outcome"] == "stale":
        return stale_outcome(code, held=judged["held"], sent=judged["version"])
    return {} if code is None else {"code": code, "detail": REFUSALS[code]}
