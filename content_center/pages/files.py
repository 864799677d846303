"""Posters, and the pictures and films of pages."""

from pathlib import Path

from flask import Response, current_app, request
from werkzeug.wsgi import FileWrapper

from content_center import queries, service
from content_center.pages.blueprint import bp
from content_center.rules.makers import MAKERS
from kit import clock, storage
from kit.db import unit_of_work
from kit.errors import Gone, Unauthenticated
from kit.web.asked import lenient
from kit.web.auth import READ_ALL_ROLE, public
from kit.web.units import own_units

# How long a copy may be shown that was taken down meanwhile; after it, caches ask whether it is still here (304).
PUBLIC = "public, max-age=300, must-revalidate"
PRIVATE = "private, no-store"
PART_BYTES = 256 * 1024
MEDIA_TYPES = {
    ".jpg": "image/jpeg",
    ".png": "image/png",
    ".webp": "image/webp",
    ".gif": "image/gif",
    ".mp4": "video/mp4",
}


class TakenDown(Gone):
    """What this showed was taken down."""

    code = "taken_down"
    title = "This was taken down"


@bp.get("/posters/<name>")
@public
@lenient
@own_units
def get_poster(name: str) -> Response:
    """The poster of a forward, drawn when first asked for."""
    # The reading ends before the drawing begins: no file is fetched and nothing is drawn inside a transaction.
    with unit_of_work(reading=True):
        shared = queries.find_shared(name.removesuffix(".jpg")) if name.endswith(".jpg") else None
    if shared is None:
        raise storage.FileNotStored
    if shared["hidden_reason"]:
        raise TakenDown
    response = Response(service.poster_of(shared), mimetype="image/jpeg", headers={"Cache-Control": PUBLIC})
    response.add_etag()
    response.make_conditional(request)
    return response


@bp.get("/files/<path:key>")
@public
@lenient
@own_units
def get_file(key: str) -> Response:
    """A public picture or film: a product's, a guide's portrait, a content's. Every other file is not found here.

    Who makes content sees its pictures and films before they are published: four eyes approve what they have seen.
    Films are asked for in ranges, without which some phones do not play them.
    """
    with unit_of_work(reading=True):
        use = queries.find_file_use(key, now=clock.now())
        allowed = use.public or (use.of_asset and _makes_content())
    if not allowed:
        raise TakenDown if use.taken_down else storage.FileNotStored
    content, size = storage.open_file(key)
    mimetype = MEDIA_TYPES.get(Path(key).suffix, "application/octet-stream")
    headers = {"Cache-Control": PUBLIC if use.public else PRIVATE, "Content-Length": str(size)}
    response = Response(FileWrapper(content, PART_BYTES), mimetype=mimetype, headers=headers)
    response.direct_passthrough = True
    response.set_etag(Path(key).stem)
    return response.make_conditional(request, accept_ranges=True, complete_length=size)  # type: ignore[return-value]


def _makes_content() -> bool:
    """Whether the caller, signed in, writes content, reviews it or audits."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        return False
    try:
        caller = current_app.extensions["authenticate"](token.strip())
    except Unauthenticated:
        return False
    return bool(caller.has_any(MAKERS | {READ_ALL_ROLE}))
