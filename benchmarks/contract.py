"""What the contract costs a request: sign-in, scope, rate limit and idempotency beside the bare route.

`python -m benchmarks.contract [--json] [--rounds N]`. The same route is there several times, each with one part more;
all run in this process over one PostgreSQL and one Valkey, and take turns request by request, so that whatever else
the machine does meets all alike. Ratios and costs are medians over the rounds.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

from flask.testing import FlaskClient
from flask_smorest import Blueprint
from marshmallow import fields
from sqlalchemy import select, text

from guideapi import database
from guideapi.app import GuideApp, create_app
from guideapi.config import Config
from guideapi.embedded import EmbeddedPostgres, EmbeddedValkey
from kit import clock
from kit.db import close_connections, db, fetch_one, unit_of_work
from kit.ids import new_id
from kit.web.auth import auth, principal, public
from kit.web.io import In, Out, body, reply, text_field
from kit.web.limits import per_address
from models import Region, Staff, Store
from staff.rules.clients import Caller
from staff.scope import sees_store
from staff.service import create_api_key, start_session

TABLE = text("CREATE TABLE bench_note (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, words text NOT NULL)")
INSERT = text("INSERT INTO bench_note (words) VALUES (:words) RETURNING id")
WARM_UP = 30
ENOUGH = {"staff": 10**9, "integrator": 10**9, "address": 10**9}

bp = Blueprint("bench", __name__, url_prefix="/v1/bench")
Ask = Callable[[], Any]
Figures = dict[str, float | int]


class NoteIn(In):
    words = text_field(100, required=True)


class NoteOut(Out):
    id = fields.Integer(required=True)


class StoreOut(Out):
    id = fields.UUID(required=True)
    name = fields.String(required=True)


def _write(words: str) -> dict[str, Any]:
    return {"id": db.session.scalar(INSERT, {"words": words})}


bare_write = bp.post("/bare")(public(per_address(None)(body(NoteIn)(reply(NoteOut)(_write)))))
kept_write = bp.post("/kept")(auth(roles={"guide"}, scope="orders:write")(body(NoteIn)(reply(NoteOut)(_write))))


@bp.get("/bare/<uuid:store_id>", endpoint="bare_read")
@public
@per_address(None)
@reply(StoreOut)
def read_bare(store_id: Any) -> dict[str, Any] | None:
    """A store, by its id."""
    return fetch_one(select(Store.id, Store.name).where(Store.id == store_id))


@bp.get("/scoped/<uuid:store_id>", endpoint="scoped_read")
@auth(roles={"guide"})
@reply(StoreOut)
def read_scoped(store_id: Any) -> dict[str, Any] | None:
    """A store, by its id, if the caller sees it."""
    mine = sees_store(Store.id, principal())
    return fetch_one(select(Store.id, Store.name).where(Store.id == store_id, mine))


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--rounds", type=int, default=300)
    options = parser.parse_args()
    figures = measure(rounds=options.rounds)
    out = json.dumps(figures) if options.json else "\n".join(f"{name:>40} {value}" for name, value in figures.items())
    sys.stdout.write(out + "\n")


def measure(*, rounds: int) -> Figures:
    """Milliseconds of each variant, its ratio to the bare route of its kind, and the cost added, in milliseconds."""
    figures: Figures = {"rounds": rounds}
    with variants() as (reads, writes):
        for kind, asks in (("read", reads), ("write", writes)):
            times = _times(asks, rounds)
            bare = times["bare"]
            for name, taken in times.items():
                figures[f"{kind} {name} ms"] = round(median(taken) * 1000, 3)
                if name != "bare":
                    pairs = list(zip(taken, bare, strict=True))
                    figures[f"{kind} {name} times bare"] = round(median(t / b for t, b in pairs), 2)
                    figures[f"{kind} {name} adds ms"] = round(median(t - b for t, b in pairs) * 1000, 3)
    return figures


def _times(asks: dict[str, Ask], rounds: int) -> dict[str, list[float]]:
    times: dict[str, list[float]] = {name: [] for name in asks}
    for number in range(rounds + WARM_UP):
        for name, ask in asks.items():
            begun = perf_counter()
            status = ask().status_code
            taken = perf_counter() - begun
            if status != 200:
                raise RuntimeError(f"{name} answered {status}")
            if number >= WARM_UP:
                times[name].append(taken)
    return times


@contextmanager
def variants() -> Iterator[tuple[dict[str, Ask], dict[str, Ask]]]:
    """How to ask each variant of the read and of the write, over one database."""
    with (
        tempfile.TemporaryDirectory() as folder,
        EmbeddedPostgres.start(Path(folder, "postgres"), throwaway=True) as postgres,
        EmbeddedValkey.start(Path(folder, "valkey")) as valkey,
    ):
        postgres.create_database("bench")
        config = Config(
            database_url=postgres.url("bench"),
            redis_url=valkey.url,
            secret_key="b" * 40,
            storage_url=Path(folder).as_uri(),
            log_level="WARNING",
        )
        database.migrate(config)
        free, limited = _app(config), _app(replace(config, rates_per_minute=ENOUGH))
        with free.app_context():
            store_id, token, key = _rows()
        yield _reads(free, limited, store_id, token), _writes(free, limited, token, key)
        for app in (free, limited):
            with app.app_context():
                close_connections()


def _app(config: Config) -> GuideApp:
    app = create_app(config)
    app.register_blueprint(bp)
    return app


def _rows() -> tuple[str, str, str]:
    """A store's id, the access token of its guide, and an integrator's key."""
    region, store, guide = new_id(), new_id(), new_id()
    with unit_of_work():
        db.session.execute(TABLE)
        db.session.add(Region(id=region, code="R", name="R", ancestor_ids=[region]))
        db.session.flush()
        db.session.add(Store(id=store, code="S", name="S", region_id=region, opened_on=date(2020, 1, 1)))
        db.session.flush()
        person = Staff(id=guide, staff_no="G", name="G", roles=["guide"], store_id=store, hired_on=date(2020, 1, 1))
        db.session.add(person)
        db.session.flush()
        key = create_api_key(name="bench", scopes=["orders:write"])
        caller = Caller(address="127.0.0.1", device_name="benchmark")
        signed_in = start_session(person, caller=caller, now=clock.now())
    return str(store), signed_in.access_token, key


def _reads(free: GuideApp, limited: GuideApp, store_id: str, token: str) -> dict[str, Ask]:
    signed_in = {"Authorization": f"Bearer {token}"}

    def get(client: FlaskClient, path: str) -> Ask:
        return lambda: client.get(f"/v1/bench/{path}/{store_id}", headers=signed_in)

    return {
        "bare": get(free.test_client(), "bare"),
        "with sign-in and scope": get(free.test_client(), "scoped"),
        "with sign-in, scope and rate limit": get(limited.test_client(), "scoped"),
    }


def _writes(free: GuideApp, limited: GuideApp, token: str, key: str) -> dict[str, Ask]:
    signed_in = {"Authorization": f"Bearer {token}"}
    by_key = {"Authorization": f"Bearer {key}"}

    def post(client: FlaskClient, path: str, headers: dict[str, str]) -> Ask:
        return lambda: client.post(f"/v1/bench/{path}", json={"words": "x"}, headers=headers)

    def post_once(client: FlaskClient) -> Ask:
        return lambda: post(client, "kept", {**signed_in, "Idempotency-Key": str(new_id())})()

    replayed = {**signed_in, "Idempotency-Key": "again"}
    return {
        "bare": post(free.test_client(), "bare", signed_in),
        "with sign-in and audit": post(free.test_client(), "kept", signed_in),
        "with API key and audit": post(free.test_client(), "kept", by_key),
        "and rate limit": post(limited.test_client(), "kept", signed_in),
        "and idempotency": post_once(limited.test_client()),
        "replayed": post(limited.test_client(), "kept", replayed),
    }


if __name__ == "__main__":
    main()
