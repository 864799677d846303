"""How long the chain's people take: imports 20,000 stores and 100,000 staff, and lists them.

`python -m benchmarks.staff` prints seconds per import (first time, again unchanged, and as a CSV over HTTP), and
milliseconds per list and per authenticated request, on a PostgreSQL and a Valkey of its own with durable writes.
"""

import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from statistics import median

from flask.testing import FlaskClient

from guideapi import database
from guideapi.app import GuideApp, create_app
from guideapi.config import Config
from guideapi.embedded import EmbeddedPostgres, EmbeddedValkey
from kit import clock
from kit.db import db, unit_of_work
from models import Staff
from staff import service
from staff.rules import RegionRow, StaffRow, StoreRow
from staff.rules.clients import Caller

REGIONS, STORES, STAFF = 40, 20_000, 100_000
REPEATS = 30
DAY = date(2024, 1, 1)


def main() -> None:
    """Print the figures."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        with EmbeddedPostgres.start(home / "pg") as postgres, EmbeddedValkey.start(home / "valkey") as valkey:
            postgres.create_database("bench")
            config = Config(
                database_url=postgres.url("bench"),
                redis_url=valkey.url,
                secret_key="benchmark " * 4,
                storage_url=(home / "files").as_uri(),
                log_level="WARNING",
            )
            database.migrate(config)
            app = create_app(config)
            with app.app_context():
                measure(app)
                db.engine.dispose()


def measure(app: GuideApp) -> None:
    """Import, import again, and ask."""
    regions = [
        RegionRow(code=f"R{n}", name=f"区域{n}", parent_code=f"R{n // 4}" if n else None) for n in range(REGIONS)
    ]
    stores = [store(n) for n in range(STORES)]
    people = [person(n) for n in range(STAFF)]
    timed("import regions", lambda: service.import_regions(regions))
    timed(f"import {STORES} stores", lambda: service.import_stores(stores))
    timed(f"import {STAFF} staff", lambda: service.import_staff(people))
    timed(f"import {STAFF} staff again, unchanged", lambda: service.import_staff(people))
    header = "staff_no,name,roles,store_code,region_code,hired_on,left_on"
    lines = (f"{row.staff_no},{row.name}改,guide,{row.store_code},,2024-01-01," for row in people)
    content = "\n".join([header, *lines]).encode()
    client, headers = app.test_client(), {"Authorization": f"Bearer {admin_token()}"}
    started = time.perf_counter()
    answer = client.post("/v1/imports/staff", data=content, content_type="text/csv", headers=headers)
    say(f"CSV of {STAFF} staff over HTTP, all changed: {time.perf_counter() - started:.1f} s, {answer.status_code}")
    for path in (
        "/v1/me",
        "/v1/stores?limit=50",
        "/v1/staff?limit=50",
        "/v1/staff?q=王芳99",
        "/v1/staff?q=nobody",
        "/v1/staff?role=guide&employed_on=2026-01-01",
    ):
        say(f"GET {path}: {milliseconds(client, path, headers):.1f} ms")


def region(number: int) -> RegionRow:
    return RegionRow(code=f"R{number}", name=f"区域{number}", parent_code=f"R{number // 4}" if number else None)


def store(number: int) -> StoreRow:
    return StoreRow(code=f"S{number:05}", name=f"门店{number}", region_code=f"R{number % REGIONS}", opened_on=DAY)


def person(number: int) -> StaffRow:
    store_code = f"S{number % STORES:05}"
    return StaffRow(
        staff_no=f"G{number:06}", name=f"王芳{number}", roles=("guide",), store_code=store_code, hired_on=DAY
    )


def admin_token() -> str:
    """A signed-in administrator, second factor shown."""
    now = clock.now()
    with unit_of_work():
        service.import_staff([StaffRow(staff_no="ADMIN", name="李总", roles=("hq_admin",), hired_on=DAY)])
        admin = db.session.query(Staff).filter_by(staff_no="ADMIN").one()
        caller = Caller(address="127.0.0.1", device_name="benchmark")
        return service.start_session(admin, caller=caller, now=now, second_factor_at=now).access_token


def say(line: str) -> None:
    sys.stdout.write(line + "\n")


def timed(what: str, work: Callable[[], object]) -> None:
    started = time.perf_counter()
    with unit_of_work():
        work()
    db.session.remove()
    say(f"{what}: {time.perf_counter() - started:.1f} s")


def milliseconds(client: FlaskClient, path: str, headers: dict[str, str]) -> float:
    """The median of REPEATS requests through the whole application, without a network."""
    spent = []
    for _ in range(REPEATS):
        started = time.perf_counter()
        answer = client.get(path, headers=headers)
        spent.append(time.perf_counter() - started)
        assert answer.status_code == 200, answer.text
    return median(spent) * 1000


if __name__ == "__main__":
    main()
