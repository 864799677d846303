"""Every example of the document is a request that succeeds: each is sent to the demo chain by somebody who may."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from io import BytesIO
from typing import Any, NamedTuple

import orjson
import pytest
import time_machine
from PIL import Image

from guideapi.app import GuideApp
from samples.demo import chain
from samples.demo.examples import BODIES
from tests.client import document
from tests.contract.asking import Asked, find, request_of, send, token_for
from tests.contract.document import Operation, operations

# The day of the examples, in the afternoon of Shanghai.
NOW = datetime(2026, 11, 21, 8, 45, tzinfo=UTC)
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


class Way(NamedTuple):
    """How an operation is asked where it takes more than an example: ids by SQL, somebody else, a file."""

    known: Mapping[str, str] = {}
    staff_no: str | None = None
    body: bytes | None = None


def picture() -> bytes:
    out = BytesIO()
    Image.new("RGB", (800, 800), "white").save(out, "JPEG")
    return out.getvalue()


NEWEST_CONTENT = {"content_id": "SELECT id FROM content ORDER BY created_at DESC, id DESC LIMIT 1"}
SUBSCRIPTION = {"subscription_id": "SELECT id FROM webhook_subscription LIMIT 1"}
MINE = "(SELECT id FROM staff WHERE staff_no = 'SH01-01')"
MYSELF = {"staff_id": f"SELECT {MINE}"}
PLACEMENT = {
    "placement_id": "SELECT p.id FROM placement p JOIN staff s ON s.id = p.staff_id "
    "WHERE s.staff_no = 'SH01-02' AND p.kind = 'home' ORDER BY p.first_day LIMIT 1"
}
POLICY = {"policy_id": "SELECT id FROM attribution_policy LIMIT 1"}
CLAIMED = {
    "line_id": "SELECT l.id FROM order_line l JOIN sales_order o ON o.id = l.order_id JOIN store s ON s.id = o.store_id"
    f" JOIN credit c ON c.line_id = l.id AND c.role = 'seller' AND c.beneficiary_id <> {MINE}"
    " WHERE s.code = 'SH01' AND o.receipt_kind = 'sale' AND l.net_fen > 0 ORDER BY o.ordered_at DESC LIMIT 1"
}
REJECT = {"reject_id": "SELECT id FROM order_reject LIMIT 1"}
TASK_PLAN = {
    "plan_id": "SELECT p.id FROM task_plan p JOIN store s ON s.id = p.owner_store_id "
    "WHERE s.code = 'SH01' AND p.kind = 'custom' ORDER BY p.created_at DESC, p.id DESC LIMIT 1"
}
SETTLEMENT = {"settlement_id": "SELECT id FROM settlement LIMIT 1"}
TARGET = {"target_id": "SELECT id FROM target LIMIT 1"}
TOKEN = f"SELECT k.token FROM forward_key k JOIN forward f USING (id) WHERE f.guide_id = {MINE} LIMIT 1"
WAYS = {
    # One content through the hands of two people.
    "content_center_change_content": Way(NEWEST_CONTENT),
    "content_center_submit_content": Way(NEWEST_CONTENT),
    "content_center_return_content": Way(NEWEST_CONTENT, staff_no="HQ003"),
    "content_center_publish_content": Way(NEWEST_CONTENT, staff_no="HQ003"),
    "content_center_create_asset": Way(body=picture()),
    "content_center_bind_by_share": Way(
        {
            "token": "SELECT k.token FROM forward_key k JOIN touch t ON t.forward_id = k.id WHERE t.counted LIMIT 1",
            "customer_id": "SELECT id FROM customer WHERE id NOT IN (SELECT customer_id FROM binding) LIMIT 1",
        }
    ),
    "content_center_create_viewer": Way({"token": TOKEN}),
    "catalog_create_import": Way(body=orjson.dumps(BODIES["ProductItem"])),
    "customers_refuse_transfer": Way({"transfer_id": "SELECT id FROM binding_transfer LIMIT 1"}),
    "orders_list_withheld": Way(POLICY),
    "orders_approve_policy": Way(POLICY, staff_no="HQ007"),
    "orders_create_claim": Way(CLAIMED),
    "orders_decide_claim": Way({"claim_id": "SELECT id FROM credit_claim LIMIT 1"}, staff_no="MSH01"),
    "orders_get_order_reject": Way(REJECT),
    "orders_replay_order_reject": Way(REJECT),
    "orders_dismiss_order_reject": Way(REJECT),
    "integrations_get_subscription": Way(SUBSCRIPTION),
    "integrations_change_subscription": Way(SUBSCRIPTION),
    "integrations_remove_subscription": Way(SUBSCRIPTION),
    "integrations_rotate_secret": Way(SUBSCRIPTION),
    "staff_set_own_portrait": Way(body=picture()),
    "staff_set_portrait": Way(body=picture()),
    "performance_get_guide_performance": Way(MYSELF),
    "performance_list_guide_facts": Way(MYSELF),
    "performance_get_region_performance": Way(staff_no="REAST"),
    "performance_list_region_facts": Way(staff_no="REAST"),
    "settlements_get_one_settlement": Way(SETTLEMENT),
    "settlements_preview_settlement": Way(SETTLEMENT),
    "settlements_list_settlement_statements": Way(SETTLEMENT),
    "targets_put_day_weights": Way(staff_no="HQ001"),
    "targets_create_target": Way(staff_no="MSH01"),
    "targets_decide_on_target": Way(
        {"target_id": "SELECT id FROM target WHERE state = 'proposed' LIMIT 1"}, staff_no="REAST"
    ),
    "targets_change_target": Way(TARGET),
    "targets_get_one_target": Way(TARGET),
    "targets_get_target_days": Way(TARGET),
    "targets_list_target_changes": Way(TARGET),
    "staff_change_region": Way({"region_id": "SELECT id FROM region WHERE code = 'SUZHOU'"}),
    "staff_change_store": Way({"store_id": "SELECT id FROM store WHERE code = 'SU01'"}),
    "staff_revoke_api_key": Way({"key_id": "SELECT id FROM api_key LIMIT 1"}),
    "staff_rotate_api_key": Way({"key_id": "SELECT id FROM api_key LIMIT 1"}),
    "staff_remove_cover": Way(
        {
            "cover_id": "SELECT p.id FROM placement p JOIN store s ON s.id = p.store_id"
            " WHERE s.code = 'SH01' AND p.kind = 'cover' LIMIT 1"
        }
    ),
    "staff_get_placement": Way(PLACEMENT),
    "staff_change_placement": Way(PLACEMENT),
    "staff_end_placement": Way(PLACEMENT),
    "staff_remove_device": Way({"session_id": f"SELECT id FROM device_session WHERE staff_id = {MINE} LIMIT 1"}),
    "tasks_get_task_plan": Way(TASK_PLAN),
    "tasks_change_task_plan": Way(TASK_PLAN),
    "tasks_publish_task_plan": Way(TASK_PLAN),
    "tasks_pause_task_plan": Way(TASK_PLAN),
    "tasks_end_task_plan": Way(TASK_PLAN),
    "tasks_give_task_command": Way(
        {
            "task_id": "SELECT a.id FROM assignment a JOIN store s ON s.id = a.store_id "
            "WHERE s.code = 'SH01' AND a.seat > 0 AND a.guide_id IS NULL ORDER BY a.day DESC LIMIT 1"
        }
    ),
    "clienteling_change_segment": Way({"segment_id": "SELECT id FROM segment WHERE name = '我的爱囤货会员'"}),
}
# What changes things that others look for comes after them, and what ends them last.
FIRST = (
    "staff_add_calendar_year",
    "staff_enrol_totp",
    "integrations_create_subscription",
    "staff_create_api_key",
    "customers_transfer_customer",
    "staff_add_cover",
    "staff_create_region",
    "staff_create_store",
    "orders_create_policy",
    "orders_create_claim",
    "orders_decide_claim",
    "settlements_create_settlement",
    "targets_create_target",
    "targets_decide_on_target",
    "content_center_create_content",
    "content_center_change_content",
    "content_center_submit_content",
    "content_center_publish_content",
    # Another one, which goes back.
    "content_center_create_content",
    "content_center_submit_content",
    "content_center_return_content",
)
LAST = (
    "catalog_add_secret",
    "tasks_pause_task_plan",
    "tasks_end_task_plan",
    "content_center_withdraw_content",
    "customers_erase_customer",
    "staff_change_password",
    "staff_sign_out",
    "staff_sign_out_everywhere",
)
# What the example cannot hold, or the demo chain has none of, and how it is refused.
EXCEPTIONS = {
    "catalog_cancel_run": ("import_under_way", "no import waits in the demo chain"),
    "catalog_confirm_run": ("import_not_held", "no import waits in the demo chain"),
    "catalog_take_shopify_webhook": ("bad_signature", "Shopify signs it"),
    "catalog_unlink_listing": ("listing_unrivalled", "each product of the demo chain has one source"),
    "commissions_approve_version": ("fresh_code_required", "the code is that of somebody's app, at that moment"),
    "settlements_approve_pay_period": ("fresh_code_required", "the code is that of somebody's app, at that moment"),
    "commissions_close_period": ("fresh_code_required", "the code is that of somebody's app, at that moment"),
    "orders_approve_policy": ("fresh_code_required", "the code is that of somebody's app, at that moment"),
    "orders_set_seller": ("order_reject_not_found", "everybody whom the receipts of the demo chain name is known"),
    "dead_letters_retry_dead_letter": ("dead_letter_not_found", "nothing failed for good"),
    "integrations_replay_delivery": ("delivery_not_found", "nobody was told anything yet"),
    "settlements_close_settlement": ("fresh_code_required", "the code is that of somebody's app, at that moment"),
    "settlements_decide_on_statements": ("fresh_code_required", "the code is that of somebody's app, at that moment"),
    "settlements_explain_statement_line": (
        "statement_line_not_found",
        "nothing of the demo chain is on statements",
    ),
    "settlements_get_one_statement": ("statement_not_found", "nothing of the demo chain is on statements"),
    "settlements_list_statement_lines": ("statement_not_found", "nothing of the demo chain is on statements"),
    "staff_confirm_totp": ("bad_second_factor", "the code is that of somebody's app, at that moment"),
    "staff_finish_oidc": ("oidc_refused", "the state is that of a sign-in which was begun in this browser"),
    "staff_grant_act": ("second_factor_not_enrolled", "the code is that of somebody's app, at that moment"),
    "staff_refresh_session": ("bad_token", "the token is that of a sign-in"),
    "staff_reset_password": ("bad_reset_code", "the code was handed over in person"),
    "staff_send_code": ("codes_unavailable", "no sender of codes is set up"),
    "staff_show_second_factor": ("second_factor_not_enrolled", "the code is that of somebody's app, at that moment"),
    "staff_sign_in_by_code": ("bad_sign_in_code", "the code was sent to somebody"),
    "staff_start_oidc": ("oidc_unavailable", "no identity provider is set up"),
}


@pytest.fixture
def demo(app: GuideApp) -> Iterator[GuideApp]:
    """The demo chain as it is on the day of the examples."""
    with time_machine.travel(NOW):
        chain.load(trade_days=2)
        yield app


def in_order(app: GuideApp) -> list[Operation]:
    every = {operation.name: operation for operation in operations(app)}
    rest = sorted(every.keys() - {*FIRST, *LAST}, key=lambda name: (METHODS.index(every[name].method), name))
    return [every[name] for name in (*FIRST, *rest, *LAST)]


def asked_of(app: GuideApp, operation: Operation) -> Asked:
    way = WAYS.get(operation.name, Way())
    known = {name: found for name, statement in way.known.items() if (found := find(statement))}
    asked = request_of(operation, document(app)["paths"][operation.path].get("parameters", []), known)
    return asked._replace(body=way.body) if way.body else asked


def test_every_example_succeeds_on_the_demo_chain(demo: GuideApp) -> None:
    refused: dict[str, Any] = {}
    said: dict[str, str] = {}
    for operation in in_order(demo):
        asked = asked_of(demo, operation)
        token = token_for(operation, staff_no=WAYS.get(operation.name, Way()).staff_no)
        answer = send(demo, operation, asked, token)
        if answer.status_code >= 400:
            refused[operation.name] = answer.json["code"]
            said[operation.name] = f"{asked.path} {(asked.body or b'')[:200]!r} {answer.text[:300]}"
    expected = {name: code for name, (code, _) in EXCEPTIONS.items()}
    assert refused == expected, "\n".join(said[name] for name in refused if expected.get(name) != refused[name])
