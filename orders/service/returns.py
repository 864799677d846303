"""What is given back of sales: worked out anew, over all documents of a sale, whenever one of them or the sale changes.

So any order of arrival comes to the same: a refund before its order, a correction after it, a refund taken back.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from kit import locks
from orders.queries import returning
from orders.queries.returning import Sale, Stated
from orders.rules.returns import Document, Settled, settle
from orders.service import settled_rows


def keep_others_out(source_id: UUID, *, returning: bool) -> None:
    """Let batches of sales of a source come side by side, and one that gives something back alone.

    An order and its refund that came at the same moment would otherwise not see each other.
    """
    name = f"returns {source_id}"
    if returning:
        locks.hold(name)
    else:
        locks.share(name)


def settle_returns(
    source_id: UUID, *, sold: Collection[str], named: Collection[str], taken: Collection[UUID], now: datetime
) -> set[UUID]:
    """Work out what documents give back of orders, and what those are left with; the changed get a new revision.

    `sold` are orders of this batch, of which something may be taken back; `named`, those that its documents take back,
    or did before; `taken`, the orders or refunds of the batch, whose revision has moved already. Returns those that
    changed, all of them revised.
    """
    originals = {*sold, *named}
    documents = returning.find_documents(source_id, originals)
    if sold and not documents and not named:
        return set()
    returning.lock_documents(documents)
    stated = returning.list_documents(source_id, originals, taken=taken)
    sales = returning.find_sales(source_id, {*named, *filter(None, stated)})
    settled = [_settle(sales.get(name) if name else None, found) for name, found in stated.items()]
    untouched = [settle(sales[name].lines, []) for name in sales.keys() - stated.keys()]
    return settled_rows.write_settled([*settled, *untouched], taken=taken, now=now)


def _settle(sale: Sale | None, stated: Sequence[Stated]) -> Settled:
    return settle(sale.lines if sale else [], [_in_currency(one, sale) for one in stated])


def _in_currency(stated: Stated, sale: Sale | None) -> Document:
    """A refund in another currency than its order's gives nothing back; where the order is known, it is refused."""
    differs = sale is not None and sale.currency != stated.currency
    return stated.document._replace(void=True) if differs else stated.document
