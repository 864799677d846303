"""A month's roster, who was where on a day, and what placements in scopes cost: beside plain SQL in the same run.

Everything runs in this process on one connection each; the writes are durable.
"""

import time
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from statistics import median
from typing import Any, NamedTuple

from sqlalchemy import text

from benchmarks.house import open_house
from benchmarks.results import Result, paired
from benchmarks.stage import Stage
from kit import clock
from kit.db import close_connections, db, unit_of_work
from kit.principal import Principal, Reach
from models import Staff
from staff import service
from staff.queries import presence
from staff.queries.sessions import BY_SESSION
from staff.queries.stores import Home
from staff.rules import RegionRow, StaffRow, StoreRow
from staff.rules.clients import Caller
from staff.rules.rows import RosterRow

PEOPLE_PER_STORE, REGIONS, QUICK_PEOPLE = 5, 40, 2_000
OURS, PLAIN = date(2026, 9, 1), date(2026, 10, 1)
DAYS, AT_ONCE, ASKED = 30, 10_000, 7
HIRED = date(2024, 1, 1)
LIST = "/v1/staff?limit=50"

PLAIN_MERGE = """
MERGE INTO roster_day h USING sent s ON h.day = s.day AND h.staff_id = s.staff_id AND h.store_id = s.store_id
WHEN MATCHED AND s.source_version > h.source_version THEN
  UPDATE SET kind = s.kind, minutes = s.minutes, source_version = s.source_version
WHEN NOT MATCHED THEN INSERT (day, staff_id, store_id, source_version, minutes, kind)
  VALUES (s.day, s.staff_id, s.store_id, s.source_version, s.minutes, s.kind)"""
# Who was where on a day, as somebody would write it for that day alone.
PLAIN_PRESENCE = text("""
SELECT count(*), sum(minutes) FROM (
  SELECT CASE WHEN r.kind IS NOT NULL THEN r.minutes
              WHEN p.staff_id IN (SELECT staff_id FROM roster_day WHERE day = :day AND kind = 'leave')
                OR (p.kind = 'home' AND p.staff_id IN (
                      SELECT staff_id FROM placement
                      WHERE kind = 'cover' AND first_day <= :day AND (last_day IS NULL OR last_day >= :day)))
                OR k.store_id IS NOT NULL THEN 0
              ELSE (s.normal_minutes * p.fte_bp + 5000) / 10000 END AS minutes
  FROM (SELECT store_id, staff_id, min(kind) AS kind, least(sum(fte_bp), 10000) AS fte_bp FROM placement
        WHERE first_day <= :day AND (last_day IS NULL OR last_day >= :day) GROUP BY 1, 2) p
  JOIN store s ON s.id = p.store_id
  LEFT JOIN roster_day r ON r.day = :day AND r.staff_id = p.staff_id AND r.store_id = p.store_id
  LEFT JOIN (SELECT DISTINCT store_id FROM roster_day WHERE day = :day AND kind IN ('work', 'training')) k
    ON k.store_id = p.store_id
) placed""")
WITHOUT_PLACEMENTS = text("""
SELECT s.id, s.name, s.store_id, s.region_id, s.roles, d.id AS session_id, d.second_factor_at
FROM device_session d JOIN staff s ON s.id = d.staff_id
WHERE d.id = :id AND d.revoked_at IS NULL AND d.expires_at > :now""")


class _Chain(NamedTuple):
    """Who is where: the names and ids of each person and store."""

    names: list[tuple[str, str]]
    ids: list[tuple[Any, Any]]


def measure(stage: Stage) -> list[Result]:
    """Seconds for a month of everybody, milliseconds for a day of all stores, and a share of a list."""
    people = QUICK_PEOPLE if stage.quick else stage.people
    with open_house() as house, (app := house.app()).app_context():
        chain = _load_chain(people)
        # Statements that are planned for empty tables read them whole, those of foreign keys too.
        _look_at_sizes()
        merged = paired(
            name=f"roster of {people:,} people for {DAYS} days",
            unit="s",
            pairs=[(_seconds(lambda: _take_in(chain)), _seconds(lambda: _merge_plainly(chain)))],
            peer="COPY + MERGE",
            at_most=3,
        )
        _look_at_sizes()
        asked = paired(
            name=f"who was where on a day, {people // PEOPLE_PER_STORE:,} stores",
            unit="ms",
            pairs=[(1000 * _seconds(_ask_ours), 1000 * _seconds(_ask_plainly)) for _ in range(ASKED)],
            peer="plain SQL",
            at_most=1.5,
        )
        share = _share_of_a_list(app.test_client())
        close_connections()
    return [merged, asked, share]


def _look_at_sizes() -> None:
    with unit_of_work():
        db.session.execute(text("ANALYZE"))
    close_connections()


def _load_chain(people: int) -> _Chain:
    stores = people // PEOPLE_PER_STORE
    with unit_of_work():
        service.import_regions([RegionRow(code=f"R{n}", name=f"区域{n}") for n in range(REGIONS)])
        rows = [
            StoreRow(code=f"S{n:05}", name=f"门店{n}", region_code=f"R{n % REGIONS}", opened_on=HIRED)
            for n in range(stores)
        ]
        service.import_stores(rows)
        names = [(f"G{n:06}", f"S{n % stores:05}") for n in range(people)]
        service.import_staff(
            [
                StaffRow(
                    staff_no=staff_no,
                    name="王芳",
                    roles=("store_manager" if n < stores else "guide", *(["regional_manager"] if n == 0 else [])),
                    store_code=store_code,
                    region_code="R0" if n == 0 else None,
                    hired_on=HIRED,
                )
                for n, (staff_no, store_code) in enumerate(names)
            ]
        )
        ids = db.session.execute(text("SELECT id, store_id FROM staff ORDER BY staff_no")).all()
    return _Chain(names, [(person, store) for person, store in ids])


def _kind(person: int, step: int) -> str:
    return "off" if (person + step) % 7 < 2 else "leave" if (person + step) % 50 == 3 else "work"


def _take_in(chain: _Chain) -> None:
    principal = Principal(id=chain.ids[0][0], kind="integrator", name="benchmark", reach=Reach.ALL)
    for step in range(DAYS):
        rows = [
            RosterRow(
                store_code=store_code,
                staff_no=staff_no,
                day=OURS + timedelta(days=step),
                kind=_kind(n, step),
                minutes=480 if _kind(n, step) == "work" else 0,
                version=1,
            )
            for n, (staff_no, store_code) in enumerate(chain.names)
        ]
        for start in range(0, len(rows), AT_ONCE):
            with unit_of_work():
                verdicts = service.take_rosters(rows[start : start + AT_ONCE], principal=principal, now=clock.now())
            if any(verdict.word != "created" for verdict in verdicts):
                raise RuntimeError(f"not created: {next(one for one in verdicts if one.word != 'created')}")


def _merge_plainly(chain: _Chain) -> None:
    columns = "(day, staff_id, store_id, source_version, minutes, kind)"
    with unit_of_work():
        connection = db.session.connection().connection.driver_connection
        assert connection is not None
        with connection.cursor() as cursor:
            cursor.execute("SELECT add_roster_months(ARRAY[%s::date])", [PLAIN])
            cursor.execute("CREATE TEMPORARY TABLE sent (LIKE roster_day) ON COMMIT DROP")
            with cursor.copy(f"COPY sent {columns} FROM STDIN") as copy:
                for step in range(DAYS):
                    for n, (person, store) in enumerate(chain.ids):
                        kind = _kind(n, step)
                        minutes = 480 if kind == "work" else 0
                        copy.write_row((PLAIN + timedelta(days=step), person, store, 1, minutes, kind))
            cursor.execute(PLAIN_MERGE)


def _ask_ours() -> None:
    day = OURS + timedelta(days=9)
    found = presence(day, day).subquery()
    _same(db.session.execute(db.select(db.func.count(), db.func.sum(found.c.minutes))).one())


def _ask_plainly() -> None:
    _same(db.session.execute(PLAIN_PRESENCE, {"day": OURS + timedelta(days=9)}).one())


_SEEN: list[tuple[int, ...]] = []


def _same(found: Sequence[Any]) -> None:
    """Both count the same people and minutes."""
    _SEEN.append(tuple(map(int, found)))
    if len(set(_SEEN)) > 1:
        raise RuntimeError(f"they differ: {set(_SEEN)}")


def _share_of_a_list(client: Any) -> Result:
    """What reading the caller's placements adds, beside the whole of a manager's list."""
    now = clock.now()
    with unit_of_work():
        manager = db.session.query(Staff).filter_by(staff_no="G000000").one()
        caller = Caller(address="127.0.0.1", device_name="benchmark")
        token = service.start_session(manager, caller=caller, now=now, second_factor_at=now).access_token
        session_id = db.session.scalar(text("SELECT id FROM device_session"))
    asked = {"id": session_id, "now": now, "zone": Home().time_zone}

    def ask() -> None:
        if client.get(LIST, headers={"Authorization": f"Bearer {token}"}).status_code != 200:
            raise RuntimeError(LIST)

    def median_of(call: Callable[[], Any]) -> float:
        return median(_seconds(call) for _ in range(10 * ASKED))

    whole = median_of(ask)
    placed = median_of(lambda: db.session.execute(BY_SESSION, asked).all())
    bare = median_of(lambda: db.session.execute(WITHOUT_PLACEMENTS, asked).all())
    share = 100 * max(placed - bare, 0) / whole
    return Result(name=f"placements in scopes, of a region's GET {LIST}", unit="%", value=share, at_most=10)


def _seconds(call: Callable[[], Any]) -> float:
    started = time.perf_counter()
    call()
    return time.perf_counter() - started
