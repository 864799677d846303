"""Shopify's webhooks: signed, unordered, repeated."""

import base64
import hashlib
import hmac
import itertools
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine

from models import Source
from tests import make
from tests.catalog.read import catalog
from tests.client import Client

SECRET = "shpss_0123456789abcdef"
DELETED = {"id": 788032119674292922}


def product(second: int, **fields: Any) -> dict[str, Any]:
    """The parts of Shopify's sample that matter, as of a second of one minute."""
    return {
        "id": 788032119674292922,
        "admin_graphql_api_id": "gid://shopify/Product/788032119674292922",
        "handle": "example-t-shirt",
        "title": f"Example T-Shirt {second}",
        "vendor": "Acme",
        "product_type": "Shirts",
        "status": "active",
        "published_at": "2026-01-01T00:00:00-05:00",
        "updated_at": f"2026-01-02T03:04:{second:02}-05:00",
        "tags": "example, mens",
        "images": [{"id": 1, "src": "https://cdn.shopify.test/a.png", "variant_ids": []}],
        "variants": [
            {"id": 1, "price": "19.99", "compare_at_price": "24.99", "sku": "example-s", "option1": "S"},
            {"id": 2, "price": "19.99", "compare_at_price": None, "sku": "", "option1": "M", "inventory_quantity": 0,
             "inventory_management": "shopify", "inventory_policy": "deny"},
        ],
        **fields,
    }  # fmt: skip


@pytest.fixture(autouse=True)
def today() -> Iterator[None]:
    """A minute after the last of the events."""
    with time_machine.travel(datetime(2026, 1, 2, 8, 5, tzinfo=UTC), tick=False):
        yield


@pytest.fixture
def shop(as_catalog: Client, source: Source) -> Source:
    as_catalog.post(f"/v1/sources/{source.code}/secrets", json={"secret": SECRET})
    return source


def send(client: Client, shop: Source, topic: str, content: dict[str, Any], second: int = 0, **headers: str) -> Any:
    return send_body(client, shop, topic, json.dumps(content).encode(), second, **headers)


def send_body(client: Client, shop: Source, topic: str, body: bytes, second: int = 0, **headers: str) -> Any:
    signature = base64.b64encode(hmac.digest(SECRET.encode(), body, hashlib.sha256)).decode()
    return client.post(
        f"/v1/sources/{shop.code}/shopify-webhooks",
        data=body,
        headers={
            "X-Shopify-Topic": topic,
            "X-Shopify-Hmac-Sha256": signature,
            "X-Shopify-Triggered-At": f"2026-01-02T03:04:{second:02}-05:00",
            **headers,
        },
    )


def test_a_product_comes_as_shopify_sends_it(client: Client, shop: Source) -> None:
    assert send(client, shop, "products/update", product(1)).json == {"outcome": "created"}
    assert send(client, shop, "products/update", product(1)).json == {"outcome": "unchanged"}
    [found] = catalog()
    assert (found["external_id"], found["brand"], found["category"]) == ("example-t-shirt", "Acme", "Shirts")
    assert found["skus"] == ["example-s 1999 true", "example-t-shirt/M 1999 false"]
    assert send(client, shop, "products/update", product(2, status="draft")).json == {"outcome": "updated"}
    assert catalog()[0]["shelf_status"] == "off_shelf"
    assert send(client, shop, "orders/create", {}).json == {"outcome": "ignored"}


def test_deletion_wins_over_what_is_older_and_loses_to_what_is_newer(client: Client, shop: Source) -> None:
    """Whatever the order in which three of four events arrive."""
    events = [
        ("products/create", product(1), 1),
        ("products/update", product(2), 2),
        ("products/delete", DELETED, 3),
    ]
    for number, order in enumerate(itertools.permutations(events)):
        ids = {"id": 1000 + number, "handle": f"shirt-{number}"}
        variants = [{"price": "1", "sku": f"sku-{number}"}]
        for topic, content, second in order:
            content = {**content, **ids, "variants": variants} if "variants" in content else {"id": ids["id"]}
            assert send(client, shop, topic, content, second).status_code == 200
    states = {found["external_id"]: found["shelf_status"] for found in catalog()}
    assert set(states.values()) == {"discontinued"}
    revived = product(9, id=1000, handle="shirt-0", variants=[{"price": "1", "sku": "sku-0"}])
    assert send(client, shop, "products/update", revived).json == {"outcome": "updated"}
    assert {found["shelf_status"] for found in catalog() if found["external_id"] == "shirt-0"} == {"on_shelf"}


def test_a_renamed_handle_is_the_same_product(client: Client, shop: Source) -> None:
    send(client, shop, "products/create", product(1))
    assert send(client, shop, "products/update", product(2, handle="renamed")).json == {"outcome": "updated"}
    assert [found["external_id"] for found in catalog()] == ["renamed"]
    assert send(client, shop, "products/create", product(1)).json == {"outcome": "stale"}
    assert [found["external_id"] for found in catalog()] == ["renamed"]


@pytest.mark.parametrize("signature", ["", "AAAA", "é"])
def test_unsigned_and_forged_webhooks_change_nothing(client: Client, shop: Source, signature: str) -> None:
    headers = {"X-Shopify-Hmac-Sha256": signature}
    answer = send(client, shop, "products/create", product(1), **headers)
    assert (answer.status_code, answer.json["code"]) == (401, "bad_signature")
    assert catalog() == []


def test_a_source_without_a_secret_takes_no_webhook(client: Client, source: Source) -> None:
    assert send(client, source, "products/create", product(1)).json["code"] == "bad_signature"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ({}, "invalid_item"),
        (product(1, id="x"), "invalid_item"),
        (product(1, id=10**40), "invalid_item"),
        (product(1, title="a\x00b"), "invalid_item"),
        (product(1, updated_at="0001-01-01T00:00:00"), "invalid_item"),
        (product(1, variants=[{"price": "free"}]), "price_unreadable"),
        (product(1, variants=[{"price": None}]), "invalid_item"),
        (product(1, variants=[]), "invalid_item"),
        (product(1, title="x" * 501), "invalid_item"),
        (product(1, handle="x" * 256), "invalid_item"),
    ],
)
def test_an_unusable_product_is_kept_as_a_reject(
    client: Client, as_catalog: Client, shop: Source, content: dict[str, Any], code: str
) -> None:
    """Shopify gives up a subscription that is answered by anything but 200."""
    answer = send(client, shop, "products/create", content)
    assert (answer.status_code, answer.json) == (200, {"outcome": "rejected"})
    assert catalog() == []
    [reject] = as_catalog.get(f"/v1/sources/{shop.code}/rejects").json["items"]
    assert (reject["code"], bool(reject["detail"]), bool(reject["raw"])) == (code, True, True)


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff\xfe", b"[" * 10_000])
def test_a_signed_body_that_is_no_product_is_kept_too(
    client: Client, as_catalog: Client, shop: Source, body: bytes
) -> None:
    for topic in ("products/update", "products/delete"):
        assert send_body(client, shop, topic, body).json == {"outcome": "rejected"}
    assert len(as_catalog.get(f"/v1/sources/{shop.code}/rejects").json["items"]) == 2


@pytest.mark.parametrize("handle", ["paint", "h" * 255])
def test_as_many_variants_as_shopify_allows(client: Client, shop: Source, handle: str) -> None:
    """2,048 of them, each named by handle and option where it has no SKU."""
    variants = [
        {"price": "9.00", "sku": f"PAINT-{n}" if n % 2 else "", "option1": f"colour {n}", "id": n} for n in range(2048)
    ]
    paint = product(1, handle=handle, variants=variants)
    assert send(client, shop, "products/create", paint).json == {"outcome": "created"}
    [found] = catalog()
    assert (found["external_id"], len(found["skus"])) == (handle, 2048)
    assert send(client, shop, "products/create", paint).json == {"outcome": "unchanged"}


SAME_SECOND = [
    {"status": "active"},
    {"status": "draft", "title": "Serum (draft)"},
    {"status": "active", "title": "Other"},
    {"variants": [{"price": "99.00", "sku": "W1", "inventory_management": "shopify", "inventory_quantity": 0}]},
]


@pytest.mark.parametrize("order", list(itertools.permutations(range(4))))
def test_of_two_updates_of_one_second_the_more_careful_holds(
    client: Client, as_catalog: Client, shop: Source, order: tuple[int, ...]
) -> None:
    serum = {"handle": "serum", "variants": [{"price": "99.00", "sku": "W1"}]}
    for n in (*order, order[0]):
        assert send(client, shop, "products/update", product(5, **{**serum, **SAME_SECOND[n]})).status_code == 200
    [found] = catalog()
    assert (found["shelf_status"], found["title"]) == ("off_shelf", "Serum (draft)")
    [listed] = as_catalog.get("/v1/products", query_string={"doubtful": "true"}).json["items"]
    assert listed["doubtful"] is True
    assert as_catalog.get("/v1/products", query_string={"doubtful": "false"}).json["items"] == []
    assert as_catalog.get(f"/v1/sources/{shop.code}/rejects").json["items"] == []
    assert send(client, shop, "products/update", product(6, **{**serum, **SAME_SECOND[1]})).json["outcome"] == "updated"
    assert as_catalog.get("/v1/products", query_string={"doubtful": "true"}).json["items"] == []


def test_stock_that_ran_out_in_the_same_second_counts(client: Client, shop: Source) -> None:
    counted = {"price": "9", "inventory_management": "shopify", "inventory_policy": "deny"}
    for second_first in (False, True):
        ids = {"id": 70 + second_first, "handle": f"serum-{second_first}"}
        left, gone = (
            product(5, **ids, variants=[{**counted, "sku": f"W{int(second_first)}", "inventory_quantity": quantity}])
            for quantity in (5, 0)
        )
        for content in (gone, left) if second_first else (left, gone):
            assert send(client, shop, "products/update", content).status_code == 200
    assert [found["skus"] for found in catalog()] == [["W0 900 false"], ["W1 900 false"]]


FREED = [
    ("products/create", {"id": 1, "handle": "serum", "variants": [{"price": "1", "sku": "A"}]}, 1),
    ("products/update", {"id": 1, "handle": "serum-old", "variants": [{"price": "1", "sku": "A"}]}, 2),
    ("products/create", {"id": 2, "handle": "serum", "variants": [{"price": "1", "sku": "B"}]}, 3),
    ("products/delete", {"id": 1}, 4),
]


@pytest.mark.parametrize("order", list(itertools.permutations(range(4))))
def test_a_freed_handle_that_is_used_again_is_another_product(
    client: Client, shop: Source, order: tuple[int, ...]
) -> None:
    """And a deletion takes the product of its number, whoever has the name now."""
    for n in order:
        topic, content, second = FREED[n]
        whole = content if topic == "products/delete" else product(second, **content)
        assert send(client, shop, topic, whole, second).json["outcome"] in ("created", "updated", "stale")
    found = {row["skus"][0].split()[0]: (row["external_id"], row["shelf_status"]) for row in catalog()}
    assert found.pop("B") == ("serum", "on_shelf")
    assert {status for _, status in found.values()} <= {"discontinued"}


def test_webhooks_go_on_with_what_a_file_brought_under_another_handle(client: Client, shop: Source) -> None:
    """Known by what it carries; its number is known from then on."""
    with_file = make.product_item(external_id="old", sku_codes=["A"], version=1)
    make.sync(shop, with_file)
    renamed = product(1, id=5, handle="new", variants=[{"price": "1", "sku": "A"}])
    assert send(client, shop, "products/update", renamed).json == {"outcome": "updated"}
    assert [(row["external_id"], row["skus"]) for row in catalog()] == [("new", ["A 100 true"])]
    assert send(client, shop, "products/delete", {"id": 5}, 9).json == {"outcome": "updated"}


def test_codes_that_a_shop_gave_twice_are_told_apart(client: Client, shop: Source) -> None:
    """Within a product, between products, and again when the same comes anew."""
    tee = {"id": 1, "handle": "tee", "variants": [{"price": "1", "sku": "T", "option1": size} for size in "SM"]}
    cap = {"id": 2, "handle": "cap", "variants": [{"price": "1", "sku": "T"}]}
    for second, outcome in ((1, "created"), (2, "unchanged")):
        for content in (tee, cap):
            title = {"title": "same"}
            answer = send(client, shop, "products/update", product(second, **content, **title))
            assert answer.json == {"outcome": outcome}
        assert {row["external_id"]: row["skus"] for row in catalog()} == {
            "tee": ["T 100 true", "T~M 100 true"],
            "cap": ["T~cap 100 true"],
        }


def test_a_product_sent_again_as_its_deletion_is_no_deletion(client: Client, shop: Source) -> None:
    """The topic is not signed: who overheard an update may send it on under another."""
    send(client, shop, "products/update", product(1))
    answer = send(client, shop, "products/delete", product(1), second=2)
    assert (answer.status_code, answer.json) == (200, {"outcome": "rejected"})
    assert send(client, shop, "products/update", DELETED).json == {"outcome": "rejected"}
    assert catalog()[0]["shelf_status"] == "on_shelf"


AHEAD = ("2026-01-02T08:10:01Z", "9999-12-31T23:59:59Z")
LONG_AGO = ("2025-12-30T08:04:59Z", "0001-01-01T00:00:00Z")


@pytest.mark.parametrize("at", [*AHEAD, *LONG_AGO, "2026-01-02T08:05:00"])
def test_the_time_of_a_deletion_is_one_that_a_late_delivery_could_have(client: Client, shop: Source, at: str) -> None:
    """It is not signed either: a time far ahead would keep the product away for ever."""
    send(client, shop, "products/update", product(1))
    answer = send(client, shop, "products/delete", DELETED, **{"X-Shopify-Triggered-At": at})
    assert (answer.status_code, answer.json["code"]) == (401, "bad_signature")
    assert send(client, shop, "products/delete", DELETED, **{"X-Shopify-Triggered-At": "soon"}).status_code == 400
    assert catalog()[0]["shelf_status"] == "on_shelf"
    just_now = {"X-Shopify-Triggered-At": "2026-01-02T08:04:59Z"}
    assert send(client, shop, "products/delete", DELETED, **just_now).json == {"outcome": "updated"}
