"""Regions, stores and people over HTTP: who edits, who sees what, and what two editors do to each other."""

from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from kit import clock
from kit.db import db
from kit.ids import new_id
from models import Region, Staff, Store
from tests import make
from tests.client import Client
from tests.races import held_at

STORE = {"code": "SH001", "name": "南京东路店", "opened_on": "2024-01-01"}
PERSON = {"staff_no": "G1", "name": "王芳", "roles": ["guide"], "hired_on": "2024-01-01"}


@pytest.fixture
def as_admin(client: Client) -> Client:
    return client.sign_in(make.staff(roles=["hq_admin"]))


def etag(answer: Any) -> dict[str, str]:
    return {"If-Match": answer.headers["ETag"]}


def codes(answer: Any, key: str = "code") -> list[str]:
    assert answer.status_code == 200, answer.text
    return [item[key] for item in answer.json["items"]]


def test_admin_builds_a_chain(as_admin: Client) -> None:
    root = as_admin.post("/v1/regions", json={"code": "CN", "name": "中国"})
    east = as_admin.post("/v1/regions", json={"code": "EAST", "name": "华东", "parent_code": "CN"})
    assert east.json["ancestor_ids"] == [root.json["id"], east.json["id"]]
    store = as_admin.post("/v1/stores", json={**STORE, "region_code": "EAST", "tags": ["mall"]})
    assert (store.status_code, store.json["time_zone"], store.json["currency"]) == (201, "Asia/Shanghai", "CNY")
    person = as_admin.post("/v1/staff", json={**PERSON, "store_code": "SH001"})
    assert person.json["store_id"] == store.json["id"]
    assert as_admin.get(f"/v1/staff/{person.json['id']}").json == person.json
    assert codes(as_admin.get(f"/v1/stores?region_id={root.json['id']}&tag=mall&open_on=2024-06-01&q=南京")) == [
        "SH001"
    ]
    assert codes(as_admin.get("/v1/stores?open_on=2023-06-01")) == []


def test_a_name_that_posters_cannot_draw_is_refused_with_its_letters(as_admin: Client) -> None:
    body = {**PERSON, "store_code": make.store().code}
    refused = as_admin.post("/v1/staff", json={**body, "name": "王สม"})
    assert (refused.status_code, list(refused.json["errors"])) == (422, ["name"])
    assert "สม" in refused.json["errors"]["name"][0]["message"]
    taken = as_admin.get(f"/v1/staff/{as_admin.post('/v1/staff', json=body).json['id']}")
    patched = as_admin.patch(f"/v1/staff/{taken.json['id']}", json={"name": "สมชาย"}, headers=etag(taken))
    assert (patched.status_code, list(patched.json["errors"])) == (422, ["name"])


def test_a_code_is_given_once(as_admin: Client) -> None:
    region = make.region()
    body = {**STORE, "region_code": region.code}
    assert as_admin.post("/v1/stores", json=body).status_code == 201
    again = as_admin.post("/v1/stores", json={**body, "name": "other"})
    assert (again.status_code, again.json["code"]) == (409, "code_taken")
    assert as_admin.post("/v1/regions", json={"code": region.code, "name": "x"}).json["code"] == "code_taken"
    assert as_admin.post("/v1/staff", json={**PERSON, "store_code": "SH001"}).status_code == 201
    assert as_admin.post("/v1/staff", json={**PERSON, "store_code": "SH001"}).json["code"] == "code_taken"
    assert db.session.scalar(select(Store.name).where(Store.code == "SH001")) == STORE["name"]


def test_moving_a_region_moves_what_its_manager_sees(client: Client, as_admin: Client) -> None:
    east, west = make.region(), make.region()
    shanghai = make.region(parent=east)
    store = make.store(region_id=shanghai.id)
    manager = client.sign_in(make.staff(roles=["regional_manager"], region_id=west.id))
    assert manager.get(f"/v1/stores/{store.id}").status_code == 404
    read = as_admin.get(f"/v1/regions/{shanghai.id}")
    moved = as_admin.patch(f"/v1/regions/{shanghai.id}", json={"parent_code": west.code}, headers=etag(read))
    assert moved.json["ancestor_ids"] == [str(west.id), str(shanghai.id)]
    assert manager.get(f"/v1/stores/{store.id}").status_code == 200


def test_a_region_never_lies_below_itself(as_admin: Client) -> None:
    east = make.region()
    shanghai = make.region(parent=east)
    read = as_admin.get(f"/v1/regions/{east.id}")
    answer = as_admin.patch(f"/v1/regions/{east.id}", json={"parent_code": shanghai.code}, headers=etag(read))
    assert (answer.status_code, list(answer.json["errors"])) == (422, ["parent_code"])
    assert db.session.scalar(select(Region.ancestor_ids).where(Region.id == shanghai.id)) == [east.id, shanghai.id]


def test_two_moves_at_once_never_close_a_cycle(as_admin: Client) -> None:
    a, b = make.region(), make.region()
    tags = {region.code: etag(as_admin.get(f"/v1/regions/{region.id}")) for region in (a, b)}
    answers: list[int] = []

    def move(region: Region, parent: Region) -> None:
        path = f"/v1/regions/{region.id}"
        answers.append(as_admin.patch(path, json={"parent_code": parent.code}, headers=tags[region.code]).status_code)

    held_at("LOCK TABLE region IN SHARE ROW EXCLUSIVE MODE", lambda: move(a, b), lambda: move(b, a))
    # Whoever comes second finds the cycle, or that the region has been moved since it was read.
    assert sorted(answers) in ([200, 412], [200, 422])


def test_the_second_of_two_editors_is_told(as_admin: Client) -> None:
    store = make.store()
    path = f"/v1/stores/{store.id}"
    headers = etag(as_admin.get(path))
    answers: list[tuple[int, str]] = []

    def rename(name: str) -> None:
        answers.append((as_admin.patch(path, json={"name": name}, headers=headers).status_code, name))

    held_at("SELECT FROM store FOR UPDATE", lambda: rename("甲"), lambda: rename("乙"))
    (won, name), (lost, _) = sorted(answers)
    assert (won, lost) == (200, 412)
    assert as_admin.get(path).json["name"] == name
    assert as_admin.patch(path, json={"name": "x"}).status_code == 428
    assert as_admin.get(path, headers={"If-None-Match": as_admin.get(path).headers["ETag"]}).status_code == 304


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"time_zone": "Mars/Olympus"}, "time_zone"),
        ({"currency": "QQQ"}, "currency"),
        ({"region_code": "nowhere"}, "region_code"),
        ({"closed_on": "1999-01-01"}, "closed_on"),
        ({"opened_on": "0000-00-00"}, "opened_on"),
        ({"name": "\u200e\n"}, "name"),
        ({"code": "new"}, "code"),
    ],
)
def test_a_bad_field_is_told_by_name(as_admin: Client, body: dict[str, str], field: str) -> None:
    path = f"/v1/stores/{make.store().id}"
    answer = as_admin.patch(path, json=body, headers=etag(as_admin.get(path)))
    assert (answer.status_code, list(answer.json["errors"])) == (422, [field])


def test_who_loses_a_role_has_lost_it_at_once(client: Client, as_admin: Client) -> None:
    manager = make.staff(roles=["store_manager"])
    signed_in = client.sign_in(manager)
    assert signed_in.get("/v1/staff").status_code == 200
    path = f"/v1/staff/{manager.id}"
    assert as_admin.patch(path, json={"roles": ["guide"]}, headers=etag(as_admin.get(path))).status_code == 200
    assert signed_in.get("/v1/staff").status_code == 403
    yesterday = make.yesterday().isoformat()
    as_admin.patch(path, json={"left_on": yesterday}, headers=etag(as_admin.get(path)))
    assert signed_in.get("/v1/me").status_code == 401


def test_lists_hold_what_each_may_see(client: Client, guide: Staff, manager: Staff, as_admin: Client) -> None:
    elsewhere = make.guide()
    as_manager = client.sign_in(manager)
    assert set(codes(as_manager.get("/v1/staff"), "staff_no")) == {guide.staff_no, manager.staff_no}
    assert as_manager.get(f"/v1/staff/{elsewhere.id}").status_code == 404
    assert as_manager.get(f"/v1/staff?store_id={elsewhere.store_id}").json["items"] == []
    assert elsewhere.staff_no in codes(as_admin.get("/v1/staff?limit=200"), "staff_no")
    region = db.session.get_one(Store, guide.store_id).region_id
    regional = client.sign_in(make.staff(roles=["regional_manager"], region_id=region))
    assert guide.staff_no in codes(regional.get("/v1/staff"), "staff_no")
    assert elsewhere.staff_no not in codes(regional.get("/v1/staff"), "staff_no")
    assert len(codes(client.sign_in(guide).get("/v1/stores"))) == 1


def test_pages_follow_each_other_without_gap_or_repeat(as_admin: Client) -> None:
    region = make.region()
    for _ in range(7):
        make.store(region_id=region.id)
    path, seen = f"/v1/stores?region_id={region.id}&limit=3", list[str]()
    answer = as_admin.get(path)
    while cursor := answer.json["next_cursor"]:
        seen += codes(answer)
        answer = as_admin.get(f"{path}&cursor={cursor}")
    seen += codes(answer)
    assert len(seen) == 7
    assert seen == sorted(set(seen))
    assert as_admin.get(f"/v1/staff?cursor={cursor or 'x'}").json["code"] == "bad_cursor"


def test_cover_opens_another_store_for_that_day_only(client: Client, manager: Staff, as_manager: Client) -> None:
    helper = make.guide()
    as_helper = client.sign_in(helper)
    path, today = f"/v1/stores/{manager.store_id}", clock.business_day(clock.now(), "Asia/Shanghai")
    assert as_helper.get(path).status_code == 404
    body = {"staff_no": helper.staff_no, "days": [today.isoformat()]}
    assert as_manager.post(f"{path}/covers", json=body).status_code == 201
    assert as_manager.post(f"{path}/covers", json=body).status_code == 201
    assert as_helper.get(path).status_code == 200
    assert as_helper.get(f"/v1/stores/{helper.store_id}").status_code == 200
    covers = as_manager.get(f"{path}/covers").json["items"]
    assert [(cover["staff_no"], cover["first_day"]) for cover in covers] == [(helper.staff_no, today.isoformat())]
    assert as_manager.delete(f"{path}/covers/{covers[0]['id']}").status_code == 200
    assert as_helper.get(path).status_code == 404
    assert as_manager.delete(f"{path}/covers/{covers[0]['id']}").json["code"] == "cover_not_found"


def test_cover_is_given_by_who_runs_the_store(client: Client, as_manager: Client, guide: Staff) -> None:
    elsewhere = make.store()
    body = {"staff_no": guide.staff_no, "days": ["2026-01-01"]}
    assert as_manager.post(f"/v1/stores/{elsewhere.id}/covers", json=body).status_code == 404
    assert as_manager.post(f"/v1/stores/{guide.store_id}/covers", json=body).json["code"] == "already_at_home"
    path = f"/v1/stores/{guide.store_id}/covers"
    for body in (
        {"staff_no": "nobody", "days": ["2026-01-01"]},
        {"staff_no": make.guide().staff_no, "days": ["1999-01-01"]},
    ):
        assert as_manager.post(path, json=body).status_code == 422
    assert client.sign_in(guide).post(path, json=body).status_code == 403


def test_what_is_not_there_is_not_found(as_admin: Client) -> None:
    for kind in ("regions", "stores", "staff"):
        path = f"/v1/{kind}/{new_id()}"
        assert as_admin.get(path).status_code == 404
        assert as_admin.patch(path, json={"name": "x"}, headers={"If-Match": '"1"'}).status_code == 404


def test_codes_that_fall_together_are_one(as_admin: Client) -> None:
    assert as_admin.post("/v1/regions", json={"code": "EAST", "name": "华东"}).status_code == 201
    taken = as_admin.post("/v1/regions", json={"code": "ｅａｓｔ", "name": "x"})
    assert (taken.status_code, taken.json["code"]) == (409, "code_taken")
    south = as_admin.post("/v1/regions", json={"code": "SOUTH", "name": "华东南", "parent_code": "east"})
    assert south.json["parent_code"] == "EAST"
    store = as_admin.post("/v1/stores", json={**STORE, "region_code": "East"})
    assert (store.status_code, store.json["region_code"]) == (201, "EAST")
    assert as_admin.post("/v1/stores", json={**STORE, "code": "sh001", "region_code": "EAST"}).status_code == 409
    person = as_admin.post("/v1/staff", json={**PERSON, "staff_no": "SH-1", "store_code": "sh001"})
    assert (person.status_code, person.json["store_code"]) == (201, "SH001")
    assert as_admin.post("/v1/staff", json={**PERSON, "staff_no": "sh-1", "store_code": "SH001"}).status_code == 409
    assert codes(as_admin.get("/v1/staff?q=ｓｈ-1"), "staff_no") == ["SH-1"]
    assert codes(as_admin.get("/v1/stores?q=h00")) == ["SH001"]
    cover = as_admin.post("/v1/stores", json={**STORE, "code": "SH002", "region_code": "EAST"}).json["id"]
    days = {"staff_no": " sh-1", "days": ["2026-01-01"]}
    assert as_admin.post(f"/v1/stores/{cover}/covers", json=days).status_code < 300
    assert codes(as_admin.get(f"/v1/stores/{cover}/covers"), "staff_no") == ["SH-1"]


def test_a_code_stays_as_it_was_written_first(as_admin: Client) -> None:
    person = make.guide(staff_no="SH01-03")
    changed = as_admin.patch(
        f"/v1/staff/{person.id}", json={"name": "新"}, headers=etag(as_admin.get(f"/v1/staff/{person.id}"))
    )
    assert (changed.json["staff_no"], changed.json["name"]) == ("SH01-03", "新")


def test_a_region_of_a_file_hangs_on_its_parent_however_it_is_written(as_admin: Client) -> None:
    rows = "区域编码,区域名称,上级区域编码\nSOUTH,华南,cn\nCN,中国,\nｃｎ,又,\n"
    answer = as_admin.post("/v1/imports/regions", data=rows.encode(), content_type="text/csv")
    assert (answer.json["created"], answer.json["rejected"]) == (2, 1)
    assert answer.json["problems"][0]["code"] == "duplicate"
    assert db.session.scalars(select(Region.code).order_by(Region.code)).all() == ["CN", "SOUTH"]


def test_the_database_refuses_a_second_code(app: object) -> None:
    make.guide(staff_no="SH01-03")
    with pytest.raises(IntegrityError, match="uq_staff_staff_no_key"):
        make.guide(staff_no="sh01-03 ")
    db.session.rollback()
    with pytest.raises(IntegrityError, match="ck_staff_staff_no"):
        make.guide(staff_no="\u3000")
    db.session.rollback()
