"""A tag says where it came from, and its history stays."""

from kit.db import db
from models import Staff, Store
from tests import make
from tests.client import Client


def test_tags_come_go_and_are_remembered(as_guide: Client, guide: Staff) -> None:
    path = f"/v1/customers/{make.customer(guide=guide)}"
    assert as_guide.post(f"{path}/tags", json={"add": ["香氛", "vip"]}).json["tags"] == ["vip", "香氛"]
    assert as_guide.post(f"{path}/tags", json={"remove": ["vip"]}).json["tags"] == ["香氛"]
    history = [(one["tag"], one["origin"], one["set_by"], one["removed_by"]) for one in tags_of(as_guide, path)]
    assert history == [("vip", "person", guide.staff_no, guide.staff_no), ("香氛", "person", guide.staff_no, None)]


def test_said_again_nothing_changes(as_guide: Client, guide: Staff) -> None:
    path = f"/v1/customers/{make.customer(guide=guide)}"
    first = as_guide.post(f"{path}/tags", json={"add": ["vip"]}).json
    assert as_guide.post(f"{path}/tags", json={"add": ["vip"], "remove": ["gone"]}).json == first
    assert len(tags_of(as_guide, path)) == 1


def test_machines_say_where_a_tag_comes_from_and_people_need_not(
    client: Client, as_guide: Client, guide: Staff
) -> None:
    machine = client.with_token(make.api_key(scopes=["customers:read", "customers:write"]))
    path = f"/v1/customers/{make.customer(guide=guide)}"
    machine.post(f"{path}/tags", json={"add": ["bought twice"], "origin": "purchase"})
    assert [(one["origin"], one["set_by"]) for one in tags_of(machine, path)] == [("purchase", None)]
    assert as_guide.post(f"{path}/tags", json={"add": ["x"], "origin": "rule"}).status_code == 422


def test_a_customer_has_so_many_tags(as_guide: Client, guide: Staff) -> None:
    path = f"/v1/customers/{make.customer(guide=guide)}/tags"
    assert as_guide.post(path, json={"add": [f"t{n}" for n in range(50)]}).status_code == 200
    assert as_guide.post(path, json={"add": ["one more"]}).json["code"] == "too_many_tags"
    assert as_guide.post(path, json={"add": ["one more"], "remove": ["t0"]}).status_code == 200


def test_lists_are_narrowed_by_tag(as_guide: Client, as_manager: Client, guide: Staff) -> None:
    tagged, _ = make.customer(guide=guide), make.customer(guide=guide)
    as_guide.post(f"/v1/customers/{tagged}/tags", json={"add": ["香氛"]})
    for caller in (as_guide, as_manager):
        assert [one["id"] for one in caller.get("/v1/customers?tag=香氛").json["items"]] == [str(tagged)]


def tags_of(caller: Client, path: str) -> list[dict]:
    return caller.get(f"{path}/tags").json["items"]


def test_a_region_is_narrowed_by_tag_and_stays_a_region(client: Client, guide: Staff) -> None:
    region_id = db.session.get_one(Store, guide.store_id).region_id
    regional = client.sign_in(make.staff(roles=["regional_manager"], region_id=region_id))
    machine = client.with_token(make.api_key(scopes=["customers:read", "customers:write"]))
    mine, theirs = make.customer(guide=guide), make.customer(guide=make.guide())
    make.customer(guide=guide)
    for customer in (mine, theirs):
        machine.post(f"/v1/customers/{customer}/tags", json={"add": ["香氛"]})
    assert [one["id"] for one in regional.get("/v1/customers?tag=香氛").json["items"]] == [str(mine)]
