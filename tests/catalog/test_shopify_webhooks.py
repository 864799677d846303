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
    body = json.dumps(content).encode()
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
    assert [found["external_id"] for found in catalog()] == ["example-t-shirt"]


@pytest.mark.parametrize("signature", ["", "AAAA", "é"])
def test_unsigned_and_forged_webhooks_change_nothing(client: Client, shop: Source, signature: str) -> None:
    headers = {"X-Shopify-Hmac-Sha256": signature}
    answer = send(client, shop, "products/create", product(1), **headers)
    assert (answer.status_code, answer.json["code"]) == (401, "bad_signature")
    assert catalog() == []


def test_a_source_without_a_secret_takes_no_webhook(client: Client, source: Source) -> None:
    assert send(client, source, "products/create", product(1)).json["code"] == "bad_signature"


@pytest.mark.parametrize(
    ("content", "status"),
    [
        ({}, 400),
        (product(1, id="x"), 400),
        (product(1, title="a\x00b"), 400),
        (product(1, variants=[{"price": "free"}]), 422),
        (product(1, variants=[]), 422),
        (product(1, title="x" * 501), 422),
    ],
)
def test_an_unusable_product_is_refused(client: Client, shop: Source, content: dict[str, Any], status: int) -> None:
    assert send(client, shop, "products/create", content).status_code == status
    assert catalog() == []


def test_a_product_sent_again_as_its_deletion_is_no_deletion(client: Client, shop: Source) -> None:
    """The topic is not signed: who overheard an update may send it on under another."""
    send(client, shop, "products/update", product(1))
    answer = send(client, shop, "products/delete", product(1), second=2)
    assert (answer.status_code, answer.json["code"]) == (400, "malformed")
    assert send(client, shop, "products/update", DELETED).status_code == 400
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
