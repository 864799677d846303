"""Pictures and films for content."""

from typing import Any
from uuid import UUID

from flask import current_app

from content_center import queries, service
from content_center.queries.assets import AssetHidden, AssetNotFound
from content_center.routes.blueprint import MAKERS, bp
from content_center.schemas.content import AssetOut
from content_center.service import Upload
from content_center.service.assets import PosterMissing
from kit.db import unit_of_work
from kit.images import ImageDisguised, ImageTooLarge, ImageTooManyScans, ImageTruncated, ImageUnknownFormat
from kit.memory import MemoryBusy
from kit.quotas import UploadQuotaReached
from kit.storage import FileNotStored, StorageUnavailable
from kit.videos import VideoDisguised, VideoTruncated, VideoUnknownFormat, VideoUnsupported
from kit.web.auth import auth, principal
from kit.web.io import reply
from kit.web.refusals import refuses
from kit.web.units import Prepared, prepared
from kit.web.upload import other_file, received_file, received_type

BINARY = {"type": "string", "format": "binary"}
UPLOAD = {
    "required": True,
    "description": "A picture, as the body or as form field `file`; or an MP4 as `file` with a picture as `poster`.",
    "content": {
        "application/octet-stream": {"schema": BINARY},
        "multipart/form-data": {
            "schema": {"type": "object", "properties": {"file": BINARY, "poster": BINARY}, "required": ["file"]}
        },
    },
}


def _prepare_asset() -> Prepared:
    """Pictures are decoded and stored here, outside any transaction, unless they are known."""
    with received_file(max_bytes=_max_bytes(), beside_bytes=service.MAX_BYTES) as file:
        poster = other_file("poster", max_bytes=service.MAX_BYTES)
        upload = Upload(file=file, media_type=received_type(), poster=poster)
        digest = upload.sha256()
        with unit_of_work(reading=True):
            asset_id = queries.find_asset_id(digest)
        columns = service.store_upload(upload, by=principal().id) if asset_id is None else {}
    return Prepared({"asset_id": asset_id, "columns": columns}, body_sha256=digest)


@bp.post("/assets")
@auth(roles=MAKERS)
@refuses(
    AssetHidden,
    AssetNotFound,
    FileNotStored,
    ImageDisguised,
    ImageTooLarge,
    ImageTooManyScans,
    ImageTruncated,
    ImageUnknownFormat,
    MemoryBusy,
    PosterMissing,
    StorageUnavailable,
    UploadQuotaReached,
    VideoDisguised,
    VideoTruncated,
    VideoUnknownFormat,
    VideoUnsupported,
)
@prepared(_prepare_asset)
@bp.doc(requestBody=UPLOAD)
@reply(AssetOut, 201)
def create_asset(asset_id: UUID | None, columns: dict[str, Any]) -> dict[str, Any]:
    """Upload a JPEG, PNG, WebP, GIF or HEIC, or an MP4 with its poster picture; the same file is kept once.

    Pictures are decoded and encoded anew; of films everything but picture and sound is blanked. No metadata stays.
    """
    if asset_id is None:
        asset_id = service.add_asset(columns, by=principal().id)
    return queries.as_asset(queries.list_assets([asset_id])[0])


def _max_bytes() -> int:
    return max(service.MAX_BYTES, int(current_app.config["MAX_VIDEO_BYTES"]))
