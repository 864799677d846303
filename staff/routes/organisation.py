"""Regions, stores and people, one at a time."""

from functools import partial
from typing import Any
from uuid import UUID

from kit.web.auth import auth, principal
from kit.web.etag import etagged, if_match, serve, tag
from kit.web.io import body, query, reply
from kit.web.paging import page
from kit.web.refusals import refuses
from staff import queries, service
from staff.present import as_seen
from staff.queries.people import StaffNotFound
from staff.queries.regions import RegionNotFound
from staff.queries.stores import StoreNotFound
from staff.routes.blueprint import bp
from staff.rules import ANY_STAFF, HQ_ROLES, MANAGERS
from staff.schemas import organisation as schemas
from staff.service.organisation import CodeTaken, LastAdmin

ADMIN = {"hq_admin"}
OVERSEERS = MANAGERS | HQ_ROLES

Answer = dict[str, Any]


@bp.get("/regions")
@auth(roles=OVERSEERS)
@query(schemas.RegionsIn)
@reply(schemas.RegionPageOut)
def list_regions(limit: int, cursor: str | None, **filters: Any) -> Answer:
    """The regions I see, by code."""
    fetch = partial(queries.list_regions, principal=principal(), **filters)
    return page(
        lambda after, n: fetch(after=after, limit=n),
        name="regions",
        cursor=cursor,
        limit=limit,
        key=lambda row: [row["code"]],
    )


@bp.post("/regions")
@auth(roles=ADMIN)
@refuses(CodeTaken, LastAdmin, RegionNotFound)
@body(schemas.RegionIn)
@reply(schemas.RegionOut, 201)
def create_region(**columns: Any) -> Answer:
    """Add a region."""
    return queries.get_region(service.create_region(**columns), principal=principal())


@bp.get("/regions/<uuid:region_id>")
@auth(roles=OVERSEERS)
@refuses(RegionNotFound)
@reply(schemas.RegionOut)
@etagged
def get_region(region_id: UUID) -> Answer:
    """One region."""
    region = queries.get_region(region_id, principal=principal())
    serve(region["version"])
    return region


@bp.patch("/regions/<uuid:region_id>")
@auth(roles=ADMIN)
@refuses(LastAdmin, RegionNotFound)
@body(schemas.RegionPatch)
@reply(schemas.RegionOut)
@if_match
def change_region(region_id: UUID, expected_version: int, **changes: Any) -> Answer:
    """Rename or move a region; what lies below moves along."""
    service.change_region(region_id, changes=changes, expected_version=expected_version)
    region = queries.get_region(region_id, principal=principal())
    tag(region["version"])
    return region


@bp.get("/stores")
@auth(roles=ANY_STAFF)
@query(schemas.StoresIn)
@reply(schemas.StorePageOut)
def list_stores(limit: int, cursor: str | None, **filters: Any) -> Answer:
    """The stores I see, by code."""
    fetch = partial(queries.list_stores, principal=principal(), **filters)
    return page(
        lambda after, n: fetch(after=after, limit=n),
        name="stores",
        cursor=cursor,
        limit=limit,
        key=lambda row: [row["code"]],
    )


@bp.post("/stores")
@auth(roles=ADMIN)
@refuses(CodeTaken, LastAdmin, StoreNotFound)
@body(schemas.StoreIn)
@reply(schemas.StoreOut, 201)
def create_store(tags: list[str], **columns: Any) -> Answer:
    """Add a store."""
    return queries.get_store_detail(service.create_store(tags=tuple(tags), **columns), principal=principal())


@bp.get("/stores/<uuid:store_id>")
@auth(roles=ANY_STAFF)
@refuses(StoreNotFound)
@reply(schemas.StoreOut)
@etagged
def get_store(store_id: UUID) -> Answer:
    """One store."""
    store = queries.get_store_detail(store_id, principal=principal())
    serve(store["version"])
    return store


@bp.patch("/stores/<uuid:store_id>")
@auth(roles=ADMIN)
@refuses(LastAdmin, StoreNotFound)
@body(schemas.StorePatch)
@reply(schemas.StoreOut)
@if_match
def change_store(store_id: UUID, expected_version: int, **changes: Any) -> Answer:
    """Change what is given of a store."""
    service.change_store(store_id, changes=changes, expected_version=expected_version)
    store = queries.get_store_detail(store_id, principal=principal())
    tag(store["version"])
    return store


@bp.get("/staff")
@auth(roles=OVERSEERS)
@query(schemas.PeopleIn)
@reply(schemas.StaffPageOut)
def list_staff(limit: int, cursor: str | None, **filters: Any) -> Answer:
    """The people I see, by staff number."""
    fetch = partial(queries.list_staff, principal=principal(), **filters)
    found = page(
        lambda after, n: fetch(after=after, limit=n),
        name="staff",
        cursor=cursor,
        limit=limit,
        key=lambda row: [row["staff_no"]],
    )
    return {**found, "items": [as_seen(row) for row in found["items"]]}


@bp.post("/staff")
@auth(roles=ADMIN)
@refuses(CodeTaken, LastAdmin, StaffNotFound)
@body(schemas.StaffIn)
@reply(schemas.StaffOut, 201)
def create_person(roles: list[str], **columns: Any) -> Answer:
    """Add a member of staff, who gets in once a password is set."""
    staff_id = service.create_person(roles=tuple(roles), **columns)
    return as_seen(queries.get_person(staff_id, principal=principal()))


@bp.get("/staff/<uuid:staff_id>")
@auth(roles=OVERSEERS)
@refuses(StaffNotFound)
@reply(schemas.StaffOut)
@etagged
def get_person(staff_id: UUID) -> Answer:
    """One member of staff."""
    person = queries.get_person(staff_id, principal=principal())
    serve(person["version"])
    return as_seen(person)


@bp.patch("/staff/<uuid:staff_id>")
@auth(roles=ADMIN)
@refuses(LastAdmin, StaffNotFound)
@body(schemas.StaffPatch)
@reply(schemas.StaffOut)
@if_match
def change_person(staff_id: UUID, expected_version: int, **changes: Any) -> Answer:
    """Change what is given of a member of staff; a role or job they lose, they lose at once."""
    service.change_person(staff_id, changes=changes, expected_version=expected_version)
    person = queries.get_person(staff_id, principal=principal())
    tag(person["version"])
    return as_seen(person)
