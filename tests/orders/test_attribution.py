"""Who gets credit, and why the others do not."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, text

from customers import service as customers_service
from kit import clock, money
from kit.db import db, unit_of_work
from models import AttributionDecision, Credit, Forward, OrderLine, Staff, Store, Touch
from orders.queries import sold_by_guides, sold_by_stores
from orders.rules import attribution as rules
from orders.rules.attribution import BindingSpan, Candidate, Part, Policy
from tests import make
from tests.client import Client
from tests.orders.decided import credited, decided

NOON = datetime(2026, 5, 1, 4, tzinfo=UTC)
FLAWS = st.sampled_from([None, None, "not_employed", "window_expired"])
PEOPLE = [uuid4() for _ in range(4)]
HALVES = (Part("serving", 6_000), Part("share", 4_000))
POLICIES = st.builds(
    Policy,
    precedence=st.permutations(rules.KINDS).map(tuple),
    splits=st.sampled_from([(), (HALVES,), ((Part("share", 2_500), Part("bound", 7_500)), HALVES)]),
)


@st.composite
def candidates(draw: st.DrawFn) -> list[Candidate]:
    people = st.sampled_from(PEOPLE)
    kinds = st.sampled_from([*rules.KINDS, "claim"])
    drawn = draw(
        st.lists(st.tuples(kinds, people, st.integers(1, 10_000), FLAWS), max_size=6, unique_by=lambda c: c[:2])
    )
    if sum(kind == "claim" for kind, *_ in drawn) > 1:
        drawn = [one for one in drawn if one[0] != "claim"]  # the last accepted one is the only one
    return [Candidate(kind, who, f"G{PEOPLE.index(who)}", NOON, share, flaw) for kind, who, share, flaw in drawn]


@given(candidates(), POLICIES)
def test_sale_goes_to_sound_claims_of_the_first_kind_and_all_others_have_a_reason(
    claims: list[Candidate], policy: Policy
) -> None:
    decision = rules.decide(claims, policy)
    sound = [claim for claim in claims if claim.flaw is None]
    sellers = [share for share in decision.shares if share.role == "seller"]
    assert [verdict.candidate for verdict in decision.verdicts] == claims
    assert all(v.reason == v.candidate.flaw for v in decision.verdicts if v.candidate.flaw)
    assert all(
        sum(share.share_bp for share in decision.shares if share.role == role) == money.WHOLE_BP
        for role in {share.role for share in decision.shares}
    )
    assert [share.place for share in sellers] == list(range(1, len(sellers) + 1))
    if not sound:
        assert (decision.reason, sellers) == ("none_qualified" if claims else "no_candidate", [])
        return
    winners = {v.candidate.guide_id for v in decision.verdicts if v.reason in ("won", "shared", "equal_share")}
    assert {share.beneficiary_id for share in sellers} <= winners
    kinds = {claim.kind for claim in sound}
    split = next((one for one in policy.splits if kinds >= {part.kind for part in one}), None)
    best = "claim" if "claim" in kinds else split[0].kind if split else next(k for k in policy.precedence if k in kinds)
    assert decision.reason == best
    # In whatever order they are listed.
    assert sorted(rules.decide(claims[::-1], policy).shares) == sorted(decision.shares)


def test_equals_share_equally_and_nobody_is_told_of_a_smaller_share() -> None:
    def told(*shares: int) -> tuple[list[str], list[int]]:
        claims = [Candidate("serving", PEOPLE[n], f"G{n}", NOON, share, None) for n, share in enumerate(shares)]
        decision = rules.decide(claims, Policy())
        return [v.reason for v in decision.verdicts], [s.share_bp for s in decision.shares if s.role == "seller"]

    assert told(5_000, 5_000) == (["equal_share", "equal_share"], [5_000, 5_000])
    assert told(7_000, 3_000) == (["shared", "shared"], [7_000, 3_000])
    assert told(10_000) == (["won"], [10_000])


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
    def flaw_of(*, by_person: bool, channel: str) -> str | None:
        ordered_at, policy = NOON + after_touch, Policy(share_windows={"live": 30})
        return rules.flaw_of_share(
            touched_at=NOON, by_person=by_person, ordered_at=ordered_at, channel=channel, policy=policy
        )

    assert flaw_of(by_person=True, channel="pos") == flaw
    assert flaw_of(by_person=True, channel="live") == (None if flaw == "window_expired" else flaw)
    assert flaw_of(by_person=False, channel="pos") == "no_human_sign"


def bound(
    *, bound_at: datetime = NOON, ended_at: datetime | None = None, confirmed_at: datetime | None = NOON
) -> BindingSpan:
    return BindingSpan(PEOPLE[0], bound_at, ended_at, confirmed_at)


def test_a_claim_counts_from_its_confirmation() -> None:
    def flaw(confirmed_at: datetime | None) -> str | None:
        [found] = rules.flaws_of_bindings([bound(confirmed_at=confirmed_at)], ordered_at=NOON, policy=Policy())
        return found

    assert [flaw(NOON), flaw(NOON + timedelta(seconds=1)), flaw(None)] == [None, "unconfirmed", "unconfirmed"]


def test_binding_counts_from_its_start_until_before_its_end() -> None:
    def flaw(at: datetime) -> str | None:
        held = bound(ended_at=NOON + timedelta(hours=1))
        [found] = rules.flaws_of_bindings([held], ordered_at=at, policy=Policy())
        return found

    assert [flaw(NOON + timedelta(minutes=minutes)) for minutes in (-1, 0, 59, 60)] == [
        "not_bound",
        None,
        None,
        "not_bound",
    ]


def test_who_had_the_customer_keeps_the_claim_while_protected() -> None:
    handed_on = NOON + timedelta(days=10)
    taken = BindingSpan(PEOPLE[1], handed_on, None, handed_on)
    held = [bound(ended_at=handed_on), taken]

    def flaws(after: timedelta) -> list[str | None]:
        return rules.flaws_of_bindings(held, ordered_at=handed_on + after, policy=Policy(protection_days=3))

    assert flaws(timedelta(days=2)) == [None, "protected_from"]
    assert flaws(timedelta(days=3)) == ["not_bound", None]
    assert rules.flaws_of_bindings(held, ordered_at=handed_on, policy=Policy()) == ["not_bound", None]


def test_employment_includes_both_ends() -> None:
    dates = {"hired_on": date(2026, 1, 2), "left_on": date(2026, 1, 3)}
    flaws = [rules.flaw_of_person(**dates, day=date(2026, 1, day)) for day in (1, 2, 3, 4)]
    assert flaws == ["not_employed", None, None, "not_employed"]


def test_parts_are_the_same_in_sql(app: object) -> None:
    """kit.money.split_fen and its twin, of amounts and shares that leave remainders."""
    shares = [[10_000], [5_000, 5_000], [3_333, 3_333, 3_334], [1, 9_998, 1], [6_667, 1_667, 1_000, 666]]
    for amount in (0, 1, -1, 2, 10, 333, 1_000, 667, -667, 99_999, 10**12 + 1, -(10**12) - 1):
        for shares_bp in shares:
            parts = db.session.scalars(
                text("SELECT split_fen(:amount, :shares, n) FROM generate_series(1, cardinality(:shares)) AS n"),
                {"amount": amount, "shares": shares_bp},
            ).all()
            assert list(parts) == money.split_fen(amount, shares_bp), (amount, shares_bp)


def store_of(guide: Staff) -> Store:
    found = db.session.get(Store, guide.store_id)
    assert found is not None
    return found


def forward_of(guide: Staff, *, token: str, at: datetime) -> Forward:
    forward = make.forward(guide=guide, at=at)
    forward.token = token
    return make.save(forward)


def reasons(decision: AttributionDecision) -> dict[UUID, str]:
    return {UUID(candidate["guide_id"]): candidate["reason"] for candidate in decision.candidates}


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
    assert (credited(), decided().reason, decided().policy_version) == ({guide.id: 10_000}, "serving", 1)
    assert reasons(decided()) == {guide.id: "won", sharer.id: "outranked", own.id: "outranked"}
    make.take_orders(source, [{**item, "version": 2, "serving": []}])
    assert (credited(), decided().reason) == ({sharer.id: 10_000}, "share")
    make.take_orders(source, [{**item, "version": 3, "serving": [], "share_token": None}])
    assert (credited(), decided().reason) == ({own.id: 10_000}, "bound")
    make.take_orders(source, [{**item, "version": 4, "serving": [], "share_token": None, "member_no": None}])
    assert (credited(), decided().reason, decided().candidates) == ({}, "no_candidate", [])


def test_line_may_have_its_own_guides_and_those_who_share_it_share_the_credit(guide: Staff) -> None:
    other = make.guide(store_id=guide.store_id)
    shared = [{"staff_no": guide.staff_no, "share_bp": 4_000}, {"staff_no": other.staff_no, "share_bp": 6_000}]
    store = store_of(guide)
    lines = [make.line(1, paid=1_001), make.line(2, paid=333, quantity=3, serving=shared)]
    order = make.order(store=store, served_by=guide, lines=lines)
    assert credited(1) == {guide.id: 10_000}
    assert credited(2) == credited(2, role="serving") == {guide.id: 4_000, other.id: 6_000}
    assert credited(2, role="ordering_store") == credited(2, role="fulfilling_store") == {store.id: 10_000}
    assert reasons(decided(2)) == {guide.id: "shared", other.id: "shared"}
    line = db.session.scalars(select(OrderLine).where(OrderLine.line_no == 2)).one()
    assert (line.serving_guide_ids, line.serving_shares_bp) == ([guide.id, other.id], [4_000, 6_000])
    days = {"first": order.business_day, "last": order.business_day}
    [sold] = sold_by_stores([store.id], **days).values()
    parts = {key[1]: part for key, part in sold_by_guides([store.id], **days).items()}
    assert tuple(parts[guide.id]) == (1_001 + 133, 1_001 + 133, 7_000, 10_000 + 12_000)
    assert tuple(parts[other.id]) == (200, 200, 3_000, 18_000)
    whole = (sold.net_sales_fen, sold.settled_sales_fen, 10_000 * sold.orders, 10_000 * sold.units)
    assert tuple(map(sum, zip(*parts.values(), strict=True))) == whole


def test_same_again_is_no_new_decision_and_what_was_decided_is_kept(guide: Staff) -> None:
    other = make.guide(store_id=guide.store_id)
    source = make.order_source()
    item = make.order_item(store=store_of(guide), served_by=guide)
    make.take_orders(source, [item])
    first = decided()
    make.take_orders(source, [{**item, "version": 2, "lines": [make.line(1, paid=9_000)]}])
    assert decided().id == first.id
    make.take_orders(source, [{**item, "version": 3, "serving": [{"staff_no": other.staff_no, "share_bp": 10_000}]}])
    assert (credited(), decided().order_revision) == ({other.id: 10_000}, 3)
    kept = db.session.scalars(
        select(Credit.beneficiary_id).where(Credit.decision_id == first.id, Credit.role == "seller")
    )
    assert kept.all() == [guide.id]


def test_who_had_left_gets_nothing(guide: Staff) -> None:
    guide.left_on = make.yesterday() - timedelta(days=3)
    make.save(guide)
    make.order(store=store_of(guide), served_by=guide)
    assert (credited(), decided().reason) == ({}, "none_qualified")
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
    assert set(credited()) == {guide.id}


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
    assert set(credited()) == {guide.id}
    assert reasons(decided()) == {guide.id: "won", later.id: "not_bound"}


def test_why_did_i_not_get_this(as_guide: Client, guide: Staff) -> None:
    other = make.guide(store_id=guide.store_id, name="李娜")
    shared = [{"staff_no": guide.staff_no, "share_bp": 5_000}, {"staff_no": other.staff_no, "share_bp": 5_000}]
    source, store = make.order_source(), store_of(guide)
    item = make.order_item(store=store, served_by=guide)
    order = make.order(source=source, **{**item, "store": store})
    make.take_orders(source, [{**item, "version": 2, "serving": shared}])
    answer = as_guide.get(f"/v1/orders/{order.id}")
    assert answer.status_code == 200
    [line] = answer.json["lines"]
    sellers = sorted([(str(guide.id), 5_000), (str(other.id), 5_000)])
    assert line["net"] == {"amount": 10_000, "currency": "CNY"}
    assert sorted((one["guide_id"], one["share_bp"]) for one in line["sellers"]) == sellers
    why = as_guide.get(f"/v1/order-lines/{line['id']}/attribution").json
    assert (why["reason"], why["policy_version"], why["revision"], why["before"]) == ("serving", 1, 2, why["before"])
    assert sorted((c["id"], c["share_bp"]) for c in why["credits"] if c["role"] == "seller") == sellers
    assert {c["role"]: c["name"] for c in why["credits"]}["ordering_store"] == store.name
    assert [(c["guide_name"], c["share_bp"], c["reason"]) for c in why["candidates"]] == [
        (guide.name, 5_000, "equal_share"),
        ("李娜", 5_000, "equal_share"),
    ]
    [before] = why["before"]
    assert (before["revision"], before["candidates"][0]["reason"]) == (1, "won")
    assert [c["id"] for c in before["credits"] if c["role"] == "seller"] == [str(guide.id)]


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
