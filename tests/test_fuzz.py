"""Thousands of requests nobody sensible sends: none breaks anything, refusals are as documented and leave no trace."""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from random import Random
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, text
from werkzeug.test import TestResponse

from guideapi.app import GuideApp
from guideapi.openapi import GLOSSARY
from guideapi.reference import list_codes
from kit import clock
from kit.db import Base, db, unit_of_work
from kit.ids import new_id
from kit.web.examples import Examples
from models import Region, Sku, Staff, Store
from staff import service
from staff.rules import API_SCOPES
from staff.rules.clients import Caller
from tests import make
from tests.access_world import make_world
from tests.client import codes_in, document
from tests.malice import FRESH, Request, Sensible, requests

# Operations whose example this world refuses: for want of a file, a code of the moment, or a thing in the right state.
REFUSED = {
    # A code of the moment, a signature, or a provider that is not set up here.
    "catalog_take_shopify_webhook",
    "commissions_approve_version",
    "staff_confirm_totp",
    "staff_finish_oidc",
    "staff_grant_act",
    "staff_refresh_session",
    "staff_reset_password",
    "staff_send_code",
    "staff_show_second_factor",
    "staff_sign_in_by_code",
    "staff_start_oidc",
    # A file.
    "staff_import_calendar",
    "staff_import_store_areas",
    "staff_set_own_portrait",
    "staff_set_portrait",
    "targets_import_targets",
    "content_center_create_asset",
    "content_center_preview_template",
    "customers_import_customers",
    "staff_import_regions",
    "staff_import_staff",
    "staff_import_stores",
    "staff_import_rosters",
    # A thing that this world has none of, or has in another state (tests/contract/test_examples.py sends these).
    "customers_set_customer_quiet_hours",
    "customers_unset_customer_quiet_hours",
    "commissions_close_period",
    "orders_create_claim",
    "orders_dismiss_order_reject",
    "orders_get_order_reject",
    "orders_replay_order_reject",
    "orders_set_seller",
    "orders_approve_policy",
    "performance_get_region_performance",
    "performance_list_region_facts",
    "tasks_change_task_plan",
    "settlements_approve_pay_period",
    "settlements_close_settlement",
    "settlements_create_settlement",
    "settlements_decide_on_statements",
    "tasks_give_task_command",
    "staff_add_placement",
    "staff_end_placement",
    "staff_change_calendar_year",
    "staff_get_calendar_year",
    "targets_decide_on_target",
    "targets_put_day_weights",
    "targets_put_target_shares",
    "catalog_cancel_run",
    "catalog_confirm_run",
    "catalog_create_source",
    "catalog_get_run",
    "catalog_link_listing",
    "catalog_list_run_rejects",
    "catalog_unlink_listing",
    "clienteling_change_segment",
    "content_center_bind_by_share",
    "content_center_change_content",
    "content_center_create_viewer",
    "content_center_publish_content",
    "content_center_return_content",
    "content_center_submit_content",
    "customers_merge_customers",
    "customers_remove_identity",
    "dead_letters_retry_dead_letter",
    "integrations_change_subscription",
    "integrations_get_subscription",
    "integrations_remove_subscription",
    "integrations_replay_delivery",
    "integrations_rotate_secret",
    "staff_add_cover",
    "staff_remove_device",
    "staff_revoke_api_key",
    "staff_rotate_api_key",
}
# What names a part of a path here, and something else in bodies.
IN_PATHS = {"country", "month", "valid_from", "year"}
ENDS = re.compile(r"^DELETE |/(?:cancel|end|erasure|withdraw)$")
PARTS = 3
EACH = 18
HQ = ("hq_admin", "hq_catalog", "hq_commission", "hq_content", "hq_finance")
CODES = {code.code: code.status for code in list_codes()}
# A row's xmin is the transaction that wrote it: committed writes change the sum, whatever the table.
STATE = " UNION ALL ".join(
    f"SELECT '{table.name}' AS name, count(*) AS rows, sum(xmin::text::bigint) AS writers FROM {table.name}"
    for table in Base.metadata.sorted_tables
)

Operation = Mapping[str, Any]
State = Callable[[], dict[str, tuple[int, int]]]


@pytest.mark.parametrize("part", range(PARTS))
def test_no_request_breaks_anything_and_refusals_leave_no_trace(app: GuideApp, state: State, part: int) -> None:
    known, people = known_world()
    statuses: Counter[int] = Counter()
    written: set[str] = set()
    faults: list[str] = []
    never: set[str] = set()
    for name, operation in sorted(operations_of(app), key=ends_something)[part::PARTS]:
        sensible = sensible_request(name, operation, known, document(app)["components"]["schemas"])
        never.add(operation["operationId"])
        for request, answer, traces in asked(app, name, operation, sensible, people, state):
            if answer.status_code < 400:
                never.discard(operation["operationId"])
            statuses[answer.status_code] += 1
            said = list(faults_of(answer, operation, document(app)))
            if answer.status_code < 400:
                written.update(traces)
            elif traces:
                said.append(f"refused, but wrote {traces}")
            if said:
                faults.append(f"{request.method} {request.url} {request.headers} {request.body!r}"[:700] + f": {said}")
    assert not faults, f"{len(faults)} of {statuses.total()}: {statuses}\n" + "\n\n".join(faults[:30])
    # It can see what is written, and comes past the door of every operation.
    assert "idempotency_key" in written
    assert never <= REFUSED, sorted(never - REFUSED)


def ends_something(named: tuple[str, Operation]) -> tuple[bool, str]:
    """For sorting: what takes away what others are asked about comes last."""
    return bool(ENDS.search(named[0])), named[0]


def asked(
    app: GuideApp, name: str, operation: Operation, sensible: Sensible, people: Mapping[str, Staff], state: State
) -> Iterator[tuple[Request, TestResponse, list[str]]]:
    """Each request with its answer, and the tables that it wrote to."""
    callers = callers_of(operation, people)
    client, random = app.test_client(use_cookies=False), Random(name)
    before = after = state()
    first = sensible.request()
    for request in [first, *requests(sensible, count=EACH, seed=name)]:
        # The first is the example, from somebody who may.
        token = callers[0] if request is first else random.choice(callers)
        answer = send(client, request, token=token)
        if sensible.method != "GET":
            before, after = after, state()
        yield request, answer, [table for table in after if after[table] != before[table]]


def send(client: FlaskClient, request: Request, *, token: str | None) -> TestResponse:
    """The answer; what should be new is."""
    fresh = str(new_id())
    headers = {**({"Authorization": f"Bearer {token}"} if token else {}), **request.headers}
    headers = {name: value.replace(FRESH, fresh) for name, value in headers.items()}
    body = request.body.replace(FRESH.encode(), fresh.encode())
    return client.open(request.url, method=request.method, headers=headers, data=body)


def faults_of(answer: TestResponse, operation: Operation, whole: Mapping[str, Any]) -> Iterator[str]:
    """What is wrong with an answer."""
    status = answer.status_code
    if status < 400:
        return
    if status >= 500 and (status != 503 or answer.json["code"] == "unavailable"):
        yield f"{status} {answer.text[:200]}"
    elif answer.mimetype != "application/problem+json":
        yield f"{status} as {answer.mimetype}"
    elif CODES.get(answer.json["code"]) != status:
        yield f"{status} with the code {answer.json['code']!r}"
    elif status not in (404, 405) or str(status) in operation["responses"]:
        yield from undocumented(answer, operation, whole)


def undocumented(answer: TestResponse, operation: Operation, whole: Mapping[str, Any]) -> Iterator[str]:
    """What the document does not say of a refusal."""
    found = operation["responses"].get(str(answer.status_code))
    if found is None:
        yield f"{answer.status_code} is not documented here"
        return
    named = whole["components"]["responses"][found["$ref"].rpartition("/")[2]] if "$ref" in found else found
    # An address that is wrong in its very form leads to no operation.
    if answer.json["code"] not in codes_in(named, whole) | {"not_found"}:
        yield f"the code {answer.json['code']} is not documented here"


@pytest.fixture
def state(app: GuideApp) -> Iterator[State]:
    """Call it for the rows and writers of every table; on one connection, which keeps the plan."""
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        yield lambda: {row.name: (row.rows, row.writers) for row in connection.execute(text(STATE))}


def operations_of(app: GuideApp) -> Iterator[tuple[str, Operation]]:
    """Every operation by its name."""
    for path, methods in document(app)["paths"].items():
        for method, operation in methods.items():
            if method != "parameters":
                yield f"{method.upper()} {path}", operation


def sensible_request(name: str, operation: Operation, known: Mapping[str, str], schemas: Mapping[str, Any]) -> Sensible:
    """The operation's own example, with what there is in this world."""
    method, _, template = name.partition(" ")
    parameters = operation.get("parameters", [])
    queries = {p["name"]: p["schema"] for p in parameters if p.get("in") == "query" and p["name"] != "cursor"}
    examples = Examples(schemas, GLOSSARY)
    query = {key: known.get(key) or examples.of(schema, key) for key, schema in queries.items()}
    content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    aliases = {"plan_id": known["task_plan_id"]} if template.startswith("/v1/task-plans") else {}
    places = re.findall(r"{(\w+)}", template)
    return Sensible(
        method=method,
        template=template,
        places={place: aliases.get(place) or known.get(place, FRESH) for place in places},
        body=real(content["example"], known) if "example" in content else None,
        needed=frozenset(p["name"] for p in parameters if p.get("in") == "query" and p.get("required")),
        query={key: str(value) for key, value in query.items() if value is not None}
        | ({"cursor": ""} if any(p.get("name") == "cursor" for p in parameters) else {}),
    )


def real(example: Any, known: Mapping[str, str], name: str = "") -> Any:
    """The example with ids and codes of things that there are."""
    if isinstance(example, dict):
        return {key: real(value, known, key) for key, value in example.items()}
    if isinstance(example, list):
        return [real(value, known, name.removesuffix("s")) for value in example]
    return known.get(name, example) if isinstance(example, str) and name not in IN_PATHS else example


def known_world() -> tuple[dict[str, str], dict[str, Staff]]:
    """Ids and codes of one of each thing, and people who may see it."""
    world = make_world()
    owner = world.owners[0]
    store = db.session.get_one(Store, owner.ids["store_id"])
    product, content, version = make.product(), make.content(), make.plan_version()
    known = {
        **owner.ids,
        "code": f"X{FRESH}",
        "content_id": content.id,
        "customer_id": make.bound_customer(owner.guide).id,
        "guide": owner.guide.staff_no,
        "name": "甲",
        "guide_id": owner.guide.id,
        "other_id": make.bound_customer(owner.guide).id,
        "current_password": make.PASSWORD,
        "parent_code": db.session.get_one(Region, store.region_id).code,
        "password": make.PASSWORD,
        "number": version.number,
        "plan_id": version.plan_id,
        "to_guide_id": world.owners[1].guide.id,
        "version_id": version.id,
        "product_id": product.id,
        "region_code": db.session.get_one(Region, store.region_id).code,
        "sku": db.session.scalars(select(Sku.code).where(Sku.product_id == product.id)).first(),
        "source": make.order_source().code,
        "staff_no": owner.guide.staff_no,
        "store": store.code,
        "store_code": store.code,
    }
    hq = make.staff(roles=list(HQ))
    return {name: str(value) for name, value in known.items()}, {**world.people, **dict.fromkeys(HQ, hq)}


def callers_of(operation: Operation, people: Mapping[str, Staff]) -> list[str | None]:
    """Tokens: mostly of those who may, now and then of someone else."""
    may = [one for one in operation.get("x-access", []) if one in people]
    may.sort(key=lambda role: role not in ("guide", "store_manager"))
    able: list[str | None] = [token_of(people[may[0]])] if may else []
    if any(role in ("guide", "store_manager") for role in may):
        able.append(token_of(people["guide" if "guide" in may else "store_manager"]))
    if len(operation.get("x-access", [])) > len(may):
        able.append(make.api_key(scopes=sorted(API_SCOPES)))
        with unit_of_work():
            # That a key was used on a day is noted beside the first request of it, refused or not.
            db.session.execute(text("UPDATE api_key SET last_used_on = :day"), {"day": clock.now().date()})
    return [*able * 5, token_of(people["regional_manager"]), None]


def token_of(person: Staff) -> str:
    """An access token, second factor shown."""
    now = clock.now()
    with unit_of_work():
        caller = Caller(address="127.0.0.1", device_name="fuzz")
        return service.start_session(person, caller=caller, now=now, second_factor_at=now).access_token
