"""Lines of the receipts that were taken."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

from kit.ids import new_id
from orders.incoming import LineItem, OrderItem, Original
from orders.queries import matching
from orders.rules.amounts import Priced, net_of
from orders.service import rows
from orders.service.servings import served_by


class Receipt(NamedTuple):
    """An order as it came, as a row, as it now stands, and what each of its lines comes to."""

    item: OrderItem
    row: rows.OrderRow
    taken: rows.Taken
    priced: Sequence[Priced]

    @property
    def lines(self) -> Iterator[tuple[LineItem, Priced]]:
        """Its lines as they came, and what they come to."""
        return zip(self.item.lines, self.priced, strict=True)


def write_lines(receipts: Sequence[Receipt], *, people: Mapping[str, matching.PersonRef]) -> None:
    """Write the lines of new and changed orders; a changed order's lines that are gone become nothing."""
    if not receipts:
        return
    skus = matching.find_skus({line.sku for receipt in receipts for line in receipt.item.lines})
    written = [row for receipt in receipts for row in _line_rows(receipt, skus, people)]
    rows.upsert_lines(written, unsorted=matching.find_unsorted())
    changed = [receipt for receipt in receipts if not receipt.taken.created]
    if changed:
        rows.zero_missing_lines({r.taken.id: [line.line_no or 0 for line in r.item.lines] for r in changed})
    rows.write_stated_lines(
        [
            _stated(r.taken.id, line, priced, line.original)
            for r in receipts
            for line, priced in r.lines
            if line.original
        ],
        changed=[r.taken.id for r in changed],
    )


def _line_rows(
    receipt: Receipt, skus: Mapping[str, matching.SkuRef], people: Mapping[str, matching.PersonRef]
) -> Iterator[rows.LineRow]:
    for line, priced in receipt.lines:
        servings = receipt.item.serving if line.serving is None else line.serving
        # Of a sale that is named, who has credit for that.
        guide_ids, shares_bp = served_by([] if line.original else servings, people)
        yield _line_row(receipt.taken.id, line, priced, skus.get(line.sku), guide_ids, shares_bp)


def _line_row(
    order_id: UUID,
    line: LineItem,
    priced: Priced,
    sku: matching.SkuRef | None,
    guide_ids: list[UUID],
    shares_bp: list[int],
) -> rows.LineRow:
    return rows.LineRow(
        id=new_id(),
        order_id=order_id,
        line_no=line.line_no or 0,
        external_line_id=line.external_line_id,
        kind=line.kind,
        sku_code=sku.code if sku else line.sku,
        told_code=line.sku if sku and sku.code != line.sku else None,
        sku_id=sku.id if sku else None,
        product_title=line.title or (sku.title if sku else line.sku),
        brand_id=sku.brand_id if sku else None,
        category_id=sku.category_id if sku else None,
        # Of a sale that is named: once that is looked at.
        quantity=0 if line.original else line.quantity,
        discount_fen=priced.discount,
        tax_fen=0 if line.original else priced.tax,
        paid_fen=0 if line.original else priced.paid,
        net_fen=0 if line.original else net_of(priced),
        tag_fen=priced.tag,
        cost_fen=priced.cost,
        coupons=line.coupons or None,
        weight_milli=line.weight_milli,
        serving_guide_ids=guide_ids,
        serving_shares_bp=shares_bp,
    )


def _stated(order_id: UUID, line: LineItem, priced: Priced, original: Original) -> rows.StatedRow:
    return rows.StatedRow(
        order_id=order_id,
        line_no=line.line_no or 0,
        original_external_id=original.order,
        original_line_no=original.line,
        sku_code=line.sku,
        quantity=-line.quantity,
        amount_fen=-priced.paid,
        tax_fen=-priced.tax,
    )
