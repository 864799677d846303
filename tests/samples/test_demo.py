"""The demo chain is worth looking at, everywhere, and loading it again changes nothing."""

import pytest
from sqlalchemy import func, select, text

from guideapi.app import GuideApp
from kit.db import Base, db, unit_of_work
from models import (
    AttributionDecision,
    Binding,
    Consent,
    DeadLetter,
    FollowUp,
    ForwardConfirmation,
    Order,
    Segment,
    SyncRun,
)
from samples.demo import chain, people
from tests.client import Client

DAYS = 2


@pytest.fixture
def demo(app: GuideApp) -> GuideApp:
    chain.load(trade_days=DAYS)
    return app


def rows() -> dict[str, int]:
    with unit_of_work():
        return {
            table.name: db.session.scalar(select(func.count()).select_from(table)) or 0
            for table in Base.metadata.sorted_tables
        }


def sign_in(client: Client, role: str) -> Client:
    staff_no, password = next((who, password) for held, who, password in people.logins() if held == role)
    answer = client.post("/v1/auth/token", json={"staff_no": staff_no, "password": password})
    assert answer.status_code == 200, (role, answer.text)
    return client.with_token(answer.json["access_token"])


def test_a_newcomer_finds_something_everywhere_and_a_second_load_changes_nothing(demo: GuideApp) -> None:
    client = Client(demo)
    guide = sign_in(client, "guide")
    for path in ("/v1/tasks", "/v1/content", "/v1/products", "/v1/commissions/entries", "/v1/forwards"):
        assert guide.get(path).json["items"], path
    assert any(content["forwardable"] for content in guide.get("/v1/content").json["items"])
    board = guide.get("/v1/leaderboards?metric=net_sales&scope=store").json
    assert len(board["items"]) == people.GUIDES_PER_STORE
    manager = sign_in(client, "store_manager")
    assert manager.get("/v1/task-plans").json["items"]
    [target] = manager.get("/v1/targets").json["items"]
    assert target["state"] == "approved"
    [today] = manager.get(f"/v1/stores/{target['store_id']}/roster").json["days"]
    assert (today["roster"], len(today["items"])) == ("full", people.GUIDES_PER_STORE + 1)
    for role, _, _ in people.logins():
        assert role in sign_in(client, role).get("/v1/me").json["roles"]

    everything_that_exists_is_there()
    before = rows()
    chain.load(trade_days=DAYS)
    after = rows()
    # The clock moved on, and with it what has happened today.
    assert {name: count for name, count in before.items() if after[name] < count} == {}
    for name in (*STEADY, "staff", "store", "content", "customer"):
        assert after[name] == before[name], name


STEADY = ("binding", "consent", "segment", "sync_run", "product", "product_image", "shelf_event")


def everything_that_exists_is_there() -> None:
    with unit_of_work():
        confirmed = dict(
            db.session.execute(select(Binding.confirmed_at.is_not(None), func.count()).group_by(text("1"))).all()
        )
        assert confirmed[True] > 100
        assert confirmed[False] > 5
        assert set(db.session.scalars(select(Consent.granted))) == {True, False}
        assert set(db.session.scalars(select(ForwardConfirmation.kind))) == {"client", "channel"}
        assert db.session.scalar(select(func.count()).select_from(FollowUp).where(FollowUp.next_on.is_not(None)))
        assert set(db.session.scalars(select(Segment.shared))) == {True, False}
        assert db.session.scalar(select(func.count()).select_from(Order).where(Order.share_token.is_not(None)))
        assert "share" in set(db.session.scalars(select(AttributionDecision.reason)))
        [run] = db.session.scalars(select(SyncRun)).all()
        assert run.state == "done"
        assert run.rejected == 2
        assert db.session.scalar(select(func.count()).select_from(DeadLetter)) == 0
