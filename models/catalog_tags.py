"""What sources tag products with, for lists by tag."""

from uuid import UUID

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from kit.db import Base
from models.columns import Id


class ProductTag(Base):
    __tablename__ = "product_tag"

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(String(255), unique=True)


class TaggedProduct(Base):
    """That a product which is shown has a tag, in the order that lists have; kept by a trigger on `product`.

    `product.tags` is what the source says. An index of it would have to read all of a common tag for a page of it.
    """

    __tablename__ = "tagged_product"

    tag_id: Mapped[UUID] = mapped_column(ForeignKey("product_tag.id"), primary_key=True)
    title: Mapped[str] = mapped_column(String(500), primary_key=True)
    product_id: Mapped[UUID] = mapped_column(ForeignKey("product.id"), primary_key=True)
