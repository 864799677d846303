"""Pictures for content."""

from hashlib import sha256
from typing import Any

from flask import request

from content_center import queries, service
from content_center.routes.blueprint import MAKERS, bp
from content_center.schemas.content import AssetOut
from kit.db import unit_of_work
from kit.web.auth import auth, principal
from kit.web.io import reply
from kit.web.upload import FORM_FIELD, received_file


@bp.post("/assets")
@auth(roles=MAKERS)
@reply(AssetOut, 201)
def create_asset() -> dict[str, Any]:
    """Upload a JPEG, PNG, WebP, GIF or HEIC, as the body or as the form field `file`; the same file is kept once.

    It is decoded and encoded anew, without any metadata.
    """
    with received_file(max_bytes=service.MAX_BYTES) as file:
        data = file.read()
        media_type = request.files[FORM_FIELD].mimetype if request.files else request.mimetype
    # Reading ends here: pictures are decoded and stored outside any transaction.
    with unit_of_work():
        asset_id = queries.find_asset_id(sha256(data).hexdigest())
    if asset_id is None:
        asset_id = service.add_asset(service.store_picture(data, media_type=media_type), by=principal().id)
    return queries.as_asset(queries.list_assets([asset_id])[0])
