"""An id that a client chooses may stand for something the client may not see: that much is told, and nothing of it.

Every route that takes an id for what it makes stands in CREATES; one that is missing fails the test.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from guideapi.app import GuideApp
from kit import clock
from kit.db import db
from kit.ids import new_id
from models import Staff, Store
from tests import make
from tests.client import Client, document

Json = dict[str, Any]
SECRET = "绝密"  # in everything that the owner says


@dataclass(frozen=True)
class People:
    """Two of each, in two stores; the second has no business with what the first made."""

    guides: tuple[Staff, Staff]
    managers: tuple[Staff, Staff]
    editors: tuple[Staff, Staff]
    admins: tuple[Staff, Staff]


@dataclass(frozen=True)
class Create:
    """What the owner sends and what a stranger sends, with one id; `code` is all that the stranger learns."""

    people: str
    code: str
    paths: Callable[[People], tuple[str, str]]
    bodies: Callable[[People, str], tuple[Json, Json]]


def same(path: str) -> Callable[[People], tuple[str, str]]:
    return lambda _: (path, path)


def twice(body: Callable[[People, str], Json]) -> Callable[[People, str], tuple[Json, Json]]:
    """The stranger sends the very same."""

    def both(people: People, id_: str) -> tuple[Json, Json]:
        said = body(people, id_)
        return said, said

    return both


def content_path(_: People) -> tuple[str, str]:
    path = f"/v1/content/{make.content(saying={'title': SECRET}).id}/forwards"
    return path, path


def task_paths(people: People) -> tuple[str, str]:
    plans = [make.task_plan(by=manager) for manager in people.managers]
    first, second = (plan["guides"][0]["id"] for plan in plans)
    return f"/v1/tasks/{first}/commands", f"/v1/tasks/{second}/commands"


def customer(_: People, id_: str) -> Json:
    return {"id": id_, "name": SECRET, "identities": [{"kind": "phone", "value": "13800138000"}]}


def content(_: People, id_: str) -> Json:
    said = {"title": SECRET, "body": "x", "texts": {"default": "x"}, "poster_template": "product_card"}
    return {"id": id_, "kind": "article", "category": "新品", "valid_from": clock.now().isoformat(), **said}


def task_plan(_: People, id_: str) -> Json:
    return {"id": id_, "kind": "custom", "title": SECRET, "target_count": 1}


def forward(_: People, id_: str) -> Json:
    return {"id": id_, "channel": "wechat"}


def forward_item(_: People, id_: str) -> Json:
    return {"id": id_, "content_id": str(make.content(saying={"title": SECRET}).id), "channel": "wechat"}


def follow_up(people: People, id_: str) -> Json:
    whom = make.bound_customer(people.guides[0]).id
    said = {"at": clock.now().isoformat(), "channel": "wecom", "outcome": "reached", "note": SECRET}
    return {"id": id_, "customer_id": str(whom), **said}


def placement_paths(people: People) -> tuple[str, str]:
    first, second = people.guides
    return f"/v1/staff/{first.id}/placements", f"/v1/staff/{second.id}/placements"


def placement(people: People, id_: str) -> Json:
    store = db.session.get_one(Store, people.guides[0].store_id)
    return {"id": id_, "store_code": store.code, "role": "support", "first_day": "2099-01-01", "grade": SECRET}


def items(body: Callable[[People, str], Json]) -> Callable[[People, str], Json]:
    return lambda people, id_: {"items": [body(people, id_)]}


CREATES = {
    "/v1/customers": Create("guides", "customer_id_taken", same("/v1/customers"), twice(customer)),
    "/v1/content": Create("editors", "content_id_taken", same("/v1/content"), twice(content)),
    "/v1/content/{content_id}/forwards": Create("guides", "forward_id_taken", content_path, twice(forward)),
    "/v1/forwards/batch": Create("guides", "forward_id_taken", same("/v1/forwards/batch"), twice(items(forward_item))),
    "/v1/follow-ups": Create("guides", "follow_up_id_taken", same("/v1/follow-ups"), twice(follow_up)),
    "/v1/follow-ups/batch": Create(
        "guides", "follow_up_id_taken", same("/v1/follow-ups/batch"), twice(items(follow_up))
    ),
    "/v1/staff/{staff_id}/placements": Create("admins", "placement_id_taken", placement_paths, twice(placement)),
    "/v1/task-plans": Create("managers", "task_plan_differs", same("/v1/task-plans"), twice(task_plan)),
    "/v1/tasks/{task_id}/commands": Create(
        "guides",
        "task_command_differs",
        task_paths,
        twice(lambda _, id_: {"id": id_, "command": "submit", "note": SECRET}),
    ),
}


@pytest.fixture
def people(app: GuideApp) -> People:
    guides = (make.guide(), make.guide())
    managers = tuple(make.staff(roles=["store_manager"], store_id=guide.store_id) for guide in guides)
    editors = tuple(make.staff(roles=["hq_content"]) for _ in range(2))
    admins = tuple(make.staff(roles=["hq_admin"]) for _ in range(2))
    return People(guides, (managers[0], managers[1]), (editors[0], editors[1]), (admins[0], admins[1]))


def test_every_create_with_an_id_is_here(app: GuideApp) -> None:
    assert {path for path, operation in posts(app) if takes_an_id(app, operation)} == CREATES.keys()


def test_who_chooses_ids_must_choose_one(app: GuideApp) -> None:
    """Two clicks without one would make two."""
    found = {path: fields_of(app, operation) for path, operation in posts(app) if path in CREATES}
    assert {path for path, known in found.items() if not any("id" in one.get("required", ()) for one in known)} == set()


@pytest.mark.parametrize("route", CREATES)
def test_of_what_is_out_of_sight_the_id_is_taken_and_no_more_is_told(
    client: Client, people: People, route: str
) -> None:
    create, id_ = CREATES[route], str(new_id())
    paths, bodies = create.paths(people), create.bodies(people, id_)
    owner, stranger = (client.sign_in(person) for person in getattr(people, create.people))
    made = owner.post(paths[0], json=bodies[0])
    assert made.status_code == (200 if "items" in bodies[0] else 201), made.text
    assert outcome(made) == "None", made.text
    refused = stranger.post(paths[1], json=bodies[1])
    assert outcome(refused) == create.code
    assert refused.status_code == (200 if "items" in bodies[1] else 409)
    for told in (SECRET, people.guides[0].name, people.managers[0].name, people.editors[0].name):
        assert f'"{told}"' not in refused.text


@pytest.mark.parametrize("route", CREATES)
def test_the_same_again_is_the_first_and_anything_else_is_refused(client: Client, people: People, route: str) -> None:
    create, id_ = CREATES[route], str(new_id())
    path, body = create.paths(people)[0], create.bodies(people, id_)[0]
    owner = client.sign_in(getattr(people, create.people)[0])
    first, again = owner.post(path, json=body), owner.post(path, json=body)
    assert (outcome(first), outcome(again)) == ("None", "None"), again.text
    if "items" in body:
        assert [one.json["items"][0]["outcome"] for one in (first, again)] == ["created", "unchanged"]
    else:
        assert again.json == first.json
    refused = owner.post(path, json=otherwise(body))
    assert outcome(refused) == create.code, refused.text
    assert refused.status_code == (200 if "items" in body else 409)


def otherwise(body: Json) -> Json:
    """Another thing under the same id."""
    if "items" in body:
        return {"items": [otherwise(one) for one in body["items"]]}
    [told, *_] = [name for name in ("name", "title", "note", "grade", "channel") if name in body]
    return {**body, told: "link" if told == "channel" else "别的"}


def outcome(answer: Any) -> str:
    """The code of a refusal, of the request or of a batch's only item."""
    [item] = answer.json.get("items") or [answer.json]
    return str(item.get("code"))


def posts(app: GuideApp) -> list[tuple[str, Json]]:
    return [(path, way["post"]) for path, way in document(app)["paths"].items() if "post" in way]


def takes_an_id(app: GuideApp, operation: Json) -> bool:
    """Whether the body, or an item of it, has an `id`."""
    return any("id" in one.get("properties", {}) for one in fields_of(app, operation))


def fields_of(app: GuideApp, operation: Json) -> list[Json]:
    """The schemas of the body and of its items."""
    sent = [resolved(app, one["schema"]) for one in operation.get("requestBody", {}).get("content", {}).values()]
    lists = [one["properties"]["items"] for one in sent if "items" in one.get("properties", {})]
    return [*sent, *(resolved(app, one.get("items", {})) for one in lists)]


def resolved(app: GuideApp, schema: Json) -> Json:
    while "$ref" in schema:
        schema = document(app)["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return schema
