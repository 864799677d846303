"""Where I am signed in."""

from typing import Any
from uuid import UUID

from kit import clock
from kit.web.auth import auth, principal
from kit.web.io import NothingOut, reply
from staff import queries, service
from staff.routes.blueprint import bp
from staff.rules import ANY_STAFF
from staff.schemas import sign_in as schemas


@bp.get("/me/devices")
@auth(roles=ANY_STAFF, before_second_factor=True)
@reply(schemas.DevicesOut)
def list_devices() -> dict[str, Any]:
    """My live sign-ins, the latest used first."""
    me = principal()
    devices = queries.list_devices(me.id, now=clock.now())
    return {"items": [{**device, "is_this": device["id"] == me.session_id} for device in devices]}


@bp.delete("/me/devices/<uuid:session_id>")
@auth(roles=ANY_STAFF, before_second_factor=True)
@reply(NothingOut)
def remove_device(session_id: UUID) -> dict[str, Any]:
    """Sign one of my devices out."""
    service.end_session(session_id, staff_id=principal().id, now=clock.now())
    return {}


@bp.post("/staff/<uuid:staff_id>/password-reset")
@auth(roles={"hq_admin"})
@reply(schemas.ResetCodeOut, 201)
def create_password_reset(staff_id: UUID) -> dict[str, Any]:
    """A one-time code by which someone sets their password; earlier ones stop working."""
    code, expires_at = service.create_reset_code(staff_id, principal=principal(), now=clock.now())
    return {"code": code, "expires_at": expires_at}
