"""Requests that succeed: the document's own examples, with ids of things that there are, from somebody who may."""

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text
from werkzeug.test import TestResponse

from kit import clock
from kit.db import db, unit_of_work
from kit.ids import new_id
from models import Staff
from staff import service
from staff.rules import API_SCOPES
from staff.rules.clients import Caller
from tests import make
from tests.client import check_documented
from tests.contract.document import Operation

PLACEHOLDER = "01930b6e-7d3c-7e2a-9c41-5f0c8a6d2b17"
# Who asks, the first that may: staff numbers of the demo chain.
CALLERS = {
    "guide": "SH01-01",
    "store_manager": "MSH01",
    "hq_admin": "HQ001",
    "hq_content": "HQ002",
    "hq_catalog": "HQ004",
    "hq_commission": "HQ005",
    "hq_finance": "HQ007",
    "regional_manager": "REAST",
}
MINE = "(SELECT id FROM staff WHERE staff_no = 'SH01-01')"
# What the ids of examples stand for, by the names of fields and of places in paths.
IDS = {
    "asset_id": "SELECT id FROM content_asset LIMIT 1",
    "content_id": "SELECT id FROM content WHERE state = 'published' AND kind = 'article' ORDER BY id LIMIT 1",
    "customer_id": f"SELECT customer_id FROM binding WHERE guide_id = {MINE} AND ended_at IS NULL LIMIT 1",
    "forward_id": f"SELECT id FROM forward WHERE guide_id = {MINE} AND target->>'kind' = 'none' LIMIT 1",
    "guide_id": f"SELECT {MINE}",
    "identity_id": f"SELECT i.id FROM customer_identity i JOIN binding b USING (customer_id) WHERE b.guide_id = {MINE}",
    "line_id": f"SELECT line_id FROM credit WHERE role = 'seller' AND beneficiary_id = {MINE} LIMIT 1",
    "refund_id": f"SELECT r.order_id FROM refund r JOIN order_line l ON l.order_id = r.order_id"
    f" JOIN credit a ON a.line_id = l.id WHERE a.role = 'seller' AND a.beneficiary_id = {MINE}",
    "order_id": "SELECT l.order_id FROM order_line l JOIN credit a ON a.line_id = l.id"
    f" WHERE a.role = 'seller' AND a.beneficiary_id = {MINE}",
    "other_id": f"SELECT customer_id FROM binding WHERE guide_id = {MINE} AND ended_at IS NULL OFFSET 1 LIMIT 1",
    "period_id": "SELECT id FROM pay_period ORDER BY first_day LIMIT 1",
    "plan_id": "SELECT id FROM commission_plan LIMIT 1",
    "product_id": "SELECT id FROM product WHERE external_id = 'SG00001'",
    "region_id": "SELECT id FROM region WHERE code = 'EAST'",
    "run_id": "SELECT id FROM sync_run LIMIT 1",
    "segment_id": "SELECT id FROM segment WHERE shared LIMIT 1",
    "staff_id": "SELECT id FROM staff WHERE staff_no = 'SH01-02'",
    "store_id": "SELECT id FROM store WHERE code = 'SH01'",
    "task_id": f"SELECT id FROM assignment WHERE guide_id = {MINE} LIMIT 1",
    "to_guide_id": "SELECT id FROM staff WHERE staff_no = 'SH01-02'",
    "version_id": "SELECT id FROM plan_version LIMIT 1",
}


class Asked(NamedTuple):
    """A request of an example: where, what, and the headers that it needs."""

    path: str
    body: bytes | None
    headers: dict[str, str]


def find(statement: str) -> str | None:
    """The id that a statement finds first."""
    with unit_of_work(reading=True):
        found = db.session.scalar(text(statement))
    return None if found is None else str(found)


def request_of(operation: Operation, path_parameters: list[dict[str, Any]], known: Mapping[str, str]) -> Asked:
    """The operation's example as a request; `known` is what ids stand for beside IDS."""
    parameters = [*path_parameters, *operation.content.get("parameters", [])]
    path, query = operation.path, []
    for parameter in parameters:
        if not parameter.get("required"):
            continue
        value = _real(parameter["example"], known, parameter["name"])
        if parameter["in"] == "path":
            path = path.replace("{" + parameter["name"] + "}", str(value))
        elif parameter["in"] == "query":
            query.append(f"{parameter['name']}={value}")
    headers = {"Idempotency-Key": str(new_id())} if operation.method == "POST" else {}
    for media_type, content in operation.content.get("requestBody", {}).get("content", {}).items():
        if media_type in ("application/json", "text/csv"):
            headers["Content-Type"] = media_type
            shown = content["example"]
            body = shown.encode() if isinstance(shown, str) else json.dumps(_real(shown, known)).encode()
            return Asked(_asked_for(path, query), body, headers)
    return Asked(_asked_for(path, query), None, headers)


def _asked_for(path: str, query: list[str]) -> str:
    return f"{path}?{'&'.join(query)}" if query else path


def _real(example: Any, known: Mapping[str, str], name: str = "") -> Any:
    if isinstance(example, dict):
        return {key: _real(value, known, key) for key, value in example.items()}
    if isinstance(example, list):
        return [_real(value, known, name.removesuffix("s")) for value in example]
    if name in known:
        return known[name]
    if example != PLACEHOLDER:
        return example
    return find(IDS[name]) if name in IDS else str(new_id())


def token_for(operation: Operation, *, staff_no: str | None = None) -> str | None:
    """A token of somebody who may: a member of staff, their second factor shown, or else an integrator."""
    may = operation.content.get("x-access", [])
    if staff_no is None and not may:
        return None
    staff_no = staff_no or next((number for role, number in CALLERS.items() if role in may), None)
    if staff_no is None:
        return make.api_key(scopes=sorted(API_SCOPES))
    now = clock.now()
    with unit_of_work():
        person = db.session.scalars(select(Staff).where(Staff.staff_no == staff_no)).one()
        caller = Caller(address="127.0.0.1", device_name="example")
        return service.start_session(person, caller=caller, now=now, second_factor_at=now).access_token


def send(app: Flask, operation: Operation, asked: Asked, token: str | None) -> TestResponse:
    """The answer, which is one that the document has; what is to be changed is read before."""
    client = app.test_client(use_cookies=False)
    headers = dict(asked.headers) | ({"Authorization": f"Bearer {token}"} if token else {})
    if any(parameter["name"] == "If-Match" for parameter in operation.content.get("parameters", [])):
        read = {name: value for name, value in headers.items() if name == "Authorization"}
        headers["If-Match"] = _tag_of(client, asked.path, read)
    answer = client.open(asked.path, method=operation.method, headers=headers, data=asked.body)
    check_documented(app, operation.method, asked.path, answer)
    return answer


def _tag_of(client: FlaskClient, path: str, headers: dict[str, str]) -> str:
    """The tag of what is to be changed; what is decided on is a level above."""
    found = client.get(path, headers=headers)
    if found.status_code == 405 or "ETag" not in found.headers:
        found = client.get(path.rpartition("/")[0], headers=headers)
    return found.headers.get("ETag", '"0"')
