"""Products over HTTP: who sees what, at which price, and why something may not be sold."""

import io
from uuid import uuid4

import pytest
from PIL import Image
from sqlalchemy import text

from catalog import queries, service
from kit.db import db, unit_of_work
from models import Source, Staff
from tests import make
from tests.client import Client


def test_a_guide_sees_shelf_price_and_picture(as_guide: Client) -> None:
    product = make.product(title="玫瑰面霜", price_fen=12900)
    picture = io.BytesIO()
    Image.new("RGB", (640, 480), "pink").save(picture, "JPEG")
    with unit_of_work():
        key = service.add_product_image(product_id=product.id, position=0, content=picture.getvalue())
    [card] = as_guide.get("/v1/products").json["items"]
    one = as_guide.get(f"/v1/products/{product.id}").json
    [sku] = one["skus"]
    assert card == {
        "id": str(product.id),
        "title": "玫瑰面霜",
        "brand": "花屿",
        "category": "护肤 > 面霜",
        "shelf_status": "on_shelf",
        "shelf_reason": None,
        "doubtful": False,
        "sellable": True,
        "blocked_by": None,
        "price": {"amount": 12900, "currency": "CNY"},
        "list_price": None,
        "image_key": key,
        "code": sku["code"],
        "barcode": None,
        "stock": "unknown",
        "thumbnail_url": f"/thumbnails/{key}",
    }
    thumbnail = as_guide.get(card["thumbnail_url"])
    assert Image.open(io.BytesIO(thumbnail.data)).size == (320, 240)
    assert one["image_keys"] == [key]
    assert [sku["price"]["amount"] for sku in one["skus"]] == [12900]


def test_brand_and_store_each_have_a_word_and_never_overwrite_each_other(
    as_guide: Client, as_manager: Client, source: Source, store_code: str
) -> None:
    make.product(source=source, external_id="P", sku_codes=["K"], price_fen=100)
    availability = f"/v1/stores/{store_code}/availability/K"
    assert (
        as_manager.put(availability, json={"sellable": False, "price": {"amount": 90, "currency": "CNY"}}).status_code
        == 200
    )
    assert _word(as_guide) == ("on_shelf", False, "store", 90)
    make.sync(source, make.product_item(external_id="P", version=2, sku_codes=["K"], shelf_status="off_shelf"))
    assert _word(as_guide) == ("off_shelf", False, "brand", 90)
    as_manager.put(availability, json={"sellable": True})
    assert _word(as_guide) == ("off_shelf", False, "brand", 19900)
    make.sync(source, make.product_item(external_id="P", version=3, sku_codes=["K"], price_fen=100))
    assert _word(as_guide) == ("on_shelf", True, None, 100)
    as_manager.put(availability, json={"sellable": True, "stock": 0})
    assert _word(as_guide) == ("on_shelf", False, "store", 100)


def _word(client: Client) -> tuple[str, bool, str | None, int]:
    [card] = client.get("/v1/products").json["items"]
    return card["shelf_status"], card["sellable"], card["blocked_by"], card["price"]["amount"]


def test_one_store_does_not_hide_a_product_in_another(as_guide: Client, as_catalog: Client) -> None:
    make.product(sku_codes=["K"])
    elsewhere = make.store()
    as_catalog.put(f"/v1/stores/{elsewhere.code}/availability/K", json={"sellable": False})
    assert as_guide.get("/v1/products").json["items"][0]["sellable"] is True
    assert (
        as_catalog.get("/v1/products", query_string={"store_id": str(elsewhere.id)}).json["items"][0]["sellable"]
        is False
    )
    assert as_catalog.get("/v1/products").json["items"][0]["sellable"] is True
    assert as_guide.get("/v1/products", query_string={"store_id": str(elsewhere.id)}).json["code"] == "store_not_found"


def test_who_may_speak_for_a_store(
    as_guide: Client, as_manager: Client, integrator: Client, store_code: str, client: Client
) -> None:
    make.product(sku_codes=["K"])
    word = {"sellable": False}
    assert as_guide.put(f"/v1/stores/{store_code}/availability/K", json=word).status_code == 403
    assert integrator.put(f"/v1/stores/{store_code}/availability/K", json=word).status_code == 403
    other = client.sign_in(make.staff(roles=["store_manager"]))
    assert other.put(f"/v1/stores/{store_code}/availability/K", json=word).json["code"] == "store_not_found"
    assert as_manager.put(f"/v1/stores/{store_code}/availability/X", json=word).json["code"] == "sku_not_found"
    assert (
        as_manager.put(
            f"/v1/stores/{store_code}/availability/K", json={**word, "price": {"amount": 1.5, "currency": "CNY"}}
        ).status_code
        == 422
    )


@pytest.mark.parametrize(
    ("filters", "titles"),
    [
        ({}, ["100% Cotton", "Rose Cream", "保湿面霜", "玫瑰口红"]),
        ({"shelf_status": "off_shelf"}, ["玫瑰口红"]),
        ({"brand": "Rosa"}, ["Rose Cream"]),
        ({"brand": "nobody"}, []),
        ({"category": "护肤"}, ["Rose Cream", "保湿面霜"]),
        ({"category": "护肤 > 面霜"}, ["保湿面霜"]),
        ({"category": "护"}, []),
        ({"q": "玫瑰"}, ["玫瑰口红"]),
        ({"q": "霜"}, ["保湿面霜"]),
        ({"q": "湿面"}, ["保湿面霜"]),
        ({"q": "霜面"}, []),
        ({"q": "rose c"}, ["Rose Cream"]),
        ({"q": "100%"}, ["100% Cotton"]),
        ({"q": "10%"}, []),
        ({"q": "r_se"}, []),
        ({"q": "玫瑰", "shelf_status": "on_shelf"}, []),
    ],
)
def test_filters(as_guide: Client, source: Source, filters: dict[str, str], titles: list[str]) -> None:
    items = [
        make.product_item(title="保湿面霜"),
        make.product_item(title="玫瑰口红", category="彩妆>口红", shelf_status="off_shelf"),
        make.product_item(title="Rose Cream", category=["护肤"], brand="Rosa"),
        make.product_item(title="100% Cotton", category="棉品"),
    ]
    make.sync(source, *items)
    answer = as_guide.get("/v1/products", query_string=filters)
    assert [item["title"] for item in answer.json["items"]] == titles


def test_pages_meet_without_gap_or_overlap(as_guide: Client, source: Source) -> None:
    make.sync(source, *[make.product_item(title=f"同名{n // 3}") for n in range(10)])
    seen, cursor = [], None
    for _ in range(4):
        answer = as_guide.get("/v1/products", query_string={"limit": 3} | ({"cursor": cursor} if cursor else {}))
        seen += [item["id"] for item in answer.json["items"]]
        cursor = answer.json["next_cursor"]
    assert cursor is None
    assert len(seen) == len(set(seen)) == 10


def test_a_cheaper_sku_that_may_be_sold_is_the_one_shown(as_guide: Client, source: Source) -> None:
    skus = [
        service_sku("cheap", 100, in_stock=False),
        service_sku("middle", 200, list_price=300),
        service_sku("dear", 500),
    ]
    make.sync(source, make.product_item(skus=skus))
    [card] = as_guide.get("/v1/products").json["items"]
    assert (card["price"]["amount"], card["list_price"]["amount"], card["sellable"]) == (200, 300, True)


def service_sku(code: str, price: int, **fields: object) -> object:
    from catalog.items import SkuItem

    return SkuItem(code=code, price=price, **fields)


def test_unknown_product_is_not_found(as_guide: Client) -> None:
    assert as_guide.get(f"/v1/products/{uuid4()}").json["code"] == "product_not_found"


def test_cards_come_in_the_order_asked_and_substitutes_by_brand_then_price(guide: Staff, source: Source) -> None:
    wanted = make.product(source=source, price_fen=1000, shelf_status="off_shelf", title="原款")
    far = make.product(source=source, price_fen=9000, title="同牌远价")
    near = make.product(source=source, price_fen=1100, title="同牌近价")
    other = make.product(source=source, price_fen=1000, title="他牌", brand="别家")
    make.product(source=source, price_fen=1000, title="停售", shelf_status="discontinued")
    make.product(source=source, price_fen=1000, title="别类", category="彩妆")
    found = queries.list_substitutes(wanted.id, store_id=guide.store_id, limit=5)
    assert [card["title"] for card in found] == ["同牌近价", "同牌远价", "他牌"]
    cards = queries.list_cards([other.id, uuid4(), far.id, near.id], store_id=guide.store_id)
    assert [card["id"] for card in cards] == [other.id, far.id, near.id]
    assert queries.list_cards([wanted.id], store_id=None)[0]["blocked_by"] == "brand"


def test_skus_are_found_by_code_in_one_go(source: Source) -> None:
    product = make.product(source=source, sku_codes=["A", "B"], title="双规格")
    found = queries.find_skus(["A", "B", "unknown", "A"])
    assert set(found) == {"A", "B"}
    assert {row["product_id"] for row in found.values()} == {product.id}
    assert found["A"]["title"] == "双规格"
    assert found["A"]["brand_id"] == product.brand_id


def test_a_locked_card_holds_back_the_shelf_change(source: Source) -> None:
    product = make.product(source=source, external_id="P")
    queries.list_cards([product.id], store_id=None, lock=True)
    with db.engine.connect() as other:
        other.execute(text("SET lock_timeout = '50ms'"))
        blocked = other.execute(text("SELECT 1 FROM pg_locks WHERE NOT granted")).all()
        assert blocked == []
        with pytest.raises(Exception, match="lock timeout"):
            other.execute(text("UPDATE product SET shelf_status = 'off_shelf'"))
    db.session.rollback()
