"""What strangers open: the shared page, its pictures, and the traces they leave."""

from base64 import b64encode
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, current_app, make_response, render_template, request, url_for
from werkzeug.wsgi import FileWrapper

from content_center import links, queries, service, viewers
from content_center.posters.prices import is_reduced, price_parts
from content_center.rules.touches import why_not_counted
from content_center.viewers import Viewer
from content_center.wording import WORDS, badge
from kit import clock, storage
from kit.db import unit_of_work
from kit.errors import Unauthenticated
from kit.web.auth import public
from kit.web.units import own_units, writes

bp = Blueprint("pages", __name__, template_folder="templates")

TEMPLATES = Path(__file__).parent / "templates"
STYLE = (TEMPLATES / "share.css").read_text()
SCRIPT = (TEMPLATES / "share.js").read_text()
FORM = "application/x-www-form-urlencoded"
FOREVER = "public, max-age=31536000, immutable"
SUBSTITUTES = 2
# What is said after "not interested", by whether anybody is known for whom it holds.
DECLINED = {"1": "declined", "0": "declined_unknown"}
PART_BYTES = 256 * 1024
MAX_DWELL_MS = 24 * 3600 * 1000
MEDIA_TYPES = {
    ".jpg": "image/jpeg",
    ".png": "image/png",
    ".webp": "image/webp",
    ".gif": "image/gif",
    ".mp4": "video/mp4",
}


def _source(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


POLICY = (
    f"default-src 'none'; img-src 'self'; media-src 'self'; style-src {_source(STYLE)}; script-src {_source(SCRIPT)}; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


@bp.get("/s/<token>")
@public
@writes
def show_shared(token: str) -> Response:
    """The page a customer opens: who sent it, what it says, what may be bought right now."""
    shared = queries.find_shared(token)
    language = _language()
    if shared is None:
        return _page("gone.html", status=404, language=language)
    viewer = _viewer()
    _record(shared, viewer, kind="open")
    products = queries.list_shared_products(shared, substitutes=SUBSTITUTES)
    pictures = queries.list_assets(shared["asset_ids"])
    page = _page(
        "share.html",
        language=language,
        shared=shared,
        products=products,
        pictures=pictures,
        notice=_notice(shared),
        asked=request.args.get("asked") == "1",
        declined=DECLINED.get(request.args.get("declined", "")),
        share_url=links.share_url(token),
        picture_url=_picture_url(products, pictures),
    )
    return _remember(page, viewer)


@bp.post("/s/<token>/touches")
@public
def record_touch(token: str) -> Response:
    """Dwell and clicks, as a beacon (JSON, answered with 204) or a plain form (answered with the page again)."""
    shared = queries.find_shared(token)
    if shared is None:
        return _page("gone.html", status=404, language=_language())
    beacon = request.get_json(force=True, silent=True) if request.mimetype != FORM else None
    touch = _touch(beacon if isinstance(beacon, dict) else request.form.to_dict(), shared)
    if touch is None:
        return Response(status=422)
    viewer = _viewer()
    _record(shared, viewer, **touch)
    if request.mimetype == FORM:
        back = Response(status=303, headers={"Location": url_for(".show_shared", token=token, asked=1)})
        return _remember(back, viewer)
    return Response(status=204)


@bp.post("/s/<token>/not-interested")
@public
def decline(token: str) -> Response:
    """A plain form: no more of this. Whom the channel knows here, or the link was made for, withdraws consent."""
    shared = queries.find_shared(token)
    if shared is None:
        return _page("gone.html", status=404, language=_language())
    viewer = _viewer()
    _record(shared, viewer, kind="declined")
    # A guide who tries the button does not speak for the customer.
    customer_id = UUID(viewer.customer_id) if viewer.customer_id else None
    withdrawn = viewer.staff_id is None and service.decline_contact(
        shared, viewer_customer_id=customer_id, now=clock.now()
    )
    told = url_for(".show_shared", token=token, declined="1" if withdrawn else "0")
    back = Response(status=303, headers={"Location": told})
    return _remember(back, viewer)


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


def _page(template: str, *, language: str, status: int = 200, **values: Any) -> Response:
    words = WORDS[language]
    html = render_template(
        template,
        language=language,
        words=words,
        style=STYLE,
        script=SCRIPT,
        badge=badge,
        price_parts=price_parts,
        is_reduced=is_reduced,
        **values,
    )
    response = make_response(html, status)
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["Content-Language"] = "zh-CN" if language == "zh" else "en"
    response.headers["Vary"] = "Accept-Language, Cookie"
    return response


def _record(shared: dict[str, Any], viewer: Viewer, *, kind: str, **facts: Any) -> None:
    now, agent = clock.now(), request.headers.get("User-Agent", "")
    reason = why_not_counted(
        agent=agent,
        method=request.method,
        prefetch="prefetch" in request.headers.get("Sec-Purpose", request.headers.get("Purpose", "")),
        age=now - shared["created_at"],
        owner=viewer.staff_id == str(shared["guide_id"]),
        staff=viewer.staff_id is not None,
        known_viewer=viewer.known,
        kind=kind,
    )
    device = viewers.device(address=request.remote_addr or "", agent=agent, day=now.date())
    service.record_touch(
        forward_id=shared["forward_id"],
        kind=kind,
        viewer=viewer.id,
        device=None if viewer.known else device,
        excluded_reason=reason,
        now=now,
        **facts,
    )


def _touch(said: dict[str, Any], shared: dict[str, Any]) -> dict[str, Any] | None:
    """The touch a visitor's browser tells of, or None where it makes no sense."""
    try:
        if said.get("kind") == "dwell":
            milliseconds = int(said["ms"])
            return {"kind": "dwell", "dwell_ms": milliseconds} if 0 <= milliseconds <= MAX_DWELL_MS else None
        if said.get("kind") == "click":
            product_id = UUID(str(said["product_id"]))
            return {"kind": "click", "product_id": product_id} if product_id in _clickable(shared) else None
    except (KeyError, TypeError, ValueError):
        return None
    return None


def _clickable(shared: dict[str, Any]) -> set[UUID]:
    products = queries.list_shared_products(shared, substitutes=SUBSTITUTES)
    return {card["id"] for product in products for card in (product, *product["substitutes"])}


def _viewer() -> Viewer:
    cookie, ticket = request.cookies.get(viewers.COOKIE), request.args.get("viewer")
    return viewers.read(cookie, staff_id=_staff_id(), ticket=ticket)


def _staff_id() -> str | None:
    """Who is signed in, where a guide looks from within the app."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        return None
    try:
        return str(current_app.extensions["authenticate"](token.strip()).id)
    except Unauthenticated:
        return None


def _remember(response: Response, viewer: Viewer) -> Response:
    response.set_cookie(
        viewers.COOKIE,
        viewers.write(viewer),
        max_age=viewers.LIFETIME_SECONDS,
        path="/s/",
        httponly=True,
        samesite="Lax",
        secure=links.share_url("").startswith("https:"),
    )
    return response


def _language() -> str:
    return request.accept_languages.best_match(["zh", "en"], default="zh")


def _notice(shared: dict[str, Any]) -> str | None:
    if shared["state"] == "withdrawn":
        return "withdrawn"
    expired = shared["valid_until"] is not None and clock.now() >= shared["valid_until"]
    return "expired" if expired else None


def _picture_url(products: list[dict[str, Any]], pictures: list[dict[str, Any]]) -> str | None:
    """The picture that messengers show beside the link."""
    keys = [card["image_key"] for card in products] + [picture["page_key"] for picture in pictures]
    return next((links.file_url(key) for key in keys if key), None)
