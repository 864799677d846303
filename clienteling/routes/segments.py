"""Segments over HTTP."""

from dataclasses import asdict
from typing import Any
from uuid import UUID

from clienteling import queries, service
from clienteling.queries.segments import SegmentNotFound
from clienteling.routes.blueprint import SERVE, bp
from clienteling.rules import Limits
from clienteling.schemas.segments import (
    CountIn,
    CountOut,
    LimitsIn,
    LimitsOut,
    SegmentCustomerPageOut,
    SegmentIn,
    SegmentOut,
    SegmentPageOut,
    SegmentPatch,
)
from clienteling.service.segments import SegmentNotYours
from kit import clock
from kit.web.auth import auth, principal
from kit.web.etag import etagged, if_match, serve, tag
from kit.web.io import body, query, reply
from kit.web.paging import PageIn, page
from kit.web.refusals import refuses
from kit.web.units import report


@bp.post("/segments")
@auth(roles=SERVE)
@refuses(SegmentNotFound, SegmentNotYours)
@body(SegmentIn)
@reply(SegmentOut, 201)
def create_segment(**columns: Any) -> dict[str, Any]:
    """Save a filter under a name."""
    segment_id = service.create_segment(**columns, by=principal(), now=clock.now())
    return queries.get_segment(segment_id, principal=principal())


@bp.get("/segments")
@auth(roles=SERVE)
@query(PageIn)
@reply(SegmentPageOut)
def list_segments(cursor: str | None, limit: int) -> dict[str, Any]:
    """My segments and those that are shared, the newest first."""

    def fetch(after: list[Any] | None, count: int) -> list[dict[str, Any]]:
        return list(queries.list_segments(principal=principal(), after=after, limit=count))

    return page(fetch, name="segments", cursor=cursor, limit=limit, key=_key)


@bp.post("/segments/counts")
@auth(roles=SERVE)
@report
@body(CountIn)
@reply(CountOut)
def count_customers(filter: dict[str, Any]) -> dict[str, Any]:
    """How many customers in my sight a filter finds, before it is saved or used."""
    return queries.count_customers(filter, principal=principal())


@bp.post("/segments/refreshes")
@auth(roles={"hq_admin"})
@reply(LimitsOut, 202)
def refresh_segments() -> dict[str, Any]:
    """Have scores and stages follow the orders in the background now, and not only tonight."""
    service.request_refresh()
    return _limits()


@bp.get("/segments/<uuid:segment_id>")
@auth(roles=SERVE)
@refuses(SegmentNotFound)
@reply(SegmentOut)
@etagged
def get_segment(segment_id: UUID) -> dict[str, Any]:
    """One segment of mine, or a shared one."""
    row = queries.get_segment(segment_id, principal=principal())
    serve(row["version"])
    return row


@bp.patch("/segments/<uuid:segment_id>")
@auth(roles=SERVE)
@refuses(SegmentNotFound, SegmentNotYours)
@body(SegmentPatch)
@reply(SegmentOut)
@if_match
def change_segment(segment_id: UUID, expected_version: int, **changes: Any) -> dict[str, Any]:
    """Rename my segment, change its filter, share it or put it away."""
    service.change_segment(
        segment_id=segment_id, changes=changes, expected_version=expected_version, by=principal(), now=clock.now()
    )
    segment = queries.get_segment(segment_id, principal=principal())
    tag(segment["version"])
    return segment


@bp.get("/segments/<uuid:segment_id>/customers")
@auth(roles=SERVE)
@refuses(SegmentNotFound)
@report
@query(PageIn)
@reply(SegmentCustomerPageOut)
def list_segment_customers(segment_id: UUID, cursor: str | None, limit: int) -> dict[str, Any]:
    """The customers in my sight whom the segment finds now, the newest first."""
    wanted = queries.get_segment(segment_id, principal=principal())["filter"]

    def fetch(after: list[Any] | None, count: int) -> list[dict[str, Any]]:
        return queries.list_segment_customers(wanted, principal=principal(), after=after, limit=count)

    return page(fetch, name=f"customers of {segment_id}", cursor=cursor, limit=limit, key=_key)


@bp.get("/life-cycle")
@auth(roles=SERVE)
@reply(LimitsOut)
def get_limits() -> dict[str, Any]:
    """The window of scores and the day limits of stages, and how far figures are."""
    return _limits()


@bp.post("/life-cycle")
@auth(roles={"hq_admin"})
@body(LimitsIn)
@reply(LimitsOut, 201)
def set_limits(**limits: int) -> dict[str, Any]:
    """Let other limits hold; figures follow in the background."""
    service.set_limits(limits=Limits(**limits), by=principal(), now=clock.now())
    return _limits()


def _limits() -> dict[str, Any]:
    state = queries.find_state()
    how_far = (
        {"figures_as_of": state.as_of, "computed_at": state.computed_at}
        if state
        else dict.fromkeys(("figures_as_of", "computed_at"))
    )
    return {**asdict(queries.current_limits()), **how_far}


def _key(row: dict[str, Any]) -> list[Any]:
    return [str(row["id"])]
