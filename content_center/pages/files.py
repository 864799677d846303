"""Posters, and the pictures and films of pages."""

from pathlib import Path

from flask import Response, request
from werkzeug.wsgi import FileWrapper

from content_center import queries, service
from content_center.pages.blueprint import bp
from kit import clock, storage
from kit.db import unit_of_work
from kit.web.auth import public
from kit.web.units import own_units

FOREVER = "public, max-age=31536000, immutable"
PART_BYTES = 256 * 1024
MEDIA_TYPES = {
    ".jpg": "image/jpeg",
    ".png": "image/png",
    ".webp": "image/webp",
    ".gif": "image/gif",
    ".mp4": "video/mp4",
}


@bp.get("/posters/<name>")
@public
@own_units
def get_poster(name: str) -> Response:
    """The poster of a forward, drawn when first asked for."""
    # The reading ends before the drawing begins: no file is fetched and nothing is drawn inside a transaction.
    with unit_of_work(reading=True):
        shared = queries.find_shared(name.removesuffix(".jpg")) if name.endswith(".jpg") else None
    if shared is None:
        raise storage.FileNotStored
    response = Response(service.poster_of(shared), mimetype="image/jpeg", headers={"Cache-Control": FOREVER})
    response.add_etag()
    response.make_conditional(request)
    return response


@bp.get("/files/<path:key>")
@public
@own_units
def get_file(key: str) -> Response:
    """A public picture or film: a product's, a guide's portrait, a content's. Every other file is not found here.

    Films are asked for in ranges, without which some phones do not play them.
    """
    with unit_of_work(reading=True):
        is_public = queries.is_public_file(key, now=clock.now())
    if not is_public:
        raise storage.FileNotStored
    content, size = storage.open_file(key)
    mimetype = MEDIA_TYPES.get(Path(key).suffix, "application/octet-stream")
    headers = {"Cache-Control": FOREVER, "Content-Length": str(size)}
    response = Response(FileWrapper(content, PART_BYTES), mimetype=mimetype, headers=headers)
    response.direct_passthrough = True
    response.set_etag(Path(key).stem)
    return response.make_conditional(request, accept_ranges=True, complete_length=size)  # type: ignore[return-value]
