"""Keys of integrators' servers: shown once, replaced without a gap, revoked at once."""

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import text

from guideapi.app import GuideApp
from kit import clock
from kit.db import db
from staff.rules import API_SCOPES
from tests import make
from tests.client import Client

ORDERS = "/v1/sources/till/orders"


@pytest.fixture
def as_admin(client: Client) -> Client:
    make.source(code="till")
    return client.sign_in(make.staff(roles=["hq_admin"]))


def created(as_admin: Client, **changes: object) -> dict:
    answer = as_admin.post("/v1/api-keys", json={"name": "till", "scopes": ["orders:write"], **changes})
    assert answer.status_code == 201, answer.text
    return answer.json


def opens(client: Client, secret: str) -> bool:
    answer = client.with_token(secret).post(ORDERS, json={"items": []})
    assert answer.status_code != 403
    return answer.status_code != 401


def test_a_key_is_shown_once_and_only_its_hash_is_kept(as_admin: Client, client: Client) -> None:
    key = created(as_admin)
    assert opens(client, key["secret"])
    (listed,) = as_admin.get("/v1/api-keys").json["items"]
    assert "secret" not in listed
    assert key["secret"] not in str(db.session.execute(text("SELECT * FROM api_key")).all())
    assert listed["last_used_on"] == clock.now().date().isoformat()


def test_a_key_opens_only_what_its_scopes_name(as_admin: Client, client: Client) -> None:
    key = created(as_admin, scopes=["products:write"])
    answer = client.with_token(key["secret"]).post(ORDERS, json={"items": []})
    assert (answer.status_code, answer.json["code"]) == (403, "forbidden")


def test_an_expired_key_opens_nothing(as_admin: Client, client: Client) -> None:
    key = created(as_admin, expires_at=(clock.now() + timedelta(hours=1)).isoformat())
    assert opens(client, key["secret"])
    with time_machine.travel(clock.now() + timedelta(hours=2)):
        assert not opens(client, key["secret"])


def test_two_secrets_live_while_one_replaces_the_other(as_admin: Client, client: Client) -> None:
    key = created(as_admin)
    rotated = as_admin.post(f"/v1/api-keys/{key['id']}/rotations", json={"overlap_hours": 2})
    assert rotated.status_code == 201
    assert rotated.json["secret"] != key["secret"]
    assert opens(client, key["secret"])
    assert opens(client, rotated.json["secret"])
    with time_machine.travel(clock.now() + timedelta(hours=3)):
        assert not opens(client, key["secret"])
        assert opens(client, rotated.json["secret"])


def test_a_revoked_key_stops_at_once_with_both_its_secrets(as_admin: Client, client: Client) -> None:
    key = created(as_admin)
    rotated = as_admin.post(f"/v1/api-keys/{key['id']}/rotations", json={}).json
    for _ in range(2):
        assert as_admin.delete(f"/v1/api-keys/{key['id']}").status_code == 200
    assert not opens(client, key["secret"])
    assert not opens(client, rotated["secret"])
    refused = as_admin.post(f"/v1/api-keys/{key['id']}/rotations", json={})
    assert (refused.status_code, refused.json["code"]) == (409, "api_key_revoked")


def test_a_key_that_is_not_there(as_admin: Client, app: GuideApp) -> None:
    nowhere = "/v1/api-keys/00000000-0000-7000-8000-000000000000"
    assert as_admin.delete(nowhere).json["code"] == "api_key_not_found"
    assert as_admin.post(f"{nowhere}/rotations", json={}).json["code"] == "api_key_not_found"


def test_only_administrators_handle_keys(as_guide: Client, integrator: Client, client: Client) -> None:
    for caller in (as_guide, integrator, client.sign_in(make.staff(roles=["hq_finance"]))):
        assert caller.post("/v1/api-keys", json={"name": "x", "scopes": ["orders:write"]}).status_code == 403


def test_scopes_are_those_that_routes_ask_for(app: GuideApp, as_admin: Client) -> None:
    asked = {scope for view in app.view_functions.values() if hasattr(view, "access") for scope in view.access.scopes}
    assert asked == API_SCOPES
    refused = as_admin.post("/v1/api-keys", json={"name": "x", "scopes": ["everything"]})
    assert refused.status_code == 422


def test_the_use_of_a_key_is_not_in_the_audit_log_but_its_making_is_without_hashes(
    as_admin: Client, client: Client
) -> None:
    opens(client, created(as_admin)["secret"])
    entries = db.session.execute(text("SELECT action, after FROM audit_entry WHERE table_name = 'api_key'")).all()
    assert [(e.action, e.after["secret_hash"]) for e in entries] == [("created", "•••")]
