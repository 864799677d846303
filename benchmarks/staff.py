"""How long the chain's people take: files of 20,000 stores and 100,000 staff over HTTP, and lists of them.

Everything passes through the whole application in this process, without a network; the writes are durable.
"""

import time
from collections.abc import Iterator
from datetime import date
from statistics import median

from flask.testing import FlaskClient

from benchmarks.house import open_house
from benchmarks.results import Result
from benchmarks.stage import Stage
from kit import clock
from kit.db import close_connections, db, unit_of_work
from models import Staff
from staff import service
from staff.rules import RegionRow, StaffRow
from staff.rules.clients import Caller

REGIONS, STORES, STAFF, QUICK_STAFF = 40, 20_000, 100_000, 10_000
ASKED = 30
# "In well under a minute", for a whole file.
IMPORT_SECONDS = 30
# At most so many milliseconds; a search reads every name.
LISTS = {
    "/v1/me": 50,
    "/v1/stores?limit=50": 50,
    "/v1/staff?limit=50": 50,
    "/v1/staff?role=guide&employed_on=2026-01-01": 50,
    "/v1/staff?q=王小芳99": 300,
    "/v1/staff?q=nobody": 300,
}

Lines = Iterator[str]
Headers = dict[str, str]


def measure(stage: Stage) -> list[Result]:
    """Seconds for each file: everybody new, nobody changed, everybody changed; then milliseconds for each list."""
    people = QUICK_STAFF if stage.quick else STAFF
    with open_house() as house:
        app = house.app()
        with app.app_context():
            service.import_regions([RegionRow(code=f"R{number}", name=f"区域{number}") for number in range(REGIONS)])
            client, headers = app.test_client(), {"Authorization": f"Bearer {_admin_token()}"}
            files = {
                f"file of {STORES:,} stores, all new": ("stores", _stores()),
                f"file of {people:,} staff, all new": ("staff", _staff(people, name="王芳")),
                f"file of {people:,} staff, none changed": ("staff", _staff(people, name="王芳")),
                f"file of {people:,} staff, all changed": ("staff", _staff(people, name="王小芳")),
            }
            results = [_import(client, headers, name, kind, lines) for name, (kind, lines) in files.items()]
            results += [_list(client, headers, path, at_most=limit) for path, limit in LISTS.items()]
            close_connections()
    return results


def _stores() -> Lines:
    yield "code,name,region_code,time_zone,currency,country,city,tags,opened_on,closed_on\n"
    for number in range(STORES):
        yield f"S{number:05},门店{number},R{number % REGIONS},Asia/Shanghai,CNY,CN,上海,,2024-01-01,\n"


def _staff(people: int, *, name: str) -> Lines:
    yield "staff_no,name,roles,store_code,region_code,hired_on,left_on\n"
    for number in range(people):
        yield f"G{number:06},{name}{number},guide,S{number % STORES:05},,2024-01-01,\n"


def _admin_token() -> str:
    """A signed-in administrator, second factor shown."""
    now = clock.now()
    with unit_of_work():
        row = StaffRow(staff_no="ADMIN", name="李总", roles=("hq_admin",), hired_on=date(2024, 1, 1))
        service.import_staff([row])
        admin = db.session.query(Staff).filter_by(staff_no="ADMIN").one()
        caller = Caller(address="127.0.0.1", device_name="benchmark")
        return service.start_session(admin, caller=caller, now=now, second_factor_at=now).access_token


def _import(client: FlaskClient, headers: Headers, name: str, kind: str, lines: Lines) -> Result:
    content = "".join(lines).encode()
    started = time.perf_counter()
    answer = client.post(f"/v1/imports/{kind}", data=content, content_type="text/csv", headers=headers)
    seconds = time.perf_counter() - started
    report = answer.get_json()
    if answer.status_code != 200 or report["rejected"]:
        raise RuntimeError(f"{name}: {answer.status_code} {answer.text[:200]}")
    counts = {outcome: float(report[outcome]) for outcome in ("created", "updated", "unchanged")}
    return Result(name=name, unit="s", value=seconds, at_most=IMPORT_SECONDS, beside=counts)


def _list(client: FlaskClient, headers: Headers, path: str, *, at_most: float) -> Result:
    """The median of ASKED requests."""
    spent = []
    for _ in range(ASKED):
        started = time.perf_counter()
        answer = client.get(path, headers=headers)
        spent.append(time.perf_counter() - started)
        if answer.status_code != 200:
            raise RuntimeError(f"{path}: {answer.status_code}")
    return Result(name=f"GET {path}, in process", unit="ms", value=median(spent) * 1000, at_most=at_most)
