"""Portraits: one's own, and those that headquarters bring."""

from typing import Any
from uuid import UUID

from kit import storage
from kit.images import ImageDisguised, ImageTooLarge, ImageTooManyScans, ImageTruncated, ImageUnknownFormat
from kit.links import file_url, thumbnail_url
from kit.memory import MemoryBusy
from kit.quotas import UploadQuotaReached
from kit.storage import FileNotStored, StorageUnavailable
from kit.web.auth import auth, principal
from kit.web.io import NothingOut, reply
from kit.web.refusals import refuses
from kit.web.units import Prepared, prepared
from kit.web.upload import received_file, received_type
from staff import queries, service
from staff.queries.people import StaffNotFound
from staff.routes.blueprint import bp
from staff.rules import ANY_STAFF
from staff.schemas.organisation import PortraitOut

BINARY = {"type": "string", "format": "binary"}
PICTURE = {
    "required": True,
    "description": "A JPEG, PNG, WebP, GIF or HEIC to 10 MiB, as the body or as form field `file`.",
    "content": {
        "application/octet-stream": {"schema": BINARY},
        "multipart/form-data": {"schema": {"type": "object", "properties": {"file": BINARY}, "required": ["file"]}},
    },
}


def _prepare_portrait(**_: UUID) -> Prepared:
    """It is decoded and stored here, outside any transaction."""
    with received_file(max_bytes=service.MAX_PORTRAIT_BYTES) as file:
        digest = storage.file_sha256(file)
        key = service.store_portrait(file, media_type=received_type(), by=principal().id)
    return Prepared({"storage_key": key}, body_sha256=digest)


@bp.post("/me/portrait")
@auth(roles=ANY_STAFF)
@refuses(
    FileNotStored,
    ImageDisguised,
    ImageTooLarge,
    ImageTooManyScans,
    ImageTruncated,
    ImageUnknownFormat,
    MemoryBusy,
    StaffNotFound,
    StorageUnavailable,
    UploadQuotaReached,
)
@prepared(_prepare_portrait)
@bp.doc(requestBody=PICTURE)
@reply(PortraitOut)
def set_own_portrait(storage_key: str) -> dict[str, Any]:
    """Show this picture of me on posters and pages, those that I shared before, too."""
    return _set(principal().id, storage_key)


@bp.delete("/me/portrait")
@auth(roles=ANY_STAFF)
@refuses(StaffNotFound)
@reply(NothingOut)
def remove_own_portrait() -> dict[str, Any]:
    """Show no picture of me any more."""
    service.set_portrait(principal().id, None)
    return {}


@bp.post("/staff/<uuid:staff_id>/portrait")
@auth(roles={"hq_admin"})
@refuses(
    FileNotStored,
    ImageDisguised,
    ImageTooLarge,
    ImageTooManyScans,
    ImageTruncated,
    ImageUnknownFormat,
    MemoryBusy,
    StaffNotFound,
    StorageUnavailable,
    UploadQuotaReached,
)
@prepared(_prepare_portrait)
@bp.doc(requestBody=PICTURE)
@reply(PortraitOut)
def set_portrait(staff_id: UUID, storage_key: str) -> dict[str, Any]:
    """Show this picture of somebody."""
    return _set(queries.get_person(staff_id, principal=principal())["id"], storage_key)


@bp.delete("/staff/<uuid:staff_id>/portrait")
@auth(roles={"hq_admin"})
@refuses(StaffNotFound)
@reply(NothingOut)
def remove_portrait(staff_id: UUID) -> dict[str, Any]:
    """Show no picture of somebody any more."""
    service.set_portrait(queries.get_person(staff_id, principal=principal())["id"], None)
    return {}


def _set(staff_id: UUID, storage_key: str) -> dict[str, Any]:
    service.set_portrait(staff_id, storage_key)
    return {"portrait_url": file_url(storage_key), "portrait_thumbnail_url": thumbnail_url(storage_key)}
