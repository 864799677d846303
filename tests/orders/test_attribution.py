"""Who gets credit, and why the others do not."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from customers import service as customers_service
from kit import clock
from kit.db import db, unit_of_work
from models import Attribution, Forward, OrderLine, Staff, Store, Touch
from orders.rules import attribution as rules
from orders.rules.attribution import Candidate
from tests import make
from tests.client import Client

NOON = datetime(2026, 5, 1, 4, tzinfo=UTC)
KINDS = st.sampled_from(rules.PRECEDENCE)
FLAWS = st.sampled_from([None, "not_employed", "window_expired"])
PEOPLE = [uuid4() for _ in range(3)]


@st.composite
def candidates(draw: st.DrawFn) -> list[Candidate]:
    claims = st.builds(Candidate, KINDS, st.sampled_from(PEOPLE), st.just(NOON), st.integers(1, 10_000), FLAWS)
    return draw(st.lists(claims, max_size=6))


@given(candidates())
def test_best_sound_claim_wins_and_every_other_has_a_reason(claims: list[Candidate]) -> None:
    decision = rules.decide(claims)
    sound = [claim for claim in claims if claim.flaw is None]
    assert [verdict.candidate for verdict in decision.verdicts] == claims
    assert [verdict.reason for verdict in decision.verdicts].count("won") == (1 if sound else 0)
    assert all(v.reason == v.candidate.flaw for v in decision.verdicts if v.candidate.flaw)
    if sound:
        best = min(rules.PRECEDENCE.index(claim.kind) for claim in sound)
        assert decision.reason == rules.PRECEDENCE[best]
        assert decision.guide_id in {claim.guide_id for claim in sound if claim.kind == decision.reason}
    else:
        assert decision.guide_id is None


@pytest.mark.parametrize(
    ("after_touch", "flaw"),
    [
        (timedelta(0), None),
        (timedelta(days=7), None),
        (timedelta(days=7, seconds=1), "window_expired"),
        (timedelta(seconds=-1), "touched_later"),
    ],
)
def test_share_window(after_touch: timedelta, flaw: str | None) -> None:
    assert rules.flaw_of_share(touched_at=NOON, by_person=True, ordered_at=NOON + after_touch) == flaw
    assert rules.flaw_of_share(touched_at=NOON, by_person=False, ordered_at=NOON + after_touch) == "no_human_sign"


def test_a_claim_counts_from_its_confirmation() -> None:
    def flaw(confirmed_at: datetime | None) -> str | None:
        return rules.flaw_of_binding(bound_at=NOON, ended_at=None, confirmed_at=confirmed_at, ordered_at=NOON)

    assert [flaw(NOON), flaw(NOON + timedelta(seconds=1)), flaw(None)] == [None, "unconfirmed", "unconfirmed"]


def test_binding_counts_from_its_start_until_before_its_end() -> None:
    def flaw(at: datetime) -> str | None:
        ended_at = NOON + timedelta(hours=1)
        return rules.flaw_of_binding(bound_at=NOON, ended_at=ended_at, confirmed_at=NOON, ordered_at=at)

    assert [flaw(NOON + timedelta(minutes=minutes)) for minutes in (-1, 0, 59, 60)] == [
        "not_bound",
        None,
        None,
        "not_bound",
    ]


def test_employment_includes_both_ends() -> None:
    dates = {"hired_on": date(2026, 1, 2), "left_on": date(2026, 1, 3)}
    flaws = [rules.flaw_of_person(**dates, day=date(2026, 1, day)) for day in (1, 2, 3, 4)]
    assert flaws == ["not_employed", None, None, "not_employed"]


def store_of(guide: Staff) -> Store:
    found = db.session.get(Store, guide.store_id)
    assert found is not None
    return found


def forward_of(guide: Staff, *, token: str, at: datetime) -> Forward:
    forward = make.forward(guide=guide, at=at)
    forward.token = token
    return make.save(forward)


def decided(line_no: int = 1) -> Attribution:
    db.session.expire_all()
    statement = select(Attribution).join(OrderLine).where(OrderLine.line_no == line_no)
    return db.session.scalars(statement).one()


def reasons(attribution: Attribution) -> dict[UUID, str]:
    return {UUID(candidate["guide_id"]): candidate["reason"] for candidate in attribution.candidates}


def test_serving_beats_share_beats_binding(guide: Staff) -> None:
    store, now = store_of(guide), clock.now()
    sharer, own = (make.guide(store_id=guide.store_id) for _ in range(2))
    forward_of(sharer, token="tok", at=now - timedelta(days=2))
    with unit_of_work():
        customer_id = customers_service.ensure_customers({"M1": None})["m1"]
        customers_service.bind_customer(
            customer_id=customer_id, guide_id=own.id, store_id=store.id, reason="scan", now=now - timedelta(days=3)
        )
    source = make.order_source()
    item = make.order_item(store=store, served_by=guide, member_no="M1", share_token="tok")
    make.take_orders(source, [item])
    assert (decided().guide_id, decided().reason, decided().policy_version) == (guide.id, "serving", 1)
    assert reasons(decided()) == {guide.id: "won", sharer.id: "outranked", own.id: "outranked"}
    make.take_orders(source, [{**item, "version": 2, "serving": []}])
    assert (decided().guide_id, decided().reason) == (sharer.id, "share")
    make.take_orders(source, [{**item, "version": 3, "serving": [], "share_token": None}])
    assert (decided().guide_id, decided().reason) == (own.id, "bound")
    make.take_orders(source, [{**item, "version": 4, "serving": [], "share_token": None, "member_no": None}])
    assert (decided().guide_id, decided().reason, decided().candidates) == (None, "no_candidate", [])


def test_line_may_have_its_own_guides_and_the_larger_share_wins(guide: Staff) -> None:
    other = make.guide(store_id=guide.store_id)
    shared = [{"staff_no": guide.staff_no, "share_bp": 4_000}, {"staff_no": other.staff_no, "share_bp": 6_000}]
    make.order(store=store_of(guide), served_by=guide, lines=[make.line(1), make.line(2, serving=shared)])
    assert decided(1).guide_id == guide.id
    assert decided(2).guide_id == other.id
    assert reasons(decided(2)) == {guide.id: "smaller_share", other.id: "won"}
    line = db.session.scalars(select(OrderLine).where(OrderLine.line_no == 2)).one()
    assert (line.serving_guide_ids, line.serving_shares_bp) == ([guide.id, other.id], [4_000, 6_000])


def test_who_had_left_gets_nothing(guide: Staff) -> None:
    guide.left_on = make.yesterday() - timedelta(days=3)
    make.save(guide)
    make.order(store=store_of(guide), served_by=guide)
    assert (decided().guide_id, decided().reason) == (None, "none_qualified")
    assert reasons(decided()) == {guide.id: "not_employed"}


def test_a_later_counted_touch_reopens_the_window_and_a_crawlers_does_not(guide: Staff) -> None:
    now = clock.now()
    forward = forward_of(guide, token="tok", at=now - timedelta(days=20))
    source, store = make.order_source(), store_of(guide)
    item = make.order_item(store=store, share_token="tok")
    touched = {"forward_id": forward.id, "guide_id": guide.id, "kind": "open", "created_at": now - timedelta(days=1)}
    make.save(Touch(**touched, counted=False, excluded_reason="crawler"))
    make.take_orders(source, [item])
    assert reasons(decided()) == {guide.id: "no_human_sign"}
    make.save(Touch(**touched, counted=True, sign="beacon"))
    make.take_orders(source, [{**item, "version": 2}])
    assert decided().guide_id == guide.id


def test_binding_in_force_when_it_was_ordered_counts(guide: Staff) -> None:
    now = clock.now()
    later = make.guide(store_id=guide.store_id)
    with unit_of_work():
        customer_id = customers_service.ensure_customers({"M1": None})["m1"]
        for person, days in ((guide, 90), (later, 1)):
            customers_service.bind_customer(
                customer_id=customer_id,
                guide_id=person.id,
                store_id=store_of(person).id,
                reason="scan",
                now=now - timedelta(days=days),
            )
    make.order(store=store_of(guide), member_no="M1", ordered_at=now - timedelta(days=2))
    assert decided().guide_id == guide.id
    assert reasons(decided()) == {guide.id: "won", later.id: "not_bound"}


def test_why_did_i_not_get_this(as_guide: Client, guide: Staff) -> None:
    other = make.guide(store_id=guide.store_id, name="李娜")
    shared = [{"staff_no": guide.staff_no, "share_bp": 4_000}, {"staff_no": other.staff_no, "share_bp": 6_000}]
    order = make.order(store=store_of(guide), lines=[make.line(1, serving=shared)])
    answer = as_guide.get(f"/v1/orders/{order.id}")
    assert answer.status_code == 200
    [line] = answer.json["lines"]
    assert (line["net"], line["guide_id"]) == ({"amount": 10_000, "currency": "CNY"}, str(other.id))
    why = as_guide.get(f"/v1/order-lines/{line['id']}/attribution").json
    assert (why["guide_name"], why["reason"], why["policy_version"]) == ("李娜", "serving", 1)
    assert [(c["guide_id"], c["share_bp"], c["reason"]) for c in why["candidates"]] == [
        (str(guide.id), 4_000, "smaller_share"),
        (str(other.id), 6_000, "won"),
    ]


def test_other_stores_orders_do_not_exist(client: Client, guide: Staff) -> None:
    order = make.order(store=store_of(guide), served_by=guide)
    line_id = db.session.scalars(select(OrderLine.id)).one()
    paths = (f"/v1/orders/{order.id}", f"/v1/order-lines/{line_id}/attribution")
    stranger = client.sign_in(make.guide())
    for path in paths:
        assert (stranger.get(path).status_code, stranger.get(path).json["code"]) == (404, "order_not_found")
        assert client.sign_in(make.staff(roles=["auditor"])).get(path).status_code == 200
    assert client.sign_in(make.staff(roles=["store_manager"])).get(paths[0]).status_code == 404


def test_credit_in_another_store_is_seen(client: Client, guide: Staff) -> None:
    order = make.order(store=make.store(), served_by=guide)
    assert client.sign_in(guide).get(f"/v1/orders/{order.id}").status_code == 200
