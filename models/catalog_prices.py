"""What lists by price go by."""

from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from kit.db import Base
from models.columns import Fen


class ProductPrice(Base):
    """A product's lowest price at its source, for lists by price; kept by a trigger on `sku`.

    A table of its own: an index of prices on `sku` or `product` would make every change of a price touch all of theirs.
    """

    __tablename__ = "product_price"
    __table_args__ = (Index(None, "price_fen", "product_id"),)

    product_id: Mapped[UUID] = mapped_column(ForeignKey("product.id"), primary_key=True)
    price_fen: Mapped[Fen]
