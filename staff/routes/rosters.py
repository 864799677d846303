"""Who is in on which day: what attendance systems, managers and files say, and what it comes to."""

from datetime import date
from typing import Any
from uuid import UUID

from kit import clock
from kit.errors import Invalid
from kit.headings import SheetHeaderWrong
from kit.memory import MemoryBusy
from kit.web.auth import auth, principal
from kit.web.batch import Rejection, batch, outcomes
from kit.web.idempotency import unkept
from kit.web.io import query, reply
from kit.web.refusals import refuses
from kit.web.sheets import SheetIn, as_answer
from kit.web.upload import MAX_SHEET_BYTES, SHEET_BODY, received_encoding, received_file
from kit.words import say
from kit.workbook_parts import SheetTooLarge, SheetUnreadable
from staff import present, queries, service
from staff.incoming import RosterItem
from staff.queries.stores import StoreNotFound
from staff.routes.blueprint import bp
from staff.rules import ANY_STAFF, HQ_ROLES, MANAGERS
from staff.schemas import rosters as schemas
from staff.schemas.imports import ImportOut

BATCH_LIMIT = 5_000

Answer = dict[str, Any]


@bp.post("/roster-days")
@auth(roles=MANAGERS, scope="rosters:write")
@batch(RosterItem, limit=BATCH_LIMIT)
def set_roster_days(items: list[tuple[int, RosterItem]], rejections: list[Rejection]) -> Answer:
    """Say who works, trains, is on leave or off in which store on which day; the same again changes nothing.

    The highest version of a day holds, whatever the order of arrival; without a version it is said by hand, and holds
    until a newer version comes. Rejected with `unknown_store` (none within what the caller sees), `unknown_guide`,
    `not_placed`, `implausible_day`, `minutes_away`, `out_of_range`, `version_reused`, `duplicate` or `invalid_item`.
    """
    verdicts = service.take_rosters([item for _, item in items], principal=principal(), now=clock.now())
    told = [present.roster_outcome(index, item, of) for (index, item), of in zip(items, verdicts, strict=True)]
    return outcomes(told, rejections)


@bp.post("/imports/rosters")
@auth(roles=MANAGERS)
@refuses(MemoryBusy, SheetHeaderWrong, SheetTooLarge, SheetUnreadable)
@unkept
@query(SheetIn)
@reply(ImportOut)
@bp.doc(requestBody=SHEET_BODY)
def import_rosters(dry_run: bool) -> Answer:
    """Say the same by a file: store_code, staff_no, day, kind, minutes; version may be missing."""
    with received_file(max_bytes=MAX_SHEET_BYTES) as file:
        report = service.import_sheet(
            "rosters", file, encoding=received_encoding(), dry_run=dry_run, principal=principal()
        )
    return as_answer(report, dry_run=dry_run)


@bp.get("/stores/<uuid:store_id>/roster")
@auth(roles=ANY_STAFF)
@refuses(StoreNotFound)
@query(schemas.RosterIn)
@reply(schemas.RosterOut)
def get_roster(store_id: UUID, first: date | None, last: date | None) -> Answer:
    """Who is in today, or on other days, and for how long; without a roster those who are placed in the store."""
    store = queries.get_store(store_id, principal=principal())
    begin = first or clock.business_day(clock.now(), store.time_zone)
    end = last or begin
    if begin > end:
        raise Invalid(errors={"from": [say("later_than", than="to")]})
    if (end - begin).days >= schemas.MAX_DAYS:
        raise Invalid(errors={"to": [say("period_too_long", days=schemas.MAX_DAYS)]})
    days = queries.list_roster(store.id, first=begin, last=end)
    sees_why = not principal().roles.isdisjoint(MANAGERS | HQ_ROLES)
    return present.roster_answer(store.id, days, shown_to=None if sees_why else principal().id)
