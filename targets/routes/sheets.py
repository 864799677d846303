"""Targets as sheets, as headquarters keep them."""

from io import BytesIO
from typing import Any

from flask import Response

from kit import clock
from kit.errors import NotFound
from kit.headings import SheetHeaderWrong
from kit.memory import MemoryBusy
from kit.web.auth import auth, principal
from kit.web.idempotency import unkept
from kit.web.io import query, reply
from kit.web.refusals import refuses
from kit.web.sheets import SheetIn, as_answer
from kit.web.upload import MAX_SHEET_BYTES, SHEET_BODY, received_encoding, received_file
from kit.workbook_parts import SheetTooLarge, SheetUnreadable
from staff.rules import MANAGERS
from targets import schemas
from targets.routes.blueprint import bp
from targets.routes.months import month_of
from targets.rules.authority import TargetNotYours
from targets.rules.states import TargetStateForbids
from targets.service import sheets as service
from targets.service.targets import ReasonRequired

WORKBOOK = {"type": "string", "format": "binary"}
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@bp.post("/imports/targets")
@auth(roles=MANAGERS)
@refuses(
    MemoryBusy, ReasonRequired, SheetHeaderWrong, SheetTooLarge, SheetUnreadable, TargetNotYours, TargetStateForbids
)
@unkept
@query(SheetIn)
@reply(schemas.TargetImportOut)
@bp.doc(requestBody=SHEET_BODY)
def import_targets(dry_run: bool) -> dict[str, Any]:
    """Set or propose targets from a file: month, metric, region_code or store_code or staff_no, amount, reason.

    Amounts are in the currency's unit (yuan), counts in receipts or pieces.
    """
    with received_file(max_bytes=MAX_SHEET_BYTES) as file:
        report = service.import_targets(
            file, principal=principal(), now=clock.now(), dry_run=dry_run, encoding=received_encoding()
        )
    return as_answer(report, dry_run=dry_run)


@bp.get("/targets/sheet")
@auth(roles=MANAGERS)
@refuses(NotFound)
@query(schemas.TargetSheetIn)
@bp.response(200, WORKBOOK, content_type=XLSX, description="The columns of the import.")
def export_targets(month: str, metric: str | None) -> Response:
    """What was approved for a month, as a workbook that can be changed and taken in again."""
    book = BytesIO()
    service.write_targets(book, principal=principal(), month=month_of(month), metric=metric)
    headers = {"Content-Disposition": f'attachment; filename="targets-{month}.xlsx"'}
    return Response(book.getvalue(), mimetype=XLSX, headers=headers)
