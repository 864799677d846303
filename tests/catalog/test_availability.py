"""A store's own price or switch: taken with care, written down, and seen by those who keep the catalog."""

from typing import Any

import pytest
from sqlalchemy import text

from kit.db import fetch_all
from models import Source, Staff
from tests import make
from tests.client import Client


def _yuan(amount: int) -> dict[str, Any]:
    return {"amount": amount, "currency": "CNY"}


@pytest.fixture
def path(source: Source, store_code: str) -> str:
    make.product(source=source, title="面霜", sku_codes=["K"], price_fen=31900)
    return f"/v1/stores/{store_code}/availability/K"


@pytest.mark.parametrize(("amount", "far"), [(319, True), (15949, True), (15950, False), (63800, False), (63801, True)])
def test_a_price_far_from_the_brands_is_confirmed_first(
    as_manager: Client, path: str, amount: int, *, far: bool
) -> None:
    word = {"sellable": True, "price": _yuan(amount)}
    answer = as_manager.put(path, json=word)
    if not far:
        assert (answer.status_code, answer.json["price"]) == (200, _yuan(amount))
        return
    assert (answer.status_code, answer.json["code"]) == (409, "price_needs_confirmation")
    assert (answer.json["price"], answer.json["brand_price"], answer.json["factor"]) == (_yuan(amount), _yuan(31900), 2)
    assert _words(as_manager, path.removesuffix("/K")) == []
    assert as_manager.put(path, json={**word, "confirm_price": True}).json["price"] == _yuan(amount)
    # What was confirmed is not asked again, when only the stock changes.
    assert as_manager.put(path, json={**word, "stock": 3}).status_code == 200


def test_a_price_is_money_in_the_skus_currency(as_manager: Client, path: str) -> None:
    for price in (
        31900,
        319.0,
        {"amount": 31900},
        {"amount": -1, "currency": "CNY"},
        {"amount": 1.5, "currency": "CNY"},
    ):
        assert as_manager.put(path, json={"sellable": True, "price": price}).status_code == 422
    answer = as_manager.put(path, json={"sellable": True, "price": {"amount": 31900, "currency": "JPY"}})
    assert (answer.status_code, list(answer.json["errors"])) == (422, ["price.currency"])
    assert as_manager.put(path, json={"sellable": True, "price": None}).json["price"] is None


def test_what_a_store_decides_is_audited_and_its_stock_is_not(as_manager: Client, manager: Staff, path: str) -> None:
    for word in (
        {"sellable": True, "stock": 5},
        {"sellable": True, "stock": 4},
        {"sellable": True, "stock": 4, "price": _yuan(30000)},
        {"sellable": False, "stock": 4, "price": _yuan(30000)},
    ):
        assert as_manager.put(path, json=word).status_code == 200
    entries = fetch_all(text("SELECT * FROM audit_entry WHERE table_name = 'store_availability' ORDER BY id"))
    assert {entry["principal_id"] for entry in entries} == {manager.id}
    assert [(entry["action"], entry["before"], entry["after"]) for entry in entries[1:]] == [
        ("changed", {"price_fen": None}, {"price_fen": 30000}),
        ("changed", {"sellable": True}, {"sellable": False}),
    ]
    assert entries[0]["action"] == "created"


def test_the_list_of_a_store_is_narrowed_and_paged(
    as_manager: Client, as_guide: Client, source: Source, store_code: str
) -> None:
    make.sync(
        source,
        *[make.product_item(title=f"品{n}", brand="甲乙"[n % 2], sku_codes=[f"K{n}"], price_fen=100) for n in range(6)],
    )
    path = f"/v1/stores/{store_code}/availability"
    words = [{"sellable": False}, {"sellable": True, "price": _yuan(90)}, {"sellable": True, "stock": 7}]
    for n in range(6):
        assert as_manager.put(f"{path}/K{n}", json=words[n % 3]).status_code == 200
    assert _skus(as_guide, path) == ["K0", "K1", "K2", "K3", "K4", "K5"]
    assert _skus(as_guide, path, switched_off="true") == ["K0", "K3"]
    assert _skus(as_guide, path, switched_off="false") == ["K1", "K2", "K4", "K5"]
    assert _skus(as_guide, path, repriced="true") == ["K1", "K4"]
    assert _skus(as_guide, path, repriced="false", switched_off="false") == ["K2", "K5"]
    assert _skus(as_guide, path, brand="乙", switched_off="true") == ["K3"]
    assert _skus(as_guide, path, sku="K5") == ["K5"]
    [row] = _words(as_guide, path, sku="K1")
    assert (row["title"], row["price"], row["brand_price"], row["sellable"]) == ("品1", _yuan(90), _yuan(100), True)
    assert as_guide.get(path, query_string={"limit": 2, "count": "true"}).json["total"] == 6
    assert "total" not in as_guide.get(path).json
    elsewhere = f"/v1/stores/{make.store().code}/availability"
    assert as_guide.get(elsewhere).json["code"] == "store_not_found"


def test_the_keeper_of_the_catalog_sees_what_stores_switched_off_or_repriced(
    as_manager: Client, as_catalog: Client, client: Client, source: Source, store_code: str
) -> None:
    make.product(source=source, title="面霜", sku_codes=["K"], price_fen=100)
    other = make.store()
    for code, word in ((store_code, {"sellable": False}), (other.code, {"sellable": True, "price": _yuan(80)})):
        assert as_catalog.put(f"/v1/stores/{code}/availability/K", json=word).status_code == 200
    only_stock = make.store()
    as_catalog.put(f"/v1/stores/{only_stock.code}/availability/K", json={"sellable": True, "stock": 1})
    everywhere = "/v1/availability"
    assert _stores(as_catalog, everywhere) == {store_code, other.code}
    assert _stores(as_catalog, everywhere, repriced="true") == {other.code}
    assert _stores(as_catalog, everywhere, switched_off="true", sku="K") == {store_code}
    assert _stores(as_catalog, everywhere, store_id=str(other.id)) == {other.code}
    assert as_catalog.get(everywhere, query_string={"count": "true", "limit": 1}).json["total"] == 2
    assert _stores(as_manager, everywhere) == {store_code}
    assert as_manager.get(everywhere, query_string={"store_id": str(other.id)}).json["code"] == "store_not_found"


def _words(client: Client, path: str, **filters: str) -> list[dict[str, Any]]:
    found, cursor = [], None
    while True:
        page = client.get(path, query_string={"limit": 2, **filters, **({"cursor": cursor} if cursor else {})}).json
        found += page["items"]
        cursor = page["next_cursor"]
        if cursor is None:
            return found


def _skus(client: Client, path: str, **filters: str) -> list[str]:
    return sorted(row["sku"] for row in _words(client, path, **filters))


def _stores(client: Client, path: str, **filters: str) -> set[str]:
    return {row["store_code"] for row in _words(client, path, **filters)}
