"""Sources and products, by the way that brands use."""

from typing import Any

from catalog import service
from catalog.items import ProductItem, SkuItem
from kit import clock
from kit.db import db, unit_of_work
from kit.ids import new_id
from models import Product, Source, SyncRun
from tests.make.rows import next_number, save


def source(**columns: Any) -> Source:
    number = next_number()
    with unit_of_work():
        return service.create_source(**{"code": f"source{number}", "name": f"来源{number}", **columns})


def product_item(*, price_fen: int = 19900, sku_codes: list[str] | None = None, **fields: Any) -> ProductItem:
    """One product as a source describes it, with SKUs of one price."""
    number = next_number()
    skus = [SkuItem(code=code, price=price_fen) for code in sku_codes or [f"SKU{number}"]]
    defaults = {"external_id": f"P{number}", "version": 1, "title": f"商品{number}", "brand": "花屿", "skus": skus}
    return ProductItem(**{"category": ["护肤", "面霜"], "shelf_status": "on_shelf", **defaults, **fields})


def sync(source: Source, *items: ProductItem) -> list[str]:
    """What became of each item."""
    with unit_of_work():
        outcomes = service.sync_products(source=source, items=items, now=clock.now())
    return [outcome["outcome"] for outcome in outcomes]


def product(*, source: Source | None = None, **fields: Any) -> Product:
    """A product with one SKU; takes `shelf_status`, `price_fen`, and the fields of a ProductItem."""
    source = source or _source()
    item = product_item(**fields)
    assert sync(source, item) == ["created"]
    return db.session.query(Product).filter_by(source_id=source.id, external_id=item.external_id).one()


_source = source


def sync_run(**columns: Any) -> SyncRun:
    """An import of a source of its own that waits for a worker; its file is not there."""
    now = clock.now()
    file = {"file_key": "x", "file_bytes": 1, "version": 1, "created_at": now, "updated_at": now}
    defaults = {"mode": "upsert", "dry_run": False, "state": "queued", **file}
    return save(SyncRun(id=new_id(), source_id=source().id, **{**defaults, **columns}))
