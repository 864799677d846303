"""Lines of the receipts that were taken, and whom each is attributed to."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

import msgspec

from kit.codes import fold_code
from kit.ids import new_id
from orders import rules
from orders.incoming import LineItem, OrderItem, Serving
from orders.queries import matching
from orders.rules import Candidate
from orders.service import rows


class Receipt(NamedTuple):
    """An order as it came, as a row, and as it now stands."""

    item: OrderItem
    row: rows.OrderRow
    taken: rows.Taken


class _Attributed(NamedTuple):
    guide_ids: list[UUID]
    shares_bp: list[int]
    guide_id: UUID | None
    reason: str
    candidates: msgspec.Raw


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


def _line_rows(
    receipt: Receipt,
    skus: Mapping[str, matching.SkuRef],
    people: Mapping[str, matching.PersonRef],
    claims: matching.Claims,
) -> Iterator[rows.LineRow]:
    indirect = [*_share_candidates(receipt, claims), *_bound_candidates(receipt, claims)]
    by_default = _attribute(receipt, receipt.item.serving, people, indirect)
    for line in receipt.item.lines:
        own = line.serving is not None
        attributed = _attribute(receipt, line.serving, people, indirect) if own else by_default
        yield _line_row(receipt.taken.id, line, skus.get(line.sku), attributed)


def _line_row(order_id: UUID, line: LineItem, sku: matching.SkuRef | None, attributed: _Attributed) -> rows.LineRow:
    return rows.LineRow(
        id=new_id(),
        order_id=order_id,
        line_no=line.line_no,
        sku_code=line.sku,
        sku_id=sku.id if sku else None,
        product_title=line.title or (sku.title if sku else line.sku),
        brand_id=sku.brand_id if sku else None,
        category_id=sku.category_id if sku else None,
        quantity=line.quantity,
        discount_fen=line.discount,
        tax_fen=line.tax,
        net_fen=line.paid - line.tax,
        serving_guide_ids=attributed.guide_ids,
        serving_shares_bp=attributed.shares_bp,
        guide_id=attributed.guide_id,
        reason=attributed.reason,
        candidates=attributed.candidates,
    )


def _attribute(
    receipt: Receipt,
    servings: Sequence[Serving] | None,
    people: Mapping[str, matching.PersonRef],
    indirect: Sequence[Candidate],
) -> _Attributed:
    served = [(people[fold_code(serving.staff_no)], serving.share_bp) for serving in servings or ()]
    at, day = receipt.item.ordered_at, receipt.row.business_day
    serving = [Candidate("serving", person.id, at, share, _flaw(person, day)) for person, share in served]
    decision = rules.decide([*serving, *indirect])
    return _Attributed(
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
