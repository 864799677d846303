"""A manager says who sold what names somebody unknown, and it is sent again so."""

from collections.abc import Set
from datetime import datetime
from typing import TypeVar
from uuid import UUID

import msgspec

from kit import audit
from kit.codes import fold_code
from kit.principal import Principal
from orders.incoming import OrderItem, Serving
from orders.incoming_refunds import RefundItem
from orders.queries import matching
from orders.queries.sellers import get_unknown_seller
from orders.service.claims import InOwnFavour
from orders.service.mending import RejectCut, replay_reject
from orders.service.servings import find_named
from orders.service.versions import Outcome
from staff.queries import get_person
from staff.queries.people import StaffNotFound

Receipt = TypeVar("Receipt", OrderItem, RefundItem)


def name_seller(*, reject_id: UUID, staff_no: str, principal: Principal, now: datetime) -> Outcome:
    """What becomes of an order or refund when this guide stands for everybody unknown whom it names.

    Who it names and is known, keeps their share. Raises RejectNotFound, StaffNotFound, InOwnFavour, RejectCut.
    """
    row, content = get_unknown_seller(reject_id, principal=principal)
    guide = matching.find_people({staff_no}).get(fold_code(staff_no))
    if guide is None:
        raise StaffNotFound
    person = get_person(guide.id, principal=principal)
    if guide.id == principal.id:
        raise InOwnFavour
    if not row.whole:
        raise RejectCut
    named = person["staff_no"]
    if row.kind == "sale":
        item = msgspec.to_builtins(_with_seller(msgspec.json.decode(content, type=OrderItem), named))
    else:
        item = msgspec.to_builtins(_with_seller(msgspec.json.decode(content, type=RefundItem), named))
    audit.note(table_name="order_reject", row_id=str(row.id), action="seller_named", staff_no=named)
    return replay_reject(reject_id=reject_id, item=item, now=now)


def _with_seller(item: Receipt, staff_no: str) -> Receipt:
    known = matching.find_people(find_named([item])).keys()
    lines = [
        msgspec.structs.replace(line, serving=_served(line.serving, known, staff_no)) if line.serving else line
        for line in item.lines
    ]
    return msgspec.structs.replace(item, serving=_served(item.serving, known, staff_no), lines=lines)


def _served(group: list[Serving], known: Set[str], staff_no: str) -> list[Serving]:
    """The same shares, with those of unknown people the guide's, beside what they have."""
    shares: dict[str, int] = {}
    for serving in group:
        key = fold_code(serving.staff_no)
        name = key if key in known else fold_code(staff_no)
        shares[name] = shares.get(name, 0) + serving.share_bp
    return [Serving(staff_no=name, share_bp=share_bp) for name, share_bp in shares.items()]
