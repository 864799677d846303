"""A guide claims a sale that counts for somebody else; somebody without a part in it decides."""

from datetime import timedelta
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from guideapi.app import GuideApp
from kit import clock
from kit.db import db, unit_of_work
from kit.ids import new_id
from kit.principal import Principal, Reach
from models import AttributionDecision, CommissionPlan, Credit, CreditClaim, Order, OrderLine, Source, Staff, Store
from orders.incoming import OrderItem
from orders.service import ingest_orders
from orders.service.claims import ClaimDecided, ClaimOpen, claim_line, decide_claim
from tests import make
from tests.client import Client
from tests.commissions.ledger import balances
from tests.orders.decided import credited, decided, with_sellers
from tests.races import race


class Scene(NamedTuple):
    """A sale that counts for one guide, and another who claims it."""

    store: Store
    till: Source
    item: dict[str, Any]
    line_id: UUID
    seller: Staff
    claimant: Staff


@pytest.fixture
def scene(guide: Staff) -> Scene:
    store, till = db.session.get_one(Store, guide.store_id), make.order_source()
    item = make.order_item(store=store, served_by=guide)
    make.take_orders(till, [item])
    line_id = db.session.scalars(select(OrderLine.id)).one()
    return Scene(store, till, item, line_id, guide, make.guide(store_id=guide.store_id))


def ask(caller: Client, path: str, **body: Any) -> Any:
    return caller.post(path, json=body, headers={"Idempotency-Key": str(new_id())})


def claim(caller: Client, line_id: UUID, **body: Any) -> Any:
    return ask(caller, f"/v1/order-lines/{line_id}/claims", evidence="试用登记在我名下", **body)


def decide(caller: Client, claim_id: str, *, accept: bool = True) -> Any:
    return ask(caller, f"/v1/claims/{claim_id}/decision", accept=accept, explanation="登记相符")


def test_an_accepted_claim_moves_the_credit_and_the_pay(client: Client, scene: Scene) -> None:
    make.plan_version({"rate_bp": 1_000})
    make.post_all()
    before = decided()
    mine = client.sign_in(scene.claimant)
    made = claim(mine, scene.line_id, share_bp=4_000)
    assert (made.status_code, made.json["state"], made.json["guide_name"]) == (201, "open", scene.claimant.name)
    # Until it is decided, nothing has changed.
    assert credited() == {scene.seller.id: 10_000}
    assert claim(client.sign_in(make.guide(store_id=scene.store.id)), scene.line_id).json["code"] == "claim_open"
    manager = client.sign_in(make.staff(roles=["store_manager"], store_id=scene.store.id))
    [listed] = manager.get("/v1/claims?state=open").json["items"]
    assert listed["id"] == made.json["id"]
    done = decide(manager, made.json["id"])
    assert (done.status_code, done.json["state"], done.json["explanation"]) == (200, "accepted", "登记相符")
    assert credited() == credited(role="serving") == {scene.seller.id: 6_000, scene.claimant.id: 4_000}
    why = mine.get(f"/v1/order-lines/{scene.line_id}/attribution").json
    assert (why["reason"], why["cause"], why["before"][0]["decision_id"]) == ("claim", "claim", str(before.id))
    assert {one["kind"]: one["reason"] for one in why["candidates"]} == {"claim": "shared", "serving": "shared"}
    make.post_all()
    assert balances() == {scene.seller.id: 600, scene.claimant.id: 400, None: -1_000}
    assert decide(manager, made.json["id"]).json["code"] == "claim_decided"
    assert mine.get("/v1/claims?state=open").json["items"] == []
    # A correction of the receipt does not undo it, and what comes back is taken from both.
    make.take_orders(scene.till, [{**scene.item, "version": 2, "lines": [make.line(1, paid=5_000)]}])
    assert credited() == {scene.seller.id: 6_000, scene.claimant.id: 4_000}
    make.take_refunds(scene.till, [make.refund_item(store=scene.store, order=scene.item["external_id"])])
    make.post_all()
    assert balances() == {}


def test_a_rejected_claim_changes_nothing_and_another_may_follow(client: Client, scene: Scene) -> None:
    before = decided().id
    first = claim(client.sign_in(scene.claimant), scene.line_id)
    boss = client.sign_in(make.staff(roles=["hq_commission"]))
    assert decide(boss, first.json["id"], accept=False).json["state"] == "rejected"
    assert decided().id == before
    assert claim(client.sign_in(scene.claimant), scene.line_id).status_code == 201


def test_nobody_decides_in_their_own_favour(client: Client, scene: Scene) -> None:
    selling = make.staff(roles=["store_manager"], store_id=scene.store.id)
    theirs = claim(client.sign_in(selling), scene.line_id)
    assert (decide(client.sign_in(selling), theirs.json["id"]).status_code, decided().reason) == (403, "serving")
    refused = decide(client.sign_in(selling), theirs.json["id"])
    assert refused.json["code"] == "in_own_favour"
    # Nor for who has it already, by rejecting what others claim.
    served = [{"staff_no": selling.staff_no, "share_bp": 10_000}]
    make.take_orders(scene.till, [{**scene.item, "version": 2, "serving": served}])
    boss = client.sign_in(make.staff(roles=["hq_commission"]))
    assert decide(boss, theirs.json["id"], accept=False).status_code == 200
    others = claim(client.sign_in(scene.claimant), scene.line_id)
    assert decide(client.sign_in(selling), others.json["id"], accept=False).json["code"] == "in_own_favour"


def test_what_cannot_be_claimed(client: Client, scene: Scene) -> None:
    mine = client.sign_in(scene.claimant)
    assert claim(client.sign_in(scene.seller), scene.line_id).json["code"] == "already_credited"
    stranger = client.sign_in(make.guide())
    assert (claim(stranger, scene.line_id).status_code, stranger.get("/v1/claims").json["items"]) == (404, [])
    made = claim(mine, scene.line_id)
    elsewhere = client.sign_in(make.staff(roles=["store_manager"], store_id=make.store().id))
    assert decide(elsewhere, made.json["id"]).json["code"] == "claim_not_found"
    long_ago = make.order(source=scene.till, store=scene.store, ordered_at=clock.now() - timedelta(days=16))
    make.take_refunds(scene.till, [make.refund_item(store=scene.store, order=scene.item["external_id"])])
    by_order = select(OrderLine.id).join(Order)
    [old] = db.session.scalars(by_order.where(Order.id == long_ago.id))
    [back] = db.session.scalars(by_order.where(Order.receipt_kind == "refund"))
    assert claim(mine, old).json["code"] == "claim_window_over"
    assert claim(mine, back).json["code"] == "not_claimable"
    bad = claim(mine, scene.line_id, share_bp=0)
    assert (bad.status_code, list(bad.json["errors"])) == (422, ["share_bp"])


def ingest(till: Source, item: dict[str, Any]) -> None:
    """A batch of one, within a unit of work that there is."""
    numbered = list(enumerate(msgspec.convert([item], list[OrderItem])))
    ingest_orders(source=till.code, items=numbered, now=clock.now())


def _principal(guide: Staff) -> Principal:
    return Principal(id=guide.id, kind="staff", name=guide.name, reach=Reach.SELF, store_id=guide.store_id)


def test_two_claims_at_once_and_a_claim_beside_a_correction(app: GuideApp, scene: Scene) -> None:
    guides = [_principal(one) for one in (scene.claimant, make.guide(store_id=scene.store.id))]
    boss = make.staff(roles=["hq_commission"])
    hq = Principal(id=boss.id, kind="staff", name="test", reach=Reach.ALL)

    def put(who: Principal) -> Any:
        try:
            return claim_line(line_id=scene.line_id, share_bp=10_000, evidence="x", principal=who, now=clock.now())
        except ClaimOpen as refused:
            return refused.code

    db.session.rollback()
    made, refused = race(app, lambda: put(guides[0]), lambda: put(guides[1]))
    assert (isinstance(made, UUID), refused) == (True, "claim_open")

    def accept() -> str:
        try:
            decide_claim(claim_id=made, accept=True, explanation="x", principal=hq, now=clock.now())
        except ClaimDecided as refused:
            return refused.code
        return "accepted"

    assert race(app, accept, accept) == ("accepted", "claim_decided")
    assert credited() == {scene.claimant.id: 10_000}


def test_a_correction_that_meets_the_decision_on_a_claim(app: GuideApp, scene: Scene) -> None:
    boss = make.staff(roles=["hq_commission"])
    hq = Principal(id=boss.id, kind="staff", name="test", reach=Reach.ALL)
    third = make.guide(store_id=scene.store.id)
    made = make.claim(guide=scene.claimant, share_bp=5_000, line_id=scene.line_id)
    served = [{"staff_no": third.staff_no, "share_bp": 10_000}]
    db.session.rollback()

    def accept() -> None:
        decide_claim(claim_id=made, accept=True, explanation="x", principal=hq, now=clock.now())

    race(app, accept, lambda: ingest(scene.till, {**scene.item, "version": 2, "serving": served}))
    assert credited() == {third.id: 5_000, scene.claimant.id: 5_000}


class Story:
    """A sale served by two, corrected, partly taken back, and claimed by a third: told in any order."""

    def __init__(self, store: Store, share_bp: int) -> None:
        self.till, self.store, self.share_bp = make.order_source(), store, share_bp
        self.people = {name: make.guide(store_id=store.id) for name in ("first", "second", "claimant")}
        serving = [{"staff_no": self.people[name].staff_no, "share_bp": 5_000} for name in ("first", "second")]
        self.item = make.order_item(store=store, serving=serving, lines=[make.line(1, quantity=3, paid=9_999)])
        back = [{"line_no": 1, "order_line": 1, "quantity": 1}]
        self.back = make.refund_item(store=store, order=self.item["external_id"], lines=back)
        self.boss = make.staff(roles=["hq_commission"])

    def tell(self, step: str) -> None:
        if step == "sale":
            make.take_orders(self.till, [self.item])
        elif step == "correction":
            make.take_orders(self.till, [{**self.item, "version": 2, "lines": [make.line(1, quantity=3, paid=7_001)]}])
        elif step == "refund":
            make.take_refunds(self.till, [self.back])
        else:
            self.claim()
        make.post_all()

    def claim(self) -> None:
        by_order = select(OrderLine.id).join(Order).where(Order.external_id == self.item["external_id"])
        line_id = db.session.scalar(by_order)
        if line_id is None or db.session.scalar(select(CreditClaim.id).where(CreditClaim.line_id == line_id)):
            return
        made = make.claim(guide=self.people["claimant"], share_bp=self.share_bp, line_id=line_id)
        hq = Principal(id=self.boss.id, kind="staff", name="test", reach=Reach.ALL)
        with unit_of_work():
            decide_claim(claim_id=made, accept=True, explanation="x", principal=hq, now=clock.now())

    def outcome(self) -> Any:
        """Who has which share of the sale and of what came back, why, and who is owed what."""
        names = {person.id: name for name, person in self.people.items()}
        rows = with_sellers(Order.receipt_kind, AttributionDecision.reason, Credit.beneficiary_id, Credit.share_bp)
        credits = db.session.execute(rows.where(Order.source_id == self.till.id))
        owed = {names[who]: fen for who, fen in balances().items() if who in names}
        return sorted((kind, why, names[who], share) for kind, why, who, share in credits), owed


@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    steps=st.permutations(["sale", "correction", "refund", "claim", "sale"]), share_bp=st.sampled_from([3_333, 10_000])
)
def test_any_order_of_arrival_gives_the_same_credits_and_balances(
    app: GuideApp, guide: Staff, steps: list[str], share_bp: int
) -> None:
    if db.session.scalar(select(CommissionPlan.id)) is None:
        make.plan_version({"rate_bp": 777})
    store = db.session.get_one(Store, guide.store_id)
    told, straight = Story(store, share_bp), Story(store, share_bp)
    for step in [*steps, "claim", "correction", "refund"]:
        told.tell(step)
    for step in ("correction", "refund", "claim"):
        straight.tell(step)
    credits, owed = told.outcome()
    assert (credits, owed) == straight.outcome()
    # 363 of what is left after a third of 7,001 came back.
    assert owed == ({"claimant": 363} if share_bp == 10_000 else {"first": 121, "second": 121, "claimant": 121})
