"""The templates pay their figures to the fen: from the receipts over HTTP to the entries of a closed month.

Each plan pays in a currency of its own, so that one chain and one closing serve all of them.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from kit import jobs
from kit.db import db, unit_of_work
from models import Order, Placement, RosterDay, Staff, Store
from tests import make
from tests.client import Client

MONTH = date(2026, 11, 1)
FIRST = datetime(2026, 11, 5, 4, tzinfo=UTC)
# The Monday of the contest's week.
CONTEST = datetime(2026, 11, 9, 4, tzinfo=UTC)


@dataclass
class World:
    """The chain, and who works at its headquarters."""

    client: Client
    till: Client
    maker: Client
    finance: Client
    templates: dict[str, dict[str, Any]]
    period_id: str = ""
    told: list[dict[str, Any]] = field(default_factory=list)
    shops: dict[str, "Shop"] = field(default_factory=dict)

    def entries(self) -> list[dict[str, Any]]:
        """All there are, as finance sees them; read again once something was done."""
        cursor: str | None = ""
        while cursor is not None and (cursor or not self.told):
            path = "/v1/commissions/entries?from=2026-11-01&to=2026-12-31&limit=200"
            answer = self.finance.get(path + (f"&cursor={cursor}" if cursor else "")).json
            self.told += answer["items"]
            cursor = answer["next_cursor"]
        return self.told

    def act(self, caller: Client, act: str) -> dict[str, Any]:
        """Closing or approving the month, with a fresh code."""
        kind = {"close": "pay_period_closing", "approve": "pay_period_approval"}[act]
        assert caller.session_id
        fresh = make.grant(caller.session_id, act=kind, subject_id=self.period_id)
        answer = caller.post(f"/v1/pay-periods/{self.period_id}/{act}", headers=fresh)
        assert answer.status_code in (200, 202), answer.text
        jobs.perform("commissions.jobs:close_period", {"period_id": self.period_id})
        self.told = []
        return dict(self.finance.get(f"/v1/pay-periods/{self.period_id}").json)


class Shop:
    """A store with its own currency, the guides of an example, a till, and the template as its plan."""

    def __init__(self, world: World, name: str, template: str, **plan: Any) -> None:
        self.world, self.currency = world, f"X{chr(65 + len(world.shops))}A"
        world.shops[name] = self
        self.store: Store = make.store(currency=self.currency)
        self.people: dict[str, Staff] = {}
        self.source = make.order_source().code
        self.batch: list[dict[str, Any]] = []
        self.numbers = iter(range(1, 10_000))
        document = {**world.templates[template], "examples": [], "currency": self.currency, **plan}
        self.version_id = self._approve(name, document)

    def _approve(self, name: str, document: dict[str, Any]) -> str:
        maker, checker = self.world.maker, self.world.finance
        plan = maker.post("/v1/commission-plans", json={"code": name, "name": name}).json
        body = {"plan": document, "effective_from": "2026-01-01T00:00:00Z"}
        version = maker.post(f"/v1/commission-plans/{plan['id']}/versions", json=body)
        assert (version.status_code, version.json["not_posted_yet"]) == (201, []), version.text
        assert checker.session_id
        fresh = make.grant(checker.session_id, act="plan_version_approval", subject_id=version.json["id"])
        approved = checker.post(f"/v1/plan-versions/{version.json['id']}/approve", headers=fresh)
        assert approved.status_code == 200, approved.text
        return str(version.json["id"])

    def guide(self, name: str, **columns: Any) -> Staff:
        if name not in self.people:
            number = f"{self.currency}-{name}"
            fields = {"hired_on": date(2020, 1, 1), **columns}
            self.people[name] = make.staff(staff_no=number, roles=["guide"], store_id=self.store.id, **fields)
        return self.people[name]

    def shares(self, **shares: int) -> list[dict[str, Any]]:
        """Who served, with basis points."""
        return [{"staff_no": self.guide(name).staff_no, "share_bp": bp} for name, bp in shares.items()]

    def sell(self, net: int, to: str = "G1", *, at: datetime | None = None, **line: Any) -> str:
        number = next(self.numbers)
        external_id = f"{number:04}"
        item = make.order_item(
            store=self.store,
            served_by=self.guide(to),
            external_id=external_id,
            ordered_at=at or FIRST + timedelta(hours=number),
            lines=[make.line(1, paid=net, **line)],
        )
        self.batch.append(item)
        return external_id

    def deliver(self) -> None:
        for start in range(0, len(self.batch), 500):
            items = {"items": self.batch[start : start + 500]}
            answer = self.world.till.post(f"/v1/sources/{self.source}/orders", json=items)
            assert {one["outcome"] for one in answer.json["items"]} == {"created"}, answer.text
        self.batch.clear()

    def give_back(self, order: str, amount: int, *, quantity: int = 1, at: str = "2026-11-20T04:00:00Z") -> str:
        line = {"line_no": 1, "order_line": 1, "quantity": quantity, "amount": amount}
        item = make.refund_item(store=self.store, order=order, refunded_at=at, lines=[line])
        answer = self.world.till.post(f"/v1/sources/{self.source}/refunds", json={"items": [item]})
        [taken] = answer.json["items"]
        assert taken["outcome"] == "created", answer.text
        return str(db.session.scalar(select(Order.id).where(Order.external_id == item["external_id"])))

    def entries(self, **wanted: Any) -> list[dict[str, Any]]:
        """Entries of the plan; what is told of them."""
        own = [one for one in self.world.entries() if one["plan_version_id"] == self.version_id]
        return [one for one in own if all(one[key] == value for key, value in wanted.items())]

    def paid(self, **wanted: Any) -> dict[str, int]:
        """What each got in all; without those who got nothing."""
        names = {str(person.id): name for name, person in self.people.items()}
        found: dict[str, int] = {}
        for one in self.entries(**wanted):
            name = names.get(one["guide_id"], "store")
            found[name] = found.get(name, 0) + one["amount"]["amount"]
        return {name: fen for name, fen in sorted(found.items()) if fen}


@pytest.fixture
def world(client: Client, integrator: Client) -> Iterator[World]:
    maker = client.sign_in(make.staff(roles=["hq_commission"]))
    finance = client.sign_in(make.staff(roles=["hq_finance"]))
    templates = {one["code"]: one["plan"] for one in maker.get("/v1/commission-plan-templates").json["items"]}
    world = World(client, integrator, maker, finance, templates)
    days = {"first_day": "2026-11-01", "last_day": "2026-11-30"}
    world.period_id = maker.post("/v1/pay-periods", json=days).json["id"]
    yield world
    db.session.rollback()


def sell_all(world: World) -> dict[str, str]:
    """The facts of the worked examples; the receipts of which something comes back."""
    bands = Shop(world, "bands", "discount_bands")
    for net, tag in ((47_920, 59_900), (23_940, 39_900), (37_553, 79_900), (14_801, 29_900)):
        bands.sell(net, tag_price=tag)
    attainment = Shop(world, "attainment", "store_attainment")
    returned = {"attainment": attainment.sell(3_141_527)}
    attainment.sell(2_800_000, "G2")
    attainment.sell(1_458_473, "G3")
    make.target(store=attainment.store, month=MONTH, amount=7_000_000)
    tiers = Shop(world, "tiers", "personal_tiers")
    recomputed = Shop(world, "recomputed", "personal_tiers", refunds={"reverse": "recompute"})
    for shop, name in ((tiers, "tiers"), (recomputed, "recomputed")):
        sold = [shop.sell(net) for net in (1_999_900, 300, 2_999_900, 678_810)]
        returned[name] = sold[2]
    double = Shop(world, "double", "double_assessment")
    double.sell(4_835_000)
    make.target(store=double.store, guide=double.guide("G1"), month=MONTH, amount=5_000_000)
    double.sell(3_665_000, "G2")
    make.target(store=double.store, month=MONTH, amount=10_000_000)
    units = Shop(world, "units", "units_per_receipt")
    returned["units"] = units.sell(4_835_000 - 74 * 2, quantity=4)
    for _ in range(74):
        units.sell(2, quantity=2)
    few = Shop(world, "few", "units_per_receipt")
    for quantity in (2, 3, 3):
        few.sell(1_000_000, quantity=quantity)
    items = Shop(world, "items", "items_and_margin")
    returned["items"] = items.sell(50_000, sku="SKU-X", quantity=5)
    make.product(sku_codes=["SKU-MARGIN"], tags=["高毛利"])
    items.sell(30_000, "G2", sku="SKU-MARGIN")
    items.sell(30_000, "G3", sku="SKU-MARGIN", cost=18_000)
    pair = Shop(world, "pair", "two_guides")
    returned["pair"] = pair.sell(33_333, quantity=3, serving=pair.shares(G1=6_000, G2=4_000))
    _pool(Shop(world, "pool", "store_pool"))
    chain = Shop(world, "stores", "omnichannel", rules=world.templates["omnichannel"]["rules"])
    chain.sell(25_990)
    newcomer = Shop(world, "newcomer", "newcomer_guarantee")
    newcomer.guide("G1", hired_on=MONTH)
    newcomer.sell(2_749_000)
    settled = Shop(world, "settled", "newcomer_guarantee")
    settled.guide("G1", hired_on=date(2026, 8, 1))
    settled.sell(824_600)
    _contest(Shop(world, "contest", "weekly_contest"))
    for shop in world.shops.values():
        shop.deliver()
    return returned


def _pool(pool: Shop) -> None:
    """Who worked how long is in the roster: 168, 160, 80 and 120 hours."""
    pool.sell(21_000_000, at=FIRST)
    manager = make.staff(roles=["store_manager"], staff_no=f"{pool.currency}-M1", store_id=pool.store.id)
    pool.people["M1"] = manager
    for name, grade, hours in (("G1", "A", 168), ("G2", "A", 160), ("G3", "A", 80), ("G4", "B", 120)):
        person = pool.guide(name)
        at = {"staff_id": person.id, "store_id": pool.store.id, "source_version": 1}
        days = [RosterDay(day=date(2026, 11, day), minutes=hours * 2, kind="work", **at) for day in range(1, 31)]
        with unit_of_work():
            db.session.execute(update(Placement).where(Placement.staff_id == person.id).values(grade=grade))
            db.session.add_all(days)


def _contest(contest: Shop) -> None:
    """G1 leads, G2 and G3 are level, G4 is behind; G5 has the most and too few receipts."""
    for name, receipts, net in (("G1", 20, 130), ("G2", 20, 120), ("G3", 24, 100), ("G4", 20, 110), ("G5", 12, 900)):
        make.target(store=contest.store, guide=contest.guide(name), month=MONTH, amount=10_000)
        for number in range(receipts):
            contest.sell(net, name, at=CONTEST + timedelta(hours=number))


FIRST_CLOSED = {
    "bands": {"G1": 6_947},
    "attainment": {"G1": 78_538, "G2": 70_000, "G3": 36_462},
    "tiers": {"G1": 100_367},
    "recomputed": {"G1": 100_367},
    # Without a target of their own, G2 has the store's part of the coefficient.
    "double": {"G1": 124_743, "G2": 35_184},
    "units": {"G1": 14_505},
    "few": {},
    "items": {"G1": 10_000, "G2": 900, "G3": 960},
    "pair": {"G1": 600, "G2": 400},
    "pool": {"G1": 56_000, "G2": 53_333, "G3": 26_667, "G4": 32_000, "M1": 42_000},
    # Who ordered and who delivers is the same store; nobody shared a link, and the customer has no store.
    "stores": {"store": 52 + 130},
    "newcomer": {"G1": 200_000},
    "settled": {"G1": 41_230},
    "contest": {"G1": 30_000, "G2": 15_000, "G3": 15_000},
}
CLOSED_AGAIN = {**FIRST_CLOSED, "attainment": {"G1": 58_114, "G2": 61_600, "G3": 32_086}, "units": {}}
LATER = {
    "pair": {"G1": -200, "G2": -133},
    "tiers": {"G1": -29_999},
    "recomputed": {"G1": -36_788},
    "items": {"G1": -2_000},
}
BACK = {"tiers": (1_499_950, 0), "recomputed": (1_499_950, 0), "items": (10_000, 1), "pair": (11_111, 1)}


def paid(world: World, **wanted: Any) -> dict[str, dict[str, int]]:
    return {name: shop.paid(**wanted) for name, shop in world.shops.items()}


def projected(world: World) -> dict[str, int]:
    """What closing would post, in all, by plan version."""
    told = world.maker.get(f"/v1/pay-periods/{world.period_id}/projection").json["items"]
    found: dict[str, int] = {}
    for one in told:
        amount = sum(line["amount"]["amount"] for line in one["amounts"])
        found[one["plan_version_id"]] = found.get(one["plan_version_id"], 0) + amount
    return found


def test_the_templates_from_receipts_to_entries(world: World) -> None:
    returned = sell_all(world)
    make.post_all()
    before = projected(world)
    assert world.act(world.maker, "close")["state"] == "in_review"
    assert paid(world) == FIRST_CLOSED
    # Closing posts the projection, and nothing else.
    by_closing = {
        shop.version_id: sum(one["amount"]["amount"] for one in shop.entries() if one["cause"] != "order")
        for shop in world.shops.values()
    }
    assert {version: fen for version, fen in by_closing.items() if fen} == {v: fen for v, fen in before.items() if fen}
    tiers = sorted(one["amount"]["amount"] for one in world.shops["tiers"].entries())
    assert tiers == [5, 19_999, 20_364, 59_999]

    attainment, units = world.shops["attainment"], world.shops["units"]
    refund_id = attainment.give_back(returned["attainment"], 500_000, quantity=0)
    units.give_back(returned["units"], 0, quantity=4)
    make.post_all()
    world.act(world.maker, "close")
    assert paid(world) == {**CLOSED_AGAIN, "units": {}}
    reversals = attainment.entries(kind="reversal")
    assert len(reversals) == 3
    assert {one["because_order_id"] for one in reversals} == {refund_id}
    closed = paid(world)
    world.act(world.maker, "close")
    assert paid(world) == closed

    world.act(world.finance, "approve")
    for name, (amount, quantity) in BACK.items():
        world.shops[name].give_back(returned[name], amount, quantity=quantity, at="2026-11-25T04:00:00Z")
    make.post_all()
    following = {"first_day": "2026-12-01", "last_day": "2026-12-31"}
    world.period_id = world.maker.post("/v1/pay-periods", json=following).json["id"]
    world.act(world.maker, "close")
    december = paid(world, day="2026-12-01")
    assert {name: sums for name, sums in december.items() if sums} == LATER
