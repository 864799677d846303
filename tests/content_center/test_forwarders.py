"""Who lately shared a product: for whom it matters that it left the shelf."""

from datetime import timedelta
from typing import Any

from kit import clock
from kit.db import db, unit_of_work
from kit.ids import new_id
from models import Content, Product, Staff, Store
from tests import make
from tests.client import Client


def listed(client: Client, product: Product, query: str = "") -> list[tuple[str, int, int]]:
    answer = client.get(f"/v1/products/{product.id}/forwarders{query}")
    assert answer.status_code == 200, answer.text
    return [(item["guide_name"], item["forwards"], item["contents"]) for item in answer.json["items"]]


def elsewhere(**columns: Any) -> Staff:
    """A guide of another store, in another region."""
    return make.guide(**columns)


def of(product: Product) -> Content:
    return make.content(products=[product.id])


def test_guides_come_with_what_they_shared_who_did_so_last_first(client: Client) -> None:
    product, first, second = make.product(), make.guide(name="一"), elsewhere(name="二")
    content, other = of(product), of(product)
    now = clock.now()
    make.forward(guide=first, of=content, at=now - timedelta(hours=3))
    make.forward(guide=first, of=other, at=now - timedelta(hours=2))
    make.forward(guide=first, of=other, at=now - timedelta(hours=5))
    make.forward(guide=second, of=content, at=now - timedelta(hours=1))
    make.forward(guide=second)  # of a content without the product
    keeper = client.sign_in(make.staff(roles=["hq_catalog"]))
    assert listed(keeper, product) == [("二", 1, 1), ("一", 3, 2)]
    make.off_shelf(product)
    assert listed(keeper, product) == [("二", 1, 1), ("一", 3, 2)]
    assert listed(keeper, make.product()) == []


def test_what_was_shared_before_those_days_does_not_count(client: Client, guide: Staff) -> None:
    product = make.product()
    make.forward(guide=guide, of=of(product), at=clock.now() - timedelta(days=10))
    keeper = client.sign_in(make.staff(roles=["hq_catalog"]))
    assert listed(keeper, product, "?days=9") == []
    assert listed(keeper, product, "?days=11") == [(guide.name, 1, 1)]


def test_a_version_without_the_product_does_not_count(client: Client, guide: Staff) -> None:
    product = make.product()
    content = of(product)
    make.new_version(content)
    make.forward(guide=guide, of=content)
    assert listed(client.sign_in(make.staff(roles=["hq_catalog"])), product) == []


def test_a_manager_sees_their_store_and_a_guide_themselves(as_guide: Client, as_manager: Client, guide: Staff) -> None:
    product = make.product()
    content = of(product)
    colleague = make.guide(store_id=guide.store_id)
    for sharer in (guide, colleague, elsewhere()):
        make.forward(guide=sharer, of=content)
    assert {name for name, _, _ in listed(as_manager, product)} == {guide.name, colleague.name}
    assert [name for name, _, _ in listed(as_guide, product)] == [guide.name]


def test_a_regional_manager_sees_the_region(client: Client, guide: Staff) -> None:
    product = make.product()
    content = of(product)
    for sharer in (guide, elsewhere()):
        make.forward(guide=sharer, of=content)
    region_id = db.session.get_one(Store, guide.store_id).region_id
    regional = client.sign_in(make.staff(roles=["regional_manager"], region_id=region_id))
    assert [name for name, _, _ in listed(regional, product)] == [guide.name]


def test_who_left_is_not_listed(as_manager: Client, guide: Staff) -> None:
    product = make.product()
    make.forward(guide=guide, of=of(product))
    with unit_of_work():
        db.session.get_one(Staff, guide.id).left_on = clock.now().date()
    assert listed(as_manager, product) == []


def test_pages_are_complete_even_within_one_instant(client: Client) -> None:
    product, at = make.product(), clock.now()
    content = of(product)
    guides = [make.guide() for _ in range(3)]
    for sharer in guides:
        make.forward(guide=sharer, of=content, at=at)
    keeper = client.sign_in(make.staff(roles=["hq_catalog"]))
    path = f"/v1/products/{product.id}/forwarders?limit=2"
    first = keeper.get(path).json
    second = keeper.get(f"{path}&cursor={first['next_cursor']}").json
    assert {item["guide_id"] for item in first["items"] + second["items"]} == {str(one.id) for one in guides}
    assert second["next_cursor"] is None


def test_an_unknown_product_has_none(client: Client) -> None:
    keeper = client.sign_in(make.staff(roles=["hq_catalog"]))
    assert keeper.get(f"/v1/products/{new_id()}/forwarders").json["items"] == []
