"""How well customers are won and kept, over HTTP."""

from datetime import date
from typing import Any
from uuid import UUID

from clienteling import queries
from clienteling.routes.blueprint import SERVE, bp
from clienteling.schemas.measures import MeasuresIn, MeasuresOut
from kit import clock
from kit.web.auth import auth, principal
from kit.web.io import query, reply
from kit.web.refusals import refuses
from kit.web.units import report
from staff.queries.people import StaffNotFound
from staff.queries.stores import StoreNotFound


@bp.get("/customers/measures")
@auth(roles=SERVE)
@refuses(StaffNotFound, StoreNotFound)
@report
@query(MeasuresIn)
@reply(MeasuresOut)
def get_measures(from_day: date, to_day: date, store_id: UUID | None, guide_id: UUID | None) -> dict[str, Any]:
    """Profile completeness, retention and repurchase of the customers won in a period, within my sight."""
    return queries.measure_customers(
        from_day=from_day,
        to_day=to_day,
        store_id=store_id,
        guide_id=guide_id,
        principal=principal(),
        now=clock.now(),
    )
