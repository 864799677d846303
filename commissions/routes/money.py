"""What guides earn, and why."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from flask import current_app

from commissions import queries
from commissions.queries.entries import Selection
from commissions.routes.blueprint import bp
from commissions.schemas.money import EntriesIn, EntryPageOut, SummaryIn, SummaryOut
from kit import clock
from kit.errors import Invalid
from kit.principal import Reach
from kit.web.auth import auth, principal
from kit.web.io import query, reply
from kit.web.listed import listed, quarter_hour
from kit.web.paging import page
from kit.web.refusals import refuses
from kit.words import say
from staff.queries import home_of

SEE_MONEY = {"guide", "store_manager", "regional_manager", "hq_commission", "hq_finance", "hq_admin"}
MAX_DAYS = 366


class BadPeriod(Invalid):
    """The period ends before it begins, or is longer than MAX_DAYS."""

    code = "bad_period"


MONEY = ("ledger", "orders", "people")


@bp.get("/commissions/summary")
@auth(roles=SEE_MONEY)
@refuses(BadPeriod)
@listed(*MONEY, turn=quarter_hour)
@query(SummaryIn)
@reply(SummaryOut)
def get_summary(**asked: Any) -> dict[str, Any]:
    """What was earned, in all and by business day, today and this month, and what of it goods may still take back.

    All of it is in the ledger already, except `projected`: what closing the open periods would add, as counted last.
    """
    selection, window = _selection(**asked), current_app.config["RETURN_WINDOW_DAYS"]
    summary = queries.summarise(selection, today=_today(), return_window_days=window)
    return {**summary, "projected": queries.list_projected(selection)}


@bp.get("/commissions/entries")
@auth(roles=SEE_MONEY)
@refuses(BadPeriod)
@listed(*MONEY, turn=quarter_hour)
@query(EntriesIn)
@reply(EntryPageOut)
def list_entries(cursor: str | None, limit: int, **asked: Any) -> dict[str, Any]:
    """Every posting with all that explains it, the newest business day first."""
    selection = _selection(**asked)
    return page(
        lambda after, n: queries.list_entries(selection, after=after, limit=n),
        name="commission-entries",
        cursor=cursor,
        limit=limit,
        key=lambda entry: [entry["day"].isoformat(), entry["id"]],
    )


def _selection(*, first: date | None, last: date | None, guide_id: UUID | None, store_id: UUID | None) -> Selection:
    caller = principal()
    last = last or _today()
    first = first or last - timedelta(days=29)
    if not timedelta(0) <= last - first < timedelta(days=MAX_DAYS):
        raise BadPeriod(say("bad_period", days=MAX_DAYS))
    if guide_id is None and store_id is None and caller.reach is Reach.SELF:
        guide_id = caller.id
    return Selection(first=first, last=last, guide_id=guide_id, store_id=store_id, principal=caller)


def _today() -> date:
    return clock.business_day(clock.now(), home_of(principal()).time_zone)
