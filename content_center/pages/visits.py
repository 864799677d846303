"""Who looks at a shared page, and what they leave: an open counts once something shows that a person looks."""

from typing import Any
from uuid import UUID

from flask import Response, current_app, request

from content_center import links, queries, service, viewers
from content_center.rules.touches import why_not_human
from content_center.viewers import Viewer
from kit import clock
from kit.errors import Unauthenticated

SUBSTITUTES = 2
MAX_DWELL_MS = 24 * 3600 * 1000
Shared = dict[str, Any]


def read_viewer(shared: Shared, *, visit: object = None) -> Viewer:
    """Who makes this request: by a channel's ticket, by their cookie, or by what the page was given (`visit`)."""
    return viewers.read(
        request.cookies.get(viewers.COOKIE),
        staff_id=_staff_id(),
        ticket=request.args.get("viewer"),
        visit=viewers.read_visit(visit, token=shared["token"]),
    )


def record_open(shared: Shared, viewer: Viewer) -> None:
    """The page was asked for: counted from a known viewer, else kept until a sign of a person follows."""
    _record(shared, viewer, kind="open", reason=_why_not_human(shared, viewer) or _why_unproven(viewer))


def record_sign(shared: Shared, viewer: Viewer, *, sign: str) -> None:
    """Something happened that only a person's browser does: the viewer's open of this page counts from now on."""
    if not viewer.known or _why_not_human(shared, viewer):
        return
    service.record_sign(
        forward_id=shared["forward_id"], viewer=viewer.id, device=_device(viewer), sign=sign, now=clock.now()
    )


def record(shared: Shared, viewer: Viewer, *, kind: str, sign: str, **facts: Any) -> None:
    """A touch other than an open, which shows by itself that a person looks."""
    record_sign(shared, viewer, sign=sign)
    reason = _why_not_human(shared, viewer) or (None if viewer.known else "no_open")
    _record(shared, viewer, kind=kind, reason=reason, sign=sign, **facts)


def read_touch(said: dict[str, Any], shared: Shared) -> dict[str, Any] | None:
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


def remember(response: Response, viewer: Viewer) -> Response:
    """The answer with the viewer's cookie."""
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


def _record(
    shared: Shared, viewer: Viewer, *, kind: str, reason: str | None, sign: str | None = None, **facts: Any
) -> None:
    service.record_touch(
        forward_id=shared["forward_id"],
        kind=kind,
        viewer=viewer.id,
        device=_device(viewer),
        excluded_reason=reason,
        sign=sign or viewer.known_by,
        now=clock.now(),
        **facts,
    )


def _why_not_human(shared: Shared, viewer: Viewer) -> str | None:
    return why_not_human(
        agent=request.headers.get("User-Agent", ""),
        method=request.method,
        prefetch="prefetch" in request.headers.get("Sec-Purpose", request.headers.get("Purpose", "")),
        age=clock.now() - shared["created_at"],
        owner=viewer.staff_id == str(shared["guide_id"]),
        staff=viewer.staff_id is not None,
    )


def _why_unproven(viewer: Viewer) -> str | None:
    return None if viewer.known else "no_human_sign"


def _device(viewer: Viewer) -> str | None:
    """What stands in for the cookie of who brings none."""
    if viewer.known_by in viewers.LASTING:
        return None
    agent = request.headers.get("User-Agent", "")
    return viewers.device(address=request.remote_addr or "", agent=agent, day=clock.now().date())


def _clickable(shared: Shared) -> set[UUID]:
    products = queries.list_shared_products(shared, substitutes=SUBSTITUTES)
    return {card["id"] for product in products for card in (product, *product["substitutes"])}


def _staff_id() -> str | None:
    """Who is signed in, where a guide looks from within the app."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        return None
    try:
        return str(current_app.extensions["authenticate"](token.strip()).id)
    except Unauthenticated:
        return None
