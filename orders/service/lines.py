"""Lines of the receipts that were taken, and whom each is attributed to."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from functools import partial
from typing import NamedTuple
from uuid import UUID

import msgspec

from kit.codes import fold_code
from kit.ids import new_id
from orders.incoming import LineItem, OrderItem, Original, Serving
from orders.queries import matching
from orders.rules import attribution as rules
from orders.rules.attribution import Candidate
from orders.service import rows


class Receipt(NamedTuple):
    """An order as it came, as a row, and as it now stands."""

    item: OrderItem
    row: rows.OrderRow
    taken: rows.Taken


class Attributed(NamedTuple):
    """Who served, as it is kept, and what was decided."""

    guide_ids: list[UUID]
    shares_bp: list[int]
    guide_id: UUID | None
    reason: str
    candidates: msgspec.Raw


# Until what a line takes back is found (orders/service/returns.py), nobody gets or loses credit for it.
UNKNOWN_ORIGINAL = Attributed([], [], None, "original_unknown", msgspec.Raw(b"[]"))


def write_lines(receipts: Sequence[Receipt], *, people: Mapping[str, matching.PersonRef], now: datetime) -> None:
    """Write the lines of new and changed orders; a changed order's lines that are gone become nothing."""
    if not receipts:
        return
    skus = matching.find_skus({line.sku for receipt in receipts for line in receipt.item.lines})
    claims = matching.find_claims(
        touched={(r.item.share_token, r.item.ordered_at) for r in receipts if r.item.share_token},
        customer_ids={r.row.customer_id for r in receipts if r.row.customer_id},
    )
    written = [row for receipt in receipts for row in _line_rows(receipt, skus, people, claims)]
    rows.upsert_lines(written, policy_version=rules.POLICY_VERSION, now=now)
    changed = [receipt for receipt in receipts if not receipt.taken.created]
    if changed:
        rows.zero_missing_lines({r.taken.id: [line.line_no for line in r.item.lines] for r in changed})
    rows.write_stated_lines(
        [_stated(r.taken.id, line, line.original) for r in receipts for line in r.item.lines if line.original],
        changed=[r.taken.id for r in changed],
    )


def _line_rows(
    receipt: Receipt,
    skus: Mapping[str, matching.SkuRef],
    people: Mapping[str, matching.PersonRef],
    claims: matching.Claims,
) -> Iterator[rows.LineRow]:
    indirect = [*_share_candidates(receipt, claims), *_bound_candidates(receipt, claims)]
    decide = partial(attribute, people=people, at=receipt.item.ordered_at, day=receipt.row.business_day)
    by_default = decide(receipt.item.serving, indirect=indirect)
    for line in receipt.item.lines:
        servings = receipt.item.serving if line.serving is None else line.serving
        if line.original:
            attributed = UNKNOWN_ORIGINAL
        elif line.quantity < 0 or line.paid < 0:
            # Neither a link nor being somebody's customer brings a return about.
            attributed = decide(servings, indirect=())
        else:
            attributed = by_default if line.serving is None else decide(servings, indirect=indirect)
        yield _line_row(receipt.taken.id, line, skus.get(line.sku), attributed)


def _line_row(order_id: UUID, line: LineItem, sku: matching.SkuRef | None, attributed: Attributed) -> rows.LineRow:
    return rows.LineRow(
        id=new_id(),
        order_id=order_id,
        line_no=line.line_no,
        sku_code=line.sku,
        sku_id=sku.id if sku else None,
        product_title=line.title or (sku.title if sku else line.sku),
        brand_id=sku.brand_id if sku else None,
        category_id=sku.category_id if sku else None,
        # Of a sale that is named: once that is looked at.
        quantity=0 if line.original else line.quantity,
        discount_fen=line.discount,
        tax_fen=0 if line.original else line.tax,
        net_fen=0 if line.original else line.paid - line.tax,
        serving_guide_ids=attributed.guide_ids,
        serving_shares_bp=attributed.shares_bp,
        guide_id=attributed.guide_id,
        reason=attributed.reason,
        candidates=attributed.candidates,
    )


def _stated(order_id: UUID, line: LineItem, original: Original) -> rows.StatedRow:
    return rows.StatedRow(
        order_id=order_id,
        line_no=line.line_no,
        original_external_id=original.order,
        original_line_no=original.line,
        sku_code=line.sku,
        quantity=-line.quantity,
        amount_fen=-line.paid,
        tax_fen=-line.tax,
    )


def attribute(
    servings: Sequence[Serving],
    people: Mapping[str, matching.PersonRef],
    indirect: Sequence[Candidate],
    *,
    at: datetime,
    day: date,
) -> Attributed:
    """Decide between those who served, by their staff numbers, and `indirect` claims, of a receipt of then."""
    served = [(people[fold_code(serving.staff_no)], serving.share_bp) for serving in servings]
    serving = [Candidate("serving", person.id, at, share, _flaw(person, day)) for person, share in served]
    decision = rules.decide([*serving, *indirect])
    return Attributed(
        [person.id for person, _ in served],
        [share for _, share in served],
        decision.guide_id,
        decision.reason,
        msgspec.Raw(msgspec.json.encode([_verdict(verdict) for verdict in decision.verdicts])),
    )


def _verdict(verdict: rules.Verdict) -> dict[str, object]:
    candidate = verdict.candidate
    return {
        "kind": candidate.kind,
        "guide_id": candidate.guide_id,
        "at": candidate.at,
        "share_bp": candidate.share_bp,
        "reason": verdict.reason,
    }


def _share_candidates(receipt: Receipt, claims: matching.Claims) -> Iterator[Candidate]:
    item = receipt.item
    if item.share_token and (share := claims.shares.get((item.share_token, item.ordered_at))):
        flaw = rules.flaw_of_share(touched_at=share.at, by_person=share.by_person, ordered_at=item.ordered_at)
        flaw = flaw or _flaw(claims.people[share.guide_id], receipt.row.business_day)
        yield Candidate("share", share.guide_id, share.at, None, flaw)


def _bound_candidates(receipt: Receipt, claims: matching.Claims) -> Iterator[Candidate]:
    if receipt.row.customer_id is None:
        return
    at = receipt.item.ordered_at
    for bound in claims.bindings.get(receipt.row.customer_id, ()):
        flaw = rules.flaw_of_binding(
            bound_at=bound.bound_at, ended_at=bound.ended_at, confirmed_at=bound.confirmed_at, ordered_at=at
        )
        flaw = flaw or _flaw(claims.people[bound.guide_id], receipt.row.business_day)
        yield Candidate("bound", bound.guide_id, bound.bound_at, None, flaw)


def _flaw(person: matching.PersonRef, day: date) -> str | None:
    return rules.flaw_of_person(hired_on=person.hired_on, left_on=person.left_on, day=day)
