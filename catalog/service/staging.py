"""Files on their way into the catalog: read into `sync_item` in blocks, and put together where rows are pieces."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
from sqlalchemy import text

from catalog.formats.pieces import UNBRANDED, UNSORTED, BadRow, Piece, add, completed
from catalog.formats.reading import Read
from catalog.items import MAX_NAME, FileItem, ProductContent, canonical, digest, why_not_acceptable
from catalog.rules import REFUSALS
from catalog.service.judging import JSONB_MARK, copy_rows
from catalog.service.weighing import AS_WHOLE
from kit.db import db, execute_anew, fetch_all
from kit.words import say
from models import SyncRun

ITEMS = {
    "run_id": "uuid",
    "item_no": "int4",
    "external_id": "varchar",
    "platform_id": "varchar",
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
    "platform_id": "varchar",
    "field": "varchar",
    "code": "varchar",
    "said": "bytea",  # JSON
    "raw": "varchar",
}
GROUPS = text("""
SELECT array_agg(item_no ORDER BY item_no) AS item_nos, array_agg(version ORDER BY item_no) AS versions,
       array_agg(partial ORDER BY item_no) AS partials, array_agg(platform_id ORDER BY item_no) AS platform_ids,
       array_agg(CAST(payload AS text) ORDER BY item_no) AS payloads
FROM sync_item WHERE run_id = :run_id
GROUP BY external_id HAVING count(*) > 1 OR bool_or(partial)
""")
# A product is taken whole or not at all: what a row that cannot be used says of it is not known.
DROP_INCOMPLETE = text("""
DELETE FROM sync_item i USING (SELECT DISTINCT external_id FROM sync_reject WHERE run_id = :run_id) r
WHERE i.run_id = :run_id AND i.external_id = r.external_id
RETURNING i.item_no, i.external_id
""")
# Of one product twice, in whatever blocks of the file, the highest version counts, and of those the first. They are
# looked for first, then dropped by key: what was staged a moment ago is not counted yet, and a join would be planned
# for a few rows.
DROP_REPEATED = text("""
DELETE FROM sync_item WHERE run_id = :run_id AND item_no = ANY (ARRAY(
  SELECT item_no FROM (
    SELECT item_no, row_number() OVER (PARTITION BY external_id ORDER BY version DESC, item_no) AS rank
    FROM sync_item WHERE run_id = :run_id
  ) ranked WHERE rank > 1
))
""")
# `id:10` is the product of that number, whatever it is called itself.
NAME_PARENTS = tuple(
    text(f"""
    UPDATE {table} v SET {changes}
    FROM sync_item p
    WHERE v.run_id = :run_id AND p.run_id = :run_id AND v.external_id = 'id:' || p.platform_id
      AND p.external_id <> v.external_id
    """)  # noqa: S608 - built from constants
    for table, changes in (
        ("sync_reject", "external_id = p.external_id"),
        (
            "sync_item",
            "external_id = p.external_id, payload = jsonb_set(v.payload, '{external_id}', to_jsonb(p.external_id))",
        ),
    )
)
NAMED = text("SELECT EXISTS (SELECT FROM sync_reject WHERE run_id = :run_id AND external_id IS NOT NULL)")
DROP_ITEMS = text("DELETE FROM sync_item WHERE run_id = :run_id AND item_no = ANY(:item_nos)")
GROUPS_AT_ONCE = 2000
MAX_FIELD = 100


class StagedItem(msgspec.Struct, frozen=True, gc=False):
    """One row of `sync_item`."""

    item_no: int
    external_id: str
    platform_id: str | None
    version: int
    digest: int
    partial: bool
    on_shelf: bool
    payload: bytes  # JSON


def staged(found: Iterable[Read], *, version: int) -> Iterator[StagedItem | BadRow]:
    """What was read, as rows to store; `version` counts for items that carry none."""
    for read in found:
        if isinstance(read, tuple):
            yield _item(read[0], read[1], version)
        elif isinstance(read, BadRow):
            yield read
        else:
            whole = completed(read)
            yield _partial(read, version) if isinstance(whole, BadRow) else _whole(read, whole, version)


class Stored(NamedTuple):
    """How many rows were written: items, those among them that carry no version of their own, and bad rows."""

    items: int
    unversioned: int
    bad: int


def store(run: SyncRun, rows: Iterable[StagedItem | BadRow]) -> Stored:
    """Write the rows while they are read, so that the database works at the same time."""
    rejects: list[tuple[UUID | str | int | bytes | None, ...]] = []
    items = unversioned = 0

    def good() -> Iterator[tuple[Any, ...]]:
        nonlocal items, unversioned
        for row in rows:
            if isinstance(row, BadRow):
                rejects.append(_reject(run, row))
                if row.near is not None:
                    rejects.append(_reject(run, _doubt(row)))
                continue
            items += 1
            unversioned += row.version == run.version
            yield (
                *(run.id, row.item_no, row.external_id, row.platform_id, row.version, row.digest, row.partial),
                *(row.on_shelf, JSONB_MARK + row.payload),
            )

    copy_rows("sync_item", ITEMS, good())
    copy_rows("sync_reject", REJECTS, rejects)
    return Stored(items, unversioned, len(rejects))


def drop_incomplete(run: SyncRun, *, tell: bool) -> int:
    """Leave out every product of which a row cannot be used, whatever its other rows say.

    With `tell`, each row that is left out is kept as one that was not taken; answers how many those are.
    """
    dropped = fetch_all(DROP_INCOMPLETE, {"run_id": run.id})
    said = say("product_incomplete")
    told = [BadRow(line_no=row["item_no"], said=said, external_id=row["external_id"]) for row in dropped if tell]
    return store(run, told).bad


def name_parents(run: SyncRun) -> None:
    """Let rows that name their product by its number name it as the product's own row does."""
    db.session.execute(AS_WHOLE)
    for statement in NAME_PARENTS:
        db.session.execute(statement, {"run_id": run.id})


def names_products(run: SyncRun) -> bool:
    """Whether rows that cannot be used say which products they are of."""
    return bool(db.session.scalar(NAMED, {"run_id": run.id}))


def put_together(run: SyncRun, look: Callable[[], None], *, labelled: bool) -> int:
    """Make one item of all pieces of a product, wherever they stood in the file; answers how many were unfit.

    SKUs that are `labelled` may share a code. Calls `look` often, which raises when the run is no longer wanted.
    """
    bad = 0
    groups = db.session.connection().execute(
        GROUPS, {"run_id": run.id}, execution_options={"stream_results": True, "yield_per": GROUPS_AT_ONCE}
    )
    for part in groups.mappings().partitions(GROUPS_AT_ONCE):
        merged = [_merged(group, run.version, labelled=labelled) for group in part]
        item_nos = [number for group in part for number in group["item_nos"]]
        db.session.execute(DROP_ITEMS, {"run_id": run.id, "item_nos": item_nos})
        bad += store(run, merged).bad
        look()
    return bad


def drop_repeated(run: SyncRun) -> int:
    """Leave out what the file says of a product in a lower version, or once more; answers how many items that were."""
    return execute_anew(DROP_REPEATED, {"run_id": run.id}).rowcount


def _item(line_no: int, item: FileItem, version: int, platform_id: str | None = None) -> StagedItem | BadRow:
    return whole_item(line_no, item, version if item.version is None else item.version, platform_id)


def _whole(piece: Piece, item: FileItem, version: int) -> StagedItem | BadRow:
    return _item(piece.line_no, item, version, piece.platform_id)


def whole_item(line_no: int, item: ProductContent, version: int, platform_id: str | None) -> StagedItem | BadRow:
    """A whole product as a row to store, or why it cannot be taken."""
    name = item.external_id
    if code := why_not_acceptable(item):
        return BadRow(line_no=line_no, said=REFUSALS[code], external_id=name, platform_id=platform_id)
    content = canonical(item)
    on_shelf = item.shelf_status == "on_shelf"
    return StagedItem(line_no, name, platform_id, version, digest(content), False, on_shelf, content)


def _partial(piece: Piece, version: int) -> StagedItem | BadRow:
    if len(piece.external_id) > MAX_NAME:
        return BadRow(line_no=piece.line_no, said=say("id_too_long", max=MAX_NAME))
    payload = msgspec.json.encode(piece)
    version = piece.version or version
    return StagedItem(piece.line_no, piece.external_id, piece.platform_id, version, 0, True, False, payload)


def _merged(group: Any, version: int, *, labelled: bool) -> StagedItem | BadRow:
    columns = ("item_nos", "versions", "partials", "platform_ids", "payloads")
    rows = zip(*(group[column] for column in columns), strict=True)
    first, *others = (_piece(*row, labelled=labelled) for row in rows)
    for other in others:
        add(first, other)
    whole = completed(first)
    return whole if isinstance(whole, BadRow) else _whole(first, whole, version)


def _piece(
    item_no: int, version: int, partial: bool, platform_id: str | None, payload: str, *, labelled: bool
) -> Piece:
    if partial:
        return msgspec.json.decode(payload, type=Piece)
    item = msgspec.json.decode(payload, type=ProductContent)
    return Piece(
        line_no=item_no,
        external_id=item.external_id,
        platform_id=platform_id,
        version=version,
        title=item.title,
        brand=None if item.brand == UNBRANDED else item.brand,
        category=None if item.category == UNSORTED else str(item.category),
        shelf_status=item.shelf_status,
        reason=item.reason,
        image_urls=item.image_urls,
        tags=item.tags or [],
        skus=item.skus,
        labels=[""] * len(item.skus) if labelled else [],
    )


def _doubt(row: BadRow) -> BadRow:
    said = say("product_incomplete.near", line=row.line_no)
    return BadRow(line_no=row.line_no, said=said, external_id=row.near)


def _reject(run: SyncRun, row: BadRow) -> tuple[UUID | str | int | bytes | None, ...]:
    external_id = None if row.external_id is None else row.external_id[:MAX_NAME]
    raw = None if row.raw is None else row.raw[:2000]
    said = JSONB_MARK + row.said.as_json().encode()
    field = None if row.field is None else row.field[:MAX_FIELD]
    return (run.source_id, run.id, row.line_no, external_id, row.platform_id, field, row.code, said, raw)
