"""Selling areas of stores."""

from typing import Any
from uuid import UUID

from kit.errors import NotFound
from kit.web.auth import auth, principal
from kit.web.io import NothingOut, body, reply
from kit.web.refusals import refuses
from staff import queries, service
from staff.queries.stores import StoreNotFound
from staff.routes.blueprint import bp
from staff.routes.days import day_of
from staff.rules import ANY_STAFF
from staff.schemas import organisation as schemas
from staff.service.areas import AreaNotFound

ADMIN = {"hq_admin"}


@bp.get("/stores/<uuid:store_id>/areas")
@auth(roles=ANY_STAFF)
@refuses(StoreNotFound)
@reply(schemas.AreasOut)
def list_areas(store_id: UUID) -> dict[str, Any]:
    """How many square metres a store sold on, and from which day."""
    queries.get_store(store_id, principal=principal())
    return {"items": queries.list_areas(store_id)}


@bp.put("/stores/<uuid:store_id>/areas/<valid_from>")
@auth(roles=ADMIN)
@refuses(NotFound, StoreNotFound)
@body(schemas.AreaIn)
@reply(schemas.AreasOut)
def put_area(store_id: UUID, valid_from: str, area_m2: int) -> dict[str, Any]:
    """Say how many square metres a store sells on from a day on, until the next one begins."""
    service.put_area(store_id=store_id, valid_from=day_of(valid_from), area_m2=area_m2)
    return {"items": queries.list_areas(store_id)}


@bp.delete("/stores/<uuid:store_id>/areas/<valid_from>")
@auth(roles=ADMIN)
@refuses(AreaNotFound, NotFound, StoreNotFound)
@reply(NothingOut)
def remove_area(store_id: UUID, valid_from: str) -> dict[str, Any]:
    """Take back what was said from a day on: the one before holds on."""
    service.remove_area(store_id=store_id, valid_from=day_of(valid_from))
    return {}
