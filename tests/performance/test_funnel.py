"""What contents brought: forwarded, delivered, opened, asked about, ordered."""

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

import pytest

from kit import clock
from kit.db import db
from models import Forward, Staff, Store
from tests import make
from tests.client import Client


def figures(client: Client, **query: str) -> list[dict[str, Any]]:
    since, until = clock.now() - timedelta(days=2), clock.now() + timedelta(days=1)
    asked = {"since": since.isoformat(), "until": until.isoformat(), **query}
    answer = client.get("/v1/content-figures?" + "&".join(f"{name}={quote(value)}" for name, value in asked.items()))
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json["items"]
    return items


def test_figures_count_people_not_taps(as_editor: Client, guide: Staff) -> None:
    content = make.content(saying={"title": "秋日焕亮"})
    first, second = make.forward(guide=guide, of=content), make.forward(guide=guide, of=content, channel="wechat")
    make.forward(guide=guide)
    for forward, viewer in ((first, "a"), (first, "b"), (second, "a")):
        make.touch(forward, viewer=viewer)
    make.touch(first, kind="click", viewer="a")
    make.touch(first, kind="dwell", viewer="a", dwell_ms=3000)
    make.touch(second, kind="dwell", viewer="a", dwell_ms=5000)
    make.touch(second, counted=False, excluded_reason="crawler")
    row = figures(as_editor)[0]
    assert row == {
        "key": str(content.id),
        "label": "秋日焕亮",
        "forwards": 2,
        "delivered": 0,
        "opened": 2,
        "viewers": 2,
        "clicks": 1,
        "dwell_ms": 4000,
        "excluded": 1,
        "orders": 0,
        "net_sales": [],
    }
    by_channel = {row["key"]: row["forwards"] for row in figures(as_editor, by="channel", content_id=str(content.id))}
    assert by_channel == {"link": 1, "wechat": 1}


@pytest.mark.parametrize("by", ["version", "guide", "store"])
def test_figures_are_grouped_and_named(as_editor: Client, guide: Staff, by: str) -> None:
    make.touch(make.forward(guide=guide))
    rows = figures(as_editor, by=by)
    assert [(row["forwards"], row["viewers"]) for row in rows] == [(1, 1)]
    assert rows[0]["label"]


def test_figures_stay_within_sight(client: Client, as_guide: Client, as_manager: Client, guide: Staff) -> None:
    region = make.region()
    far = make.guide(store_id=make.store(region_id=region.id).id)
    content = make.content()
    for person in (guide, make.guide(store_id=guide.store_id), far):
        make.forward(guide=person, of=content)
    regional = client.sign_in(make.staff(roles=["regional_manager"], region_id=region.id))
    assert [row["forwards"] for row in figures(as_guide)] == [1]
    assert [row["forwards"] for row in figures(as_manager)] == [2]
    assert [row["forwards"] for row in figures(regional)] == [1]


def test_figures_need_a_period(as_guide: Client) -> None:
    answer = as_guide.get("/v1/content-figures?since=2026-02-01T00:00:00Z&until=2026-01-01T00:00:00Z")
    assert (answer.status_code, set(answer.json["errors"])) == (422, {"until"})


@pytest.fixture
def as_editor(client: Client) -> Client:
    """An editor at headquarters, signed in over HTTP."""
    return client.sign_in(make.staff(roles=["hq_content"]))


def order_through(forward: Forward, *, opened: datetime, **fields: Any) -> None:
    """An order that came through the link, which was opened at that time."""
    make.touch(forward, created_at=opened)
    store = db.session.get_one(Store, forward.store_id)
    make.order(store=store, share_token=forward.token, **fields)


def test_orders_that_came_through_a_link_are_counted_with_their_net_sales(as_editor: Client, guide: Staff) -> None:
    hours_ago = [clock.now() - timedelta(hours=hours) for hours in range(4)]
    forward = make.forward(guide=guide, at=hours_ago[3])
    lines = [make.line(1, paid=10_000, tax=1_000), make.line(2, paid=5_000), make.line(3, quantity=0, paid=0)]
    order_through(forward, opened=hours_ago[2], lines=lines)
    order_through(forward, opened=hours_ago[2], lines=[make.line(paid=700)])
    make.order(store=db.session.get_one(Store, guide.store_id))
    [row] = figures(as_editor)
    assert (row["orders"], row["net_sales"]) == (2, [{"amount": 14_700, "currency": "CNY"}])


def test_credit_for_whoever_served_takes_nothing_from_the_content(as_editor: Client, guide: Staff) -> None:
    forward = make.forward(guide=guide, at=clock.now() - timedelta(hours=3))
    colleague = make.guide(store_id=guide.store_id)
    order_through(forward, opened=clock.now() - timedelta(hours=2), served_by=colleague)
    assert figures(as_editor)[0]["orders"] == 1


def test_order_outside_the_window_of_the_link_is_none_of_the_contents(as_editor: Client, guide: Staff) -> None:
    long_ago = clock.now() - timedelta(days=20)
    forward = make.forward(guide=guide, at=long_ago)
    order_through(forward, opened=long_ago)
    [row] = figures(as_editor, since=(long_ago - timedelta(days=1)).isoformat())
    assert (row["opened"], row["orders"], row["net_sales"]) == (1, 0, [])


def test_net_sales_are_kept_apart_by_currency(as_editor: Client, guide: Staff) -> None:
    forward = make.forward(guide=guide, at=clock.now() - timedelta(hours=3))
    order_through(forward, opened=clock.now() - timedelta(hours=2))
    make.order(store=make.store(currency="HKD"), share_token=forward.token)
    [row] = figures(as_editor)
    assert (row["orders"], [sales["currency"] for sales in row["net_sales"]]) == (2, ["CNY", "HKD"])


def test_forward_that_was_confirmed_was_delivered(as_guide: Client, guide: Staff) -> None:
    path = f"/v1/forwards/{make.forward(guide=guide).id}/confirmations"
    assert as_guide.post(path, json={"kind": "client"}).status_code == 200
    assert figures(as_guide)[0]["delivered"] == 1


def test_another_stores_orders_are_not_seen_by_a_guide(client: Client, guide: Staff) -> None:
    forward = make.forward(guide=guide, at=clock.now() - timedelta(hours=3))
    order_through(forward, opened=clock.now() - timedelta(hours=2))
    assert figures(client.sign_in(make.guide())) == []
    assert figures(client.sign_in(guide))[0]["orders"] == 1
