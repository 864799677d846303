"""Who looks at a page, without asking: a random id in a signed first-party cookie, or who a channel says it is."""

import hmac
from dataclasses import dataclass
from datetime import date

from flask import current_app
from itsdangerous import BadSignature, URLSafeSerializer, URLSafeTimedSerializer

from kit.ids import new_token
from kit.sealing import blind_index

COOKIE = "viewer"
LIFETIME_SECONDS = 365 * 24 * 3600
TICKET_SECONDS = 600


@dataclass(frozen=True, kw_only=True)
class Viewer:
    """One browser; `staff_id` or `customer_id` once it is known whose it is."""

    id: str
    known: bool
    staff_id: str | None = None
    customer_id: str | None = None


def ticket(*, kind: str, channel_id: str, staff_id: str | None, customer_id: str | None) -> str:
    """What tells `read` who it is, for TICKET_SECONDS: a keyed hash of the channel's id, which itself goes nowhere."""
    viewer_id = "c" + blind_index(channel_id, purpose=f"viewer {kind}").hex()
    return str(_tickets().dumps([viewer_id, staff_id, customer_id]))


def read(cookie: str | None, *, staff_id: str | None, ticket: str | None = None) -> Viewer:
    """The viewer a ticket or a cookie names, or a new one where there is none or it is not ours."""
    try:
        viewer_id, known_staff_id, customer_id = _tickets().loads(ticket or "", max_age=TICKET_SECONDS)
        return Viewer(id=viewer_id, known=True, staff_id=staff_id or known_staff_id, customer_id=customer_id)
    except (BadSignature, TypeError, ValueError):
        return _by_cookie(cookie, staff_id=staff_id)


def _by_cookie(cookie: str | None, *, staff_id: str | None) -> Viewer:
    try:
        viewer_id, known_staff_id, customer_id = _serializer().loads(cookie or "")
    except (BadSignature, TypeError, ValueError):
        return Viewer(id=new_token(), known=False, staff_id=staff_id)
    return Viewer(id=viewer_id, known=True, staff_id=staff_id or known_staff_id, customer_id=customer_id)


def device(*, address: str, agent: str, day: date) -> str:
    """A keyed hash of address and browser that says nothing about either and is another one tomorrow."""
    key = str(current_app.secret_key).encode()
    return hmac.new(key, f"{day} {address} {agent}".encode(), "sha256").hexdigest()[:32]


def write(viewer: Viewer) -> str:
    """The cookie of a viewer."""
    return str(_serializer().dumps([viewer.id, viewer.staff_id, viewer.customer_id]))


def _serializer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.secret_key or "", salt="viewer")


def _tickets() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.secret_key or "", salt="viewer ticket")
