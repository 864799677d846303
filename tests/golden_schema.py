"""The schema as the database's own catalog tells it: what `tests/schema.txt` holds, and a test compares.

`python -m tests.golden_schema` writes the file anew, from an empty database that is migrated for it.
"""

import tempfile
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import Connection, create_engine, text

from guideapi import database
from guideapi.config import Config
from guideapi.embedded import EmbeddedPostgres

FILE = Path(__file__).parent / "schema.txt"

# Partitions by month come and go with time; a default partition is there always.
TABLES = """
SELECT c.relname AS name,
       concat_ws(' ', CASE c.relpersistence WHEN 'u' THEN 'unlogged' END,
                 CASE c.relkind WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view' ELSE 'table' END,
                 c.relname, 'partitioned by ' || pg_get_partkeydef(c.oid),
                 'partition of ' || p.inhparent::regclass || ' ' || pg_get_expr(c.relpartbound, c.oid),
                 'with ' || array_to_string(c.reloptions, ', ')) AS line
FROM pg_class c LEFT JOIN pg_inherits p ON p.inhrelid = c.oid
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm')
  AND (NOT c.relispartition OR pg_get_expr(c.relpartbound, c.oid) = 'DEFAULT')
ORDER BY c.relname COLLATE "C"
"""
COLUMNS = """
SELECT concat_ws(' ', a.attname, format_type(a.atttypid, a.atttypmod), CASE WHEN a.attnotnull THEN 'not null' END,
                 CASE a.attidentity WHEN 'd' THEN 'identity by default' WHEN 'a' THEN 'identity always' END,
                 CASE WHEN a.attgenerated = 's' THEN 'generated' WHEN d.adbin IS NOT NULL THEN 'default' END,
                 pg_get_expr(d.adbin, d.adrelid)) AS line
FROM pg_attribute a LEFT JOIN pg_attrdef d ON (d.adrelid, d.adnum) = (a.attrelid, a.attnum)
WHERE a.attrelid = CAST(:name AS regclass) AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attname COLLATE "C"
"""
# NOT NULL stands with the columns: it is a constraint of its own from PostgreSQL 18 on.
CONSTRAINTS = """
SELECT conname || ' ' || pg_get_constraintdef(oid) AS line
FROM pg_constraint WHERE conrelid = CAST(:name AS regclass) AND contype <> 'n' AND conparentid = 0
ORDER BY conname COLLATE "C"
"""
INDEXES = """
SELECT pg_get_indexdef(indexrelid) AS line FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
WHERE indrelid = CAST(:name AS regclass)
  AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid AND conrelid = indrelid)
  AND NOT EXISTS (SELECT FROM pg_inherits WHERE inhrelid = indexrelid)
ORDER BY c.relname COLLATE "C"
"""
TRIGGERS = """
SELECT pg_get_triggerdef(oid) || CASE WHEN tgenabled <> 'O' THEN ' -- ' || tgenabled::text ELSE '' END AS line
FROM pg_trigger WHERE tgrelid = CAST(:name AS regclass) AND NOT tgisinternal AND tgparentid = 0
ORDER BY tgname COLLATE "C"
"""
# What they say stands in models/guards.
FUNCTIONS = """
SELECT concat('function ', p.oid::regprocedure, ' returns ', pg_get_function_result(p.oid),
              ' ', md5(pg_get_functiondef(p.oid))) AS line FROM pg_proc p
WHERE p.pronamespace = 'public'::regnamespace
  AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = p.oid AND classid = 'pg_proc'::regclass AND deptype = 'e')
ORDER BY p.oid::regprocedure::text COLLATE "C"
"""
EXTENSIONS = "SELECT 'extension ' || extname AS line FROM pg_extension WHERE extname <> 'plpgsql' ORDER BY extname"
PARTS = {"columns": COLUMNS, "constraints": CONSTRAINTS, "indexes": INDEXES, "triggers": TRIGGERS}


def describe(connection: Connection) -> str:
    """Every extension, function, table, column, constraint, index and trigger, in an order of their own."""
    return "\n".join(_lines(connection)) + "\n"


def _lines(connection: Connection) -> Iterator[str]:
    yield f"PostgreSQL {version(connection)}"
    yield from connection.scalars(text(EXTENSIONS))
    yield ""
    yield from connection.scalars(text(FUNCTIONS))
    for name, line in connection.execute(text(TABLES)).all():
        yield f"\n{line}"
        for part, query in PARTS.items():
            found = connection.scalars(text(query), {"name": name}).all()
            if found:
                yield f"  {part}"
                yield from (f"    {one}" for one in found)


def version(connection: Connection) -> int:
    """The server's major version: each writes some expressions in its own way."""
    return int(connection.scalar(text("SELECT current_setting('server_version_num')::int / 10000")))


def main() -> None:
    with (
        tempfile.TemporaryDirectory() as home,
        EmbeddedPostgres.start(Path(home) / "postgres", durable=False) as server,
    ):
        server.create_database("schema")
        config = Config(
            database_url=server.url("schema"), redis_url="", secret_key="-" * 32, storage_url=Path(home).as_uri()
        )
        database.migrate(config)
        engine = create_engine(config.database_url)
        with engine.connect() as connection:
            FILE.write_text(describe(connection))
        engine.dispose()


if __name__ == "__main__":
    main()
