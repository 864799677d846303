"""Who works where, from which day to which."""

from datetime import date
from typing import Any
from uuid import UUID

from kit import clock
from kit.web.auth import auth, principal
from kit.web.etag import etagged, if_match, serve, tag
from kit.web.io import body, reply
from kit.web.refusals import refuses
from staff import queries
from staff.queries.people import StaffNotFound
from staff.queries.placements import PlacementNotFound
from staff.routes.blueprint import bp
from staff.rules import HQ_ROLES, MANAGERS
from staff.schemas import placements as schemas
from staff.service import appointments
from staff.service.appointments import PlacementIdTaken, PlacementsOverlap
from staff.service.organisation import LastAdmin

ADMIN = {"hq_admin"}
OVERSEERS = MANAGERS | HQ_ROLES
MOST_SHOWN = 500

Answer = dict[str, Any]


@bp.get("/staff/<uuid:staff_id>/placements")
@auth(roles=OVERSEERS)
@refuses(StaffNotFound)
@reply(schemas.PlacementsOut)
def list_placements(staff_id: UUID) -> Answer:
    """Where somebody worked, works and is to work, covers included, the latest first."""
    queries.get_person(staff_id, principal=principal())
    return {"items": queries.list_placements(staff_id, principal=principal(), limit=MOST_SHOWN)}


@bp.post("/staff/<uuid:staff_id>/placements")
@auth(roles=ADMIN)
@refuses(PlacementIdTaken, PlacementNotFound, PlacementsOverlap, StaffNotFound)
@body(schemas.PlacementIn)
@reply(schemas.PlacementOut, 201)
def add_placement(staff_id: UUID, id: UUID, **terms: Any) -> Answer:
    """Place somebody in a store from a day on, also one to come; a home elsewhere ends the day before."""
    made = appointments.add_placement(id, staff_id=staff_id, principal=principal(), now=clock.now(), **terms)
    return queries.get_placement(made, principal=principal())


@bp.get("/placements/<uuid:placement_id>")
@auth(roles=OVERSEERS)
@refuses(PlacementNotFound)
@reply(schemas.PlacementOut)
@etagged
def get_placement(placement_id: UUID) -> Answer:
    """One placement."""
    return _served(placement_id)


@bp.patch("/placements/<uuid:placement_id>")
@auth(roles=ADMIN)
@refuses(PlacementNotFound, PlacementsOverlap, StaffNotFound)
@body(schemas.PlacementPatch)
@reply(schemas.PlacementOut)
@if_match
def change_placement(placement_id: UUID, expected_version: int, reason: str | None, **changes: Any) -> Answer:
    """Correct what is given of a placement; what changes days that are over takes a reason."""
    appointments.change_placement(
        placement_id,
        changes=changes,
        reason=reason,
        principal=principal(),
        expected_version=expected_version,
        now=clock.now(),
    )
    return _tagged(placement_id)


@bp.put("/placements/<uuid:placement_id>/end")
@auth(roles=ADMIN)
@refuses(LastAdmin, PlacementNotFound, PlacementsOverlap, StaffNotFound)
@body(schemas.PlacementEndIn)
@reply(schemas.PlacementOut)
@if_match
def end_placement(
    placement_id: UUID, expected_version: int, last_day: date, end_reason: str, reason: str | None
) -> Answer:
    """End a placement with a day; who has left leaves the chain that day."""
    appointments.end_placement(
        placement_id,
        last_day=last_day,
        end_reason=end_reason,
        reason=reason,
        principal=principal(),
        expected_version=expected_version,
        now=clock.now(),
    )
    return _tagged(placement_id)


def _served(placement_id: UUID) -> Answer:
    placement = queries.get_placement(placement_id, principal=principal())
    serve(placement["version"])
    return placement


def _tagged(placement_id: UUID) -> Answer:
    placement = queries.get_placement(placement_id, principal=principal())
    tag(placement["version"])
    return placement
