"""Who serves in another store on which day."""

from datetime import date
from functools import partial
from typing import Any
from uuid import UUID

from kit.web.auth import auth, principal
from kit.web.io import NothingOut, body, query, reply
from kit.web.paging import page
from kit.web.refusals import refuses
from staff import queries, service
from staff.queries.people import StaffNotFound
from staff.queries.stores import CoverNotFound, StoreNotFound
from staff.routes.blueprint import bp
from staff.rules import HQ_ROLES, MANAGERS
from staff.schemas import organisation as schemas
from staff.service.covers import AlreadyAtHome


@bp.get("/stores/<uuid:store_id>/covers")
@auth(roles=MANAGERS | HQ_ROLES)
@refuses(StoreNotFound)
@query(schemas.CoversIn)
@reply(schemas.CoverPageOut)
def list_covers(
    store_id: UUID, limit: int, cursor: str | None, from_day: date | None, to_day: date | None
) -> dict[str, Any]:
    """Who covers in a store on any of the days, by first day."""
    queries.get_store(store_id, principal=principal())
    fetch = partial(queries.list_covers, store_id, from_day=from_day, to_day=to_day)
    return page(
        lambda after, n: fetch(after=after, limit=n),
        name=f"covers:{store_id}",
        cursor=cursor,
        limit=limit,
        key=lambda row: [row["first_day"].isoformat(), str(row["id"])],
    )


@bp.post("/stores/<uuid:store_id>/covers")
@auth(roles=MANAGERS)
@refuses(AlreadyAtHome, StaffNotFound, StoreNotFound)
@body(schemas.CoverIn)
@reply(schemas.CoversOut, 201)
def add_cover(store_id: UUID, staff_no: str, days: list[date]) -> dict[str, Any]:
    """Let someone from another store serve here on some days, and see then what my people see."""
    made = service.add_cover(store_id=store_id, staff_no=staff_no, days=days, principal=principal())
    return {"items": queries.list_covers_made(made)}


@bp.delete("/stores/<uuid:store_id>/covers/<uuid:cover_id>")
@auth(roles=MANAGERS)
@refuses(CoverNotFound, StoreNotFound)
@reply(NothingOut, 200)
def remove_cover(store_id: UUID, cover_id: UUID) -> dict[str, Any]:
    """Take back a cover."""
    service.remove_cover(store_id=store_id, cover_id=cover_id, principal=principal())
    return {}
