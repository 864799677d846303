"""Every route × every role × (own, same store, other store, other region), against a table that people can check.

tests/access.md is that table. A route without a row fails, and so does a row without a route.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from guideapi.app import GuideApp
from kit import clock
from kit.db import db, unit_of_work
from kit.ids import new_id
from models import Assignment, BindingTransfer, CustomerIdentity, OrderLine, Sku, Staff, Store, StoreArea, StoreCover
from performance.service import rebuild_days
from staff.rules.second_factor import ACTS
from tests import make
from tests.client import Client

ROLES = (
    "guide",
    "store_manager",
    "regional_manager",
    "hq_content",
    "hq_catalog",
    "hq_commission",
    "hq_finance",
    "hq_admin",
    "auditor",
    "integrator",
)
INTEGRATOR_SCOPES = [
    "products:write",
    "orders:write",
    "forwards:write",
    "customers:read",
    "customers:write",
    "customers:erase",
    "viewers:write",
]
# Whose thing is asked for, seen from a guide of the store A1.
RELATIONS = ("own", "same store", "other store of the region", "other region")
UNDECLARED = ("/docs", "/openapi.json")


@dataclass
class Owner:
    """A guide, and one of each thing that belongs to them or to their store."""

    guide: Staff
    ids: dict[str, Any]


@dataclass
class World:
    """Two regions, three stores, four guides."""

    owners: tuple[Owner, ...]
    people: dict[str, Staff]


def read_table() -> dict[str, dict[str, str]]:
    """Cells by route and role."""
    lines = (Path(__file__).parent / "access.md").read_text().splitlines()
    rows = [[cell.strip().strip("`") for cell in line.strip("| ").split("|")] for line in lines if line.startswith("|")]
    head, _, *body = rows
    assert tuple(head[1:]) == ROLES
    assert len({row[0] for row in body}) == len(body), "a route stands twice"
    return {row[0]: dict(zip(ROLES, row[1:], strict=True)) for row in body}


TABLE = read_table()


def routes(app: GuideApp) -> set[str]:
    return {
        f"{method} {rule.rule}"
        for rule in app.url_map.iter_rules()
        if not rule.rule.startswith(UNDECLARED)
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }


def test_every_route_has_a_row_and_every_row_a_route(app: GuideApp) -> None:
    assert {_plain(route) for route in routes(app)} == set(TABLE)


def test_every_act_that_asks_for_a_fresh_code_is_known(app: GuideApp) -> None:
    asking = {
        f"{method} {_plain(rule.rule)}": app.view_functions[rule.endpoint].fresh_code
        for rule in app.url_map.iter_rules()
        if hasattr(app.view_functions[rule.endpoint], "fresh_code")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert asking == FRESH
    assert {act for act, _ in asking.values()} == ACTS


def _plain(route: str) -> str:
    """A route as the table writes it: `{store_id}` for `<uuid:store_id>`."""
    return "/".join(
        "{" + part.strip("<>").rpartition(":")[2] + "}" if part.startswith("<") else part for part in route.split("/")
    )


@pytest.mark.parametrize("role", ROLES)
def test_answers_are_those_of_the_table(client: Client, role: str) -> None:
    world = make_world()
    wrong = {
        route: f"{cells[role]} in the table, {found} over HTTP"
        for route, cells in TABLE.items()
        if (found := walk(client, world, role, route, cells[role])) != cells[role]
    }
    assert wrong == {}


def test_without_a_token_only_public_routes_answer(client: Client) -> None:
    world = make_world()
    for route, cells in TABLE.items():
        status = ask(client, route, world.owners[0]).status_code
        assert (status != 401) == (set(cells.values()) == {"anyone"}), f"{route}: {status}"


def walk(client: Client, world: World, role: str, route: str, expected: str) -> str:
    """What the table's cell should be, by asking."""
    if expected == "anyone":
        return "anyone"
    if len(expected) < len(RELATIONS) or expected == "yes":
        status = ask(as_role(client, world, role), route, world.owners[0]).status_code
        return {401: "401", 403: "403"}.get(status, "yes")
    caller = as_role(client, world, role)
    answers = [ask(caller, route, owner) for owner in world.owners]
    if answers[0].status_code == 403:
        return "403"
    return "".join(_mark(route, answer, owner) for answer, owner in zip(answers, world.owners, strict=True))


def as_role(client: Client, world: World, role: str) -> Client:
    """Somebody of the role; afresh, as some routes end the sign-in."""
    if role == "integrator":
        return client.with_token(make.api_key(scopes=INTEGRATOR_SCOPES))
    return client.sign_in(world.people[role])


def _mark(route: str, answer: TestResponse, owner: Owner) -> str:
    """`+` where the owner's thing was found, `-` where it looks as if there were none."""
    if route in LISTED:
        assert answer.status_code == 200, answer.text
        return "+" if str(owner.ids[LISTED[route]]) in {item["id"] for item in answer.json["items"]} else "-"
    assert answer.status_code not in (401, 403), answer.text
    if route in SHOWN:
        return "+" if SHOWN[route](answer.json, owner) else "-"
    return "-" if answer.status_code == 404 else "+"


# Lists that show, of four owners' things, those in scope: the kind of their items.
LISTED = {
    "GET /v1/regions": "region_id",
    "GET /v1/stores": "store_id",
    "GET /v1/staff": "staff_id",
    "GET /v1/follow-ups": "follow_up_id",
    "GET /v1/forwards": "forward_id",
    "GET /v1/customers": "customer_id",
    "GET /v1/binding-transfers": "transfer_id",
    "GET /v1/task-plans": "task_plan_id",
    "GET /v1/tasks": "task_id",
    "GET /v1/targets": "target_id",
}
# Answers that are of the owner alone, or name them, if they are in scope.
SHOWN: dict[str, Callable[[Any, Owner], bool]] = {
    "GET /v1/commissions/entries": lambda found, _: bool(found["items"]),
    "GET /v1/commissions/summary": lambda found, _: bool(found["totals"]),
    "GET /v1/performance/guides": lambda found, owner: str(owner.guide.id) in str(found["items"]),
}
# What `{plan_id}` is below here.
ALIASES = {"/v1/task-plans": {"plan_id": "task_plan_id"}}


def ask(caller: Client, route: str, owner: Owner) -> TestResponse:
    """Ask for the owner's thing."""
    method, _, path = route.partition(" ")
    ids = {**owner.ids, "new_id": new_id()}
    for prefix, names in ALIASES.items():
        if path.startswith(prefix):
            ids |= {name: ids[alias] for name, alias in names.items()}
    parts = [str(ids.get(part[1:-1], new_id())) if part.startswith("{") else part for part in path.split("/")]
    query = QUERIES.get(route, "").format(**ids)
    bodies = BODIES | INTEGRATOR_BODIES if str(caller.token).startswith("gk_") else BODIES
    options: dict[str, Any] = {} if method == "GET" else {"json": _filled(bodies.get(route, {}), ids)}
    headers = {"If-Match": '"0"'} if method in ("PATCH", "PUT") else {}
    if route in FRESH and caller.session_id:
        # For what is not there: the code was shown, and only then is it looked for.
        act, subject = FRESH[route]
        headers |= make.grant(caller.session_id, act=act, subject_id=NOWHERE)
        parts = [NOWHERE if part == "{" + subject + "}" else part for part in path.split("/")]
    return caller.open(method, "/".join(parts) + query, headers=headers, **options)


def _filled(body: dict[str, Any], ids: dict[str, Any]) -> dict[str, Any]:
    return {name: value.format(**ids) if isinstance(value, str) else value for name, value in body.items()}


NOWHERE = "00000000-0000-7000-8000-000000000000"
# Acts that ask for a fresh code, and what of the path they are done to.
FRESH = {"POST /v1/plan-versions/{version_id}/approve": ("plan_version_approval", "version_id")}
QUERIES = {
    "PUT /v1/day-weights/{month}": "?store_id={store_id}",
    "GET /v1/commissions/entries": "?guide_id={staff_id}&from={yesterday}&to={today}",
    "GET /v1/commissions/summary": "?guide_id={staff_id}&from={yesterday}&to={today}",
    "GET /v1/leaderboards": "?metric=net_sales&store_id={store_id}",
    "GET /v1/performance/guides": "?from={yesterday}&to={today}",
}
BODIES: dict[str, dict[str, Any]] = {
    "POST /v1/stores/{store_id}/covers": {"staff_no": "HELPER", "days": ["2026-01-01"]},
    "POST /v1/forwards/{forward_id}/confirmations": {"kind": "client"},
    "POST /v1/tasks/{task_id}/submissions": {"id": "{new_id}", "note": "done"},
    "POST /v1/customers/{customer_id}/erasures": {"reason": "other"},
    "POST /v1/customers/{customer_id}/exports": {"reason": "other"},
    "POST /v1/customers/{customer_id}/identities": {"kind": "mall", "value": "someone"},
    "POST /v1/customers/{customer_id}/merges": {"other_id": "{customer_id}", "reason": "same_person"},
    "POST /v1/customers/{customer_id}/reveals": {"reason": "call"},
    "POST /v1/customers/{customer_id}/consents": {"granted": {"sms": True}, "origin": "form"},
    "PUT /v1/customers/{customer_id}/quiet-hours": {"starts": "20:00", "ends": "10:00"},
    "PUT /v1/stores/{store_id}/areas/{valid_from}": {"area_m2": 180},
    "POST /v1/targets": {"metric": "units", "month": "2026-02", "guide_id": "{staff_id}", "amount": 1},
    "PATCH /v1/targets/{target_id}": {"amount": 1},
    "PUT /v1/targets/{target_id}/decision": {"approve": True},
    "PUT /v1/stores/{store_id}/target-shares/{month}": {"shares": []},
    "PUT /v1/stores/{store_id}/quiet-hours": {"starts": "20:00", "ends": "10:00"},
    "POST /v1/customers/{customer_id}/tags": {"add": ["vip"]},
    "PUT /v1/stores/{store_code}/availability/{sku}": {"sellable": True},
}


INTEGRATOR_BODIES = {"POST /v1/forwards/{forward_id}/confirmations": {"kind": "channel"}}


def make_world() -> World:
    east, west = make.region(), make.region()
    first, second = make.store(region_id=east.id), make.store(region_id=east.id)
    far = make.store(region_id=west.id)
    guides = [make.guide(store_id=store.id) for store in (first, first, second, far)]
    make.staff(roles=["guide"], staff_no="HELPER", store_id=make.store().id)
    people = {role: make.staff(roles=[role]) for role in ROLES if role.startswith("hq_") or role == "auditor"}
    people |= {
        "guide": guides[0],
        "store_manager": make.staff(roles=["store_manager"], store_id=first.id),
        "regional_manager": make.staff(roles=["regional_manager"], region_id=east.id),
    }
    plans = {store.id: _plan(store) for store in (first, second, far)}
    sku = db.session.scalars(select(Sku.code).where(Sku.product_id == make.product().id)).first()
    owners = tuple(_owner(guide, plans, sku=sku) for guide in guides)
    with unit_of_work():
        rebuild_days(owners[0].ids["yesterday"], owners[0].ids["today"])
    return World(owners, people)


def _plan(store: Store) -> Any:
    return make.task_plan(by=make.staff(roles=["store_manager"], store_id=store.id))["id"]


def _owner(guide: Staff, plans: dict[Any, Any], *, sku: str | None) -> Owner:
    assert guide.store_id
    store = db.session.get_one(Store, guide.store_id)
    order = make.order(store=store, served_by=guide)
    make.posting(order, guide=guide, amount_fen=100)
    cover = make.save(
        StoreCover(staff_id=make.guide().id, store_id=store.id, day=clock.now().date(), created_by=guide.id)
    )
    mine = select(Assignment.id).where(Assignment.guide_id == guide.id, Assignment.plan_id == plans[store.id])
    ids = {
        "region_id": store.region_id,
        "store_id": store.id,
        "store_code": store.code,
        "sku": sku,
        "staff_id": guide.id,
        "cover_id": cover.id,
        "order_id": order.id,
        "yesterday": order.business_day - timedelta(days=1),
        "today": order.business_day,
        "valid_from": _area(store),
        "month": "2099-01",
        "country": "CN",
        "year": 2026,
        "target_id": make.target(store=store, guide=guide, month=date(2026, 1, 1), amount=100),
        "line_id": db.session.scalars(select(OrderLine.id).where(OrderLine.order_id == order.id)).one(),
        "forward_id": make.forward(guide=guide).id,
        "follow_up_id": make.follow_up(guide=guide),
        "transfer_id": _transfer(guide).id,
        "task_plan_id": plans[store.id],
        "task_id": db.session.scalars(mine).one(),
    }
    ids["customer_id"] = make.customer(guide=guide, member_no=f"C-{guide.staff_no}")
    ids["identity_id"] = db.session.scalars(
        select(CustomerIdentity.id).where(CustomerIdentity.customer_id == ids["customer_id"])
    ).one()
    return Owner(guide, ids)


def _area(store: Store) -> date:
    """The day from which a selling area of the store holds."""
    return make.save(
        StoreArea(store_id=store.id, valid_from=date(2020, 1, make.next_number() % 28 + 1), area_m2=90)
    ).valid_from


def _transfer(guide: Staff) -> BindingTransfer:
    """One of the guide's customers is to go over to a colleague."""
    now = clock.now()
    return make.save(
        BindingTransfer(
            customer_id=make.person(guide=guide),
            from_guide_id=guide.id,
            to_guide_id=make.guide(store_id=guide.store_id).id,
            reason="x",
            requested_by=guide.id,
            requested_at=now,
            effective_at=now + timedelta(days=1),
        )
    )
