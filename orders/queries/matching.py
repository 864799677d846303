"""What a batch of orders refers to, each kind fetched once for the whole batch."""

from collections.abc import Collection
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, String, Uuid, any_, literal, select, union
from sqlalchemy.dialects.postgresql import ARRAY

from catalog.formats.pieces import UNBRANDED, UNSORTED
from catalog.queries.skus import find_called
from kit.codes import fold_code
from kit.db import db
from models import Brand, Category, Order, OrderLine, Product, Refund, RefundLine, Sku, Staff, Store


class Held(NamedTuple):
    version: int
    currency: str
    digest: int | None


class PlaceRef(NamedTuple):
    id: UUID
    time_zone: str
    currency: str


class PersonRef(NamedTuple):
    id: UUID
    hired_on: date
    left_on: date | None


class SkuRef(NamedTuple):
    id: UUID
    code: str
    title: str
    brand_id: UUID
    category_id: UUID


def _any(values: Collection[str] | Collection[UUID], of: type[String] | type[Uuid[UUID]]) -> ColumnElement[Any]:
    """One parameter however many values: a list of placeholders would be compiled anew for each batch."""
    return any_(literal(list(values), ARRAY(of)))


def find_held(source_id: UUID, external_ids: Collection[str], *, kind: str = "sale") -> dict[str, Held]:
    """The version, currency and content's digest of each of these orders, or refunds, that we have."""
    columns = (Order.external_id, Order.source_version, Order.currency, Order.content_digest)
    statement = select(*columns).where(
        Order.source_id == source_id, Order.receipt_kind == kind, Order.external_id == _any(external_ids, String)
    )
    rows = db.session.execute(statement)
    return {row.external_id: Held(row.source_version, row.currency, row.content_digest) for row in rows}


def find_originals(source_id: UUID, *, kind: str, external_ids: Collection[str]) -> set[str]:
    """The orders that these orders, or refunds, take something back of, as far as we have them."""
    documents = select(Refund.original_external_id).join(Order, Order.id == Refund.order_id)
    lines = (
        select(RefundLine.original_external_id)
        .join(OrderLine, OrderLine.id == RefundLine.line_id)
        .join(Order, Order.id == OrderLine.order_id)
    )
    held = (Order.source_id == source_id, Order.receipt_kind == kind, Order.external_id == _any(external_ids, String))
    both = union(documents.where(*held), lines.where(*held))
    return {name for name in db.session.scalars(both) if name is not None}


def find_stores(codes: Collection[str]) -> dict[str, PlaceRef]:
    """Stores by the key of their code (kit/codes.py)."""
    columns = (Store.code_key, Store.id, Store.time_zone, Store.currency)
    rows = db.session.execute(select(*columns).where(Store.code_key == _any({fold_code(c) for c in codes}, String)))
    return {row.code_key: PlaceRef(row.id, row.time_zone, row.currency) for row in rows}


def find_people(staff_nos: Collection[str]) -> dict[str, PersonRef]:
    """Staff by the key of their staff number (kit/codes.py), employed or not."""
    columns = (Staff.staff_no_key, Staff.id, Staff.hired_on, Staff.left_on)
    keys = {fold_code(staff_no) for staff_no in staff_nos}
    rows = db.session.execute(select(*columns).where(Staff.staff_no_key == _any(keys, String)))
    return {row.staff_no_key: PersonRef(row.id, row.hired_on, row.left_on) for row in rows}


def find_skus(codes: Collection[str]) -> dict[str, SkuRef]:
    """SKUs by what tills call them, with what is true of their product now; codes before barcodes.

    Tills also sell what no feed has brought yet.
    """
    columns = (Sku.id, Sku.code, Product.title, Product.brand_id, Product.category_id)
    rows = db.session.execute(select(*columns).join(Product).where(Sku.code == _any(codes, String)))
    found = {row.code: SkuRef(*row) for row in rows}
    others = find_called(missing) if (missing := set(codes) - found.keys()) else {}
    return found | {told: SkuRef(**row) for told, row in others.items()}


def find_unsorted() -> set[UUID]:
    """The brand, and the categories, of products whose sources do not say them."""
    brands = select(Brand.id).where(Brand.name == UNBRANDED)
    return set(db.session.scalars(brands.union(select(Category.id).where(Category.path == UNSORTED))))
