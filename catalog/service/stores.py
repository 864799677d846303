"""A store's own word on what it sells."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import or_
from sqlalchemy.dialects.postgresql import insert

from kit.db import db
from models import StoreAvailability


def set_availability(
    *, store_id: UUID, sku_id: UUID, sellable: bool, price_fen: int | None, stock: int | None, now: datetime
) -> None:
    """Record what the store says of a SKU; a `price_fen` of None means the SKU's own, a `stock` of None unknown.

    The brand's shelf status is not touched, and the same again writes nothing.
    """
    said = {"sellable": sellable, "price_fen": price_fen, "stock": stock}
    row = insert(StoreAvailability).values(store_id=store_id, sku_id=sku_id, updated_at=now, **said)
    columns = StoreAvailability.__table__.columns
    changed = or_(*(columns[name].is_distinct_from(value) for name, value in said.items()))
    db.session.execute(
        row.on_conflict_do_update(
            index_elements=["store_id", "sku_id"], set_={**said, "updated_at": now}, where=changed
        )
    )
