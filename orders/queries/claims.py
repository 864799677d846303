"""Claims to sales: those one sees, and what is known of a line that somebody claims."""

from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, case, select
from sqlalchemy.orm import aliased

from kit.db import db, fetch_all
from kit.errors import NotFound
from kit.principal import Principal
from models import Attribution, Credit, CreditClaim, Order, OrderLine, Staff, Store
from orders.queries.reading import OrderNotFound, visible
from orders.queries.served import IS_SELLER
from staff.scope import Listed, Page, read_page, sees_guide

DECIDER = aliased(Staff)
COLUMNS = (
    CreditClaim.id, CreditClaim.line_id, Order.id.label("order_id"), Order.external_id.label("order_external_id"),
    Order.business_day, OrderLine.product_title, CreditClaim.store_id, Store.name.label("store_name"),
    CreditClaim.guide_id, Staff.name.label("guide_name"), CreditClaim.share_bp, CreditClaim.evidence,
    CreditClaim.created_at, case((CreditClaim.accepted.is_(None), "open"), (CreditClaim.accepted.is_(True), "accepted"),
    else_="rejected").label("state"), CreditClaim.explanation, CreditClaim.decided_by,
    DECIDER.name.label("decided_by_name"), CreditClaim.decided_at,
)  # fmt: skip
BY_TIME = Listed(
    keys=(CreditClaim.created_at, CreditClaim.id), guide_id=CreditClaim.guide_id, store_id=CreditClaim.store_id
)
STATES: dict[str, ColumnElement[bool]] = {
    "open": CreditClaim.accepted.is_(None),
    "accepted": CreditClaim.accepted.is_(True),
    "rejected": CreditClaim.accepted.is_(False),
}


class ClaimNotFound(NotFound):
    """There is no such claim within what the principal may see."""

    code = "claim_not_found"


class ClaimedLine(NamedTuple):
    """A line as far as a claim to it depends on that."""

    line_id: UUID
    order_id: UUID
    source_id: UUID
    store_id: UUID
    time_zone: str
    business_day: date
    is_sale: bool


def get_claimed_line(line_id: UUID, *, principal: Principal) -> ClaimedLine:
    """The line, of an order that the principal sees; raises OrderNotFound."""
    is_sale = (Order.receipt_kind == "sale") & (OrderLine.net_fen > 0) & OrderLine.original_line_id.is_(None)
    statement = (
        select(
            OrderLine.id, Order.id, Order.source_id, Order.store_id, Store.time_zone, Order.business_day, is_sale,
        )
        .join(Order, Order.id == OrderLine.order_id)
        .join(Store, Store.id == Order.store_id)
        .where(OrderLine.id == line_id, visible(principal))
    )  # fmt: skip
    row: Any = db.session.execute(statement).one_or_none()
    if row is None:
        raise OrderNotFound
    return ClaimedLine(*row)


def find_order_of(line_id: UUID) -> UUID:
    """The order of a line that there is."""
    return db.session.scalars(select(OrderLine.order_id).where(OrderLine.id == line_id)).one()


def list_sellers(line_id: UUID) -> dict[UUID, int]:
    """Whom a line counts for now, and their shares."""
    sellers = select(Credit.beneficiary_id, Credit.share_bp).join(Attribution, IS_SELLER)
    return {row[0]: row[1] for row in db.session.execute(sellers.where(Attribution.line_id == line_id))}


def lock_claim(claim_id: UUID, *, principal: Principal) -> CreditClaim:
    """A claim that the principal sees, locked for deciding it; raises ClaimNotFound."""
    seen = sees_guide(CreditClaim.guide_id, CreditClaim.store_id, principal)
    claim = db.session.scalar(select(CreditClaim).where(CreditClaim.id == claim_id, seen).with_for_update())
    if claim is None:
        raise ClaimNotFound
    return claim


def get_claim(claim_id: UUID, *, principal: Principal) -> dict[str, Any]:
    """One claim that the principal sees; raises ClaimNotFound."""
    seen = sees_guide(CreditClaim.guide_id, CreditClaim.store_id, principal)
    rows = fetch_all(_rows().where(CreditClaim.id == claim_id, seen))
    if not rows:
        raise ClaimNotFound
    return dict(rows[0])


def list_claims(
    *, principal: Principal, state: str | None, store_id: UUID | None, after: list[Any] | None, limit: int
) -> list[dict[str, Any]]:
    """Claims that the principal sees, the newest first: a guide's own, those of a manager's stores."""
    wanted = Page(
        limit=limit,
        after=None if after is None else (datetime.fromisoformat(after[0]), UUID(after[1])),
        where=(STATES[state],) if state else (),
        store_id=store_id,
    )
    newest_first = (CreditClaim.created_at.desc(), CreditClaim.id.desc())
    return read_page(
        BY_TIME,
        wanted,
        principal=principal,
        read=lambda theirs: list(fetch_all(_rows().where(theirs).order_by(*newest_first))),
    )


def _rows() -> Any:
    return (
        select(*COLUMNS)
        .join(OrderLine, OrderLine.id == CreditClaim.line_id)
        .join(Order, Order.id == OrderLine.order_id)
        .join(Store, Store.id == CreditClaim.store_id)
        .join(Staff, Staff.id == CreditClaim.guide_id)
        .outerjoin(DECIDER, DECIDER.id == CreditClaim.decided_by)
    )
