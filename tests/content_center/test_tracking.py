"""The feed of touches, what does not count and why, figures, and confirmations."""

from datetime import UTC, datetime
from threading import Thread
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from flask import g
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from content_center import jobs, service
from guideapi.app import GuideApp
from kit.db import db, unit_of_work
from kit.web.cursors import write_cursor
from models import Staff
from tests import make
from tests.client import Client


def feed(client: Client, after: str | None = None) -> Any:
    answer = client.get("/v1/touches", query_string={"after": after} if after else {})
    assert answer.status_code == 200
    return answer.json


def test_guide_is_told_when_a_customer_opens_or_asks(as_guide: Client, guide: Staff) -> None:
    product = make.product(title="焕亮精华")
    forward = make.forward(guide=guide, of=make.content(products=[product.id]))
    make.touch(forward)
    make.touch(forward, counted=False, excluded_reason="crawler")
    make.touch(make.forward(guide=make.guide()))
    first = feed(as_guide)
    assert [(item["kind"], item["forward_id"]) for item in first["items"]] == [("open", str(forward.id))]
    assert feed(as_guide, first["next_after"]) == {"items": [], "next_after": first["next_after"]}
    make.touch(forward, kind="click", product_id=product.id)
    then = feed(as_guide, first["next_after"])["items"]
    assert [(item["kind"], item["product_title"]) for item in then] == [("click", "焕亮精华")]


def test_the_feed_names_whom_a_link_was_made_for_while_they_are_seen(as_guide: Client, guide: Staff) -> None:
    ids = [make.customer(guide=guide, name=name) for name in ("王小明", "李红")]
    for aimed_at in (ids[:1], ids):
        target = {"kind": "customers", "customer_ids": sorted(map(str, aimed_at))}
        make.touch(make.forward(guide=guide, target=target))
    assert [item["customer_name"] for item in feed(as_guide)["items"]] == ["王*", None]
    db.session.execute(text("UPDATE binding SET ended_at = now()"))
    db.session.commit()
    assert [item["customer_name"] for item in feed(as_guide)["items"]] == [None, None]


def test_feed_misses_nothing_that_commits_late(app: GuideApp, as_guide: Client, guide: Staff) -> None:
    """A touch with a lower id commits after one with a higher id: the feed waits for it."""
    forward = make.forward(guide=guide)
    db.session.rollback()
    insert = text(
        "INSERT INTO touch (forward_id, guide_id, kind, viewer, counted, sign, created_at) "
        "VALUES (:forward, :guide, 'open', :viewer, true, 'beacon', now())"
    )
    asked = {"forward": forward.id, "guide": guide.id}
    with db.engine.connect() as slow:
        slow.execute(insert, {**asked, "viewer": "slow"})
        with db.engine.begin() as quick:
            quick.execute(insert, {**asked, "viewer": "quick"})
        early = feed(as_guide)
        assert early["items"] == []
        slow.commit()
    assert len(feed(as_guide, early["next_after"])["items"]) == 2


def reset(client: Client, after: str, path: str = "/v1/touches") -> str:
    """Why the feed begins anew."""
    answer = client.get(path, query_string={"after": after})
    assert (answer.status_code, answer.json["code"]) == (410, "sync_reset"), answer.text
    return str(answer.json["reason"])


def test_a_position_of_something_else_begins_the_feed_anew(
    app: GuideApp, client: Client, as_guide: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = feed(as_guide)["next_after"]
    assert feed(as_guide, mine)["items"] == []
    assert reset(as_guide, "x") == reset(as_guide, f"x{mine}") == "not_ours"
    assert reset(as_guide, mine, "/v1/shelf-events") == "not_ours"
    assert reset(client.sign_in(make.guide()), mine) == "other_reader"
    with monkeypatch.context() as patched:
        patched.setitem(app.extensions, "database_identity", "1.1")
        elsewhere = feed(as_guide)["next_after"]
        assert reset(as_guide, mine) == "other_database"
    assert reset(as_guide, elsewhere) == "other_database"


def test_a_position_ahead_of_the_database_begins_the_feed_anew(as_guide: Client, guide: Staff) -> None:
    """As after a restore to an earlier state: what is written next has lower numbers than what was told."""
    make.touch(make.forward(guide=guide))
    with as_guide.app.test_request_context():
        g.principal = guide
        ahead = write_cursor([10**12, 1], name="feed touches 1")
    assert reset(as_guide, ahead) == "earlier_database"


def test_what_does_not_count_is_listed_with_its_reason(as_guide: Client, client: Client, guide: Staff) -> None:
    forward = make.forward(guide=guide)
    make.touch(forward)
    make.touch(forward, counted=False, excluded_reason="own")
    path = f"/v1/forwards/{forward.id}/touches"
    assert {item["excluded_reason"] for item in as_guide.get(path).json["items"]} == {None, "own"}
    excluded = as_guide.get(f"{path}?counted=false").json["items"]
    assert [item["excluded_reason"] for item in excluded] == ["own"]
    page = as_guide.get(f"{path}?limit=1").json
    rest = as_guide.get(f"{path}?limit=1&cursor={page['next_cursor']}").json
    assert {page["items"][0]["id"]} != {rest["items"][0]["id"]}
    stranger = client.sign_in(make.guide())
    assert stranger.get(path).json["code"] == "forward_not_found"


def test_forward_goes_from_intended_to_opened(as_guide: Client, client: Client, guide: Staff) -> None:
    forward = make.forward(guide=guide)
    path = f"/v1/forwards/{forward.id}"
    channel = client.with_token(make.api_key(scopes=["forwards:write"]))

    def state() -> str:
        found: str = as_guide.get(path).json["state"]
        return found

    assert state() == "intended"
    first = as_guide.post(f"{path}/confirmations", json={"kind": "client"})
    assert (first.status_code, first.json["customer_ids"]) == (200, [])
    assert as_guide.post(f"{path}/confirmations", json={"kind": "client"}).json == first.json
    assert state() == "client_confirmed"
    assert channel.post(f"{path}/confirmations", json={"kind": "channel"}).status_code == 200
    assert state() == "channel_confirmed"
    make.touch(forward)
    assert state() == "opened"


def test_confirmations_name_customers_of_the_target(as_guide: Client, guide: Staff) -> None:
    make.contact_policy()
    people = sorted(make.bound_customer(guide).id for _ in range(2))
    target = {"kind": "customers", "customer_ids": [str(id_) for id_ in people]}
    forward = make.forward(guide=guide, target=target)
    path = f"/v1/forwards/{forward.id}/confirmations"
    one = as_guide.post(path, json={"kind": "client", "customer_ids": [str(people[0])]})
    assert one.json["customer_ids"] == [str(people[0])]
    assert as_guide.post(path, json={"kind": "client"}).json["customer_ids"] == target["customer_ids"]
    wrong = as_guide.post(path, json={"kind": "client", "customer_ids": [str(uuid4())]})
    assert (wrong.status_code, wrong.json["code"]) == (422, "confirmation_target_unknown")


def test_each_confirms_what_they_know(as_guide: Client, client: Client, guide: Staff) -> None:
    path = f"/v1/forwards/{make.forward(guide=guide).id}/confirmations"
    channel = client.with_token(make.api_key(scopes=["forwards:write"]))
    for refused in (as_guide.post(path, json={"kind": "channel"}), channel.post(path, json={"kind": "client"})):
        assert (refused.status_code, refused.json["code"]) == (403, "confirmation_not_yours")
    stranger = client.sign_in(make.guide())
    assert stranger.post(path, json={"kind": "client"}).json["code"] == "forward_not_found"
    other = client.with_token(make.api_key(scopes=["orders:write"]))
    assert other.post(path, json={"kind": "channel"}).json["code"] == "forbidden"


def test_two_reports_at_once_confirm_once(app: GuideApp, as_guide: Client, guide: Staff) -> None:
    path = f"/v1/forwards/{make.forward(guide=guide).id}/confirmations"
    db.session.rollback()
    answers: list[Any] = []
    reports = [Thread(target=lambda: answers.append(as_guide.post(path, json={"kind": "client"}))) for _ in range(2)]
    for report in reports:
        report.start()
    for report in reports:
        report.join()
    assert [answer.status_code for answer in answers] == [200, 200]
    assert db.session.scalar(text("SELECT count(*) FROM forward_confirmation")) == 1


def test_touches_are_facts(app: GuideApp, guide: Staff) -> None:
    touch = make.touch(make.forward(guide=guide))
    for statement in ("UPDATE touch SET counted = false", "DELETE FROM touch", "TRUNCATE touch"):
        with pytest.raises(IntegrityError, match="append-only"), unit_of_work():
            db.session.execute(text(statement))
    partition = db.session.scalar(text("SELECT tableoid::regclass::text FROM touch"))
    assert partition == f"touch_{touch.created_at:%Y_%m}"
    with pytest.raises(IntegrityError, match="append-only"), unit_of_work():
        db.session.execute(text(f"UPDATE {partition} SET counted = false"))


def test_months_are_added_ahead_and_never_twice(app: GuideApp, guide: Staff) -> None:
    forward = make.forward(guide=guide)
    with time_machine.travel(datetime(2031, 5, 20, tzinfo=UTC)):
        for _ in range(2):
            with unit_of_work():
                jobs.add_months()
    months = "SELECT count(*) FROM pg_class WHERE relkind = 'r' AND relname IN ('touch_2031_05', 'touch_2031_08')"
    assert db.session.scalar(text(months)) == 2
    make.touch(forward, created_at=datetime(2031, 6, 1, tzinfo=UTC))
    make.touch(forward, created_at=datetime(2040, 6, 1, tzinfo=UTC))
    found = db.session.scalars(text("SELECT tableoid::regclass::text FROM touch ORDER BY created_at")).all()
    assert found == ["touch_2031_06", "touch_default"]
    with unit_of_work():
        service.add_months(now=datetime(2040, 6, 15, tzinfo=UTC))
    assert db.session.scalar(text("SELECT count(*) FROM touch")) == 2
