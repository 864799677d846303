"""What becomes of each item that came in: decided beside what the catalog has, before anything is written.

Items come either pushed, in the table `incoming`, or from a file, as a block of `sync_item`; what was decided stands
in `judged`. Both are the session's own tables, empty at the start of each unit of work.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import text

from catalog.formats.pieces import STATUS_ORDER
from kit import driver, locks
from kit.db import db, execute_anew
from models import Source, SyncRun

PREPARE = text("""
CREATE TEMPORARY TABLE IF NOT EXISTS incoming (
  item_no int, external_id text, version bigint, digest bigint, payload jsonb
) ON COMMIT DELETE ROWS;
CREATE TEMPORARY TABLE IF NOT EXISTS judged (
  item_no int, external_id text, version bigint, digest bigint, product_id uuid, outcome text, code text,
  held bigint, bump boolean, doubt boolean, retitled boolean, brand_id uuid, category_id uuid, content jsonb
) ON COMMIT DELETE ROWS;
CREATE TEMPORARY TABLE IF NOT EXISTS incoming_sku (
  item_no int, product_id uuid, code text, barcode text, price bigint, list_price bigint, in_stock boolean,
  variant_id text, sku_id uuid, owner_id uuid, was_listed boolean, differs boolean, standing text, released boolean,
  held_id uuid
) ON COMMIT DELETE ROWS;
CREATE TEMPORARY TABLE IF NOT EXISTS spelling (item_no int PRIMARY KEY, pinyin text) ON COMMIT DELETE ROWS;
DELETE FROM incoming; DELETE FROM judged; DELETE FROM incoming_sku; DELETE FROM spelling
""")
INCOMING = {"item_no": "int4", "external_id": "text", "version": "int8", "digest": "int8", "payload": "bytea"}
# jsonb as PostgreSQL receives it: this, and then JSON text.
JSONB_MARK = b"\x01"

# Plans are made for what is there now (`execute_anew`), and for rows that are looked up by their key: one kept from
# when the catalog was small, or made by statistics that have never heard of a source, reads a million rows for a
# thousand. `LIMIT 1` below does the same. Plans are not forced to be made anew by a setting: PostgreSQL would then plan
# the check of each foreign key of each row.
BY_KEY = text("""
SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off; SET LOCAL enable_hashjoin = off;
SET LOCAL enable_mergejoin = off; SET LOCAL random_page_cost = 0; SET LOCAL work_mem = '32MB'
""")

BLOCK_ITEMS = 20_000
BLOCK = """(
  SELECT item_no, external_id, version, digest, payload FROM sync_item
  WHERE run_id = :run_id AND item_no > :after ORDER BY item_no LIMIT :limit
) block"""
# Of two contents under one version the one farther from the customer holds, whichever came first: by shelf status, then
# by SKUs that are out of stock. The digest settles the rest, so that every order of arrival ends alike.
MORE_CAREFUL = """(
  array_position(CAST(:by_care AS text[]), i.payload ->> 'shelf_status'),
  (SELECT count(*) FROM jsonb_array_elements(i.payload -> 'skus') s WHERE s -> 'in_stock' = 'false'), i.digest
) > (
  array_position(CAST(:by_care AS text[]), CAST(p.shelf_status AS text)),
  (SELECT count(*) FROM sku k WHERE k.product_id = p.id AND k.listed AND NOT k.in_stock), p.content_digest
)"""
# OFFSET keeps what was decided from being worked out again for each column that depends on it.
JUDGE = """
INSERT INTO judged
SELECT j.item_no, j.external_id, j.version, j.digest, coalesce(j.product_id, uuid7()), j.outcome,
       CASE j.outcome WHEN 'rejected' THEN 'version_reused' WHEN 'stale' THEN j.reason END, j.held,
       j.bump, j.doubt, j.title <> j.content ->> 'title',
       b.id, c.id, j.content
FROM (
  SELECT *, CASE WHEN outcome IN ('created', 'updated') THEN payload END AS content
  FROM (
    SELECT i.*, p.id AS product_id, p.title, :remember AND i.version > p.source_version AS bump,
      :careful AND i.version = p.source_version AND i.digest <> p.content_digest AS doubt,
      CASE WHEN i.rank > 1 OR i.version < s.snapshot_version AND p.source_version IS DISTINCT FROM -1 THEN 'stale'
           WHEN p.id IS NULL THEN 'created'
           WHEN i.version < p.source_version THEN 'stale'
           WHEN i.digest = p.content_digest AND NOT (p.doubtful AND i.version > p.source_version) THEN 'unchanged'
           WHEN i.version > p.source_version THEN 'updated'
           WHEN p.content_digest IS NOT NULL AND NOT :careful THEN 'rejected'
           WHEN p.content_digest IS NOT NULL THEN CASE WHEN {more_careful} THEN 'updated' ELSE 'unchanged' END
           WHEN :revive THEN 'updated'
           ELSE 'stale' END AS outcome,
      CASE WHEN i.rank > 1 AND i.newest > i.version THEN 'older_version'
           WHEN i.version < s.snapshot_version AND p.source_version IS DISTINCT FROM -1 THEN 'older_than_snapshot'
           WHEN i.version < p.source_version THEN 'older_version'
           WHEN i.rank > 1 THEN 'repeated_in_batch'
           ELSE 'taken_down_since' END AS reason,
      greatest(p.source_version, i.newest,
               CASE WHEN p.source_version IS DISTINCT FROM -1 THEN s.snapshot_version END) AS held
    FROM source s
    CROSS JOIN (
      SELECT *, row_number() OVER same AS rank, first_value(version) OVER same AS newest
      FROM {arrived} WINDOW same AS (PARTITION BY external_id COLLATE "C" ORDER BY version DESC, item_no)
    ) i
    LEFT JOIN LATERAL (
      SELECT id, source_version, content_digest, title, shelf_status, doubtful FROM product
      WHERE source_id = s.id AND external_id = i.external_id LIMIT 1
    ) p ON true
    WHERE s.id = :source_id
    OFFSET 0
  ) decided
  OFFSET 0
) j
LEFT JOIN brand b ON b.name = j.content ->> 'brand'
LEFT JOIN category c ON c.path = j.content ->> 'category'
"""
JUDGE_INCOMING = text(JUDGE.format(arrived="incoming", more_careful=MORE_CAREFUL))
JUDGE_BLOCK = text(JUDGE.format(arrived=BLOCK, more_careful=MORE_CAREFUL))


@dataclass(frozen=True, kw_only=True)
class Block:
    """Some staged items of a run, in the order of the file."""

    run_id: UUID
    after: int  # the last item of the block before
    limit: int
    # A product that a snapshot took down comes back under the version it had.
    revive: bool
    # Unchanged products note that they were said again, under a higher version.
    remember: bool


def block_of(run: SyncRun, *, after: int) -> Block:
    """The items of the run that come next after the line `after`, and how they are judged."""
    return Block(
        run_id=run.id, after=after, limit=BLOCK_ITEMS, revive=run.mode == "snapshot", remember=not run.unversioned
    )


def prepare() -> None:
    """Make the session's working tables, and empty them."""
    db.session.execute(PREPARE)


def copy_rows(table: str, columns: dict[str, str], rows: Iterable[tuple[Any, ...]]) -> None:
    """Write the rows by a binary COPY of this transaction; `columns` names each with the type it is sent as.

    Parameters would cost ten times as much, and text half as much again.
    """
    connection = db.session.connection().connection.driver_connection
    assert connection is not None
    statement = f"COPY {table} ({', '.join(columns)}) FROM STDIN (FORMAT binary)"
    with driver.naming_no_values(), connection.cursor() as cursor, cursor.copy(statement) as copy:
        copy.set_types(list(columns.values()))
        for row in rows:
            copy.write_row(row)


def lock_source(source_id: UUID) -> None:
    """Let merges of one source take turns until the commit, so that each sees what the last one left."""
    locks.hold(f"source {source_id}")


def judge(*, source: Source, block: Block | None, careful: bool) -> None:
    """Fill `judged` from `incoming`, or from `block`.

    With `careful`, other content under a version that came before is weighed instead of rejected.
    """
    parameters = {"source_id": source.id, "revive": False, "remember": True, "careful": careful}
    parameters |= {"by_care": list(STATUS_ORDER)} | ({} if block is None else asdict(block))
    execute_anew(BY_KEY)
    execute_anew(JUDGE_INCOMING if block is None else JUDGE_BLOCK, parameters)
