"""The page a customer opens, and what they can do on it."""

from base64 import b64decode
from typing import Any
from uuid import UUID

from flask import Response, request, url_for

from content_center import links, queries, service, viewers
from content_center.pages.blueprint import bp
from content_center.pages.html import page
from content_center.pages.visits import (
    SUBSTITUTES,
    read_touch,
    read_viewer,
    record,
    record_open,
    record_sign,
    remember,
)
from kit import clock
from kit.links import file_url, public_url
from kit.web.asked import lenient
from kit.web.auth import public
from kit.web.units import writes

FORM = "application/x-www-form-urlencoded"
# What is said after "not interested", by whether anybody is known for whom it holds.
DECLINED = {"1": "declined", "0": "declined_unknown"}
PIXEL = b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")


@bp.get("/s/<token>")
@public
@lenient
@writes
def show_shared(token: str) -> Response:
    """The page a customer opens: who sent it, what it says, what may be bought right now."""
    shared = queries.find_shared(token)
    if shared is None or shared["hidden_reason"]:
        return _gone(shared)
    viewer = read_viewer(shared)
    record_open(shared, viewer)
    products = queries.list_shared_products(shared, substitutes=SUBSTITUTES)
    pictures = queries.list_assets(shared["asset_ids"])
    answer = page(
        "share.html",
        shared=shared,
        products=products,
        pictures=pictures,
        notice=_notice(shared),
        asked=request.args.get("asked") == "1",
        declined=DECLINED.get(request.args.get("declined", "")),
        share_url=links.share_url(token),
        picture_url=_picture_url(token, products, pictures),
        visit=viewers.write_visit(viewer, token=token),
    )
    return remember(answer, viewer)


@bp.get("/s/<token>/seen.gif")
@public
@lenient
@writes
def get_pixel(token: str) -> Response:
    """The picture that a browser fetches because it shows the page; who only wants the text, or a preview, does not."""
    shared = queries.find_shared(token)
    if shared is not None and not shared["hidden_reason"]:
        record_sign(shared, read_viewer(shared, visit=request.args.get("visit")), sign="picture")
    return Response(PIXEL, mimetype="image/gif")


@bp.post("/s/<token>/touches")
@public
@lenient
def record_touch(token: str) -> Response:
    """A look, dwell and clicks: as a beacon (JSON, answered with 204) or a plain form (with the page again)."""
    shared = queries.find_shared(token)
    if shared is None or shared["hidden_reason"]:
        return _gone(shared)
    form = request.mimetype == FORM
    sent = request.form.to_dict() if form else request.get_json(force=True, silent=True)
    said = sent if isinstance(sent, dict) else {}
    viewer = read_viewer(shared, visit=said.get("visit"))
    if said.get("kind") == "open" and not form:
        record_sign(shared, viewer, sign="beacon")
        return Response(status=204)
    touch = read_touch(said, shared)
    if touch is None:
        return Response(status=422)
    record(shared, viewer, sign="form" if form else "beacon", **touch)
    if form:
        back = Response(status=303, headers={"Location": url_for(".show_shared", token=token, asked=1)})
        return remember(back, viewer)
    return Response(status=204)


@bp.post("/s/<token>/not-interested")
@public
@lenient
def decline(token: str) -> Response:
    """A plain form: no more of this. Whom the channel knows here, or the link was made for, withdraws consent.

    Also from a page that was opened before its content was taken down.
    """
    shared = queries.find_shared(token)
    if shared is None:
        return _gone(None)
    viewer = read_viewer(shared, visit=request.form.get("visit"))
    record(shared, viewer, kind="declined", sign="form")
    # A guide who tries the button does not speak for the customer.
    customer_id = UUID(viewer.customer_id) if viewer.customer_id else None
    withdrawn = viewer.staff_id is None and service.decline_contact(
        shared, viewer_customer_id=customer_id, now=clock.now()
    )
    told = url_for(".show_shared", token=token, declined="1" if withdrawn else "0")
    return remember(Response(status=303, headers={"Location": told}), viewer)


def _gone(shared: dict[str, Any] | None) -> Response:
    """There is no such link, or what it showed was taken down: then nothing of it is said but that."""
    if shared is None:
        return page("gone.html", status=404, says="nothing_here")
    return page("gone.html", status=410, says="recalled" if shared["hidden_reason"] == "recall" else "taken_down")


def _notice(shared: dict[str, Any]) -> str | None:
    if shared["state"] == "withdrawn":
        return "withdrawn"
    expired = shared["valid_until"] is not None and clock.now() >= shared["valid_until"]
    return "expired" if expired else None


def _picture_url(token: str, products: list[dict[str, Any]], pictures: list[dict[str, Any]]) -> str:
    """The picture that messengers show beside the link, whoever passes it on; without any, the poster."""
    keys = [card["image_key"] for card in products] + [picture["page_key"] for picture in pictures]
    paths = [path for key in keys if (path := file_url(key))]
    return public_url(paths[0] if paths else links.poster_url(token))
