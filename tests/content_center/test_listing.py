"""What a guide finds to forward: in its dates, for their store, with live shelf status."""

from datetime import timedelta
from typing import Any

import pytest

from kit import clock
from models import Staff
from tests import make
from tests.client import Client


def ids(answer: Any) -> list[str]:
    return [item["id"] for item in answer.json["items"]]


def test_only_what_is_valid_now_is_listed(as_guide: Client) -> None:
    now = clock.now()
    current = make.content(valid_until=now + timedelta(days=1))
    make.content(valid_from=now + timedelta(days=1))
    make.content(valid_until=now - timedelta(seconds=1))
    make.content(published=False)
    assert ids(as_guide.get("/v1/content")) == [str(current.id)]


def test_audience_by_store_region_tag_and_role(client: Client) -> None:
    north = make.region()
    city = make.region(parent=north)
    flagship = make.store(region_id=city.id, tags=["flagship"])
    elsewhere = make.store()
    here = client.sign_in(make.guide(store_id=flagship.id))
    there = client.sign_in(make.guide(store_id=elsewhere.id))
    manager = client.sign_in(make.staff(roles=["regional_manager"], region_id=north.id))

    def content(**audience: Any) -> str:
        return str(make.content(audience=make.audience(**audience)).id)

    everyone = content()
    by_store, by_region = content(store_ids=[flagship.id]), content(region_ids=[north.id])
    by_either = content(store_ids=[elsewhere.id], region_ids=[city.id])
    by_tag, by_role = content(store_tags=["flagship"]), content(roles=["guide"])
    managers_only = content(roles=["regional_manager"])
    assert set(ids(here.get("/v1/content"))) == {everyone, by_store, by_region, by_either, by_tag, by_role}
    assert set(ids(there.get("/v1/content"))) == {everyone, by_either, by_role}
    assert set(ids(manager.get("/v1/content"))) == {everyone, by_store, by_region, by_either, by_tag, managers_only}
    assert there.get(f"/v1/content/{by_store}").json["code"] == "content_not_found"


def test_products_carry_live_shelf_status_and_the_stores_own_word(client: Client, guide: Staff) -> None:
    product = make.product(price_fen=19900)
    make.content(products=[product.id])
    as_guide = client.sign_in(guide)
    shown = as_guide.get("/v1/content").json["items"][0]
    assert (shown["forwardable"], shown["reasons"]) == (True, [])
    assert shown["products"][0]["price"] == {"amount": 19900, "currency": "CNY"}
    make.off_shelf(product)
    shown = as_guide.get("/v1/content").json["items"][0]
    assert shown["forwardable"] is False
    assert shown["products"][0]["shelf_status"] == "off_shelf"
    assert shown["reasons"] == [
        {
            "code": "product_not_sellable",
            "detail": f"{product.title} cannot be sold now.",
            "product_id": str(product.id),
            "shelf_status": "off_shelf",
            "blocked_by": "brand",
        }
    ]


def test_pages_are_complete_and_newest_first(as_guide: Client) -> None:
    made = [str(make.content().id) for _ in range(5)]
    found: list[str] = []
    cursor = ""
    while True:
        answer = as_guide.get(f"/v1/content?limit=2{cursor}")
        found += ids(answer)
        if answer.json["next_cursor"] is None:
            break
        cursor = f"&cursor={answer.json['next_cursor']}"
    assert found == made[::-1]


@pytest.mark.parametrize("query", ["category=节日", "tag=七夕", "q=限定"])
def test_list_is_narrowed(as_guide: Client, query: str) -> None:
    make.content()
    wanted = make.content(category="节日", tags=["七夕"], saying={"title": "七夕限定礼盒"})
    assert ids(as_guide.get(f"/v1/content?{query}")) == [str(wanted.id)]
    assert ids(as_guide.get("/v1/content?q=%25")) == []


def test_cursor_of_another_list_is_refused(as_guide: Client, as_editor: Client) -> None:
    make.content(published=False)
    make.content(published=False)
    cursor = as_editor.get("/v1/content?state=draft&limit=1").json["next_cursor"]
    refused = as_guide.get(f"/v1/content?cursor={cursor}").json
    assert (refused["code"], refused["reason"]) == ("bad_cursor", "not_ours")
    refused = as_guide.get(f"/v1/content?state=draft&cursor={cursor}").json
    assert (refused["code"], refused["reason"]) == ("bad_cursor", "other_reader")


def test_content_is_for_people_who_are_signed_in(client: Client, integrator: Client) -> None:
    assert client.get("/v1/content").status_code == 401
    assert integrator.get("/v1/content").status_code == 403
