"""Customers at size: look-up by telephone, my customers, checks of 500 contacts, and the figures of segments.

`python -m benchmarks.customers [--customers 2000000] [--rounds N] [--json]`. Two databases on one server, the other one
with 20,000 customers, take turns with each other and with plain SQL on psycopg that does the
same on the large one. A guide has 2,000 customers in either.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from itertools import cycle
from pathlib import Path
from statistics import median
from time import perf_counter
from uuid import UUID

import psycopg

from benchmarks.bare_customers import FIGURES, Bare
from benchmarks.content import Call
from benchmarks.customer_rows import Rows, say, write_rows
from clienteling import service
from guideapi import database
from guideapi.app import GuideApp, create_app
from guideapi.config import Config
from guideapi.embedded import EmbeddedPostgres, EmbeddedValkey
from kit import clock
from kit.db import db, unit_of_work

KEY_NO, KEY = 1, b"k" * 32
CHECKED = 500
SMALL = 20_000
# Requests in a row before it is the next one's turn.
BLOCKS = {"look-up by telephone": 20, "my customers": 10, f"contact check for {CHECKED}": 3}
# At least so much of plain SQL's speed, and at most so much slower than with few customers.
ASKED = {
    "look-up by telephone": 0.05,
    "my customers": 0.15,
    f"contact check for {CHECKED}": 0.15,
    "segment figures": 0.5,
}
FLAT = 1.5

Figures = dict[str, float | int]
Ask = Callable[[], object]


@dataclass(frozen=True, kw_only=True)
class Side:
    """One database, with the application on it."""

    app: GuideApp
    url: str
    rows: Rows


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--customers", type=int, default=2_000_000)
    parser.add_argument("--rounds", type=int, default=15)
    options = parser.parse_args()
    figures = measure(customers=options.customers, rounds=options.rounds)
    out = json.dumps(figures) if options.json else "\n".join(f"{name:>48} {value}" for name, value in figures.items())
    sys.stdout.write(out + "\n")


def measure(*, customers: int, rounds: int) -> Figures:
    """Milliseconds of each request, large and small, and of plain SQL; seconds of the figures; medians of turns."""
    with sides(customers) as (large, small):
        figures: Figures = {"customers": customers, "loading s": round(large.rows.seconds, 1)}
        bare = Bare(large.url, guide_id=large.rows.guide_id, key_no=KEY_NO, key=KEY)
        ours, theirs = _requests(large), _requests(small)
        plain = _plain(bare, large.rows)
        for name, block in BLOCKS.items():
            say(f"measuring {name}")
            turns = [
                tuple(_milliseconds(ask, block) for ask in (ours[name], theirs[name], plain[name]))
                for _ in range(rounds + 2)
            ][2:]
            figures |= _of_turns(name, turns)
        bare.connection.close()
        say("measuring the figures")
        figures |= _segment_figures(large, rounds=3 if rounds > 5 else 1)
        for name, ask in _others(large).items():
            figures[f"{name} ms"] = round(median(_milliseconds(ask, 1) for _ in range(3)), 1)
    return figures


def _of_turns(name: str, turns: Sequence[tuple[float, ...]]) -> Figures:
    return {
        f"{name} ms": round(median(large for large, _, _ in turns), 2),
        f"{name} ms, small": round(median(small for _, small, _ in turns), 2),
        f"{name} ms, plain SQL": round(median(plain for _, _, plain in turns), 2),
        f"{name} of plain SQL": round(median(plain / large for large, _, plain in turns), 3),
        f"{name} large to small": round(median(large / small for large, small, _ in turns), 3),
    }


@contextmanager
def sides(customers: int) -> Iterator[tuple[Side, Side]]:
    """A large and a small database with their applications."""
    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder,
        EmbeddedPostgres.start(Path(folder, "postgres"), throwaway=True) as postgres,
        EmbeddedValkey.start(Path(folder)) as valkey,
    ):
        yield (
            _side("large", customers, folder=folder, postgres=postgres, redis_url=valkey.url),
            _side("small", min(SMALL, customers), folder=folder, postgres=postgres, redis_url=valkey.url),
        )


def _side(name: str, customers: int, *, folder: str, postgres: EmbeddedPostgres, redis_url: str) -> Side:
    postgres.create_database(name)
    config = Config(
        database_url=postgres.url(name),
        redis_url=redis_url,
        secret_key="b" * 40,
        data_keys={KEY_NO: KEY},
        storage_url=Path(folder).as_uri(),
        log_level="WARNING",
    )
    database.migrate(config)
    app = create_app(config)
    with app.app_context():
        rows = write_rows(config.database_url, customers=customers)
    say(f"{customers:,} customers in {rows.seconds:.0f} s")
    return Side(app=app, url=config.database_url, rows=rows)


def _requests(side: Side) -> dict[str, Ask]:
    headers = {"HTTP_AUTHORIZATION": f"Bearer {side.rows.token}"}
    phones, checked = cycle(side.rows.phones), cycle(_five_hundreds(side.rows))

    def call(method: str, path: str, body: Callable[[], bytes] = bytes) -> Ask:
        return Call(app=side.app.wsgi_app, method=method, path=path, headers=headers, body=body).run

    def look_up() -> bytes:
        return json.dumps({"kind": "phone", "value": next(phones)}).encode()

    def check() -> bytes:
        return json.dumps({"channel": "sms", "customer_ids": [str(id_) for id_ in next(checked)]}).encode()

    asks = (
        call("POST", "/v1/customers/lookups", look_up),
        call("GET", "/v1/customers"),
        call("POST", "/v1/contact-checks", check),
    )
    return dict(zip(BLOCKS, asks, strict=True))


def _others(side: Side) -> dict[str, Ask]:
    """What has no twin in plain SQL: a guide's look at one customer, and what a regional manager asks of all."""
    today = clock.now().date()
    month = f"from={today - timedelta(days=130)}&to={today - timedelta(days=100)}"
    paths = {
        "timeline": ("GET", f"/v1/customers/{side.rows.customer_ids[0]}/timeline", "", b"", side.rows.token),
        "segment count over all": (
            "POST",
            "/v1/segments/counts",
            "",
            b'{"filter": {"stages": ["lapsed"], "monetary": {"from": 4}}}',
            side.rows.manager_token,
        ),
        "measures of a month over all": ("GET", "/v1/customers/measures", month, b"", side.rows.manager_token),
    }
    return {name: _ask(side, *parts) for name, parts in paths.items()}


def _ask(side: Side, method: str, path: str, query: str, body: bytes, token: str) -> Ask:
    headers = {"HTTP_AUTHORIZATION": f"Bearer {token}", "QUERY_STRING": query}
    return Call(app=side.app.wsgi_app, method=method, path=path, headers=headers, body=lambda: body).run


def _plain(bare: Bare, rows: Rows) -> dict[str, Ask]:
    phones, checked = cycle(rows.phones), cycle(_five_hundreds(rows))
    asks: tuple[Ask, ...] = (
        lambda: bare.look_up(next(phones)),
        bare.list_mine,
        lambda: bare.check(next(checked)),
    )
    return dict(zip(BLOCKS, asks, strict=True))


def _five_hundreds(rows: Rows) -> list[list[UUID]]:
    starts = range(0, max(1, len(rows.customer_ids) - CHECKED + 1), CHECKED)
    return [list(rows.customer_ids[start : start + CHECKED]) for start in starts]


def _milliseconds(ask: Ask, times: int) -> float:
    started = perf_counter()
    for _ in range(times):
        ask()
    return (perf_counter() - started) * 1000 / times


def _segment_figures(side: Side, *, rounds: int) -> Figures:
    """Seconds of a rebuild from nothing and of plain SQL into a twin, and of a rebuild and a refresh after that."""
    with side.app.app_context(), psycopg.connect(side.url.replace("+psycopg", "")) as connection:
        # The twin has the same columns, key and reference: what PostgreSQL does for those is done on both sides.
        connection.execute("CREATE TABLE bare_figures (LIKE customer_figures INCLUDING ALL)")
        connection.execute("ALTER TABLE bare_figures ADD FOREIGN KEY (customer_id) REFERENCES customer")
        connection.commit()
        turns = []
        for _ in range(rounds):
            connection.execute("TRUNCATE bare_figures, customer_figures")
            connection.commit()
            turns.append((_seconds(_rebuild), _seconds(lambda: _plain_figures(connection))))
        _compare(connection)
        again = _seconds(_rebuild)
        connection.execute(
            "UPDATE sales_order SET changed_at = now() WHERE id IN (SELECT id FROM sales_order LIMIT 1000)"
        )
        connection.commit()
        refreshed = _seconds(_refresh)
        db.session.remove()
    return {
        "segment figures s": round(median(ours for ours, _ in turns), 2),
        "segment figures s, plain SQL": round(median(plain for _, plain in turns), 2),
        "segment figures of plain SQL": round(median(plain / ours for ours, plain in turns), 3),
        "segment figures again, nothing changed s": round(again, 2),
        "segment figures after 1,000 orders s": round(refreshed, 2),
    }


def _rebuild() -> None:
    with unit_of_work():
        service.rebuild_figures(as_of=clock.now().date(), now=clock.now())


def _refresh() -> None:
    with unit_of_work():
        service.refresh_figures(as_of=clock.now().date(), now=clock.now())


def _plain_figures(connection: psycopg.Connection) -> None:
    connection.execute(FIGURES, {"day": clock.now().date()})
    connection.commit()


def _compare(connection: psycopg.Connection) -> None:
    differ = "SELECT count(*) FROM (TABLE customer_figures EXCEPT TABLE bare_figures) d"
    rows = connection.execute(f"SELECT ({differ}), (SELECT count(*) FROM customer_figures)").fetchone()  # noqa: S608
    connection.commit()
    if rows is None or rows[0] or not rows[1]:
        raise RuntimeError("the figures and plain SQL disagree")


def _seconds(work: Callable[[], None]) -> float:
    started = perf_counter()
    work()
    return perf_counter() - started


if __name__ == "__main__":
    main()
