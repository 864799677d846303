"""The law of tables: a room writes its own tables and reads those of rooms below, in SQL text and in statements.

Import contracts see Python only, so this reads the SQL.
"""

import ast
import re
from collections.abc import Iterator

import pytest

from kit.db import Base
from models.guards import FOLDER
from tests.test_house import ROOT, calls, imported, owner_of, sources

# From the ground up; a room reads what stands before it.
ORDER = (
    *(
        "kit",
        "staff",
        "catalog",
        "customers",
        "content_center",
        "orders",
        "targets",
        "clienteling",
        "commissions",
        "settlements",
        "tasks",
    ),
    *("performance", "audit", "integrations"),
)
MODELS = {mapper.class_.__name__: mapper.local_table.name for mapper in Base.registry.mappers}
WRITES = re.compile(r"\b(?:INSERT\s+INTO|UPDATE|DELETE\s+FROM|TRUNCATE(?:\s+TABLE)?|MERGE\s+INTO)\s+(?:ONLY\s+)?(\w+)")
READS = re.compile(r"\b(?:FROM|JOIN|USING)\s+(?:ONLY\s+)?(\w+)")
MAKES_ROWS = ("insert", "update", "delete", "pg_insert", "postgresql.insert")


OWNERS = {
    mapper.local_table.name: owner_of(mapper.class_.__module__.removeprefix("models."))
    for mapper in Base.registry.mappers
}


def texts(tree: ast.Module) -> Iterator[str]:
    """Every string of the program; what is put into an f-string stands as a name that is no table."""
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            yield "".join(str(part.value) if isinstance(part, ast.Constant) else " _ " for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def written(tree: ast.Module) -> Iterator[str]:
    """The tables that a module writes, by text, by statement, by COPY, or by making rows of them."""
    for one in texts(tree):
        yield from (name for name in WRITES.findall(one) if name in OWNERS)
    for name, call in calls(tree):
        first = ast.unparse(call.args[0]) if call.args else ""
        if name in MAKES_ROWS and first in MODELS:
            yield MODELS[first]
        elif name in MODELS:
            yield MODELS[name]
        elif name == "copy_rows" and first.strip("'\"") in OWNERS:
            yield first.strip("'\"")


def read(tree: ast.Module) -> Iterator[str]:
    """The tables that a module reads: named in its texts, or by the models that it imports."""
    for one in texts(tree):
        yield from (name for name in READS.findall(one) if name in OWNERS)
    yield from (
        MODELS[name.removeprefix("models.")] for name in imported(tree) if name.removeprefix("models.") in MODELS
    )


@pytest.mark.parametrize("room", ORDER)
def test_owners_write(room: str) -> None:
    others = {(path, table) for path, tree in sources(room) for table in written(tree) if OWNERS[table] != room}
    assert others == set()


@pytest.mark.parametrize("room", ORDER)
def test_rooms_read_downwards(room: str) -> None:
    above = ORDER[ORDER.index(room) + 1 :]
    upwards = {(path, table) for path, tree in sources(room) for table in read(tree) if OWNERS[table] in above}
    assert upwards == set()


def test_triggers_write_tables_of_the_room_of_their_file() -> None:
    """So that what writes a table stands with its owner, whatever table the trigger is on."""
    for path in sorted(FOLDER.glob("*.sql")):
        rooms = {OWNERS[name] for name in WRITES.findall(path.read_text()) if name in OWNERS}
        assert rooms <= {OWNERS.get(path.stem)}, path


def test_the_order_is_the_one_that_imports_follow() -> None:
    contract = (ROOT / "pyproject.toml").read_text().split("Rooms stand on each other")[1].split("layers = [")[1]
    layers = re.findall(r'"(\w+)"', contract.partition("]")[0])
    assert [room for room in reversed(layers) if room in ORDER] == list(ORDER)


CLOCK = re.compile(
    r"\b(?:now\(\)|current_date\b|current_timestamp\b|localtimestamp\b|\w+_timestamp\(\))", re.IGNORECASE
)
# Where the database dates what it writes by itself, takes for past what a version says of its own time, and looks
# whether a year has gone before it lets proof be forgotten; and where people work today.
DATED_BY_THE_DATABASE = {
    "audit_entry",
    "consent",
    "contact",
    "content_version",
    "functions",
    "placement",
    "placement_correction",
}


@pytest.mark.parametrize("room", ORDER)
def test_statements_are_given_the_time(room: str) -> None:
    """`kit.clock` is the one clock that things are decided by (docs/adr/0017): tests move it, and jobs ask for days."""
    for path, tree in sources(room):
        # A docstring that names kit.clock.now() is no statement.
        told = {one for one in texts(tree) if CLOCK.search(one.replace("clock.now()", ""))}
        asked = {name for name, _ in calls(tree) if name in ("func.now", "sa.func.now", "func.current_date")}
        assert not told | asked, path


def test_only_guards_that_date_rows_read_the_databases_clock() -> None:
    assert {path.stem for path in FOLDER.glob("*.sql") if CLOCK.search(path.read_text())} == DATED_BY_THE_DATABASE


def test_a_table_of_another_room_is_seen() -> None:
    """The reader of SQL reads it: a made-up module that does all that is not allowed."""
    module = ast.parse(
        'A = text("UPDATE staff SET x = 1")\n'
        'B = text(f"DELETE FROM {name} USING sku")\n'
        "insert(Customer)\nOrder(id=1)\ncopy_rows('sync_item', rows)\n"
        "from models import Touch\n"
    )
    assert sorted(set(written(module))) == ["customer", "sales_order", "staff", "sync_item"]
    assert set(read(module)) == {"sku", "touch"}
