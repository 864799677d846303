"""What is known of lines that are to be attributed: the facts of the orders, and who may have a claim to them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Uuid, any_, case, func, literal, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import aliased

from content_center.queries import LastOpen, find_last_opens
from customers.queries import Bound, find_bindings, find_recruiters
from kit.db import db
from models import CreditClaim, Order, OrderLine, RefundLine, Staff


class LineFacts(NamedTuple):
    """A line that rests on no other, as it stands; `awaits`: it takes back a line that is not known yet."""

    line_id: UUID
    order_id: UUID
    revision: int
    store_id: UUID
    customer_id: UUID | None
    channel: str
    share_token: str | None
    ordered_at: datetime
    business_day: date
    gives_back: bool
    awaits: bool
    guide_ids: Sequence[UUID]
    shares_bp: Sequence[int]


class Person(NamedTuple):
    """Somebody with a claim."""

    id: UUID
    staff_no: str
    hired_on: date
    left_on: date | None


class Accepted(NamedTuple):
    """A guide's claim to a share of a line, which was accepted."""

    guide_id: UUID
    share_bp: int
    decided_at: datetime


@dataclass(frozen=True, kw_only=True)
class Claims:
    """Who may have a claim to lines, besides those named on the receipts, and everybody with one."""

    shares: Mapping[tuple[str, datetime], LastOpen]  # by share token and time of order
    bindings: Mapping[UUID, Sequence[Bound]]  # by customer
    recruiters: Mapping[UUID, tuple[UUID, datetime]]  # by customer
    accepted: Mapping[UUID, Accepted]  # by line: the last one that was
    people: Mapping[UUID, Person]


def list_lines(order_ids: Collection[UUID]) -> list[LineFacts]:
    """The lines of these orders, but for those that take back one that is known: they have its credits."""
    statement = (
        select(
            OrderLine.id, Order.id, Order.revision, Order.store_id, Order.customer_id, Order.channel,
            Order.share_token, Order.ordered_at, Order.business_day,
            (func.least(OrderLine.quantity, OrderLine.net_fen, OrderLine.tax_fen) < 0) | (Order.receipt_kind != "sale"),
            case((RefundLine.original_external_id.is_not(None), True), else_=False), OrderLine.serving_guide_ids,
            OrderLine.serving_shares_bp,
        )
        .join(OrderLine, OrderLine.order_id == Order.id)
        .outerjoin(RefundLine, RefundLine.line_id == OrderLine.id)
        .where(Order.id == any_(literal(list(order_ids), ARRAY(Uuid))), OrderLine.original_line_id.is_(None))
        .order_by(Order.id, OrderLine.line_no)
    )  # fmt: skip
    rows: Any = db.session.execute(statement)
    return [LineFacts(*row) for row in rows]


def find_claims(lines: Sequence[LineFacts]) -> Claims:
    """Claims by shared links and by bindings, and the people who have any."""
    touched = {(line.share_token, line.ordered_at) for line in lines if line.share_token}
    customer_ids = {line.customer_id for line in lines if line.customer_id}
    shares = find_last_opens(touched) if touched else {}
    bindings = find_bindings(customer_ids) if customer_ids else {}
    recruiters = find_recruiters(customer_ids) if customer_ids else {}
    accepted = _find_accepted([line.line_id for line in lines])
    guide_ids = {claim.guide_id for claim in accepted.values()}
    guide_ids |= {guide_id for line in lines for guide_id in line.guide_ids}
    guide_ids |= {share.guide_id for share in shares.values()}
    guide_ids |= {bound.guide_id for bounds in bindings.values() for bound in bounds}
    guide_ids |= {guide_id for guide_id, _ in recruiters.values()}
    people = _find_people(guide_ids)
    return Claims(shares=shares, bindings=bindings, recruiters=recruiters, accepted=accepted, people=people)


def _find_accepted(line_ids: Sequence[UUID]) -> dict[UUID, Accepted]:
    """The claims to these lines that were accepted, the last of each."""
    columns = (CreditClaim.line_id, CreditClaim.guide_id, CreditClaim.share_bp, CreditClaim.decided_at)
    of_lines = CreditClaim.line_id == any_(literal(list(line_ids), ARRAY(Uuid)))
    rows: Any = db.session.execute(
        select(*columns).where(of_lines, CreditClaim.accepted.is_(True)).order_by(CreditClaim.decided_at)
    )
    return {line_id: Accepted(*claim) for line_id, *claim in rows}


def find_sources(order_ids: Collection[UUID]) -> Sequence[UUID]:
    """The sources of these orders, sorted."""
    wanted = select(Order.source_id).where(Order.id == any_(literal(list(order_ids), ARRAY(Uuid))))
    return sorted(set(db.session.scalars(wanted)))


def lock_orders(order_ids: Collection[UUID]) -> None:
    """Keep these orders, and what takes back lines of them, from other changes until the unit of work ends.

    In the order of their ids, so that nobody waits in a circle.
    """
    wanted = literal(list(order_ids), ARRAY(Uuid))
    sold, back = aliased(OrderLine), aliased(OrderLine)
    returns = select(back.order_id).join(sold, sold.id == back.original_line_id).where(sold.order_id == any_(wanted))
    locked = select(Order.id).where((Order.id == any_(wanted)) | Order.id.in_(returns)).order_by(Order.id)
    db.session.execute(locked.with_for_update(key_share=True))


def _find_people(staff_ids: Collection[UUID]) -> dict[UUID, Person]:
    if not staff_ids:
        return {}
    columns = (Staff.id, Staff.staff_no_key, Staff.hired_on, Staff.left_on)
    wanted = select(*columns).where(Staff.id == any_(literal(list(staff_ids), ARRAY(Uuid))))
    return {row.id: Person(*row) for row in db.session.execute(wanted)}
