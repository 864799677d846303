"""Where stores are, and on how many square metres they sell since when."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from kit import clock
from kit.db import db
from kit.ids import new_id
from models import AuditEntry, Store, StoreArea
from tests import make
from tests.client import Client


@pytest.fixture
def as_admin(client: Client) -> Client:
    return client.sign_in(make.staff(roles=["hq_admin"]))


@pytest.fixture
def store(app: object) -> Store:
    made = make.store(code="SH001")
    db.session.expunge(made)
    return made


def put(client: Client, store: Store, day: object, area_m2: object) -> Any:
    return client.put(f"/v1/stores/{store.id}/areas/{day}", json={"area_m2": area_m2})


def test_the_area_of_today_is_the_newest_that_has_begun(as_admin: Client, store: Store) -> None:
    today = clock.business_day(clock.now(), store.time_zone)
    assert as_admin.get(f"/v1/stores/{store.id}").json["area_m2"] is None
    for day, area_m2 in ((today - timedelta(days=9), 120), (today, 180), (today + timedelta(days=9), 200)):
        assert put(as_admin, store, day, area_m2).status_code == 200
    assert as_admin.get(f"/v1/stores/{store.id}").json["area_m2"] == 180
    held = as_admin.get(f"/v1/stores/{store.id}/areas").json["items"]
    assert [area["area_m2"] for area in held] == [120, 180, 200]
    assert as_admin.delete(f"/v1/stores/{store.id}/areas/{today}").status_code == 200
    assert as_admin.get("/v1/stores").json["items"][0]["area_m2"] == 120


def test_the_day_is_the_stores_own(as_admin: Client) -> None:
    """Kiritimati is a day ahead of Pago Pago at any time."""
    ahead, behind = (make.store(time_zone=zone) for zone in ("Pacific/Kiritimati", "Pacific/Pago_Pago"))
    day = clock.business_day(clock.now(), ahead.time_zone)
    for store in (ahead, behind):
        put(as_admin, store, day, 90)
    assert as_admin.get(f"/v1/stores/{ahead.id}").json["area_m2"] == 90
    assert as_admin.get(f"/v1/stores/{behind.id}").json["area_m2"] is None


@pytest.mark.parametrize("area_m2", [0, 1_000_001, 12.5, None, "180"])
def test_areas_that_are_none(as_admin: Client, store: Store, area_m2: object) -> None:
    answer = put(as_admin, store, "2026-01-01", area_m2)
    assert (answer.status_code, list(answer.json["errors"])) == (422, ["area_m2"])


def test_what_is_not_there(as_admin: Client, store: Store) -> None:
    assert put(as_admin, store, "soon", 9).json["code"] == "not_found"
    gone = as_admin.delete(f"/v1/stores/{store.id}/areas/2026-01-01")
    assert (gone.status_code, gone.json["code"]) == (404, "area_not_found")
    assert as_admin.put(f"/v1/stores/{new_id()}/areas/2026-01-01", json={"area_m2": 9}).status_code == 404


def test_areas_come_by_file_and_are_audited(as_admin: Client, store: Store) -> None:
    content = """门店编码,生效日期,营业面积
sh001,2026-01-01,180
SH001,2026/6/1,"1,200"
NOPE,2026-01-01,180
SH001,2026-02-01,0
SH001,2026-03-01,12.5
SH001,2026-01-01,190
"""
    told = as_admin.post("/v1/imports/store-areas", data=content.encode(), content_type="text/csv").json
    assert (told["created"], told["rejected"]) == (2, 4)
    assert [(problem["line"], problem["code"]) for problem in told["problems"]] == [
        (4, "unknown_code"),
        (5, "out_of_range"),
        (6, "unreadable"),
        (7, "duplicate"),
    ]
    assert sorted(db.session.scalars(select(StoreArea.area_m2))) == [180, 1200]
    logged = select(AuditEntry.action).where(AuditEntry.table_name == "store_area")
    assert list(db.session.scalars(logged)) == ["created", "created"]


def test_country_and_city(as_admin: Client, store: Store) -> None:
    read = as_admin.get(f"/v1/stores/{store.id}")
    assert (read.json["country"], read.json["city"]) == ("CN", None)
    etag = {"If-Match": read.headers["ETag"]}
    changed = as_admin.patch(f"/v1/stores/{store.id}", json={"country": "SG", "city": "新加坡"}, headers=etag)
    assert (changed.json["country"], changed.json["city"]) == ("SG", "新加坡")
    etag = {"If-Match": changed.headers["ETag"]}
    refused = as_admin.patch(f"/v1/stores/{store.id}", json={"country": "XX"}, headers=etag)
    assert (refused.status_code, list(refused.json["errors"])) == (422, ["country"])


def test_a_file_of_stores_names_them_too(as_admin: Client, store: Store) -> None:
    header = "code,name,region_code,time_zone,currency,country,city,tags,opened_on,closed_on"
    region = as_admin.get(f"/v1/stores/{store.id}").json["region_code"]
    content = f"{header}\nSH001,一店,{region},,,SG,新加坡,,2024-01-01,\nSH002,二店,{region},,,ZZ,,,2024-01-01,\n"
    told = as_admin.post("/v1/imports/stores", data=content.encode(), content_type="text/csv").json
    assert (told["updated"], [problem["code"] for problem in told["problems"]]) == (1, ["unknown_country"])
    assert as_admin.get(f"/v1/stores/{store.id}").json["city"] == "新加坡"
