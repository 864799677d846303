"""Who asks for what in tests/test_access.py: two regions, three stores, four guides, and a request for each route."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from sqlalchemy import select
from werkzeug.test import TestResponse

from kit import clock
from kit.db import db, unit_of_work
from kit.ids import new_id
from kit.web.examples import BY_FORMAT
from models import (
    Assignment,
    BindingTransfer,
    CustomerIdentity,
    Order,
    OrderLine,
    Placement,
    Region,
    Segment,
    Sku,
    Source,
    Staff,
    StatementEntry,
    Store,
    StoreArea,
    TaskPlanVersion,
)
from performance.service import rebuild_days
from tests import make
from tests.client import Client, document
from tests.contract.asking import PLACEHOLDER

ROLES = (
    "guide",
    "store_manager",
    "regional_manager",
    "hq_content",
    "hq_catalog",
    "hq_commission",
    "hq_finance",
    "hq_admin",
    "auditor",
    "integrator",
)
INTEGRATOR_SCOPES = [
    "products:write",
    "orders:write",
    "forwards:write",
    "customers:read",
    "customers:write",
    "customers:erase",
    "viewers:write",
    "rosters:write",
]
# Whose thing is asked for, seen from a guide of the store A1.
RELATIONS = ("own", "same store", "other store of the region", "other region")
UNDECLARED = ("/docs", "/openapi.json")


@dataclass
class Owner:
    """A guide, and one of each thing that belongs to them or to their store."""

    guide: Staff
    ids: dict[str, Any]


@dataclass
class World:
    """Two regions, three stores, four guides."""

    owners: tuple[Owner, ...]
    people: dict[str, Staff]

    def with_manager(self, person: Staff) -> "World":
        """The same, with somebody else as the manager of the store A1."""
        return World(self.owners, {**self.people, "store_manager": person})


# What `{plan_id}` is below here.
ALIASES = {"/v1/task-plans": {"plan_id": "task_plan_id"}}


def ask(caller: Client, route: str, owner: Owner) -> TestResponse:
    """Ask for the owner's thing."""
    method, _, path = route.partition(" ")
    ids = {**owner.ids, "new_id": new_id()}
    for prefix, names in ALIASES.items():
        if path.startswith(prefix):
            ids |= {name: ids[alias] for name, alias in names.items()}
    parts = [str(ids.get(part[1:-1], new_id())) if part.startswith("{") else part for part in path.split("/")]
    query = QUERIES[route].format(**ids) if route in QUERIES else _needed(caller, method, path, ids)
    bodies = BODIES | INTEGRATOR_BODIES if str(caller.token).startswith("gk_") else BODIES
    body = _filled(bodies[route], ids) if route in bodies else _shown(caller, method, path, ids)
    options: dict[str, Any] = {} if method == "GET" else {"json": body}
    headers = {"If-Match": '"0"'} if method in ("PATCH", "PUT") else {}
    if route in FRESH and caller.session_id:
        # For what is not there: the code was shown, and only then is it looked for.
        act, subject = FRESH[route]
        headers |= make.grant(caller.session_id, act=act, subject_id=NOWHERE)
        parts = [NOWHERE if part == "{" + subject + "}" else part for part in path.split("/")]
    return caller.open(method, "/".join(parts) + query, headers=headers, **options)


def _filled(body: Any, ids: dict[str, Any]) -> Any:
    if isinstance(body, dict):
        return {name: _filled(value, ids) for name, value in body.items()}
    if isinstance(body, list):
        return [_filled(value, ids) for value in body]
    return body.format(**ids) if isinstance(body, str) else body


def _needed(caller: Client, method: str, path: str, ids: dict[str, Any]) -> str:
    """The parameters that must be there, as the document shows them."""
    operation = document(caller.app)["paths"].get(path, {}).get(method.lower(), {})
    needed = [one for one in operation.get("parameters", []) if one["in"] == "query" and one.get("required")]
    values = {one["name"]: _known(one["example"], ids, one["name"]) for one in needed}
    return f"?{urlencode(values)}" if values else ""


def _shown(caller: Client, method: str, path: str, ids: dict[str, Any]) -> Any:
    """The document's own example, with what there is in this world."""
    operation = document(caller.app)["paths"].get(path, {}).get(method.lower(), {})
    content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    return _known(content.get("example", {}), ids)


def _known(example: Any, ids: dict[str, Any], name: str = "") -> Any:
    if isinstance(example, dict):
        return {key: _known(value, ids, key) for key, value in example.items()}
    if isinstance(example, list):
        return [_known(value, ids, name.removesuffix("s")) for value in example]
    if example == BY_FORMAT["date-time"]:
        return clock.now().isoformat()  # a tap of long ago is not believed
    return str(ids.get(name, new_id())) if example == PLACEHOLDER else example


NOWHERE = "00000000-0000-7000-8000-000000000000"
# Acts that ask for a fresh code, and what of the path they are done to.
FRESH = {
    "POST /v1/plan-versions/{version_id}/approve": ("plan_version_approval", "version_id"),
    "POST /v1/pay-periods/{period_id}/close": ("pay_period_closing", "period_id"),
    "POST /v1/pay-periods/{period_id}/approve": ("pay_period_approval", "period_id"),
    "POST /v1/attribution-policies/{policy_id}/approve": ("attribution_policy_approval", "policy_id"),
    "POST /v1/settlements/{settlement_id}/close": ("settlement_closing", "settlement_id"),
    "POST /v1/settlements/{settlement_id}/decisions": ("statement_decision", "settlement_id"),
}
QUERIES = {
    "GET /v1/content/{content_id}/preview": "?guide_id={guide_id}",
    "GET /v1/content/{content_id}/poster-preview": "?guide_id={guide_id}",
    "PUT /v1/day-weights/{month}": "?store_id={store_id}",
    "GET /v1/commissions/entries": "?guide_id={staff_id}&from={yesterday}&to={today}",
    "GET /v1/commissions/summary": "?guide_id={staff_id}&from={yesterday}&to={today}",
    "GET /v1/commissions/why-not": "?receipt=R-1",
    "GET /v1/leaderboards": "?metric=net_sales&store_id={store_id}",
    "GET /v1/performance/guides": "?from={yesterday}&to={today}",
    "GET /v1/revenue-formula": "?guide_id={staff_id}",
}
# What is asked for without a thing that there is, or with a code of the moment: past the door, and refused behind it.
PAST_THE_DOOR: dict[str, tuple[str, ...]] = {
    "POST /v1/order-lines/{line_id}/claims": ("already_credited", "claim_open"),
    "POST /v1/me/totp/confirm": ("bad_second_factor",),
    "POST /v1/me/password": ("bad_credentials",),
    "POST /v1/auth/second-factor": ("second_factor_not_enrolled",),
    "POST /v1/auth/second-factor/grants": ("second_factor_not_enrolled",),
    "DELETE /v1/me/devices/{session_id}": ("device_not_found",),
    "POST /v1/plan-versions/{version_id}/approve": ("plan_version_not_found",),
    "POST /v1/pay-periods/{period_id}/close": ("pay_period_not_found",),
    "POST /v1/pay-periods/{period_id}/approve": ("pay_period_not_found",),
    # Ended by the walk before, with what it had given out.
    "POST /v1/task-plans/{plan_id}/pause": ("task_plan_state_forbids",),
    "POST /v1/task-plans/{plan_id}/publish": ("task_plan_state_forbids",),
    "POST /v1/tasks/{task_id}/commands": ("task_not_open",),
    "POST /v1/settlements": ("settlement_exists",),
    "POST /v1/settlements/{settlement_id}/close": ("settlement_not_found",),
    "POST /v1/settlements/{settlement_id}/decisions": ("settlement_not_found",),
    "POST /v1/attribution-policies/{policy_id}/approve": ("attribution_policy_not_found",),
    "POST /v1/commission-plans/{plan_id}/versions/{number}/acknowledgements": ("plan_version_not_found",),
    "PATCH /v1/segments/{segment_id}": ("segment_not_yours",),
    "GET /v1/sync-runs/{run_id}": ("sync_run_not_found",),
    "GET /v1/sync-runs/{run_id}/rejects": ("sync_run_not_found",),
    "POST /v1/sync-runs/{run_id}/confirm": ("sync_run_not_found",),
    "POST /v1/sync-runs/{run_id}/cancel": ("sync_run_not_found",),
    "GET /v1/order-rejects/{reject_id}": ("order_reject_not_found",),
    "POST /v1/order-rejects/{reject_id}/replays": ("order_reject_not_found",),
    "POST /v1/unknown-sellers/{reject_id}/seller": ("order_reject_not_found",),
    "DELETE /v1/order-rejects/{reject_id}": ("order_reject_not_found",),
    "POST /v1/products/{product_id}/listings/{source}/unlink": ("listing_unrivalled",),
    "POST /v1/content/{content_id}/submit": ("content_state_forbids",),
    "POST /v1/content/{content_id}/return": ("content_state_forbids",),
    "POST /v1/content/{content_id}/publish": ("content_state_forbids",),
    "POST /v1/assets": ("image_unknown_format",),
    "POST /v1/viewers": ("forward_not_found",),
    "POST /v1/share-bindings": ("forward_not_found",),
    "DELETE /v1/api-keys/{key_id}": ("api_key_not_found",),
    "POST /v1/api-keys/{key_id}/rotations": ("api_key_not_found",),
    "GET /v1/webhooks/subscriptions/{subscription_id}": ("subscription_not_found",),
    "PATCH /v1/webhooks/subscriptions/{subscription_id}": ("subscription_not_found",),
    "DELETE /v1/webhooks/subscriptions/{subscription_id}": ("subscription_not_found",),
    "POST /v1/webhooks/subscriptions/{subscription_id}/secrets": ("subscription_not_found",),
    "POST /v1/webhooks/deliveries/{delivery_id}/replays": ("delivery_not_found",),
    "POST /v1/dead-letters/{letter_id}/retries": ("dead_letter_not_found",),
    "POST /v1/imports/regions": ("sheet_header_wrong",),
    "POST /v1/imports/stores": ("sheet_header_wrong",),
    "POST /v1/imports/staff": ("sheet_header_wrong",),
    "POST /v1/imports/customers": ("sheet_header_wrong",),
    # A guide's own; that of others is for who makes content.
    "GET /v1/content/{content_id}/preview": ("guide_not_found",),
    "GET /v1/content/{content_id}/poster-preview": ("guide_not_found",),
    "GET /v1/calendars/{country}/years/{year}": ("calendar_year_not_found",),
    "PATCH /v1/calendars/{country}/years/{year}": ("calendar_year_not_found",),
    "POST /v1/imports/calendars": ("sheet_header_wrong",),
    "POST /v1/imports/store-areas": ("sheet_header_wrong",),
    "POST /v1/imports/rosters": ("sheet_header_wrong",),
    "POST /v1/imports/targets": ("sheet_header_wrong",),
    "POST /v1/me/portrait": ("image_unknown_format",),
    "POST /v1/staff/{staff_id}/portrait": ("image_unknown_format",),
}
BODIES: dict[str, dict[str, Any]] = {
    "PUT /v1/day-weights/{month}": {"weekday_bp": 10_000},
    "POST /v1/bindings": {"customer_id": "{customer_id}", "guide_id": "{staff_id}"},
    "POST /v1/customers": {
        "id": "{new_id}",
        "store_code": "{store_code}",
        "identities": [{"kind": "mall", "value": "fresh"}],
    },
    "POST /v1/regions": {"code": "NEW", "name": "华东", "parent_code": "{region_code}"},
    "POST /v1/stores": {"code": "NEW", "name": "新店", "region_code": "{region_code}", "opened_on": "2026-01-01"},
    "POST /v1/staff": {
        "staff_no": "NEW",
        "name": "王芳",
        "roles": ["guide"],
        "store_code": "{store_code}",
        "hired_on": "2026-01-01",
    },
    "POST /v1/task-plans": {
        "id": "{new_id}",
        "kind": "custom",
        "title": "陈列",
        "audience": {"store_ids": ["{store_id}"]},
    },
    "PATCH /v1/task-plans/{plan_id}": {"title": "陈列", "audience": {"store_ids": ["{store_id}"]}},
    "POST /v1/stores/{store_id}/covers": {"staff_no": "HELPER", "days": ["2026-01-01"]},
    "POST /v1/forwards/{forward_id}/confirmations": {"kind": "client"},
    # Who has it and who manages it both may unblock it.
    "POST /v1/tasks/{task_id}/commands": {"id": "{new_id}", "command": "unblock"},
    "POST /v1/customers/{customer_id}/erasures": {"reason": "other"},
    "POST /v1/customers/{customer_id}/exports": {"reason": "other"},
    "POST /v1/customers/{customer_id}/identities": {"kind": "mall", "value": "{new_id}"},
    "POST /v1/customers/{customer_id}/merges": {"other_id": "{customer_id}", "reason": "same_person"},
    "POST /v1/customers/{customer_id}/reveals": {"reason": "call"},
    "POST /v1/customers/{customer_id}/consents": {"granted": {"sms": True}, "origin": "form"},
    "PUT /v1/customers/{customer_id}/quiet-hours": {"starts": "20:00", "ends": "10:00"},
    "POST /v1/staff/{staff_id}/placements": {
        "id": "{new_id}",
        "store_code": "{store_code}",
        "role": "support",
        "first_day": "2099-01-01",
    },
    "PATCH /v1/placements/{placement_id}": {"grade": "senior", "reason": "x"},
    "PUT /v1/placements/{placement_id}/end": {"last_day": "2098-12-31", "end_reason": "ended"},
    "PUT /v1/stores/{store_id}/areas/{valid_from}": {"area_m2": 180},
    "POST /v1/settlements": {"first_day": "2020-01-01", "last_day": "2020-01-31"},
    "POST /v1/targets": {"metric": "units", "month": "2026-02", "guide_id": "{staff_id}", "amount": 1},
    "PATCH /v1/targets/{target_id}": {"amount": 1},
    "PUT /v1/targets/{target_id}/decision": {"approve": True},
    "PUT /v1/stores/{store_id}/target-shares/{month}": {"shares": []},
    "PUT /v1/stores/{store_id}/quiet-hours": {"starts": "20:00", "ends": "10:00"},
    "POST /v1/customers/{customer_id}/tags": {"add": ["vip"]},
    "PUT /v1/stores/{store_code}/availability/{sku}": {"sellable": True},
}


INTEGRATOR_BODIES = {"POST /v1/forwards/{forward_id}/confirmations": {"kind": "channel"}}


def make_world() -> World:
    east, west = make.region(), make.region()
    first, second = make.store(region_id=east.id), make.store(region_id=east.id)
    far = make.store(region_id=west.id)
    guides = [make.guide(store_id=store.id) for store in (first, first, second, far)]
    make.staff(roles=["guide"], staff_no="HELPER", store_id=make.store().id)
    people = {role: make.staff(roles=[role]) for role in ROLES if role.startswith("hq_") or role == "auditor"}
    people |= {
        "guide": guides[0],
        "store_manager": make.staff(roles=["store_manager"], store_id=first.id),
        "regional_manager": make.staff(roles=["regional_manager"], region_id=east.id),
    }
    plans = {store.id: _plan(store) for store in (first, second, far)}
    ids = _common(guides[1])
    owners = tuple(_owner(guide, plans, ids) for guide in guides)
    with unit_of_work():
        rebuild_days(owners[0].ids["yesterday"], owners[0].ids["today"])
    return World(owners, people)


def _plan(store: Store) -> Any:
    return make.task_plan(by=make.staff(roles=["store_manager"], store_id=store.id))["id"]


def _common(colleague: Staff) -> dict[str, Any]:
    """What is nobody's: a product and its source, a content, a commission plan, a segment for everybody."""
    author, now = make.staff(roles=["hq_admin"]), clock.now()
    segment = make.save(
        Segment(name="所有人", filter={}, shared=True, created_by=author.id, created_at=now, updated_at=now)
    )
    product, content, version = make.product(), make.content(), make.plan_version(approved=False)
    return {
        "product_id": product.id,
        "sku": db.session.scalars(select(Sku.code).where(Sku.product_id == product.id)).first(),
        "source": db.session.scalars(select(Source.code).where(Source.id == product.source_id)).one(),
        "content_id": content.id,
        "segment_id": segment.id,
        "to_guide_id": colleague.id,
        "number": version.number,
        "plan_id": version.plan_id,
        "period_id": make.pay_period(date(2020, 1, 1), date(2020, 1, 31)).id,
        "version_id": version.id,
        "policy_id": make.attribution_policy(),
    }


def _owner(guide: Staff, plans: dict[Any, Any], common: dict[str, Any]) -> Owner:
    assert guide.store_id
    store = db.session.get_one(Store, guide.store_id)
    order = make.order(store=store, served_by=guide)
    make.posting(order, guide=guide, amount_fen=100)
    statement = make.statement(guide)
    cover = make.save(
        Placement(staff_id=make.guide().id, store_id=store.id, kind="cover", role="guide", first_day=clock.now().date())
    )
    of_plan = (TaskPlanVersion.id == Assignment.version_id) & (TaskPlanVersion.plan_id == plans[store.id])
    mine = select(Assignment.id).join(TaskPlanVersion, of_plan).where(Assignment.guide_id == guide.id)
    task_id = db.session.scalars(mine).one()
    make.task_command(task_id, "block", by=guide, reason="缺货")
    ids = common | {
        "region_id": store.region_id,
        "store_id": store.id,
        "store_code": store.code,
        "region_code": db.session.get_one(Region, store.region_id).code,
        "staff_id": guide.id,
        "guide_id": guide.id,
        "cover_id": cover.id,
        "placement_id": db.session.scalars(select(Placement.id).where(Placement.staff_id == guide.id)).one(),
        "order_id": order.id,
        "claim_id": make.claim(guide=guide),
        "settlement_id": statement.settlement_id,
        "statement_id": statement.id,
        "entry_id": _entry(statement.id),
        "refund_id": _refund(order, store),
        "yesterday": order.business_day - timedelta(days=1),
        "today": order.business_day,
        "valid_from": _area(store),
        "month": "2099-01",
        "country": "CN",
        "year": 2026,
        "target_id": make.target(store=store, guide=guide, month=date(2026, 1, 1), amount=100),
        "line_id": db.session.scalars(select(OrderLine.id).where(OrderLine.order_id == order.id)).one(),
        "forward_id": make.forward(guide=guide).id,
        "follow_up_id": make.follow_up(guide=guide),
        "transfer_id": _transfer(guide).id,
        "task_plan_id": plans[store.id],
        "task_id": task_id,
    }
    ids["customer_id"] = make.customer(guide=guide, member_no=f"C-{guide.staff_no}")
    ids["identity_id"] = db.session.scalars(
        select(CustomerIdentity.id).where(CustomerIdentity.customer_id == ids["customer_id"])
    ).one()
    return Owner(guide, ids)


def _entry(statement_id: UUID) -> int:
    """A line of a statement."""
    on_it = select(StatementEntry.entry_id).where(StatementEntry.statement_id == statement_id)
    return db.session.scalars(on_it.limit(1)).one()


def _refund(order: Order, store: Store) -> UUID:
    """The order's refund, given back in its store."""
    source = db.session.get_one(Source, order.source_id)
    item = make.refund_item(store=store, order=order.external_id)
    make.take_refunds(source, [item])
    found = db.session.scalar(
        select(Order.id).where(Order.receipt_kind == "refund", Order.external_id == item["external_id"])
    )
    assert found is not None
    return found


def _area(store: Store) -> date:
    """The day from which a selling area of the store holds."""
    return make.save(
        StoreArea(store_id=store.id, valid_from=date(2020, 1, make.next_number() % 28 + 1), area_m2=90)
    ).valid_from


def _transfer(guide: Staff) -> BindingTransfer:
    """One of the guide's customers is to go over to a colleague."""
    now = clock.now()
    return make.save(
        BindingTransfer(
            customer_id=make.person(guide=guide),
            from_guide_id=guide.id,
            to_guide_id=make.guide(store_id=guide.store_id).id,
            reason="x",
            requested_by=guide.id,
            requested_at=now,
            effective_at=now + timedelta(days=1),
        )
    )
