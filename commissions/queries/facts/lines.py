"""What was sold in a period, with all that rules match on, who has credit for it, and what came back of it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Uuid, and_, any_, func, literal, or_, select, tuple_
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import aliased

from commissions.queries.facts.names import of_person, of_store
from commissions.queries.facts.scope import Span, arrived_at, pay_day, stores_of
from commissions.rules.language.facts import CreditFact, Line, RefundFact
from commissions.rules.pay.bases import STORE_ROLES
from kit.db import db
from models import (
    Attribution,
    Binding,
    Brand,
    Category,
    Credit,
    Customer,
    CustomerTag,
    Order,
    OrderLine,
    Product,
    Sku,
    Source,
    Staff,
    Store,
)  # fmt: skip

KEY_ACCOUNT = "key_account"
# What the plan language calls what receipts say beside goods and services.
KINDS: Mapping[str, Any] = {
    "stored_value": "stored_value_top_up", "gift_card": "gift_cards", "deposit": "deposits", "freight": "freight",
}  # fmt: skip


class Ref(NamedTuple):
    """Which line of which store a line of the facts is, on which day it counts, and the decision on its credits."""

    line_id: UUID
    store_id: UUID
    day: date
    decision_id: UUID


class Credited(NamedTuple):
    """Who has credit for each line, and the people and stores by their names."""

    by_line: dict[UUID, list[CreditFact]]
    staff_ids: dict[str, UUID]
    store_ids: dict[str, UUID]


def list_lines(span: Span) -> tuple[list[Line], list[Ref], Credited]:
    """The lines sold in the period by receipt, which lines they are, and who has credit for them."""
    rows = db.session.execute(_sold(span)).all()
    ids = [row.line_id for row in rows]
    credited, refunds = _credits(ids), _refunds(ids, span)
    lines = [_line(row, credited.by_line[row.line_id], refunds[row.line_id]) for row in rows]
    return lines, [Ref(row.line_id, row.store_id, row.day, row.decision_id) for row in rows], credited


def _sold(span: Span) -> Select[Any]:
    day = pay_day(span.group_code)
    columns = (
        OrderLine.id.label("line_id"), Attribution.decision_id, Order.store_id, day.label("day"),
        Order.ordered_at, Order.channel,
        func.concat(Source.code, "/", Order.external_id).label("receipt"), Store.code.label("store_code"),
        _amount(OrderLine, span).label("net_fen"), OrderLine.quantity, OrderLine.tag_fen, OrderLine.cost_fen,
        OrderLine.kind, Order.staff_purchase,
        Brand.name.label("brand"), Category.path.label("category"), OrderLine.sku_code, Product.tags,
        Order.customer_id.is_not(None).label("member"), *_relations(span),
    )  # fmt: skip
    statement = (
        select(*columns)
        .select_from(Order)
        .join(Source, Source.id == Order.source_id)
        .join(Store, Store.id == Order.store_id)
        .join(OrderLine, OrderLine.order_id == Order.id)
        .join(Attribution, Attribution.line_id == OrderLine.id)
        .outerjoin(Sku, Sku.id == OrderLine.sku_id)
        .outerjoin(Product, Product.id == Sku.product_id)
        .outerjoin(Brand, Brand.id == OrderLine.brand_id)
        .outerjoin(Category, Category.id == OrderLine.category_id)
        .where(stores_of(span), Order.currency == span.plan.currency, _in_force(span))
        .where(OrderLine.original_line_id.is_(None), OrderLine.quantity > 0)
        .where(Order.business_day <= span.days.last, day.between(*span.days))
    )
    return statement.order_by(Source.code, Order.external_id, OrderLine.line_no)


def _amount(line: type[OrderLine], span: Span) -> ColumnElement[int]:
    """What was paid for a line, without its tax where the plan leaves that out; also of what counts in no sales."""
    return line.paid_fen - line.tax_fen if "tax" in span.plan.excludes else line.paid_fen + literal(0)


def _in_force(span: Span) -> ColumnElement[bool]:
    since = Order.ordered_at >= span.effective_from
    return since if span.effective_until is None else and_(since, Order.ordered_at < span.effective_until)


def _relations(span: Span) -> list[ColumnElement[Any]]:
    """What a customer was to the shop when they bought; asked only where a rule does."""
    if not any(rule.match.customers for rule in span.plan.line_rules):
        return [literal(False).label(name) for name in ("bound", "new", "key_account")]
    same, earlier, person = aliased(Customer), aliased(Order), aliased(Customer)
    own = select(same.id).join(person, person.person_id == same.person_id).where(person.id == Order.customer_id)
    live = (Binding.bound_at <= Order.ordered_at) & func.coalesce(Binding.ended_at > Order.ordered_at, True)
    bound = select(Binding.id).where(Binding.customer_id.in_(own), live).exists()
    before = tuple_(earlier.ordered_at, earlier.id) < tuple_(Order.ordered_at, Order.id)
    bought = select(earlier.id).where(earlier.customer_id.in_(own), earlier.receipt_kind == "sale", before).exists()
    tagged = CustomerTag.customer_id.in_(own) & (CustomerTag.tag == KEY_ACCOUNT) & CustomerTag.removed_at.is_(None)
    return [
        bound.label("bound"),
        and_(Order.customer_id.is_not(None), ~bought).label("new"),
        select(CustomerTag.id).where(tagged).exists().label("key_account"),
    ]


def _credits(line_ids: Sequence[UUID]) -> Credited:
    """Who has credit for each line, and who they are."""
    person, store = aliased(Staff), aliased(Store)
    columns = (Credit.line_id, Credit.role, Credit.share_bp, person.id, person.staff_no, store.id, store.code)
    wanted = (
        select(*columns)
        .join(Attribution, Attribution.decision_id == Credit.decision_id)
        .outerjoin(person, person.id == Credit.beneficiary_id)
        .outerjoin(store, store.id == Credit.beneficiary_id)
        .where(Attribution.line_id == _any(line_ids))
        .order_by(Credit.line_id, Credit.role, Credit.place)
    )
    found = Credited(defaultdict(list), {}, {})
    for line_id, role, share_bp, staff_id, staff_no, store_id, code in map(tuple[Any, ...], db.session.execute(wanted)):
        is_store = role in STORE_ROLES
        name = of_store(code) if is_store else of_person(staff_no)
        (found.store_ids if is_store else found.staff_ids)[name] = store_id if is_store else staff_id
        found.by_line[line_id].append(CreditFact(to=name, role=role, share_bp=share_bp))
    return found


def _refunds(line_ids: Sequence[UUID], span: Span) -> dict[UUID, list[RefundFact]]:
    """What came back of each line, in the order of the days."""
    returned, sold = aliased(OrderLine), aliased(OrderLine)
    columns = (
        sold.id, Order.business_day, _amount(returned, span).label("net_fen"), returned.quantity,
        arrived_at(Order.id).label("arrived_at"),
    )  # fmt: skip
    wanted = (
        select(*columns)
        .join(returned, returned.original_line_id == sold.id)
        .join(Order, Order.id == returned.order_id)
        .where(sold.id == _any(line_ids), or_(returned.paid_fen != 0, returned.quantity != 0))
        .order_by(Order.business_day, Order.external_id, returned.line_no)
    )
    found: dict[UUID, list[RefundFact]] = defaultdict(list)
    for line_id, day, net_fen, quantity, arrived in db.session.execute(wanted):
        late = span.approved_at is not None and arrived > span.approved_at
        when: Any = "after_approval" if late else "in_period" if day <= span.days.last else "while_open"
        found[line_id].append(RefundFact(net=-net_fen, units=-quantity, when=when))
    return found


def _line(row: Any, credits: Iterable[CreditFact], refunds: Iterable[RefundFact]) -> Line:
    return Line(
        net=row.net_fen,
        credits=tuple(credits),
        units=row.quantity,
        receipt=row.receipt,
        at=row.ordered_at,
        day=row.day,
        tag_price=row.tag_fen,
        cost=row.cost_fen,
        kind=KINDS.get(row.kind, "goods"),
        staff_purchase=row.staff_purchase,
        brand=row.brand,
        category=row.category,
        sku=row.sku_code,
        tags=tuple(row.tags or ()),
        channel=row.channel,
        store=of_store(row.store_code),
        customer=tuple(name for name in ("new", "bound", "key_account") if getattr(row, name)),
        member=row.member,
        refunds=tuple(refunds),
    )


def _any(ids: Sequence[UUID]) -> ColumnElement[Any]:
    return any_(literal(list(ids), ARRAY(Uuid)))
