"""What was done for customers is written down once, kept, sealed, and tells whom to see to next."""

from datetime import date, timedelta
from typing import Any

import pytest
from flask import current_app
from sqlalchemy import func, select, text, update
from sqlalchemy.exc import IntegrityError

from benchmarks.size.watched import watching
from clienteling import service
from customers import service as customers_service
from guideapi.app import GuideApp
from kit import clock, jobs
from kit.db import db, unit_of_work
from kit.ids import new_id
from models import Customer, FollowUp, Staff, Store
from tests import make
from tests.client import Client


def said(customer: Customer, **fields: Any) -> dict[str, Any]:
    """A follow-up as the app sends it."""
    at = (clock.now() - timedelta(minutes=5)).isoformat()
    values = {"id": str(new_id()), "customer_id": str(customer.id), "at": at}
    return {**values, "channel": "call", "outcome": "reached", **fields}


def in_days(days: int) -> str:
    return (clock.now().date() + timedelta(days=days)).isoformat()


def due(client: Client, day: str) -> list[str]:
    answer = client.get(f"/v1/follow-ups?due={day}")
    assert answer.status_code == 200, answer.text
    return [item["id"] for item in answer.json["items"]]


def hand_over(customer: Customer, guide: Staff) -> None:
    with unit_of_work():
        customers_service.bind_customer(
            customer_id=customer.id, guide_id=guide.id, store_id=guide.store_id, reason="hand", now=clock.now()
        )


def test_double_tap_writes_once(as_guide: Client, guide: Staff) -> None:
    tap = said(make.bound_customer(guide), note="喜欢山茶花，生日在三月", next_on=in_days(7))
    first, second = (as_guide.post("/v1/follow-ups", json=tap) for _ in range(2))
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json == second.json
    assert first.json["note"] == "喜欢山茶花，生日在三月"
    assert db.session.scalar(select(func.count()).select_from(FollowUp)) == 1


def test_a_follow_up_names_the_customer_while_they_are_seen(as_guide: Client, guide: Staff) -> None:
    customer = make.customer(guide=guide, name="王小明")
    made = as_guide.post("/v1/follow-ups", json=said(db.session.get_one(Customer, customer), next_on=in_days(1)))
    assert made.json["customer_name"] == "王*"
    for query in ("", f"?due={in_days(1)}", f"?customer_id={customer}"):
        [listed] = as_guide.get(f"/v1/follow-ups{query}").json["items"]
        assert listed["customer_name"] == "王*"
    db.session.execute(text("UPDATE binding SET ended_at = now()"))
    db.session.commit()
    assert [one["customer_name"] for one in as_guide.get("/v1/follow-ups").json["items"]] == [None]


@pytest.mark.parametrize("change", [{"outcome": "bought"}, {"note": "x"}, {"next_on": "2026-01-01"}])
def test_an_id_stands_for_one_follow_up(as_guide: Client, guide: Staff, change: dict[str, Any]) -> None:
    tap = said(make.bound_customer(guide))
    as_guide.post("/v1/follow-ups", json=tap)
    again = as_guide.post("/v1/follow-ups", json={**tap, **change})
    assert (again.status_code, again.json["code"]) == (409, "follow_up_id_taken")


def test_anothers_id_is_taken(client: Client, as_guide: Client, guide: Staff) -> None:
    tap = said(make.bound_customer(guide))
    as_guide.post("/v1/follow-ups", json=tap)
    other = client.sign_in(make.guide(store_id=guide.store_id))
    assert other.post("/v1/follow-ups", json=tap).json["code"] == "follow_up_id_taken"


@pytest.mark.parametrize(("minutes_ago", "next_days"), [(-10, None), (60 * 24 * 91, None), (5, -3), (5, 800)], ids=str)
def test_times_must_be_plausible(as_guide: Client, guide: Staff, minutes_ago: int, next_days: int | None) -> None:
    at = (clock.now() - timedelta(minutes=minutes_ago)).isoformat()
    tap = said(make.bound_customer(guide), at=at, next_on=None if next_days is None else in_days(next_days))
    refused = as_guide.post("/v1/follow-ups", json=tap)
    assert (refused.status_code, refused.json["code"]) == (422, "follow_up_time_implausible")
    assert "+00:00" not in refused.json["detail"]


def test_only_for_customers_in_sight(as_guide: Client, as_manager: Client, guide: Staff) -> None:
    colleague = make.guide(store_id=guide.store_id)
    theirs, elsewhere = make.bound_customer(colleague), make.bound_customer(make.guide())
    assert as_guide.post("/v1/follow-ups", json=said(theirs)).json["code"] == "customer_not_found"
    assert as_manager.post("/v1/follow-ups", json=said(theirs)).status_code == 201
    assert as_manager.post("/v1/follow-ups", json=said(elsewhere)).json["code"] == "customer_not_found"


def test_what_was_done_offline_counts_though_the_customer_has_moved_on(as_guide: Client, guide: Staff) -> None:
    customer = make.bound_customer(guide)
    tap = said(customer, note="面谈")
    hand_over(customer, make.guide(store_id=guide.store_id))
    late = {**said(customer), "at": clock.now().isoformat()}
    [kept, refused] = as_guide.post("/v1/follow-ups/batch", json={"items": [tap, late]}).json["items"]
    assert (kept["outcome"], refused["outcome"], refused["code"]) == ("created", "rejected", "customer_not_found")
    [mine] = as_guide.get("/v1/follow-ups").json["items"]
    assert (mine["id"], mine["note"], mine["note_masked"]) == (tap["id"], None, True)


def test_queue_has_an_outcome_for_each_and_may_be_sent_again(as_guide: Client, guide: Staff) -> None:
    customer = make.bound_customer(guide)
    taps = [said(customer), {"id": 1}, said(customer, at="2020-01-01T00:00:00Z"), said(customer)]
    for expected in ("created", "unchanged"):
        answer = as_guide.post("/v1/follow-ups/batch", json={"items": taps})
        assert [item["outcome"] for item in answer.json["items"]] == [expected, "rejected", "rejected", expected]
        assert [item.get("code") for item in answer.json["items"]][1:3] == [
            "invalid_item",
            "follow_up_time_implausible",
        ]
    assert db.session.scalar(select(func.count()).select_from(FollowUp)) == 2


def test_a_correction_stands_for_what_it_corrects(as_guide: Client, guide: Staff) -> None:
    customer = make.bound_customer(guide)
    wrong = said(customer, next_on=in_days(1))
    as_guide.post("/v1/follow-ups", json=wrong)
    right = said(customer, at=wrong["at"], next_on=in_days(3), corrects_id=wrong["id"])
    assert as_guide.post("/v1/follow-ups", json=right).status_code == 201
    assert {item["id"]: item["corrected"] for item in as_guide.get("/v1/follow-ups").json["items"]} == {
        wrong["id"]: True,
        right["id"]: False,
    }
    assert (due(as_guide, in_days(2)), due(as_guide, in_days(3))) == ([], [right["id"]])
    again = as_guide.post("/v1/follow-ups", json={**right, "id": str(new_id())})
    assert (again.status_code, again.json["code"]) == (409, "follow_up_corrected")


def test_a_correction_is_for_ones_own_with_the_same_customer(client: Client, as_guide: Client, guide: Staff) -> None:
    customer, another = make.bound_customer(guide), make.bound_customer(guide)
    made = str(make.follow_up(guide=guide, customer=customer))
    for fields in (said(another, corrects_id=made), said(customer, corrects_id=str(new_id()))):
        assert as_guide.post("/v1/follow-ups", json=fields).json["code"] == "follow_up_not_yours"
    colleague = make.guide(store_id=guide.store_id)
    hand_over(customer, colleague)
    answer = client.sign_in(colleague).post("/v1/follow-ups", json=said(customer, corrects_id=made))
    assert answer.json["code"] == "follow_up_not_yours"


def test_the_newest_word_on_a_customer_says_when_next(as_guide: Client, guide: Staff) -> None:
    customer, today = make.bound_customer(guide), clock.now().date()
    make.follow_up(guide=guide, customer=customer, at=clock.now() - timedelta(hours=3), next_on=today)
    later = make.follow_up(guide=guide, next_on=today)
    sooner = make.follow_up(guide=guide, at=clock.now() - timedelta(days=9), next_on=today - timedelta(days=2))
    assert len(due(as_guide, in_days(0))) == 3
    make.follow_up(guide=guide, customer=customer)
    assert due(as_guide, in_days(0)) == [str(sooner), str(later)]
    page = as_guide.get(f"/v1/follow-ups?due={in_days(0)}&limit=1").json
    rest = as_guide.get(f"/v1/follow-ups?due={in_days(0)}&limit=1&cursor={page['next_cursor']}").json
    assert [item["id"] for item in (*page["items"], *rest["items"])] == [str(sooner), str(later)]


def test_what_is_due_goes_with_the_customer(client: Client, as_guide: Client, guide: Staff) -> None:
    customer = make.bound_customer(guide)
    made = make.follow_up(guide=guide, customer=customer, next_on=date.fromisoformat(in_days(0)))
    assert due(as_guide, in_days(0)) == [str(made)]
    colleague = make.guide(store_id=guide.store_id)
    hand_over(customer, colleague)
    assert due(as_guide, in_days(0)) == []
    assert due(client.sign_in(colleague), in_days(0)) == [str(made)]


def test_a_merged_customers_follow_ups_are_the_persons(as_guide: Client, guide: Staff) -> None:
    survivor, loser = make.bound_customer(guide), make.save(Customer(member_no="LOSER"))
    earlier = said(survivor, next_on=in_days(0))
    as_guide.post("/v1/follow-ups", json=earlier)
    with unit_of_work():
        db.session.execute(update(Customer).where(Customer.id == loser.id).values(merged_into_id=survivor.id))
    assert as_guide.post("/v1/follow-ups", json=said(loser, at=clock.now().isoformat())).status_code == 201
    listed = as_guide.get(f"/v1/follow-ups?customer_id={survivor.id}").json["items"]
    assert [item["customer_id"] for item in listed] == [str(survivor.id)] * 2
    assert due(as_guide, in_days(0)) == []
    fixed = said(survivor, at=earlier["at"], corrects_id=listed[0]["id"])
    assert as_guide.post("/v1/follow-ups", json=fixed).status_code == 201


def test_one_asks_for_a_customer_in_sight_or_for_what_is_due(as_guide: Client, guide: Staff) -> None:
    stranger, own = make.bound_customer(make.guide()), make.bound_customer(guide)
    assert as_guide.get(f"/v1/follow-ups?customer_id={stranger.id}").json["code"] == "customer_not_found"
    both = as_guide.get(f"/v1/follow-ups?customer_id={own.id}&due=2026-01-01")
    assert (both.status_code, both.json["code"]) == (422, "invalid")


def test_auditors_see_that_there_is_a_note_and_not_what_it_says(client: Client, guide: Staff) -> None:
    make.follow_up(guide=guide, note="秘密")
    [item] = client.sign_in(make.staff(roles=["auditor"])).get("/v1/follow-ups").json["items"]
    assert (item["note"], item["note_masked"]) == (None, True)


@pytest.mark.parametrize("role", ["store_manager", "regional_manager", "hq_admin", "auditor"])
def test_the_timeline_shows_a_note_to_whom_the_list_shows_it(client: Client, guide: Staff, role: str) -> None:
    customer = make.bound_customer(guide)
    make.follow_up(guide=guide, customer=customer, note="秘密")
    region_id = db.session.get_one(Store, guide.store_id).region_id
    reader = client.sign_in(make.staff(roles=[role], store_id=guide.store_id, region_id=region_id))
    [listed] = reader.get("/v1/follow-ups").json["items"]
    told = {one["kind"]: one for one in reader.get(f"/v1/customers/{customer.id}/timeline").json["items"]}
    assert told["follow_up"]["details"]["note"] == listed["note"] == (None if role == "auditor" else "秘密")


def test_notes_are_sealed_and_go_with_the_person(as_guide: Client, guide: Staff) -> None:
    customer = make.bound_customer(guide)
    erased, kept = (
        make.follow_up(guide=guide, customer=customer, note="13812345678"),
        make.follow_up(guide=guide, note="留下"),
    )
    stored = db.session.scalar(text("SELECT string_agg(to_jsonb(f)::text, '') FROM follow_up f"))
    assert "13812345678" not in stored
    assert b"13812345678".hex() not in stored
    with unit_of_work():
        gone = {"member_no": None, "erased_at": clock.now()}
        db.session.execute(update(Customer).where(Customer.id == customer.id).values(gone))
    shown = {item["id"]: item["note"] for item in as_guide.get("/v1/follow-ups").json["items"]}
    assert shown == {str(erased): None, str(kept): "留下"}
    with unit_of_work():
        assert service.forget_notes() == 1
    assert service.forget_notes() == 0
    notes = dict(db.session.execute(select(FollowUp.id, FollowUp.sealed_note)).all())
    assert notes[erased] is None
    assert notes[kept] is not None


def test_notes_are_sealed_anew_when_the_key_changes(
    as_guide: Client, guide: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = make.follow_up(guide=guide, note="旧钥匙")
    ring = dict(current_app.config["DATA_KEYS"])
    monkeypatch.setitem(current_app.config, "DATA_KEYS", {**ring, 9: b"9" * 32})
    with unit_of_work():
        assert service.reseal_notes() == made
    assert service.reseal_notes(after=made) is None
    monkeypatch.setitem(current_app.config, "DATA_KEYS", {9: b"9" * 32})
    assert as_guide.get("/v1/follow-ups").json["items"][0]["note"] == "旧钥匙"
    assert str(made) == as_guide.get("/v1/follow-ups").json["items"][0]["id"]


@pytest.mark.parametrize("statement", ["UPDATE follow_up SET outcome = 'bought'", "DELETE FROM follow_up"])
def test_what_was_written_stays(guide: Staff, statement: str) -> None:
    make.follow_up(guide=guide)
    with pytest.raises(IntegrityError, match="append-only"), unit_of_work():
        db.session.execute(text(statement))


def test_forgetting_notes_looks_only_at_who_was_erased(app: GuideApp) -> None:
    with watching([db.engine], as_if_large=True) as watched:
        jobs.perform("clienteling.jobs:forget_notes", {})
    reads = [(node.kind, node.table) for statement in watched.statements for node in statement.nodes if node.is_read]
    assert [table for kind, table in reads if kind == "Seq Scan"] == []
    assert any("ix_customer_erased" in str(statement.plan) for statement in watched.statements)
