"""Every 304 that the document promises is answered."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from guideapi.app import GuideApp
from integrations.rules import KINDS
from kit.db import db
from models import Placement, Staff, Store
from tests import make
from tests.client import Client
from tests.contract.document import Operation, operations

ROLES = ["hq_admin", "hq_content", "hq_catalog", "hq_commission", "hq_finance", "guide", "store_manager"]
ASKED = {"/v1/leaderboards": {"metric": "net_sales", "scope": "company"}}


@pytest.fixture
def everything(client: Client, guide: Staff) -> tuple[Client, dict[str, Any]]:
    """Somebody who may see it all, and the ids of something of each kind."""
    store = guide.store_id
    admin = client.sign_in(make.staff(roles=ROLES, store_id=store))
    segment = admin.post("/v1/segments", json={"name": "VIP", "filter": {}})
    # A country that no migration brings.
    admin.post("/v1/calendars/SG/years", json={"year": 2026, "decree": "MOM 2025", "days": []})
    hook = {"name": "ERP", "url": "https://example.com/hooks", "kinds": [KINDS[0]]}
    subscription = admin.post("/v1/webhooks/subscriptions", json=hook)
    return admin, {
        "content_id": make.content().id,
        "country": "SG",
        "customer_id": make.customer(guide=guide),
        "month": "2026-11",
        "placement_id": db.session.scalars(select(Placement.id).where(Placement.staff_id == guide.id)).first(),
        "plan_id": make.task_plan(by=guide)["id"],
        "region_id": make.region().id,
        "segment_id": segment.json["id"],
        "staff_id": guide.id,
        "store_id": store,
        "subscription_id": subscription.json["id"],
        "target_id": make.target(store=db.session.get_one(Store, store), month=date(2026, 11, 1), amount=100),
        "year": 2026,
    }


def promised(app: GuideApp) -> list[Operation]:
    return [operation for operation in operations(app) if "304" in operation.content["responses"]]


def test_every_promised_304_is_answered(app: GuideApp, everything: tuple[Client, dict[str, Any]]) -> None:
    admin, ids = everything
    assert len(promised(app)) > 15
    for operation in promised(app):
        path = operation.path.format(**ids)
        first = admin.get(path, query_string=ASKED.get(path))
        assert first.status_code == 200, (operation.name, first.text)
        again = admin.get(path, query_string=ASKED.get(path), headers={"If-None-Match": first.headers["ETag"]})
        assert (again.status_code, again.data) == (304, b""), operation.name
        assert again.headers["ETag"] == first.headers["ETag"], operation.name
