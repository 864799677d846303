"""Posted is what is owed, whatever happened in between, and a second run posts nothing."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text

from benchmarks.size.watched import watching
from kit import clock, money
from kit.db import db, unit_of_work
from models import Brand, Category, LedgerTransaction, Order, OrderPosting, Product, Sku, Source, Staff, Store
from orders.incoming import MAX_FEN
from tests import make
from tests.commissions.ledger import balances, entries, raw_entries


@pytest.fixture
def store(guide: Staff) -> Store:
    found = db.session.get(Store, guide.store_id)
    assert found is not None
    return found


@pytest.fixture
def till(app: object) -> Source:
    return make.order_source()


def test_sale_accrues_to_the_guide(store: Store, guide: Staff) -> None:
    version = make.plan_version({"rate_bp": 333})
    order = make.order(store=store, served_by=guide, lines=[make.line(1, paid=9_999)])
    assert make.post_all() == 1
    [entry] = entries()
    assert (entry.amount_fen, entry.net_fen, entry.rate_bp, entry.rule_no) == (333, 9_999, 333, 1)
    assert (entry.guide_id, entry.plan_version_id, entry.sequence) == (guide.id, version.id, 1)
    assert (entry.signed_fen, entry.business_day, entry.store_id) == (333, order.business_day, store.id)
    transaction = db.session.get(LedgerTransaction, entry.transaction_id)
    assert transaction is not None
    assert (transaction.cause, transaction.cause_id, transaction.order_revision) == ("order", order.id, 1)
    assert db.session.get_one(OrderPosting, order.id).revision == 1
    assert balances() == {guide.id: 333, None: -333}


def test_posting_again_posts_nothing(store: Store, guide: Staff) -> None:
    make.plan_version()
    make.order(store=store, served_by=guide)
    make.post_all()
    before = raw_entries()
    assert make.post_all() == 0
    assert raw_entries() == before


def test_lower_amount_is_a_reversal_and_the_first_entry_stays(store: Store, guide: Staff, till: Source) -> None:
    make.plan_version({"rate_bp": 1_000})
    item = make.order_item(store=store, served_by=guide, lines=[make.line(1, paid=10_000)])
    make.take_orders(till, [item])
    make.post_all()
    before = raw_entries()
    make.take_orders(till, [{**item, "version": 2, "lines": [make.line(1, paid=2_500)]}])
    assert make.post_all() == 1
    assert raw_entries()[:1] == before
    accrual, reversal = entries()
    assert (reversal.amount_fen, reversal.sequence, reversal.net_fen) == (750, 2, 2_500)
    assert (reversal.debit_account_id, reversal.credit_account_id) == (
        accrual.credit_account_id,
        accrual.debit_account_id,
    )
    assert balances() == {guide.id: 250, None: -250}


def test_reattribution_takes_from_one_and_gives_to_the_other(store: Store, guide: Staff, till: Source) -> None:
    make.plan_version({"rate_bp": 1_000})
    other = make.guide(store_id=store.id)
    item = make.order_item(store=store, served_by=guide)
    make.take_orders(till, [item])
    make.post_all()
    make.take_orders(till, [{**item, "version": 2, "serving": [{"staff_no": other.staff_no, "share_bp": 10_000}]}])
    assert make.post_all() == 2
    assert balances() == {other.id: 1_000, None: -1_000}
    make.take_orders(till, [{**item, "version": 3}])
    make.post_all()
    assert balances() == {guide.id: 1_000, None: -1_000}
    assert [entry.sequence for entry in entries() if entry.guide_id == guide.id] == [1, 2, 3]


def test_nobody_credited_nothing_posted_but_remembered(store: Store) -> None:
    make.plan_version()
    order = make.order(store=store)
    assert make.post_all() == 0
    assert db.session.get_one(OrderPosting, order.id).revision == 1


def product(source: Source, *, sku: str, brand: str, category: str) -> None:
    now = clock.now()
    brand_id = make.save(Brand(name=brand)).id
    category_id = make.save(Category(path=category)).id
    columns: dict[str, Any] = {"source_version": 1, "shelf_changed_at": now, "updated_at": now}
    row = Product(source_id=source.id, external_id=sku, title=sku, brand_id=brand_id, category_id=category_id,
                  shelf_status="on_shelf", **columns)  # fmt: skip
    make.save(Sku(product_id=make.save(row).id, code=sku, price_fen=1, currency="CNY"))


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        ([{"brand": "兰梦", "rate_bp": 100}, {"rate_bp": 200}], (100, 1)),
        ([{"brand": "别家", "rate_bp": 100}, {"rate_bp": 200}], (200, 2)),
        ([{"category": "护肤", "rate_bp": 300}], (300, 1)),
        ([{"category": "护肤 > 精华", "rate_bp": 300}], (300, 1)),
        ([{"category": "护", "rate_bp": 300}], None),
        ([{"sku": "S1", "channel": "pos", "rate_bp": 400}], (400, 1)),
        ([{"sku": "S1", "channel": "web", "rate_bp": 400}, {"sku": "S2", "rate_bp": 1}], None),
        ([{"sku": "S1", "rate_bp": 0}, {"rate_bp": 500}], None),
    ],
)
def test_first_fitting_rule_decides(
    store: Store, guide: Staff, till: Source, rules: list[dict[str, Any]], expected: tuple[int, int] | None
) -> None:
    product(till, sku="S1", brand="兰梦", category="护肤 > 精华")
    make.plan_version(*rules)
    make.order(store=store, served_by=guide, lines=[make.line(1, sku="S1", paid=10_000)])
    make.post_all()
    found = [(entry.amount_fen, entry.rule_no) for entry in entries()]
    assert found == ([expected] if expected else [])


def test_version_in_force_when_it_was_ordered_decides(store: Store, guide: Staff) -> None:
    change = datetime(2026, 2, 1, tzinfo=UTC)
    first = make.plan_version({"rate_bp": 100})
    second = make.plan_version({"rate_bp": 200}, after=first, effective_from=change)
    make.plan_version({"rate_bp": 9_000}, approved=False)
    for ordered_at in (change - timedelta(seconds=1), change):
        make.order(store=store, served_by=guide, ordered_at=ordered_at)
    make.post_all()
    assert {(e.plan_version_id, e.amount_fen) for e in entries()} == {(first.id, 100), (second.id, 200)}


def test_version_approved_late_posts_the_difference(store: Store, guide: Staff) -> None:
    first = make.plan_version({"rate_bp": 100})
    make.order(store=store, served_by=guide)
    make.post_all()
    make.plan_version({"rate_bp": 300}, after=first, effective_from=make.commissions.LONG_AGO + timedelta(days=1))
    assert db.session.scalars(select(OrderPosting.revision)).all() == [0]
    make.post_all()
    assert balances() == {guide.id: 300, None: -300}


def test_two_plans_pay_side_by_side(store: Store, guide: Staff) -> None:
    make.plan_version({"rate_bp": 100})
    make.plan_version({"rate_bp": 50})
    make.order(store=store, served_by=guide)
    make.post_all()
    assert sorted(entry.amount_fen for entry in entries()) == [50, 100]


def test_each_currency_has_its_own_accounts(guide: Staff) -> None:
    make.plan_version({"rate_bp": 100})
    for currency in ("CNY", "HKD"):
        make.order(store=make.store(currency=currency), served_by=guide)
    make.post_all()
    assert {entry.currency for entry in entries()} == {"CNY", "HKD"}
    assert len({entry.credit_account_id for entry in entries()}) == 2


@given(st.integers(-MAX_FEN, MAX_FEN), st.integers(-10_000, 10_000))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
def test_sql_rounds_as_python_does(app: object, amount_fen: int, rate_bp: int) -> None:
    by_sql = db.session.scalar(text("SELECT share_fen(:amount, :rate)"), {"amount": amount_fen, "rate": rate_bp})
    assert by_sql == money.share_fen(amount_fen, rate_bp)


VERSIONS = st.lists(
    st.tuples(
        st.sampled_from([0, 1, 2, None]),  # who serves: one of three guides, or nobody
        st.dictionaries(st.integers(1, 3), st.integers(0, 30_000), min_size=1),  # line -> paid
        st.booleans(),  # posted before the next version comes
    ),
    min_size=1,
    max_size=6,
)
RATE_BP = 725


@given(VERSIONS)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=12)
def test_posted_equals_owed_after_any_history(store: Store, till: Source, history: list[Any]) -> None:
    guides = _three_guides(store)
    before = raw_entries()
    item = make.order_item(store=store)
    for version, (server, paid_by_line, posted) in enumerate(history, start=1):
        serving = [] if server is None else [{"staff_no": guides[server].staff_no, "share_bp": 10_000}]
        lines = [make.line(no, paid=paid, quantity=1 if paid else 0) for no, paid in paid_by_line.items()]
        make.take_orders(till, [{**item, "version": version, "serving": serving, "lines": lines}])
        if posted:
            make.post_all()
    make.post_all()
    assert make.post_all() == 0
    server, paid_by_line, _ = history[-1]
    owed = sum(money.share_fen(paid, RATE_BP) for paid in paid_by_line.values())
    found = {owner: fen for owner, fen in balances().items() if owner in {guide.id for guide in guides}}
    assert found == ({guides[server].id: owed} if server is not None and owed else {})
    assert sum(balances().values()) == 0
    assert raw_entries()[: len(before)] == before


def _three_guides(store: Store) -> list[Staff]:
    if db.session.scalar(text("SELECT count(*) FROM plan_version")) == 0:
        make.plan_version({"rate_bp": RATE_BP})
    return [make.guide(store_id=store.id) for _ in range(3)]


def test_order_revision_is_what_was_worked_on(store: Store, guide: Staff, till: Source) -> None:
    item = make.order_item(store=store, served_by=guide)
    make.take_orders(till, [item])
    make.take_orders(till, [{**item, "version": 9}])
    make.post_all()
    with unit_of_work():
        order = db.session.scalars(select(Order)).one()
    assert db.session.get_one(OrderPosting, order.id).revision == order.revision == 2


def test_the_worked_example_of_the_docs(store: Store, guide: Staff, till: Source) -> None:
    """docs/money.md tells this story with these figures."""
    other = make.guide(store_id=store.id)
    product(till, sku="SERUM", brand="兰梦", category="护肤 > 精华")
    make.plan_version({"brand": "兰梦", "rate_bp": 300}, {"rate_bp": 100})
    serum, pads = make.line(1, sku="SERUM", paid=29_900), make.line(2, sku="PADS", paid=1_550)
    cheaper = make.line(1, sku="SERUM", paid=19_900)
    item = make.order_item(store=store, served_by=guide)
    moved = [{"staff_no": other.staff_no, "share_bp": 10_000}]
    story = [
        ({"lines": [serum, pads]}, 2, {guide.id: 913}),
        ({"lines": [serum, pads]}, 0, {guide.id: 913}),
        ({"lines": [cheaper, pads]}, 1, {guide.id: 613}),
        ({"lines": [cheaper, pads], "serving": moved}, 4, {other.id: 613}),
        ({"lines": [cheaper], "serving": moved}, 1, {other.id: 597}),
    ]
    for version, (fields, posted, owed) in enumerate(story, start=1):
        make.take_orders(till, [{**item, "version": version, **fields}])
        assert make.post_all() == posted
        assert {owner: fen for owner, fen in balances().items() if owner} == owed


def test_posting_compares_no_order_with_every_account(store: Store, till: Source) -> None:
    make.plan_version()
    guides = [make.guide(store_id=store.id) for _ in range(40)]
    make.take_orders(till, [make.order_item(store=store, served_by=guide) for guide in guides])
    accounts = text("""
        WITH person AS (
          INSERT INTO staff (staff_no, name, roles, store_id, hired_on)
          SELECT 'X' || n, 'X', ARRAY['guide'], :store_id, '2020-01-01' FROM generate_series(1, 2000) n RETURNING id)
        INSERT INTO ledger_account (kind, staff_id, currency) SELECT 'guide_payable', id, 'CNY' FROM person""")
    with unit_of_work():
        db.session.execute(accounts, {"store_id": store.id})
        db.session.execute(text("ANALYZE staff, ledger_account, order_line, attribution, sales_order"))
    with watching([db.engine]) as watched:
        assert make.post_all() == 40
    compared = [node.compared for statement in watched.statements for node in statement.nodes]
    # Comparing the account of each guide with all accounts is 80,000.
    assert max(compared) < 2 * 2000


def test_who_shared_a_sale_share_its_commission_to_the_fen(store: Store, guide: Staff, till: Source) -> None:
    """Of 33,333 at 300 bp 60/40; a piece of three comes back: 667 are left, of which 400 and 267."""
    make.plan_version({"rate_bp": 300})
    other = make.guide(store_id=store.id)
    serving = [{"staff_no": guide.staff_no, "share_bp": 6_000}, {"staff_no": other.staff_no, "share_bp": 4_000}]
    lines = [make.line(1, quantity=3, paid=33_333)]
    item = make.order_item(store=store, serving=serving, lines=lines)
    make.take_orders(till, [item])
    assert make.post_all() == 2
    assert balances() == {guide.id: 600, other.id: 400, None: -1_000}
    refunded = [{"line_no": 1, "order_line": 1, "quantity": 1}]
    make.take_refunds(till, [make.refund_item(store=store, order=item["external_id"], lines=refunded)])
    assert make.post_all() == 2
    assert balances() == {guide.id: 400, other.id: 267, None: -667}
    assert make.post_all() == 0
    # It was one of them alone after all: the refund follows.
    make.take_orders(till, [{**item, "version": 2, "serving": [{"staff_no": other.staff_no, "share_bp": 10_000}]}])
    make.post_all()
    assert balances() == {other.id: 667, None: -667}
