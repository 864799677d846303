"""All that happened to a customer, newest first, in one call and one statement."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import DateTime, Text, Uuid, cast, event, func, literal, null, select, update

from clienteling import queries
from clienteling.schemas import timeline
from guideapi.app import GuideApp
from kit import clock
from kit.db import db, unit_of_work
from kit.ids import new_id
from models import Consent, Contact, Customer, CustomerTag, Staff, Store
from tests import make
from tests.client import Client


def ago(**parts: float) -> datetime:
    return clock.now() - timedelta(**parts)


def kinds(client: Client, customer: Customer, query: str = "") -> list[str]:
    answer = client.get(f"/v1/customers/{customer.id}/timeline{query}")
    assert answer.status_code == 200, answer.text
    return [item["kind"] for item in answer.json["items"]]


def contact(customer: Customer, guide: Staff, reference_id: UUID, **columns: Any) -> Contact:
    defaults = {"reserved_at": ago(hours=3), "expires_at": ago(hours=2), "sent_at": ago(hours=3), "channel": "wecom"}
    return make.save(
        Contact(customer_id=customer.id, guide_id=guide.id, reference_id=reference_id, **{**defaults, **columns})
    )


def tag(customer: Customer, guide: Staff, **columns: Any) -> None:
    defaults = {"tag": "vip", "origin": "person", "created_at": ago(days=4)}
    make.save(CustomerTag(customer_id=customer.id, set_by=guide.id, **{**defaults, **columns}))


@pytest.fixture
def customer(guide: Staff) -> Customer:
    return make.bound_customer(guide, at=ago(days=20), created_at=ago(days=30))


def test_every_kind_of_fact_newest_first(as_guide: Client, guide: Staff, customer: Customer) -> None:
    store = db.session.get_one(Store, guide.store_id)
    order = make.order(
        store=store,
        member_no=customer.member_no,
        ordered_at=ago(days=5),
        lines=[make.line(paid=700, title="面霜 50ml")],
    )
    tag(customer, guide, removed_at=ago(days=2), removed_by=guide.id)
    make.save(
        Consent(
            customer_id=customer.id, channel="sms", granted=True, given_at=ago(days=3), origin="form",
            recorder_kind="staff", recorder_id=guide.id,
        )
    )  # fmt: skip
    forward = make.forward(guide=guide, target={"kind": "customers", "customer_ids": [str(customer.id)]})
    contact(customer, guide, forward.id)
    asked_about = make.product(title="面霜")
    touch = make.touch(forward, created_at=ago(hours=2), kind="click", product_id=asked_about.id)
    followed = make.follow_up(guide=guide, customer=customer, note="爱喝茶", at=ago(hours=1))
    items = as_guide.get(f"/v1/customers/{customer.id}/timeline").json["items"]
    assert [item["kind"] for item in items] == [
        "follow_up", "touch", "contact", "untagged", "consent", "tagged", "order", "bound", "registered",
    ]  # fmt: skip
    told = {item["kind"]: item for item in items}
    assert told["order"]["id"] == str(order.id)
    assert told["order"]["details"] == {
        "channel": "pos",
        "net": {"amount": 700, "currency": "CNY"},
        "goods": [{"title": "面霜 50ml", "quantity": 1}],
    }
    assert told["order"]["store_name"] == store.name
    assert (told["touch"]["id"], told["touch"]["details"]["touch"]) == (str(touch.id), "click")
    assert (told["touch"]["details"]["title"], told["touch"]["details"]["product_title"]) == ("秋日焕亮", "面霜")
    assert told["contact"]["details"]["title"] == "秋日焕亮"
    assert told["follow_up"]["id"] == str(followed)
    assert (told["follow_up"]["details"]["note"], told["follow_up"]["guide_name"]) == ("爱喝茶", guide.name)
    assert told["consent"]["details"] == {"channel": "sms", "granted": True, "origin": "form"}
    assert told["bound"]["details"] == {"reason": "scan"}


def test_what_is_not_this_customers_or_did_not_happen_is_left_out(
    as_guide: Client, guide: Staff, customer: Customer
) -> None:
    another = make.bound_customer(guide)
    both = {"kind": "customers", "customer_ids": [str(customer.id), str(another.id)]}
    to_both = make.forward(guide=guide, target=both)
    contact(customer, guide, to_both.id)
    make.touch(to_both)  # by either
    to_one = make.forward(guide=guide, target={"kind": "customers", "customer_ids": [str(customer.id)]})
    contact(customer, guide, to_one.id, sent_at=None)  # not sent
    make.touch(to_one, counted=False, excluded_reason="crawler")
    make.follow_up(guide=guide, customer=another)
    assert kinds(as_guide, customer) == ["contact", "bound", "registered"]


def test_a_corrected_follow_up_is_told_once(as_guide: Client, guide: Staff, customer: Customer) -> None:
    wrong = make.follow_up(guide=guide, customer=customer)
    right = make.follow_up(guide=guide, customer=customer, corrects_id=wrong)
    items = as_guide.get(f"/v1/customers/{customer.id}/timeline").json["items"]
    assert [item["id"] for item in items if item["kind"] == "follow_up"] == [str(right)]


def test_the_merged_ones_facts_are_the_persons(as_guide: Client, guide: Staff, customer: Customer) -> None:
    loser = make.save(Customer(member_no="LOSER"))
    store = db.session.get_one(Store, guide.store_id)
    make.order(store=store, member_no="LOSER", ordered_at=ago(days=5))
    with unit_of_work():
        db.session.execute(update(Customer).where(Customer.id == loser.id).values(merged_into_id=customer.id))
    assert "order" in kinds(as_guide, customer)
    assert kinds(as_guide, loser) == kinds(as_guide, customer)


def test_pages_neither_repeat_nor_skip(as_guide: Client, guide: Staff, customer: Customer) -> None:
    at = ago(days=1)
    for name in ("a", "b", "c"):  # all in one instant
        tag(customer, guide, tag=name, created_at=at)
    for _ in range(2):
        make.follow_up(guide=guide, customer=customer, at=at)
    whole = as_guide.get(f"/v1/customers/{customer.id}/timeline").json["items"]
    assert len(whole) == 7
    paged, cursor = [], ""
    while True:
        answer = as_guide.get(f"/v1/customers/{customer.id}/timeline?limit=2{cursor}").json
        paged += answer["items"]
        if answer["next_cursor"] is None:
            break
        cursor = f"&cursor={answer['next_cursor']}"
    assert paged == whole


def test_out_of_sight_is_not_found_and_auditors_read_no_notes(
    client: Client, as_guide: Client, guide: Staff, customer: Customer
) -> None:
    make.follow_up(guide=guide, customer=customer, note="秘密")
    stranger = client.sign_in(make.guide())
    assert stranger.get(f"/v1/customers/{customer.id}/timeline").json["code"] == "customer_not_found"
    assert as_guide.get(f"/v1/customers/{new_id()}/timeline").status_code == 404
    auditor = client.sign_in(make.staff(roles=["auditor"]))
    [told, *_] = auditor.get(f"/v1/customers/{customer.id}/timeline").json["items"]
    assert (told["kind"], told["details"]["note"]) == ("follow_up", None)


@pytest.fixture
def registered_facts(app: GuideApp, customer: Customer) -> Iterator[None]:
    """A kind of fact of a room above."""
    nobody, at = cast(null(), Uuid), literal(ago(minutes=5), DateTime(timezone=True))
    rows = select(
        Customer.id.label("customer_id"), cast(literal("1"), Text).label("id"), at.label("at"),
        nobody.label("guide_id"), nobody.label("store_id"), func.jsonb_build_object("points", 3).label("details"),
    )  # fmt: skip
    own = app.extensions["timeline_facts"]
    app.extensions["timeline_facts"] = (*own, queries.Facts("points", rows))
    yield
    app.extensions["timeline_facts"] = own


def test_rooms_above_add_their_facts_and_it_stays_one_statement(
    registered_facts: None, guide: Staff, customer: Customer
) -> None:
    seen: list[str] = []

    def note(*arguments: Any) -> None:
        seen.append(arguments[2])

    event.listen(db.engine, "before_cursor_execute", note)
    rows = queries.list_timeline(customer.id, principal=make.principal_of(guide), after=None, limit=2)
    event.remove(db.engine, "before_cursor_execute", note)
    assert [row["kind"] for row in rows] == ["points", "bound"]
    assert rows[0]["details"] == {"points": 3}
    assert len([statement for statement in seen if "UNION ALL" in statement]) == len(seen) == 1


def test_every_kind_of_fact_has_a_shape_in_the_contract(app: GuideApp) -> None:
    assert {facts.kind for facts in app.extensions["timeline_facts"]} == timeline.KINDS.keys()
