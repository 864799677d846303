"""Posters, and the pictures and films of pages."""

from pathlib import Path
from typing import Any

from flask import Response, current_app, request
from werkzeug.wsgi import FileWrapper

from content_center import queries, service
from content_center.pages.blueprint import bp
from content_center.rules.makers import MAKERS
from kit import clock, storage
from kit.db import unit_of_work
from kit.errors import Gone, Unauthenticated
from kit.thumbnails import thumbnail
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


@bp.get("/posters/<name>")
@public
@lenient
@own_units
def get_poster(name: str) -> Response:
    """The poster of a forward, drawn when first asked for."""
    if not name.endswith(".jpg"):
        raise storage.FileNotStored
    shared = _poster_to_show(name.removesuffix(".jpg"))
    response = Response(service.poster_of(shared), mimetype="image/jpeg", headers={"Cache-Control": PUBLIC})
    response.add_etag()
    response.make_conditional(request)
    return response


def _poster_to_show(token: str) -> dict[str, Any]:
    # The reading ends before the drawing begins: no file is fetched and nothing is drawn inside a transaction.
    with unit_of_work(reading=True):
        shared = queries.find_shared(token)
    if shared is None:
        raise storage.FileNotStored
    if shared["hidden_reason"]:
        raise TakenDown
    return shared


@bp.get("/files/<path:key>")
@public
@lenient
@own_units
def get_file(key: str) -> Response:
    """A public picture or film: a product's, a guide's portrait, a content's. Every other file is not found here.

    Who makes content sees its pictures and films before they are published: four eyes approve what they have seen.
    Films are asked for in ranges, without which some phones do not play them.
    """
    caching = _caching(key)
    content, size = storage.open_file(key)
    mimetype = MEDIA_TYPES.get(Path(key).suffix, "application/octet-stream")
    headers = {"Cache-Control": caching, "Content-Length": str(size)}
    response = Response(FileWrapper(content, PART_BYTES), mimetype=mimetype, headers=headers)
    response.direct_passthrough = True
    response.set_etag(Path(key).stem)
    return response.make_conditional(request, accept_ranges=True, complete_length=size)  # type: ignore[return-value]


@bp.get("/thumbnails/<path:key>")
@public
@lenient
@own_units
def get_thumbnail(key: str) -> Response:
    """A picture of `/files/…` at 320 pixels at most, for the same people: as WebP to who accepts it, or else JPEG."""
    return _small(key, caching=_caching(key))


@bp.get("/posters/<token>/thumbnail")
@public
@lenient
@own_units
def get_poster_thumbnail(token: str) -> Response:
    """The poster of a forward, likewise."""
    shared = _poster_to_show(token)
    service.poster_of(shared)
    return _small(service.poster_path(shared), caching=PUBLIC)


def _small(key: str, *, caching: str) -> Response:
    webp = "image/webp" in request.headers.get("Accept", "")
    mimetype = "image/webp" if webp else "image/jpeg"
    headers = {"Cache-Control": caching, "Vary": "Accept"}
    response = Response(thumbnail(key, webp=webp), mimetype=mimetype, headers=headers)
    response.add_etag()
    response.make_conditional(request)
    return response


def _caching(key: str) -> str:
    """How long the file may be kept by whom; raises FileNotStored or TakenDown for who may not have it."""
    with unit_of_work(reading=True):
        use = queries.find_file_use(key, now=clock.now())
        allowed = use.public or (use.of_asset and _makes_content())
    if not allowed:
        raise TakenDown if use.taken_down else storage.FileNotStored
    return PUBLIC if use.public else PRIVATE


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
