"""A product is shown alike wherever it is shown: in lists, with content, and with what was forwarded."""

from catalog.present import priced, product_card
from kit.db import db
from models import Staff
from tests import make
from tests.client import Client

ALIKE = ("title", "brand", "price", "list_price", "thumbnail_url")


def test_prices_are_amounts_and_none_is_none() -> None:
    row = {"title": "x", "price_fen": 100, "list_price_fen": None, "currency": "CNY"}
    assert priced(row) == {"title": "x", "price": {"amount": 100, "currency": "CNY"}, "list_price": None}
    assert priced({"price_fen": None, "list_price_fen": None, "currency": None}) == {"price": None, "list_price": None}
    assert "price_fen" in row, "the row that was given stays as it was"


def test_pictures_have_addresses(app: object) -> None:
    row = {"price_fen": None, "list_price_fen": None, "currency": None, "image_key": None}
    assert product_card(row)["image_url"] is None
    assert product_card({**row, "image_key": "a.jpg"})["image_url"].endswith("a.jpg")


def test_lists_content_and_forwards_show_the_same(as_guide: Client, guide: Staff) -> None:
    product = make.product()
    content = make.content(products=[product.id])
    made = make.forward(guide=guide, of=content)
    db.session.rollback()
    [listed] = as_guide.get("/v1/products").json["items"]
    [with_content] = as_guide.get(f"/v1/content/{content.id}").json["products"]
    [forwarded] = as_guide.get(f"/v1/forwards/{made.id}").json["products"]
    assert [{name: shown[name] for name in ALIKE} for shown in (with_content, forwarded)] == [
        {name: listed[name] for name in ALIKE}
    ] * 2
