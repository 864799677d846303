"""Where I am signed in."""

from typing import Any
from uuid import UUID

from flask import Response

from kit import clock
from kit.web.auth import auth, principal
from kit.web.idempotency import unkept
from kit.web.io import NothingOut, body, reply
from kit.web.refusals import refuses
from staff import queries, service
from staff.code_sheets import as_csv, as_xlsx
from staff.queries.people import StaffNotFound
from staff.queries.stores import StoreNotFound
from staff.routes.blueprint import bp
from staff.rules import ANY_STAFF
from staff.schemas import sign_in as schemas
from staff.schemas.organisation import InvitationsIn
from staff.service.credentials import TooManyInvited
from staff.service.sessions import DeviceNotFound

BINARY = {"type": "string", "format": "binary"}
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


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
@refuses(DeviceNotFound)
@reply(NothingOut)
def remove_device(session_id: UUID) -> dict[str, Any]:
    """Sign one of my devices out."""
    service.end_session(session_id, staff_id=principal().id, now=clock.now())
    return {}


@bp.post("/staff/sign-in-codes")
@auth(roles={"hq_admin"})
@refuses(StoreNotFound, TooManyInvited)
@unkept
@body(InvitationsIn)
@bp.response(200, BINARY, content_type=XLSX, description="A worksheet for each store; or `text/csv`, one list.")
def create_sign_in_codes(store_id: UUID | None, everybody: bool, format: str) -> Response:
    """One-time codes for the first sign-in of whole stores, as sheets to be handed out; good for seven days."""
    people = service.invite(store_id=store_id, everybody=everybody, principal=principal(), now=clock.now())
    content, media_type = (as_xlsx(people), XLSX) if format == "xlsx" else (as_csv(people), "text/csv; charset=utf-8")
    attached = {"Content-Disposition": f'attachment; filename="sign-in-codes.{format}"'}
    return Response(content, mimetype=media_type, headers=attached)


@bp.post("/staff/<uuid:staff_id>/password-reset")
@auth(roles={"hq_admin"})
@refuses(StaffNotFound)
@reply(schemas.ResetCodeOut, 201)
def create_password_reset(staff_id: UUID) -> dict[str, Any]:
    """A one-time code by which someone sets their password; earlier ones stop working."""
    code, expires_at = service.create_reset_code(staff_id, principal=principal(), now=clock.now())
    return {"code": code, "expires_at": expires_at}
