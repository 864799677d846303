"""How a store's targets are shared, and how much the days of a month count."""

from datetime import date
from typing import Any
from uuid import UUID

from kit import clock
from kit.errors import NotFound
from kit.web.auth import auth, principal
from kit.web.etag import etagged, if_match, serve, tag
from kit.web.io import body, query, reply
from kit.web.refusals import refuses
from staff.queries import get_store
from staff.queries.stores import StoreNotFound
from staff.rules import ANY_STAFF, MANAGERS
from targets import present, schemas
from targets.queries.days import find_weights
from targets.queries.shares import find_division, list_absences, list_shares
from targets.routes.blueprint import bp
from targets.routes.months import month_of
from targets.rules.authority import TargetNotYours
from targets.rules.spreading import Weights
from targets.service.shares import DaysGone, GivenShare, put_shares
from targets.service.weights import put_weights

Answer = dict[str, Any]


@bp.get("/stores/<uuid:store_id>/target-shares/<month>")
@auth(roles=MANAGERS)
@refuses(NotFound, StoreNotFound)
@reply(schemas.TargetSharesOut)
@etagged
def get_target_shares(store_id: UUID, month: str) -> Answer:
    """Each guide's part in the store's targets of a month, by days."""
    get_store(store_id, principal=principal())
    answer = _shares(store_id, month_of(month))
    serve(str(answer["version"]))
    return answer


@bp.put("/stores/<uuid:store_id>/target-shares/<month>")
@auth(roles=MANAGERS)
@refuses(DaysGone, NotFound, StoreNotFound)
@body(schemas.TargetSharesIn)
@reply(schemas.TargetSharesOut)
@if_match
def put_target_shares(
    store_id: UUID,
    month: str,
    shares: list[Answer],
    joiners_on_top: bool,
    first_day: date | None,
    expected_version: int,
) -> Answer:
    """Share the store's targets anew from a day on; days that are over keep what they had."""
    store = get_store(store_id, principal=principal())
    put_shares(
        store=store,
        month=month_of(month),
        shares=[GivenShare(**share) for share in shares],
        joiners_on_top=joiners_on_top,
        first_day=first_day,
        expected_version=expected_version,
        now=clock.now(),
    )
    answer = _shares(store_id, month_of(month))
    tag(str(answer["version"]))
    return answer


@bp.get("/day-weights/<month>")
@auth(roles=ANY_STAFF)
@refuses(NotFound, StoreNotFound)
@query(schemas.DayWeightsQuery)
@reply(schemas.DayWeightsOut)
@etagged
def get_day_weights(month: str, store_id: UUID | None) -> Answer:
    """How much weekdays, weekends, festivals and promotions count in a month: a store's, else all stores', else the
    defaults.
    """
    if store_id:
        get_store(store_id, principal=principal())
    held = find_weights(month_of(month), store_id)
    own = held is not None and held.store_id == store_id
    answer = present.weights_answer(month_of(month), held.store_id if held else None, held)
    # What others' weights are says nothing of the version to change one's own against.
    serve(str(answer["version"] if own else 0))
    return answer


@bp.put("/day-weights/<month>")
@auth(roles=MANAGERS)
@refuses(NotFound, StoreNotFound, TargetNotYours)
@query(schemas.DayWeightsQuery)
@body(schemas.DayWeightsIn)
@reply(schemas.DayWeightsOut)
@if_match
def put_day_weights(
    month: str, store_id: UUID | None, promotion_days: list[date], expected_version: int, **weights: int
) -> Answer:
    """Say how much the days of a month to come count: headquarters for all stores, managers for one of theirs."""
    zone = {}
    if store_id:
        zone = {"time_zone": get_store(store_id, principal=principal()).time_zone}
    elif "hq_admin" not in principal().roles:
        raise TargetNotYours
    put_weights(
        month_of(month),
        store_id=store_id,
        weights=Weights(**weights),
        promotion_days=promotion_days,
        expected_version=expected_version,
        now=clock.now(),
        **zone,
    )
    answer = present.weights_answer(month_of(month), store_id, find_weights(month_of(month), store_id))
    tag(str(answer["version"]))
    return answer


def _shares(store_id: UUID, month: date) -> Answer:
    division = find_division(store_id, month)
    shares, absences = (list_shares(division.id), list_absences(division.id)) if division else ([], [])
    return present.shares_answer(store_id, month, division, shares, absences)
