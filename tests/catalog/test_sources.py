"""Sources: how their files read, and who signs for them."""

import base64
import hashlib
import hmac
import json
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from kit import clock, signing
from kit.db import db
from models import Source
from tests.catalog.read import catalog
from tests.catalog.test_push import item
from tests.client import Client

BODY = json.dumps({"items": [item()]}).encode()


def push(client: Client, source: Source, headers: dict[str, str], body: bytes = BODY) -> Any:
    return client.post(
        f"/v1/sources/{source.code}/products", data=body, headers=headers, content_type="application/json"
    )


def signed(secret: str, *, body: bytes = BODY, ago: timedelta = timedelta()) -> dict[str, str]:
    at = clock.now() - ago
    return {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": signing.sign(secret=secret, message_id="msg_1", at=at, body=body),
    }


@pytest.fixture
def secret(as_catalog: Client, source: Source) -> str:
    return as_catalog.post(f"/v1/sources/{source.code}/secrets", json={}).json["secret"]


def test_the_signature_is_that_of_the_specification() -> None:
    """The example of the Standard Webhooks specification, computed here by hand."""
    key = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    at = clock.now()
    expected = hmac.new(key, b"msg_p5jXN8AQM9LWM0D4loKWxJek." + f"{int(at.timestamp())}.".encode() + b"{}", "sha256")
    made = signing.sign(
        secret="whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", message_id="msg_p5jXN8AQM9LWM0D4loKWxJek", at=at, body=b"{}"
    )
    assert made == "v1," + base64.b64encode(expected.digest()).decode()
    assert hashlib.sha256().digest_size == expected.digest_size


def test_a_signed_push_goes_in(integrator: Client, source: Source, secret: str) -> None:
    assert push(integrator, source, signed(secret)).json["items"][0]["outcome"] == "created"


def test_a_presented_signature_must_hold(integrator: Client, source: Source, secret: str) -> None:
    good = signed(secret)
    wrong = [
        signed(signing.new_secret()),
        signed(secret, body=b"other"),
        signed(secret, ago=timedelta(minutes=6)),
        signed(secret, ago=timedelta(minutes=-6)),
        {**good, "webhook-id": "msg_2"},
        {**good, "webhook-timestamp": "²"},
        {**good, "webhook-timestamp": "9" * 400},
        {**good, "webhook-signature": "v2," + good["webhook-signature"].partition(",")[2]},
        {**good, "webhook-signature": "v1,äöü"},
        {"webhook-id": "msg_1"},
    ]
    for headers in wrong:
        answer = push(integrator, source, headers)
        assert (answer.status_code, answer.json["code"]) == (401, "bad_signature"), headers
    assert catalog() == []
    several = {**good, "webhook-signature": "v1,AAAA " + good["webhook-signature"]}
    assert push(integrator, source, several).status_code == 200


def test_two_secrets_live_while_one_replaces_the_other(
    as_catalog: Client, integrator: Client, source: Source, secret: str
) -> None:
    newer = as_catalog.post(f"/v1/sources/{source.code}/secrets", json={}).json["secret"]
    assert push(integrator, source, signed(secret)).status_code == 200
    assert push(integrator, source, signed(newer)).status_code == 200
    as_catalog.post(f"/v1/sources/{source.code}/secrets", json={})
    assert push(integrator, source, signed(secret)).json["code"] == "bad_signature"
    [shown] = as_catalog.get("/v1/sources").json["items"]
    assert shown["secrets"] == 2
    assert newer not in db.session.scalar(text("SELECT secrets::text FROM source"))


def test_settings_are_shown_and_changed(as_catalog: Client, as_guide: Client) -> None:
    mapping = {"columns": {"external_id": "货号"}, "statuses": {"清仓": "discontinued"}}
    wanted = {"code": "brand", "name": "品牌", "format": "table", "mapping": mapping, "secret": "s" * 32}
    made = as_catalog.post("/v1/sources", json=wanted)
    assert made.status_code == 201
    assert {name: made.json[name] for name in ("format", "mapping", "guard_bp", "secrets")} == {
        "format": "table",
        "mapping": mapping,
        "guard_bp": 500,
        "secrets": 1,
    }
    assert as_catalog.post("/v1/sources", json=wanted).json == made.json
    changed = as_catalog.patch("/v1/sources/brand", json={"format": "shopify", "guard_bp": 100})
    assert (changed.json["format"], changed.json["guard_bp"], changed.json["mapping"]) == ("shopify", 100, mapping)
    assert as_guide.patch("/v1/sources/brand", json={"guard_bp": 1}).status_code == 403
    assert as_catalog.patch("/v1/sources/brand", json={"format": "sap"}).status_code == 422


@pytest.mark.parametrize(
    "mapping",
    [
        {"columns": {"colour": "颜色"}},
        {"columns": {"price": 3}},
        {"statuses": {"清仓": "gone"}},
        {"defaults": {"colour": "红"}},
        {"more": {}},
    ],
)
def test_a_mapping_that_means_nothing_is_refused(as_catalog: Client, mapping: dict[str, Any]) -> None:
    answer = as_catalog.post("/v1/sources", json={"code": "x", "name": "x", "mapping": mapping})
    assert answer.json["code"] == "mapping_invalid"


def test_rejected_items_are_kept_for_an_operator(integrator: Client, as_catalog: Client, source: Source) -> None:
    items = [item(), item(external_id="P2"), {"nonsense": "\u0000"}]
    body = json.dumps({"items": items}).encode()
    push(integrator, source, {}, body)
    kept = as_catalog.get(f"/v1/sources/{source.code}/rejects").json["items"]
    assert [(row["external_id"], row["code"]) for row in kept] == [(None, "invalid_item"), ("P2", "sku_taken")]
    assert "nonsense" in kept[0]["raw"]
