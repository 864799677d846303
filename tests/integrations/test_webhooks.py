"""What happens is told to those who asked, signed, at least once, until it is given up; and then replayed."""

import json
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import text
from standardwebhooks import Webhook, WebhookVerificationError

from benchmarks.size.watched import watching
from guideapi.app import GuideApp
from integrations import rules
from kit import audit, clock, jobs
from kit.db import db, unit_of_work
from kit.ids import new_id
from tests import make
from tests.client import Client, new
from tests.simulators.receiver import Receiver


def approve_statement() -> None:
    """What the ledger's room writes when a statement becomes approved."""
    with unit_of_work():
        audit.note(table_name="statement", row_id="s-1", action="changed", state="approved")


def tell() -> None:
    jobs.perform("integrations.jobs:derive_deliveries", {})
    jobs.perform("integrations.jobs:deliver_due", {})


def deliveries() -> list[dict]:
    db.session.rollback()
    return [dict(row) for row in db.session.execute(text("SELECT * FROM webhook_delivery ORDER BY id")).mappings()]


def test_a_shelf_change_is_told_signed_as_the_specifications_own_library_reads_it(
    erp: Receiver, subscription: dict
) -> None:
    product = make.product()
    with unit_of_work():
        db.session.execute(text("UPDATE product SET shelf_status = 'off_shelf', shelf_reason = 'recall'"))
    tell()
    told = [Webhook(subscription["secret"]).verify(body, headers) for headers, body in erp.received]
    assert [event["type"] for event in told] == ["product.shelf_changed"] * 2
    off, on = sorted((event["data"] for event in told), key=lambda data: data["new_status"])  # they come unordered
    assert (on["old_status"], on["new_status"]) == (None, "on_shelf")
    assert (off["old_status"], off["new_status"], off["reason"]) == ("on_shelf", "off_shelf", "recall")
    assert off["product_id"] == str(product.id)
    assert {d["state"] for d in deliveries()} == {"delivered"}


def test_another_secret_does_not_verify(erp: Receiver, subscription: dict) -> None:
    approve_statement()
    tell()
    headers, body = erp.received[0]
    with pytest.raises(WebhookVerificationError):
        Webhook("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").verify(body, headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(subscription["secret"]).verify(body + b" ", headers)


def test_each_event_is_told_once_and_only_what_was_asked_for(as_admin: Client, erp: Receiver) -> None:
    wanted = {"name": "ERP", "url": erp.url, "kinds": ["statement.approved"]}
    as_admin.post("/v1/webhooks/subscriptions", json=wanted)
    make.product()
    approve_statement()
    for _ in range(3):
        tell()
    assert [json.loads(body)["type"] for _, body in erp.received] == ["statement.approved"]


def test_what_happened_before_the_subscription_is_not_told(as_admin: Client, erp: Receiver) -> None:
    approve_statement()
    as_admin.post("/v1/webhooks/subscriptions", json={"name": "x", "url": erp.url, "kinds": list(rules.KINDS)})
    tell()
    assert erp.received == []


def test_what_nobody_subscribed_to_is_neither_read_nor_owed(app: GuideApp) -> None:
    for _ in range(3):
        approve_statement()
    with watching([db.engine]) as watched:
        jobs.perform("integrations.jobs:derive_deliveries", {})
    assert [statement.text for statement in watched.statements if "audit_entry" in statement.text] == []
    assert deliveries() == []
    assert db.session.scalar(text("SELECT count(*) FROM webhook_cursor")) == 0


def test_what_happened_while_a_subscription_paused_is_not_told(
    as_admin: Client, erp: Receiver, subscription: dict
) -> None:
    path = f"/v1/webhooks/subscriptions/{subscription['id']}"

    def set_active(active: bool) -> None:
        version = as_admin.get(path).headers["ETag"]
        assert as_admin.patch(path, json={"active": active}, headers={"If-Match": version}).status_code == 200

    set_active(False)
    approve_statement()
    tell()
    set_active(True)
    tell()
    assert erp.received == []
    approve_statement()
    tell()
    assert len(erp.received) == 1


def test_facts_that_are_no_events_are_read_once(erp: Receiver, subscription: dict) -> None:
    for _ in range(3):
        make.store()
    tell()
    with watching([db.engine], as_if_large=True) as watched:
        jobs.perform("integrations.jobs:derive_deliveries", {})
    [read] = [statement for statement in watched.statements if "FROM audit_entry" in statement.text]
    assert read.rows == 0


def test_old_deliveries_are_forgotten(app: GuideApp, subscription: dict) -> None:
    approve_statement()
    jobs.perform("integrations.jobs:derive_deliveries", {})
    for days, left in ((20, 1), (40, 1)):
        with time_machine.travel(clock.now() + timedelta(days=days)):
            jobs.perform("integrations.jobs:forget_deliveries", {})
        assert len(deliveries()) == left  # it is still to be sent
    with unit_of_work():
        db.session.execute(text("UPDATE webhook_delivery SET state = 'dead'"))
    with time_machine.travel(clock.now() + timedelta(days=20)):
        jobs.perform("integrations.jobs:forget_deliveries", {})
    assert len(deliveries()) == 1
    with time_machine.travel(clock.now() + timedelta(days=40)):
        jobs.perform("integrations.jobs:forget_deliveries", {})
    assert deliveries() == []


def test_a_fact_that_commits_late_is_told_all_the_same(erp: Receiver, subscription: dict) -> None:
    """Its id is lower than one that was told before."""
    note = text("SELECT audit_note('statement', :row_id, 'changed', '{\"state\": \"approved\"}')")
    with db.engine.connect() as slow:
        slow.execute(note, {"row_id": "slow"})
        with db.engine.begin() as quick:
            quick.execute(note, {"row_id": "quick"})
        tell()
        assert erp.received == []
        slow.commit()
    tell()
    assert {json.loads(body)["data"]["statement_id"] for _, body in erp.received} == {"slow", "quick"}


def test_a_refused_message_is_tried_again_later_and_later_under_the_same_id(erp: Receiver, subscription: dict) -> None:
    erp.statuses = [500, 302, 204]
    approve_statement()
    with time_machine.travel(clock.now() + timedelta(seconds=1), tick=False) as traveller:
        tell()
        tell()
        assert len(erp.received) == 1
        (pending,) = deliveries()
        assert (pending["state"], pending["last_problem"]) == ("pending", {"word": "answered", "status": 500})
        assert pending["due_at"] == clock.now() + timedelta(seconds=5)
        traveller.shift(timedelta(seconds=6))
        tell()
        traveller.shift(timedelta(minutes=6))
        tell()
    assert len(erp.received) == 3
    assert len({headers["webhook-id"] for headers, _ in erp.received}) == 1
    assert len({body for _, body in erp.received}) == 1
    assert deliveries()[0]["state"] == "delivered"


def test_retry_after_is_heeded(erp: Receiver, subscription: dict) -> None:
    erp.statuses, erp.headers = [429], {"Retry-After": "3600"}
    approve_statement()
    with time_machine.travel(clock.now() + timedelta(seconds=1), tick=False):
        tell()
        assert deliveries()[0]["due_at"] == clock.now() + timedelta(hours=1)


def test_what_is_given_up_an_operator_sees_and_replays(as_admin: Client, erp: Receiver, subscription: dict) -> None:
    erp.statuses = [503]
    approve_statement()
    with time_machine.travel(clock.now() + timedelta(seconds=1), tick=False) as traveller:
        for _ in range(len(rules.DELAYS) + 1):
            tell()
            traveller.shift(timedelta(hours=25))
        tell()
        assert len(erp.received) == len(rules.DELAYS) + 1
    as_admin = as_admin.sign_in(make.staff(roles=["hq_admin"]))
    (dead,) = as_admin.get("/v1/webhooks/deliveries?state=dead").json["items"]
    assert (dead["attempts"], dead["last_status"], dead["last_problem"]) == (10, 503, "It answered 503.")
    erp.statuses = [200]
    replay = f"/v1/webhooks/deliveries/{dead['id']}/replays"
    assert as_admin.post(replay, keyed=False).json["code"] == "idempotency_key_required"
    assert as_admin.post(replay, headers={"Idempotency-Key": "1"}).status_code == 201
    tell()
    assert deliveries()[0]["state"] == "delivered"
    again = as_admin.post(replay, headers={"Idempotency-Key": "2"})
    assert (again.status_code, again.json["code"]) == (409, "delivery_not_dead")


def test_a_receiver_that_is_gone_is_told_nothing_more(erp: Receiver, subscription: dict, as_admin: Client) -> None:
    erp.statuses = [410]
    approve_statement()
    tell()
    assert deliveries()[0]["state"] == "dead"
    assert as_admin.get(f"/v1/webhooks/subscriptions/{subscription['id']}").json["active"] is False


def test_two_secrets_sign_while_one_replaces_the_other(erp: Receiver, subscription: dict, as_admin: Client) -> None:
    path = f"/v1/webhooks/subscriptions/{subscription['id']}/secrets"
    fresh = as_admin.post(path, json={"overlap_hours": 1}).json["secret"]
    approve_statement()
    tell()
    headers, body = erp.received[0]
    for secret in (subscription["secret"], fresh):
        Webhook(secret).verify(body, headers)
    with time_machine.travel(clock.now() + timedelta(hours=2)):
        approve_statement()
        tell()
        headers, body = erp.received[1]
        Webhook(fresh).verify(body, headers)
        with pytest.raises(WebhookVerificationError):
            Webhook(subscription["secret"]).verify(body, headers)


def test_secrets_cannot_be_read_in_the_database(subscription: dict, as_admin: Client) -> None:
    row = db.session.execute(text("SELECT secrets FROM webhook_subscription")).scalar_one()
    assert subscription["secret"].encode() not in bytes(row)
    assert "secret" not in as_admin.get(f"/v1/webhooks/subscriptions/{subscription['id']}").json


def test_a_worker_that_dies_while_sending_leaves_it_to_the_next(
    erp: Receiver, subscription: dict, inside: GuideApp
) -> None:
    approve_statement()
    jobs.perform("integrations.jobs:derive_deliveries", {})
    with unit_of_work():  # what it had claimed
        db.session.execute(
            text("UPDATE webhook_delivery SET attempts = 1, due_at = :until"),
            {"until": clock.now() + timedelta(minutes=2)},
        )
    tell()
    assert erp.received == []
    with time_machine.travel(clock.now() + timedelta(minutes=3)):
        tell()
    assert len(erp.received) == 1


def test_editing_pausing_and_removing(erp: Receiver, subscription: dict, as_admin: Client) -> None:
    path = f"/v1/webhooks/subscriptions/{subscription['id']}"
    version = as_admin.get(path).headers["ETag"]
    paused = as_admin.patch(path, json={"active": False}, headers={"If-Match": version})
    assert (paused.status_code, paused.json["active"]) == (200, False)
    stale = as_admin.patch(path, json={"active": True}, headers={"If-Match": version})
    assert stale.json["code"] == "stale"
    approve_statement()
    tell()
    assert erp.received == []
    assert as_admin.delete(path).status_code == 200
    assert as_admin.get(path).json["code"] == "subscription_not_found"


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/x",
        "https://10.0.0.1/",
        "https://[::1]/",
        "https://169.254.169.254/latest/meta-data/",
        "https://100.100.100.200/",
        "https://user:pw@example.com/",
        "https://[::ffff:10.0.0.1]/",
        "ftp://example.com",
        "https://",
        "x",
    ],
)
def test_a_url_that_names_us_is_refused_at_once(client: Client, app: GuideApp, url: str) -> None:
    admin = client.sign_in(make.staff(roles=["hq_admin"]))
    body = {"name": "x", "url": url, "kinds": ["task.changed"]}
    refused = admin.post("/v1/webhooks/subscriptions", json=body)
    assert (refused.status_code, list(refused.json["errors"])) == (422, ["url"])


def test_only_administrators_handle_webhooks(as_guide: Client, as_manager: Client, integrator: Client) -> None:
    for caller in (as_guide, as_manager, integrator):
        assert caller.get("/v1/webhooks/subscriptions").status_code == 403
        assert caller.get("/v1/webhooks/deliveries").status_code == 403


def test_a_plan_and_what_becomes_of_each_task_is_told(client: Client, erp: Receiver, subscription: dict) -> None:
    busy = make.guide()
    idle = make.guide(store_id=busy.store_id)
    manager = make.staff(roles=["store_manager"], store_id=busy.store_id)
    plan = make.task_plan(by=manager)
    task = client.sign_in(busy).get("/v1/tasks").json["items"][0]["id"]
    handed_in = {"id": str(new_id()), "command": "submit", "note": "张女士来过"}
    assert client.sign_in(busy).post(f"/v1/tasks/{task}/commands", json=new(handed_in)).status_code == 201
    make.ended_plan(plan, by=manager)
    tell()
    told = [json.loads(body) for _, body in erp.received]
    assert {event["type"] for event in told} == {"task.changed"}
    data = [event["data"] for event in told]
    assert {event["plan_id"] for event in data} == {str(plan["id"])}
    of_guides = [event for event in data if "task_id" in event]
    # It is set, given out and ended.
    assert sorted(event["action"] for event in data if event not in of_guides) == ["changed", "changed", "created"]
    (submitted,) = [event for event in of_guides if "submission_id" in event]
    assert (submitted["submission_id"], submitted["task_id"]) == (handed_in["id"], task)
    assert (submitted["guide_id"], submitted["changed"]["guide_id"]) == (str(busy.id), str(busy.id))
    assert "张女士" not in str(told)
    made = {event["guide_id"] for event in of_guides if event is not submitted and event["action"] == "created"}
    assert made == {str(busy.id), str(idle.id)}
    moved = [(event["guide_id"], event["changed"]["state"]) for event in of_guides if event["action"] == "changed"]
    assert sorted(moved) == sorted([(str(busy.id), "done"), (str(idle.id), "cancelled")])
