"""Files on their way into the catalog: read into `sync_item` in blocks, and put together where rows are pieces."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
from sqlalchemy import text

from catalog.formats.pieces import UNBRANDED, UNSORTED, BadRow, Piece, add, completed
from catalog.formats.reading import Read
from catalog.items import FileItem, ProductContent, canonical, digest, why_not_acceptable
from catalog.rules import REFUSALS
from catalog.service.judging import JSONB_MARK, copy_rows
from kit.db import db
from models import SyncRun

ITEMS = {
    "run_id": "uuid",
    "item_no": "int4",
    "external_id": "varchar",
    "version": "int8",
    "digest": "int8",
    "partial": "bool",
    "on_shelf": "bool",
    "payload": "bytea",
}
REJECTS = {
    "source_id": "uuid",
    "run_id": "uuid",
    "line_no": "int4",
    "external_id": "varchar",
    "field": "varchar",
    "code": "varchar",
    "detail": "varchar",
    "raw": "varchar",
}
GROUPS = text("""
SELECT array_agg(item_no ORDER BY item_no) AS item_nos, array_agg(version ORDER BY item_no) AS versions,
       array_agg(partial ORDER BY item_no) AS partials, array_agg(CAST(payload AS text) ORDER BY item_no) AS payloads
FROM sync_item WHERE run_id = :run_id
GROUP BY external_id HAVING count(*) > 1 OR bool_or(partial)
""")
DROP_ITEMS = text("DELETE FROM sync_item WHERE run_id = :run_id AND item_no = ANY(:item_nos)")
GROUPS_AT_ONCE = 2000


class StagedItem(msgspec.Struct, frozen=True, gc=False):
    """One row of `sync_item`."""

    item_no: int
    external_id: str
    version: int
    digest: int
    partial: bool
    on_shelf: bool
    payload: bytes  # JSON


def staged(found: Iterable[Read], *, version: int) -> Iterator[StagedItem | BadRow]:
    """What was read, as rows to store; `version` counts for items that carry none."""
    for read in found:
        if isinstance(read, tuple):
            yield _whole(read[0], read[1], version)
        elif isinstance(read, BadRow):
            yield read
        else:
            whole = completed(read)
            yield _partial(read, version) if isinstance(whole, BadRow) else _whole(read.line_no, whole, version)


class Stored(NamedTuple):
    """How many rows were written: items, those among them that carry no version of their own, and bad rows."""

    items: int
    unversioned: int
    bad: int


def store(run: SyncRun, rows: Iterable[StagedItem | BadRow]) -> Stored:
    """Write the rows while they are read, so that the database works at the same time."""
    rejects: list[tuple[UUID | str | int | None, ...]] = []
    items = unversioned = 0

    def good() -> Iterator[tuple[Any, ...]]:
        nonlocal items, unversioned
        for row in rows:
            if isinstance(row, BadRow):
                rejects.append(_reject(run, row))
                continue
            items += 1
            unversioned += row.version == run.version
            yield (
                *(run.id, row.item_no, row.external_id, row.version, row.digest, row.partial, row.on_shelf),
                JSONB_MARK + row.payload,
            )

    copy_rows("sync_item", ITEMS, good())
    copy_rows("sync_reject", REJECTS, rejects)
    return Stored(items, unversioned, len(rejects))


def put_together(run: SyncRun, look: Callable[[], None]) -> int:
    """Make one item of all pieces of a product, wherever they stood in the file; answers how many were unfit.

    Calls `look` often, which raises when the run is no longer wanted.
    """
    bad = 0
    groups = db.session.connection().execute(
        GROUPS, {"run_id": run.id}, execution_options={"stream_results": True, "yield_per": GROUPS_AT_ONCE}
    )
    for part in groups.mappings().partitions(GROUPS_AT_ONCE):
        merged = [_merged(group, run.version) for group in part]
        item_nos = [number for group in part for number in group["item_nos"]]
        db.session.execute(DROP_ITEMS, {"run_id": run.id, "item_nos": item_nos})
        bad += store(run, merged).bad
        look()
    return bad


def _whole(line_no: int, item: FileItem, version: int) -> StagedItem | BadRow:
    if code := why_not_acceptable(item):
        return BadRow(line_no=line_no, code=code, detail=REFUSALS[code], external_id=item.external_id)
    content = canonical(item)
    number = version if item.version is None else item.version
    on_shelf = item.shelf_status == "on_shelf"
    return StagedItem(line_no, item.external_id, number, digest(content), False, on_shelf, content)


def _partial(piece: Piece, version: int) -> StagedItem | BadRow:
    if len(piece.external_id) > 128:
        return BadRow(line_no=piece.line_no, code="id_too_long", detail="An id has at most 128 characters.")
    payload = msgspec.json.encode(piece)
    return StagedItem(piece.line_no, piece.external_id, piece.version or version, 0, True, False, payload)


def _merged(group: Any, version: int) -> StagedItem | BadRow:
    first, *others = map(_piece, group["item_nos"], group["versions"], group["partials"], group["payloads"])
    for other in others:
        add(first, other)
    whole = completed(first)
    return whole if isinstance(whole, BadRow) else _whole(first.line_no, whole, version)


def _piece(item_no: int, version: int, partial: bool, payload: str) -> Piece:
    if partial:
        return msgspec.json.decode(payload, type=Piece)
    item = msgspec.json.decode(payload, type=ProductContent)
    return Piece(
        line_no=item_no,
        external_id=item.external_id,
        version=version,
        title=item.title,
        brand=None if item.brand == UNBRANDED else item.brand,
        category=None if item.category == UNSORTED else str(item.category),
        shelf_status=item.shelf_status,
        reason=item.reason,
        image_urls=item.image_urls,
        skus=item.skus,
    )


def _reject(run: SyncRun, row: BadRow) -> tuple[UUID | str | int | None, ...]:
    external_id = None if row.external_id is None else row.external_id[:128]
    raw = None if row.raw is None else row.raw[:2000]
    return (run.source_id, run.id, row.line_no, external_id, row.field, row.code, row.detail[:500], raw)
