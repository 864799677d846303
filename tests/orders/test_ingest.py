"""Orders come in: once, in any order of arrival, and one bad one spoils nothing."""

from datetime import UTC, date, datetime
from typing import Any

import msgspec
import pytest
from sqlalchemy import func, select

from commissions.service import post_orders
from guideapi.app import GuideApp
from kit import clock
from kit.db import db, unit_of_work
from models import Attribution, AttributionDecision, Credit, Customer, Order, OrderLine, Source, Staff, Store
from orders.incoming import OrderItem
from orders.service import ingest_orders
from tests import make
from tests.client import Client
from tests.orders.decided import credited
from tests.races import held_at, race


@pytest.fixture
def till(app: object) -> Source:
    return make.order_source()


@pytest.fixture
def store(guide: Staff) -> Store:
    found = db.session.get(Store, guide.store_id)
    assert found is not None
    return found


def count(table: type) -> int:
    return db.session.scalar(select(func.count()).select_from(table)) or 0


def push(integrator: Client, till: Source, *items: dict[str, Any]) -> list[dict[str, Any]]:
    answer = integrator.post(f"/v1/sources/{till.code}/orders", json={"items": list(items)})
    assert answer.status_code == 200, answer.text
    outcomes: list[dict[str, Any]] = answer.json["items"]
    return outcomes


def only_order() -> Order:
    db.session.expire_all()
    return db.session.scalars(select(Order)).one()


def test_order_comes_in_over_http(integrator: Client, till: Source, store: Store, guide: Staff) -> None:
    item = make.order_item(
        store=store,
        served_by=guide,
        member_no="M1",
        ordered_at=datetime(2026, 3, 1, 16, 30, tzinfo=UTC),
        lines=[make.line(1, paid=11_300, tax=1_300, quantity=2), make.line(2, paid=500)],
    )
    assert [outcome["outcome"] for outcome in push(integrator, till, item)] == ["created"]
    order = only_order()
    assert (order.net_fen, order.currency, order.revision) == (10_500, "CNY", 1)
    assert order.business_day == date(2026, 3, 2)  # half past midnight in Shanghai
    assert db.session.scalars(select(Customer.member_no)).all() == ["M1"]
    lines = db.session.scalars(select(OrderLine).order_by(OrderLine.line_no)).all()
    assert [(line.quantity, line.net_fen, line.serving_guide_ids) for line in lines] == [
        (2, 10_000, [guide.id]),
        (1, 500, [guide.id]),
    ]


def test_same_again_changes_nothing(integrator: Client, till: Source, store: Store) -> None:
    item = make.order_item(store=store, member_no="M1")
    push(integrator, till, item)
    before = [row._mapping for table in (Order, OrderLine, AttributionDecision, Credit) for row in _raw(table)]
    assert push(integrator, till, item)[0]["outcome"] == "unchanged"
    assert [row._mapping for table in (Order, OrderLine, AttributionDecision, Credit) for row in _raw(table)] == before


def _raw(table: Any) -> Any:
    """Rows with the transaction that wrote them and any that locked them."""
    from sqlalchemy import text

    db.session.rollback()
    return db.session.execute(text(f"SELECT xmin::text, xmax::text, * FROM {table.__tablename__}")).all()


def test_newer_version_updates_and_older_is_stale(integrator: Client, till: Source, store: Store) -> None:
    first = make.order_item(store=store, version=5, lines=[make.line(1), make.line(2)])
    push(integrator, till, first)
    changed_at = only_order().changed_at
    newer = {**first, "version": 7, "lines": [make.line(1, paid=4_000, quantity=1)]}
    older = {**first, "version": 6}
    assert push(integrator, till, newer)[0]["outcome"] == "updated"
    stale = push(integrator, till, older)[0]
    assert (stale["outcome"], stale["code"], stale["version_held"], stale["version_sent"]) == (
        *("stale", "older_version"),
        *(7, 6),
    )
    order = only_order()
    assert (order.source_version, order.revision, order.net_fen) == (7, 2, 4_000)
    assert order.changed_at > changed_at
    lines = db.session.scalars(select(OrderLine).order_by(OrderLine.line_no)).all()
    assert [(line.quantity, line.net_fen) for line in lines] == [(1, 4_000), (0, 0)]


def test_versions_of_one_order_in_one_batch(integrator: Client, till: Source, store: Store) -> None:
    item = make.order_item(store=store)
    versions = [{**item, "version": version} for version in (2, 3, 3, 1)]
    assert [o["outcome"] for o in push(integrator, till, *versions)] == ["stale", "created", "unchanged", "stale"]
    assert only_order().source_version == 3


def test_one_bad_order_does_not_fail_the_batch(integrator: Client, till: Source, store: Store, guide: Staff) -> None:
    good = make.order_item(store=store, served_by=guide)
    bad: dict[str, dict[str, Any]] = {
        "unknown_store": {"store": "NOWHERE"},
        "unknown_guide": {"serving": [{"staff_no": "NOBODY", "share_bp": 10_000}]},
        "crooked_shares": {"serving": [{"staff_no": guide.staff_no, "share_bp": 9_999}]},
        "crooked_line": {"lines": [make.line(1, paid=100, tax=101)]},
        "duplicate_line": {"lines": [make.line(1), make.line(1)]},
        "implausible_time": {"ordered_at": "2199-01-01T00:00:00Z"},
        "invalid_item": {"lines": [make.line(0)]},
    }
    items = [{**make.order_item(store=store), **fields} for fields in bad.values()]
    outcomes = push(integrator, till, *items, good)
    assert [outcome.get("code") for outcome in outcomes] == [*bad, None]
    assert outcomes[-1]["outcome"] == "created"
    assert count(Order) == 1


@pytest.mark.parametrize(
    "fields",
    [
        {"ordered_at": "2026-01-01T00:00:00"},
        {"version": -1},
        {"version": 2**53},
        {"lines": []},
        {"lines": [{"line_no": 1, "sku": "A", "quantity": 1, "paid": 1.5}]},
        {"lines": [{"line_no": 1, "sku": "A", "quantity": 1, "paid": 10**12 + 1}]},
        {"external_id": "x" * 129},
        {"member_no": "a\x00b"},
        {"share_token": "x" * 33},
        {"more": 1},
    ],
)
def test_what_no_column_can_hold_is_rejected(
    integrator: Client, till: Source, store: Store, fields: dict[str, Any]
) -> None:
    item = {**make.order_item(store=store), **fields}
    assert push(integrator, till, item)[0]["code"] == "invalid_item"


def test_unknown_sku_is_kept(integrator: Client, till: Source, store: Store) -> None:
    push(integrator, till, make.order_item(store=store, lines=[make.line(1, sku="NEW", title="新品")]))
    line = db.session.scalars(select(OrderLine)).one()
    assert (line.sku_id, line.sku_code, line.product_title) == (None, "NEW", "新品")


def test_only_integrators_of_the_scope_may_push(client: Client, as_guide: Client, till: Source) -> None:
    path = f"/v1/sources/{till.code}/orders"
    other = client.with_token(make.api_key(scopes=["products:write"]))
    assert as_guide.post(path, json={"items": []}).status_code == 403
    assert other.post(path, json={"items": []}).status_code == 403
    assert client.post(path, json={"items": []}).status_code == 401


def test_unknown_source_and_too_many(integrator: Client, till: Source) -> None:
    assert integrator.post("/v1/sources/none/orders", json={"items": []}).json["code"] == "source_not_found"
    many = {"items": [{}] * 1_001}
    assert integrator.post(f"/v1/sources/{till.code}/orders", json=many).json["code"] == "batch_too_large"


def test_two_sources_may_use_the_same_number(store: Store) -> None:
    item = make.order_item(store=store)
    for _ in range(2):
        assert make.take_orders(make.order_source(), [item])[0]["outcome"] == "created"
    assert count(Order) == 2


def test_newer_version_takes_a_line_back_and_gives_it_again(till: Source, store: Store) -> None:
    item = make.order_item(store=store, lines=[make.line(1), make.line(2)])
    for version, lines in ((2, [make.line(1)]), (3, [make.line(1), make.line(2, paid=700)])):
        make.take_orders(till, [{**item, "version": version, "lines": lines}])
    lines = db.session.scalars(select(OrderLine).order_by(OrderLine.line_no)).all()
    assert [(line.line_no, line.quantity, line.net_fen) for line in lines] == [(1, 1, 10_000), (2, 1, 700)]
    with unit_of_work():
        assert count(Attribution) == 2


def test_two_batches_with_the_same_order_take_it_once(app: GuideApp, till: Source, store: Store) -> None:
    item = make.order_item(store=store, member_no="M1", lines=[make.line(1), make.line(2)])
    db.session.rollback()

    def push_version(version: int) -> str:
        numbered = list(enumerate(msgspec.convert([{**item, "version": version}], list[OrderItem])))
        return str(ingest_orders(source=till.code, items=numbered, now=clock.now())[0]["outcome"])

    assert race(app, lambda: push_version(1), lambda: push_version(1)) == ("created", "unchanged")
    assert race(app, lambda: push_version(3), lambda: push_version(2)) == ("updated", "stale")
    assert (count(Order), count(OrderLine), count(Attribution)) == (1, 2, 2)
    assert (only_order().source_version, only_order().revision) == (3, 2)


def test_order_keeps_its_currency(till: Source, store: Store) -> None:
    item = make.order_item(store=store)
    make.take_orders(till, [item])
    moved = {**item, "version": 2, "store": make.store(currency="HKD").code}
    assert make.take_orders(till, [moved])[0]["code"] == "currency_changed"


def test_a_number_is_one_customer_however_tills_write_it(
    integrator: Client, till: Source, store: Store, guide: Staff
) -> None:
    written = ["MRG-A", "MRG-A ", "mrg-a", "ＭＲＧ-A", "MRG-A\u3000"]
    items = [make.order_item(store=store, served_by=guide, member_no=member_no) for member_no in written]
    outcomes = push(integrator, till, *items[:3]) + push(integrator, till, *items[3:])
    assert {outcome["outcome"] for outcome in outcomes} == {"created"}
    assert db.session.scalars(select(Customer.member_no)).all() == ["MRG-A"]
    assert count(Order) == 5
    assert len(set(db.session.scalars(select(Order.customer_id)))) == 1


def test_stores_and_staff_are_known_however_tills_write_them(
    integrator: Client, till: Source, store: Store, guide: Staff
) -> None:
    item = make.order_item(store=store, served_by=guide)
    item |= {
        "store": f" {store.code.lower()}",
        "serving": [{"staff_no": f"{guide.staff_no.lower()}\t", "share_bp": 10_000}],
    }
    assert [outcome["outcome"] for outcome in push(integrator, till, item)] == ["created"]
    assert only_order().store_id == store.id
    assert set(credited()) == {guide.id}


def test_one_guide_written_twice_is_refused(integrator: Client, till: Source, store: Store, guide: Staff) -> None:
    item = make.order_item(store=store)
    item["serving"] = [{"staff_no": no, "share_bp": 5_000} for no in (guide.staff_no, f"{guide.staff_no.lower()} ")]
    assert push(integrator, till, item)[0]["code"] == "crooked_shares"


@pytest.mark.parametrize("member_no", [" ", "\u3000", "\u200b", "\ue000"])
def test_what_is_no_member_number_is_refused(integrator: Client, till: Source, store: Store, member_no: str) -> None:
    assert push(integrator, till, make.order_item(store=store, member_no=member_no))[0]["code"] == "bad_member_no"
    assert count(Customer) == 0


def test_two_batches_with_one_number_written_differently_make_one_customer(
    app: GuideApp, till: Source, store: Store
) -> None:
    def take(member_no: str) -> None:
        item = msgspec.convert(make.order_item(store=store, member_no=member_no), OrderItem)
        ingest_orders(source=till.code, items=[(0, item)], now=clock.now())

    race(app, lambda: take("MRG-A"), lambda: take("mrg-a "))
    assert count(Customer) == 1
    assert len(set(db.session.scalars(select(Order.customer_id)))) == 1


def test_who_is_new_is_of_the_store_where_they_first_bought(integrator: Client, till: Source, store: Store) -> None:
    other = make.store()
    noon = datetime(2026, 3, 1, 4, tzinfo=UTC)
    later = make.order_item(store=other, member_no="M1", ordered_at=noon.replace(hour=5))
    push(integrator, till, later, make.order_item(store=store, member_no="m1", ordered_at=noon))
    push(integrator, till, make.order_item(store=other, member_no="M1"))
    assert db.session.scalars(select(Customer.store_id)).all() == [store.id]


@pytest.mark.parametrize("sent", ["orders", "refunds"])
def test_a_batch_and_posting_take_orders_by_one_order(app: GuideApp, till: Source, store: Store, sent: str) -> None:
    """The orders are called the other way round than they came, and what takes them back came first."""
    early = [make.refund_item(store=store, external_id=f"R-{name}", order=name) for name in "BA"]
    for one in early:
        make.take_refunds(till, [one])
    items = [make.order_item(store=store, external_id=name) for name in "BA"]
    for item in items:
        make.take_orders(till, [item])
    db.session.commit()
    ids = db.session.scalars(select(Order.id).order_by(Order.id)).all()
    done: list[str] = []
    newer = [{**item, "version": 2} for item in (early if sent == "refunds" else items)]

    def push() -> None:
        with app.app_context():
            take = make.take_refunds if sent == "refunds" else make.take_orders
            done.extend(one["outcome"] for one in take(till, newer))

    def post() -> None:
        with app.app_context(), unit_of_work():
            post_orders(ids)
        done.append("posted")

    held_at(f"SELECT FROM sales_order WHERE id = '{ids[0]}' FOR UPDATE", push, post)
    assert sorted(done) == ["posted", "updated", "updated"]
