"""The chain's, a store's and a customer's own settings about being contacted."""

from typing import Any

import pytest

from models import Staff
from tests import make
from tests.client import Client

POLICY = {
    "week_limit": 1,
    "month_limit": 3,
    "quiet_from": "20:00",
    "quiet_until": "10:00",
    "time_zone": "Asia/Shanghai",
    "unrecorded": dict.fromkeys(("wecom", "wechat", "sms", "call", "email"), "refused"),
    "reservation_minutes": 5,
}


@pytest.fixture
def as_admin(client: Client) -> Client:
    return client.sign_in(make.staff(roles=["hq_admin"]))


def put(caller: Client, version: str, **changes: Any) -> Any:
    return caller.put("/v1/contact-policy", json={**POLICY, **changes}, headers={"If-Match": version})


def test_without_any_setting_the_policy_is_two_a_week_six_a_month(as_guide: Client) -> None:
    answer = as_guide.get("/v1/contact-policy")
    assert (answer.json["week_limit"], answer.json["month_limit"], answer.headers["ETag"]) == (2, 6, '"1"')
    assert as_guide.get("/v1/contact-policy", headers={"If-None-Match": '"1"'}).status_code == 304


def test_headquarters_change_it_once_per_version(as_admin: Client) -> None:
    changed = put(as_admin, '"1"')
    assert (changed.status_code, changed.json) == (200, {**POLICY, "version": 2})
    assert put(as_admin, '"1"', week_limit=9).json["code"] == "stale"
    assert as_admin.get("/v1/contact-policy").json == {**POLICY, "version": 2}


@pytest.mark.parametrize(
    "wrong",
    [{"quiet_from": "24:00"}, {"time_zone": "Mars/Olympus"}, {"week_limit": -1}, {"unrecorded": {"wecom": "x"}}],
)
def test_settings_that_make_no_sense_are_refused(as_admin: Client, wrong: dict[str, Any]) -> None:
    assert put(as_admin, '"1"', **wrong).status_code == 422


def test_a_store_and_a_customer_have_hours_of_their_own(as_manager: Client, guide: Staff) -> None:
    customer, store = (
        f"/v1/customers/{make.person(guide=guide)}/quiet-hours",
        f"/v1/stores/{guide.store_id}/quiet-hours",
    )
    chain = {"starts": "21:00", "ends": "09:00", "time_zone": "Asia/Shanghai", "set_for": "chain"}
    assert as_manager.get(customer).json == as_manager.get(store).json == chain
    assert as_manager.put(store, json={"starts": "20:00", "ends": "10:00"}).json["set_for"] == "store"
    assert as_manager.get(customer).json == {**chain, "starts": "20:00", "ends": "10:00", "set_for": "store"}
    as_manager.put(customer, json={"starts": "12:00", "ends": "14:00"})
    as_manager.put(customer, json={"starts": "12:00", "ends": "15:00"})
    assert as_manager.get(customer).json == {**chain, "starts": "12:00", "ends": "15:00", "set_for": "customer"}
    assert as_manager.delete(customer).status_code == as_manager.delete(store).status_code == 200
    assert as_manager.get(customer).json == chain


def test_other_stores_and_customers_are_not_found(as_manager: Client) -> None:
    hours = {"starts": "20:00", "ends": "10:00"}
    assert as_manager.put(f"/v1/stores/{make.store().id}/quiet-hours", json=hours).status_code == 404
    assert as_manager.put(f"/v1/customers/{make.person()}/quiet-hours", json=hours).status_code == 404
