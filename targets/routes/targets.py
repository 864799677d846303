"""Targets: said, proposed, decided on, and how far people are."""

from collections.abc import Sequence
from functools import partial
from typing import Any
from uuid import UUID

from kit import clock
from kit.errors import Invalid, NotFound
from kit.principal import Principal
from kit.web.auth import auth, principal
from kit.web.etag import etagged, if_match, serve_shown, tag
from kit.web.io import body, query, reply
from kit.web.paging import page
from kit.web.refusals import refuses
from kit.words import say
from staff.queries import get_person, get_region, get_store
from staff.queries.people import StaffNotFound
from staff.queries.regions import RegionNotFound
from staff.queries.stores import StoreNotFound
from staff.rules import ANY_STAFF, MANAGERS
from targets import present, schemas
from targets.queries.breakdown import break_down, list_my_targets
from targets.queries.days import CURRENCY, standings
from targets.queries.targets import TargetNotFound, TargetRow, get_target, list_changes, list_targets
from targets.routes.blueprint import bp
from targets.routes.months import asked_month, month_of
from targets.rules.authority import TargetNotYours
from targets.rules.states import TargetStateForbids
from targets.service import targets as service
from targets.service.targets import Draft, OwnProposal, ReasonRequired, TargetExists

Answer = dict[str, Any]


@bp.get("/targets")
@auth(roles=ANY_STAFF)
@query(schemas.TargetsIn)
@reply(schemas.TargetPageOut)
def list_all_targets(limit: int, cursor: str | None, month: str | None, **filters: Any) -> Answer:
    """Targets that I see, the newest first, with how far they are."""
    fetch = partial(list_targets, principal=principal(), month=asked_month(month), **filters)
    found = page(
        lambda after, n: [{"row": row} for row in fetch(after=UUID(after[0]) if after else None, limit=n)],
        name="targets",
        cursor=cursor,
        limit=limit,
        key=lambda item: [str(item["row"].id)],
    )
    return {**found, "items": _answers([item["row"] for item in found["items"]])}


@bp.post("/targets")
@auth(roles=MANAGERS)
@refuses(
    NotFound,
    ReasonRequired,
    RegionNotFound,
    StaffNotFound,
    StoreNotFound,
    TargetExists,
    TargetNotFound,
    TargetNotYours,
    TargetStateForbids,
)
@body(schemas.TargetIn)
@reply(schemas.TargetOut, 201)
def create_target(metric: str, month: str, amount: int, reason: str | None, **subject: UUID) -> Answer:
    """Say what a region, store or guide is to reach in a month: set by the level above, proposed by a level itself."""
    draft = _draft(principal(), metric=metric, month=month_of(month), amount=amount, reason=reason, **subject)
    return _answer(service.create_target(draft, principal=principal(), now=clock.now()))


@bp.get("/targets/<uuid:target_id>")
@auth(roles=ANY_STAFF)
@refuses(TargetNotFound)
@reply(schemas.TargetOut)
@etagged
def get_one_target(target_id: UUID) -> Answer:
    """One target, and how far it is."""
    row = get_target(target_id, principal=principal())
    [answer] = _answers([row])
    serve_shown(row.version, answer)
    return answer


@bp.patch("/targets/<uuid:target_id>")
@auth(roles=MANAGERS)
@refuses(ReasonRequired, TargetNotFound, TargetNotYours, TargetStateForbids)
@body(schemas.TargetPatch)
@reply(schemas.TargetOut)
@if_match
def change_target(target_id: UUID, amount: int, reason: str | None, expected_version: int) -> Answer:
    """Set another amount, or propose it; what was approved holds until the proposal is."""
    service.change_target(
        target_id,
        amount=amount,
        reason=reason,
        principal=principal(),
        expected_version=expected_version,
        now=clock.now(),
    )
    return _answer(target_id)


@bp.put("/targets/<uuid:target_id>/decision")
@auth(roles=MANAGERS)
@refuses(OwnProposal, ReasonRequired, TargetNotFound, TargetNotYours, TargetStateForbids)
@body(schemas.DecisionIn)
@reply(schemas.TargetOut)
@if_match
def decide_on_target(target_id: UUID, approve: bool, reason: str | None, expected_version: int) -> Answer:
    """Approve what was proposed, or return it with a reason; never one's own."""
    service.decide(
        target_id,
        approve=approve,
        reason=reason,
        principal=principal(),
        expected_version=expected_version,
        now=clock.now(),
    )
    return _answer(target_id)


@bp.get("/targets/<uuid:target_id>/changes")
@auth(roles=ANY_STAFF)
@refuses(TargetNotFound)
@reply(schemas.TargetChangesOut)
def list_target_changes(target_id: UUID) -> Answer:
    """How a target came about: who set, proposed, approved or returned which amount, and why."""
    get_target(target_id, principal=principal())
    return {"items": [change._asdict() for change in list_changes(target_id)]}


@bp.get("/targets/<uuid:target_id>/days")
@auth(roles=MANAGERS)
@refuses(TargetNotFound)
@reply(schemas.TargetDaysOut)
def get_target_days(target_id: UUID) -> Answer:
    """A target over the days of its month, and a store's over its guides; both add up exactly."""
    found = break_down(get_target(target_id, principal=principal()))
    guides = [{**guide._asdict(), "attainment": present.pair(guide.attainment)} for guide in found.guides]
    days = present.days_answer(found.days, found.amounts)
    return {"days": days, "guides": guides, "unassigned": found.unassigned}


@bp.get("/me/targets")
@auth(roles=ANY_STAFF)
@refuses(StoreNotFound)
@query(schemas.MyTargetsIn)
@reply(schemas.MyTargetsOut)
def get_my_targets(month: str | None) -> Answer:
    """What I am to reach at my store, this month or another, and how far I am."""
    found = list_my_targets(principal(), month=asked_month(month), now=clock.now())
    items = []
    for mine in found:
        first = asked_month(month) or mine.standing.as_of.replace(day=1)
        told = {name: value for name, value in mine._asdict().items() if name != "standing"}
        items.append({**told, "month": present.month_text(first), **present.standing_answer(mine.standing)})
    return {"items": items}


def _draft(
    caller: Principal,
    *,
    region_id: UUID | None = None,
    store_id: UUID | None = None,
    guide_id: UUID | None = None,
    **said: Any,
) -> Draft:
    """What is said of something within the caller's scope."""
    if region_id:
        get_region(region_id, principal=caller)
        return Draft(level="region", region_id=region_id, currency=CURRENCY, **said)
    if guide_id:
        person = get_person(guide_id, principal=caller)
        store_id = person["store_id"]
        if store_id is None or "guide" not in person["roles"]:
            raise Invalid(errors={"guide_id": [say("unknown_code.guide")]})
    assert store_id is not None
    store = get_store(store_id, principal=caller)
    level = "guide" if guide_id else "store"
    place: dict[str, Any] = {"store_id": store.id, "currency": store.currency, "time_zone": store.time_zone}
    return Draft(level=level, guide_id=guide_id, **place, **said)


def _answer(target_id: UUID) -> Answer:
    row = get_target(target_id, principal=principal())
    [answer] = _answers([row])
    tag(row.version)
    return answer


def _answers(rows: Sequence[TargetRow]) -> list[Answer]:
    standing = standings(rows, now=clock.now())
    return [present.target_answer(row, standing[row.id]) for row in rows]
