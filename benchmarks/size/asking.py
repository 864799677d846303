"""Asks what the lines of the table say, in this process, and notes what the database did for it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from statistics import median
from typing import Any
from uuid import UUID

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from benchmarks.customer_rows import sign_in
from benchmarks.size.chain import Chain
from benchmarks.size.lines import Line, lines, people
from benchmarks.size.watched import Statement, Watched, watching
from guideapi.app import GuideApp
from kit.db import db

# After the tenth time a connection may keep a plan for any values (psycopg prepares, PostgreSQL then counts five).
TIMES = 16
EARLY = slice(1, 6)
TOOK_TOO_LONG = 503


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What a request took: the first times, and once plans are kept; `statements` are the last time's."""

    line: str
    role: str
    limit_ms: float
    ms: float
    rows: int
    buffers: int
    kept_ms: float
    kept_buffers: int
    statements: tuple[Statement, ...] = field(repr=False)

    @property
    def is_late(self) -> bool:
        """Whether it took longer than it may, at first or with kept plans."""
        return max(self.ms, self.kept_ms) > self.limit_ms

    def figures(self) -> dict[str, Any]:
        """All but the plans."""
        return {name: value for name, value in vars(self).items() if name != "statements"}

    def plans(self) -> str:
        """The plans as text, the heaviest statement first."""
        heaviest = sorted(self.statements, key=lambda statement: -statement.ms)
        return f"{self.line}, {self.role}\n" + "\n".join(statement.outline() for statement in heaviest[:2])


def ask_all(app: GuideApp, chain: Chain) -> dict[tuple[str, str], Asked]:
    """Every line by each of its roles, TIMES times on one connection; in the application's context."""
    tokens = {role: sign_in(UUID(person)) for role, person in people(chain).items()}
    client = app.test_client()
    with watching(list(db.engines.values())) as watched:
        return {
            (line.name, role): _ask(client, watched, line, role, token)
            for line in lines(chain)
            for role, token in tokens.items()
            if role in line.roles
        }


def _ask(client: FlaskClient, watched: Watched, line: Line, role: str, token: str) -> Asked:
    turns = list(_turns(client, watched, line, token))
    early, last = turns[EARLY], turns[-1]
    return Asked(
        line=line.name,
        role=role,
        limit_ms=line.limit_ms[role not in ("guide", "manager")],
        ms=median(turn.ms for turn in early),
        rows=early[0].rows,
        buffers=early[0].buffers,
        kept_ms=last.ms,
        kept_buffers=last.buffers,
        statements=tuple(last.statements),
    )


def _turns(client: FlaskClient, watched: Watched, line: Line, token: str) -> Iterator[Watched]:
    for _ in range(TIMES):
        watched.statements.clear()
        answer = _answer(client, line, {"Authorization": f"Bearer {token}"})
        if answer.status_code == TOOK_TOO_LONG:
            yield Watched([Statement(text=line.path, ms=float("inf"), buffers=0, nodes=(), plan={})])
        elif answer.status_code == 200:
            yield Watched(list(watched.statements))
        else:
            raise RuntimeError(f"{line.path}: {answer.status_code} {answer.text[:300]}")


def _answer(client: FlaskClient, line: Line, headers: dict[str, str]) -> TestResponse:
    if line.body is None:
        return client.get(line.path, headers=headers)
    return client.post(line.path, json=line.body, headers=headers)
