"""A supplier's spreadsheet in the demo chain: an import of which some rows could not be taken."""

from io import BytesIO

import click
from sqlalchemy import select

from catalog import service as catalog_service
from catalog.jobs import run_import
from kit import clock
from kit.db import db, unit_of_work
from models import SyncRun

SOURCE = "travel-sizes"
MAPPING = {
    "columns": {
        "external_id": "货号",
        "sku": "规格编码",
        "title": "品名",
        "brand": "品牌",
        "price": "售价",
        "shelf_status": "状态",
        "barcode": "条码",
    },
    "defaults": {"category": "小样 > 旅行装"},
}
# A price that is none, and a barcode that a spreadsheet has broken.
FILE = """货号,规格编码,品名,品牌,售价,状态,条码
LX001,LX001-A,山茶花修护精华液 旅行装 5ml,木槿堂,39.00,停产,6900000900011
LX002,LX002-A,晚香玉淡香水 旅行装 5ml,青屿,59.00,停产,6900000900028
LX003,LX003-A,橙花护手霜 旅行装 10ml,青屿,面议,上架,6900000900035
LX004,LX004-A,烟酰胺亮肤防晒乳 旅行装 8ml,青屿,29.00,上架,6.9E+12
"""


def load() -> None:
    """The file is imported once."""
    with unit_of_work():
        source = catalog_service.create_source(
            code=SOURCE, name="旅行装供应商表格", file_format="table", mapping=MAPPING
        )
        if db.session.scalar(select(SyncRun.id).where(SyncRun.source_id == source.id)):
            return
        click.echo("  demo chain: a supplier's spreadsheet", err=True)
        file = catalog_service.store_upload(BytesIO(FILE.encode()))
        run = catalog_service.create_import(source=source, mode="upsert", dry_run=False, file=file, now=clock.now())
        run_id = str(run.id)
    # The worker finds it done.
    run_import(run_id=run_id)
