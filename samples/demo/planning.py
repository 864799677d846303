"""What the demo chain plans: targets of the month, a roster in one store, a move to come, somebody who lends a hand."""

from collections.abc import Iterator
from datetime import date, timedelta

import click
from sqlalchemy import select

from kit import clock
from kit.codes import fold_code
from kit.db import db, unit_of_work
from kit.principal import Principal
from models import Placement, Store
from samples.demo.days import principal
from samples.demo.people import GUIDES_PER_STORE, STORES
from staff.rules.rows import RosterRow
from staff.service import add_cover, take_rosters
from staff.service.placements import Told, place_people
from targets.service.targets import Draft, put_targets

ROSTER_STORE = "SH01"
# Days before and after today.
BACK, AHEAD = 7, 14
ON_LEAVE, LEAVE_IN, LEAVE_DAYS = "SH01-05", 3, 3
MOVES, TO, COVERS, AT = "CQ01-05", "CD01", "NJ01-05", "HZ01"
# A month of each store in fen: the first sells most.
LARGEST, STEP = 90_000_000, 4_000_000


def load(*, today: date) -> None:
    """Rosters of the days around today, each time; the others once, targets once a month."""
    click.echo("  demo chain: targets, a roster, a move and a cover", err=True)
    admin = principal("HQ001")
    with unit_of_work():
        stores = {store.code: store for store in db.session.scalars(select(Store))}
        is_new = db.session.scalar(select(Placement.id).where(Placement.kind == "cover").limit(1)) is None
        if is_new:
            _load_placements(stores, admin, today=today)
        take_rosters(list(_roster(today)), principal=admin, now=clock.now())
        put_targets(list(_targets(stores, today.replace(day=1))), principal=admin, now=clock.now())


def _load_placements(stores: dict[str, Store], admin: Principal, *, today: date) -> None:
    next_month = (today.replace(day=1) + timedelta(days=32)).replace(day=1)
    place_people([Told(fold_code(MOVES), stores[TO].id, frozenset({"guide"}), next_month)], now=clock.now())
    days = [today, today + timedelta(days=1)]
    add_cover(store_id=stores[AT].id, staff_no=COVERS, days=days, principal=admin)


def _roster(today: date) -> Iterator[RosterRow]:
    """Five days a week for each, in turn; one is on leave in a few days."""
    leave = {today + timedelta(days=LEAVE_IN + step) for step in range(LEAVE_DAYS)}
    for step in range(-BACK, AHEAD + 1):
        day = today + timedelta(days=step)
        for number in range(1, GUIDES_PER_STORE + 1):
            staff_no = f"{ROSTER_STORE}-{number:02}"
            kind = "off" if (day.toordinal() + number) % 7 < 2 else "work"
            kind = "leave" if staff_no == ON_LEAVE and day in leave else kind
            minutes = 480 if kind == "work" else 0
            yield RosterRow(store_code=ROSTER_STORE, staff_no=staff_no, day=day, kind=kind, minutes=minutes)


def _targets(stores: dict[str, Store], month: date) -> Iterator[Draft]:
    for place, (code, _, _) in enumerate(STORES):
        store = stores[code]
        yield Draft(
            metric="net_sales",
            month=month,
            level="store",
            store_id=store.id,
            currency=store.currency,
            time_zone=store.time_zone,
            amount=LARGEST - place * STEP,
            reason=None,
        )
