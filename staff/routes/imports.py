"""Files of regions, stores and staff."""

from typing import Any

from kit.headings import SheetHeaderWrong
from kit.memory import MemoryBusy
from kit.web.auth import auth
from kit.web.idempotency import unkept
from kit.web.io import query, reply
from kit.web.refusals import refuses
from kit.web.sheets import SheetIn, as_answer
from kit.web.upload import MAX_SHEET_BYTES, SHEET_BODY, received_encoding, received_file
from kit.workbook_parts import SheetTooLarge, SheetUnreadable
from staff import service
from staff.routes.blueprint import bp
from staff.schemas.imports import ImportOut


@bp.post("/imports/regions")
@auth(roles={"hq_admin"})
@refuses(MemoryBusy, SheetHeaderWrong, SheetTooLarge, SheetUnreadable)
@unkept
@query(SheetIn)
@reply(ImportOut)
@bp.doc(requestBody=SHEET_BODY)
def import_regions(dry_run: bool) -> dict[str, Any]:
    """Create and change regions from a file: code, name, parent_code."""
    return _import("regions", dry_run=dry_run)


@bp.post("/imports/stores")
@auth(roles={"hq_admin"})
@refuses(MemoryBusy, SheetHeaderWrong, SheetTooLarge, SheetUnreadable)
@unkept
@query(SheetIn)
@reply(ImportOut)
@bp.doc(requestBody=SHEET_BODY)
def import_stores(dry_run: bool) -> dict[str, Any]:
    """Create and change stores from a file.

    Columns: code, name, region_code, time_zone, currency, country, city, tags, opened_on, closed_on.
    """
    return _import("stores", dry_run=dry_run)


@bp.post("/imports/store-areas")
@auth(roles={"hq_admin"})
@refuses(MemoryBusy, SheetHeaderWrong, SheetTooLarge, SheetUnreadable)
@unkept
@query(SheetIn)
@reply(ImportOut)
@bp.doc(requestBody=SHEET_BODY)
def import_store_areas(dry_run: bool) -> dict[str, Any]:
    """Say from when stores sell on how many square metres, from a file: store_code, valid_from, area_m2."""
    return _import("store-areas", dry_run=dry_run)


@bp.post("/imports/staff")
@auth(roles={"hq_admin"})
@refuses(MemoryBusy, SheetHeaderWrong, SheetTooLarge, SheetUnreadable)
@unkept
@query(SheetIn)
@reply(ImportOut)
@bp.doc(requestBody=SHEET_BODY)
def import_staff(dry_run: bool) -> dict[str, Any]:
    """Create and change people from a file.

    Columns: staff_no, name, roles, store_code, region_code, hired_on, left_on; phone and wecom_user_id may be missing.
    """
    return _import("staff", dry_run=dry_run)


def _import(kind: str, *, dry_run: bool) -> dict[str, Any]:
    with received_file(max_bytes=MAX_SHEET_BYTES) as file:
        report = service.import_sheet(kind, file, encoding=received_encoding(), dry_run=dry_run)
    return as_answer(report, dry_run=dry_run)
