"""A source with a secret takes from machines only what is signed with it, unless it was told that a key is enough."""

import json
from typing import Any

import pytest

from kit.db import db
from models import Source, Staff, Store
from tests import make
from tests.catalog.sending import lines
from tests.catalog.test_push import item
from tests.catalog.test_sources import signed
from tests.client import Client

PRODUCTS = json.dumps({"items": [item()]}).encode()


@pytest.fixture
def secret(as_catalog: Client, source: Source) -> str:
    return str(as_catalog.post(f"/v1/sources/{source.code}/secrets", json={}).json["secret"])


@pytest.fixture
def orders(guide: Staff) -> bytes:
    store = db.session.get_one(Store, guide.store_id)
    return json.dumps({"items": [make.order_item(store=store, served_by=guide)]}, default=str).encode()


def send(caller: Client, source: Source, what: str, body: bytes, headers: dict[str, str] | None = None) -> Any:
    kind = "application/octet-stream" if what == "imports" else "application/json"
    path = f"/v1/sources/{source.code}/{what}" + ("?mode=upsert" if what == "imports" else "")
    return caller.post(path, data=body, headers=headers or {}, content_type=kind)


@pytest.mark.parametrize("what", ["products", "orders", "imports"])
def test_what_machines_send_is_signed_or_allowed(
    integrator: Client, as_catalog: Client, source: Source, secret: str, orders: bytes, what: str
) -> None:
    body = {"products": PRODUCTS, "orders": orders, "imports": lines(1)}[what]
    refused = send(integrator, source, what, body)
    assert (refused.status_code, refused.json["code"]) == (401, "signature_required")
    forged = signed("another secret of someone", body=body)
    assert send(integrator, source, what, body, forged).json["code"] == "bad_signature"
    other_body = signed(secret, body=body + b" ")
    assert send(integrator, source, what, body, other_body).json["code"] == "bad_signature"
    assert send(integrator, source, what, body, signed(secret, body=body)).status_code in (200, 202)
    allowed = as_catalog.patch(f"/v1/sources/{source.code}", json={"unsigned_pushes": True})
    assert allowed.json["unsigned_pushes"] is True
    assert send(integrator, source, what, body, forged).json["code"] == "bad_signature"
    assert send(integrator, source, what, body).status_code in (200, 202)


def test_a_signed_file_is_taken_in_whole(integrator: Client, source: Source, secret: str) -> None:
    """It was read once for its signature, and begins at its beginning again."""
    body = lines(3)
    run = send(integrator, source, "imports", body, signed(secret, body=body)).json
    assert run["file_bytes"] == len(body)


def test_members_of_staff_push_signed_and_upload_by_hand(as_catalog: Client, source: Source, secret: str) -> None:
    as_catalog.patch(f"/v1/sources/{source.code}", json={"unsigned_pushes": True})
    assert send(as_catalog, source, "products", PRODUCTS).json["code"] == "signature_required"
    assert send(as_catalog, source, "imports", lines(1)).status_code == 202
    assert send(as_catalog, source, "imports", lines(1), signed("x" * 32, body=lines(1))).status_code == 401


def test_a_source_without_a_secret_takes_what_a_key_may_send(integrator: Client, source: Source) -> None:
    assert send(integrator, source, "products", PRODUCTS).status_code == 200


def test_the_setting_is_shown_and_begins_with_no(as_catalog: Client) -> None:
    made = as_catalog.post("/v1/sources", json={"code": "brand", "name": "品牌"})
    assert made.json["unsigned_pushes"] is False
    again = as_catalog.post("/v1/sources", json={"code": "brand", "name": "品牌", "unsigned_pushes": True})
    assert again.json["code"] == "source_exists"
