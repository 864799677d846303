"""Files of customers."""

from typing import Any

from customers import service
from customers.routes.blueprint import bp
from customers.schemas.imports import CustomerImportOut
from kit import clock
from kit.headings import SheetHeaderWrong
from kit.memory import MemoryBusy
from kit.web.auth import auth, principal
from kit.web.idempotency import unkept
from kit.web.io import query, reply
from kit.web.refusals import refuses
from kit.web.sheets import SheetIn, as_answer
from kit.web.upload import MAX_SHEET_BYTES, SHEET_BODY, received_encoding, received_file
from kit.workbook_parts import SheetTooLarge, SheetUnreadable


@bp.post("/imports/customers")
@auth(roles={"hq_admin"})
@refuses(MemoryBusy, SheetHeaderWrong, SheetTooLarge, SheetUnreadable)
@unkept
@query(SheetIn)
@reply(CustomerImportOut)
@bp.doc(requestBody=SHEET_BODY)
def import_customers(dry_run: bool) -> dict[str, Any]:
    """Create and complete customers from a file, by member number or by what channels know them by.

    Columns, one of the first six at least: member_no, phone, email, wecom, wechat_union, mall; name, gender, birthday,
    city, address, store_code, staff_no (whose they become), tags.
    """
    with received_file(max_bytes=MAX_SHEET_BYTES) as file:
        report = service.import_customers(
            file, encoding=received_encoding(), by=principal(), dry_run=dry_run, now=clock.now()
        )
    return as_answer(report, dry_run=dry_run)
