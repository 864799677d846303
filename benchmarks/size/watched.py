"""What PostgreSQL did for a request: each statement's real plan, as auto_explain (a contrib module) tells the client.

Of the plans that were used, not of plans made for the purpose: what a kept plan costs shows, too.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import orjson
from psycopg import Connection
from psycopg.errors import Diagnostic
from sqlalchemy import Engine, event

from kit.db import db

SETTINGS = (
    "LOAD 'auto_explain'",
    "SET auto_explain.log_min_duration = 0",
    "SET auto_explain.log_analyze = on",
    "SET auto_explain.log_timing = off",
    "SET auto_explain.log_buffers = on",
    "SET auto_explain.log_format = json",
    "SET auto_explain.log_level = notice",
    # Values stand in no plan that is shown.
    "SET auto_explain.log_parameter_max_length = 0",
)
AS_IF_LARGE = ("SET enable_seqscan = off",)
SAID = re.compile(r"duration: ([\d.]+) ms  plan:\n(.*)", re.DOTALL)


TEXT_LENGTH = 400
SHOWN = ("Index Cond", "Filter", "Join Filter", "Sort Key")


@dataclass(frozen=True, kw_only=True)
class Node:
    """One step of a plan; `rows` are those it looked at, in all its rounds, those it threw away included."""

    kind: str
    table: str | None
    index: str | None
    returned: int
    rows: int
    details: dict[str, Any] = field(repr=False)

    @property
    def is_scan(self) -> bool:
        """Whether it reads a whole table or index, up to where it is stopped."""
        return self.kind == "Seq Scan"

    @property
    def compared(self) -> int:
        """How many pairs of rows a join compared in vain: many where it could neither hash nor look up."""
        vain: float = self.details.get("Rows Removed by Join Filter", 0)
        return round(vain * float(self.details.get("Actual Loops", 0)))

    @property
    def is_read(self) -> bool:
        """Whether it reads a table or an index."""
        return "Scan" in self.kind and self.kind not in ("CTE Scan", "Subquery Scan", "Function Scan", "Values Scan")


@dataclass(frozen=True, kw_only=True)
class Statement:
    """One statement: its text, how long it ran (milliseconds), pages of 8 KiB it looked at, and its plan's steps."""

    text: str
    ms: float
    buffers: int
    nodes: tuple[Node, ...]
    plan: dict[str, Any] = field(repr=False)

    @property
    def rows(self) -> int:
        """How many rows were read of tables and indexes."""
        return sum(node.rows for node in self.nodes if node.is_read)

    def outline(self) -> str:
        """Its text, cut short, and its plan, a line a step."""
        words = " ".join(self.text.split())[:TEXT_LENGTH]
        return "\n".join([f"{self.ms:.1f} ms, {self.buffers:,} pages: {words}", *_outline(self.plan, 1)])


@dataclass
class Watched:
    """What was executed since it was emptied."""

    statements: list[Statement] = field(default_factory=list)

    @property
    def ms(self) -> float:
        """Time in the database, without planning."""
        return sum(statement.ms for statement in self.statements)

    @property
    def rows(self) -> int:
        return sum(statement.rows for statement in self.statements)

    @property
    def buffers(self) -> int:
        return sum(statement.buffers for statement in self.statements)


@contextmanager
def watching(engines: list[Engine], *, as_if_large: bool = False) -> Iterator[Watched]:
    """Note what these engines' new connections execute; those that are pooled are closed before and after.

    A small table is sooner read whole than looked up in; `as_if_large` has it looked up where that can be done.
    """
    watched = Watched()

    def note(said: Diagnostic) -> None:
        found = SAID.match(said.message_primary or "")
        if found:
            watched.statements.append(_statement(float(found[1]), orjson.loads(found[2])))

    def tell(connection: Connection[Any], _record: Any) -> None:
        autocommit, connection.autocommit = connection.autocommit, True
        for setting in (*SETTINGS, *(AS_IF_LARGE if as_if_large else ())):
            connection.execute(setting)
        connection.autocommit = autocommit
        connection.add_notice_handler(note)

    with _listening(engines, tell):
        yield watched


@contextmanager
def _listening(engines: list[Engine], tell: Callable[[Any, Any], None]) -> Iterator[None]:
    _close(engines)
    for engine in engines:
        event.listen(engine, "connect", tell)
    try:
        yield
    finally:
        for engine in engines:
            event.remove(engine, "connect", tell)
        _close(engines)


def _close(engines: list[Engine]) -> None:
    # What the session holds goes back to its pool first.
    db.session.rollback()
    for engine in engines:
        engine.dispose()


def _statement(ms: float, said: dict[str, Any]) -> Statement:
    plan = said["Plan"]
    nodes = tuple(_node(step) for step in _steps(plan))
    buffers = plan.get("Shared Hit Blocks", 0) + plan.get("Shared Read Blocks", 0)
    return Statement(text=said["Query Text"], ms=ms, buffers=buffers, nodes=nodes, plan=plan)


def _steps(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for below in plan.get("Plans", ()):
        yield from _steps(below)


def _outline(step: dict[str, Any], depth: int) -> Iterator[str]:
    name = " ".join(str(step[key]) for key in ("Node Type", "Relation Name", "Index Name") if key in step)
    counts = f"{step.get('Actual Rows')} rows x {step.get('Actual Loops')}, {step['Plan Rows']} expected"
    conditions = "; ".join(f"{key}: {step[key]}" for key in SHOWN if key in step)
    yield f"{'  ' * depth}{name} ({counts}) {conditions}"[:TEXT_LENGTH]
    for below in step.get("Plans", ()):
        yield from _outline(below, depth + 1)


def _node(step: dict[str, Any]) -> Node:
    rounds = step.get("Actual Loops", 0)
    returned = round(step.get("Actual Rows", 0) * rounds)
    thrown = step.get("Rows Removed by Filter", 0) + step.get("Rows Removed by Index Recheck", 0)
    return Node(
        kind=step["Node Type"],
        table=step.get("Relation Name"),
        index=step.get("Index Name"),
        returned=returned,
        rows=returned + round(thrown * rounds),
        details={key: value for key, value in step.items() if key != "Plans"},
    )
