"""Every route × every role × (own, same store, other store, other region), against a table that people can check.

tests/access.md is that table. A route without a row fails, and so does a row without a route.
"""

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from guideapi.app import GuideApp
from kit import clock
from kit.db import db
from models import Placement, Store
from staff.rules.second_factor import ACTS
from tests import make
from tests.access_world import (
    FRESH,
    INTEGRATOR_SCOPES,
    PAST_THE_DOOR,
    RELATIONS,
    ROLES,
    UNDECLARED,
    Owner,
    World,
    ask,
    make_world,
)
from tests.client import Client


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
    assert not wrong, "\n".join(f"{route}: {said}" for route, said in wrong.items())


def test_a_manager_who_moved_here_today_sees_what_this_stores_manager_sees(client: Client) -> None:
    world = make_world()
    here, _, _, far = (owner.guide for owner in world.owners)
    moved = make.staff(roles=["store_manager"], store_id=far.store_id)
    make.move(moved, to=db.session.get_one(Store, here.store_id), day=clock.now().date())
    assert told(client, world.with_manager(moved)) == {route: cells["store_manager"] for route, cells in TABLE.items()}


def test_a_manager_who_covers_here_today_sees_both_stores(client: Client) -> None:
    world = make_world()
    here, _, _, far = (owner.guide for owner in world.owners)
    covering = make.staff(roles=["store_manager"], store_id=far.store_id)
    today = clock.now().date()
    own = {"staff_id": covering.id, "role": "store_manager", "kind": "cover", "first_day": today, "last_day": today}
    make.save(Placement(store_id=here.store_id, **own))
    both = {route: re.sub(r"^\+\+--$", "++-+", cells["store_manager"]) for route, cells in TABLE.items()}
    assert told(client, world.with_manager(covering)) == {**both, **OF_A_COVERING_MANAGER}


def test_who_left_yesterday_is_nobody(client: Client) -> None:
    world = make_world()
    leaver = world.people["store_manager"]
    signed_in, admin = client.sign_in(leaver), client.sign_in(world.people["hq_admin"])
    (placement,) = db.session.scalars(select(Placement.id).where(Placement.staff_id == leaver.id))
    last_day = clock.now().date() - timedelta(days=1)
    ended = {"last_day": last_day.isoformat(), "end_reason": "left"}
    assert admin.put(f"/v1/placements/{placement}/end", json=ended, headers={"If-Match": '"1"'}).status_code == 200
    closed = {route for route, cells in TABLE.items() if set(cells.values()) != {"anyone"}}
    assert {route for route in closed if ask(signed_in, route, world.owners[0]).status_code != 401} == set()


# A cover shows the region of home, too.
OF_A_COVERING_MANAGER = {
    "GET /v1/regions": "++++",
    "GET /v1/regions/{region_id}": "++++",
    "GET /v1/performance/regions/{region_id}": "---+",
    "GET /v1/performance/regions/{region_id}/facts": "---+",
}


def told(client: Client, world: World) -> dict[str, str]:
    """What the table would say of this world's store manager."""
    return {
        route: walk(client, world, "store_manager", route, cells["store_manager"]) for route, cells in TABLE.items()
    }


def test_without_a_token_only_public_routes_answer(client: Client) -> None:
    world = make_world()
    for route, cells in TABLE.items():
        answer = ask(client, route, world.owners[0])
        # A wrong code or password is 401, too, where anybody may show one.
        turned_away = answer.status_code == 401 and answer.json["code"] == "unauthenticated"
        assert turned_away != (set(cells.values()) == {"anyone"}), f"{route}: {answer.status_code}"


def walk(client: Client, world: World, role: str, route: str, expected: str) -> str:
    """What the table's cell should be, by asking."""
    if expected == "anyone":
        return "anyone"
    if len(expected) < len(RELATIONS) or expected == "yes":
        return _entered(route, ask(as_role(client, world, role), route, world.owners[0]))
    caller = as_role(client, world, role)
    answers = [ask(caller, route, owner) for owner in world.owners]
    if answers[0].status_code == 403:
        return "403"
    return "".join(_mark(route, answer, owner) for answer, owner in zip(answers, world.owners, strict=True))


def _entered(route: str, answer: TestResponse) -> str:
    """`yes` for what was done, or was refused for a stated reason that has nothing to do with who asked."""
    if _is_done(route, answer):
        return "yes"
    door = answer.status_code in (401, 403)
    return str(answer.status_code) if door else f"{answer.status_code} {answer.json['code']}"


def _is_done(route: str, answer: TestResponse) -> bool:
    return answer.status_code < 400 or answer.json["code"] in {"stale", *PAST_THE_DOOR.get(route, ())}


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
    if route in SHOWN:
        assert answer.status_code == 200, answer.text
        return "+" if SHOWN[route](answer.json, owner) else "-"
    if answer.status_code == 404:
        return "-"
    return "+" if _is_done(route, answer) else f"[{answer.status_code} {answer.json['code']}]"


# Lists that show, of four owners' things, those in scope: the kind of their items.
LISTED = {
    "GET /v1/regions": "region_id",
    "GET /v1/stores": "store_id",
    "GET /v1/staff": "staff_id",
    "GET /v1/follow-ups": "follow_up_id",
    "GET /v1/forwards": "forward_id",
    "GET /v1/orders": "order_id",
    "GET /v1/customers": "customer_id",
    "GET /v1/binding-transfers": "transfer_id",
    "GET /v1/task-plans": "task_plan_id",
    "GET /v1/tasks": "task_id",
    "GET /v1/targets": "target_id",
    "GET /v1/statements": "statement_id",
}
# Answers that are of the owner alone, or name them, if they are in scope.
SHOWN: dict[str, Callable[[Any, Owner], bool]] = {
    "GET /v1/commissions/entries": lambda found, _: bool(found["items"]),
    "GET /v1/commissions/summary": lambda found, _: bool(found["totals"]),
    "GET /v1/performance/guides": lambda found, owner: str(owner.guide.id) in str(found["items"]),
}
