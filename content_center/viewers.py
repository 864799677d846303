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
VISIT_SECONDS = 24 * 3600
# What knows a viewer for longer than one page.
LASTING = ("cookie", "channel")


@dataclass(frozen=True, kw_only=True)
class Viewer:
    """One browser; `staff_id` or `customer_id` once it is known whose it is.

    `known_by` is what names it: its cookie, a channel, or for this one page what stands in the page; None: it is new.
    """

    id: str
    known_by: str | None = None
    staff_id: str | None = None
    customer_id: str | None = None

    @property
    def known(self) -> bool:
        """Whether anything names it."""
        return self.known_by is not None


def ticket(*, kind: str, channel_id: str, staff_id: str | None, customer_id: str | None) -> str:
    """What tells `read` who it is, for TICKET_SECONDS: a keyed hash of the channel's id, which itself goes nowhere."""
    viewer_id = "c" + blind_index(channel_id, purpose=f"viewer {kind}").hex()
    return str(_tickets().dumps([viewer_id, staff_id, customer_id]))


def read(cookie: str | None, *, staff_id: str | None, ticket: str | None = None, visit: str | None = None) -> Viewer:
    """The viewer a ticket or a cookie names, else the page that was visited, else a new one."""
    try:
        viewer_id, known_staff_id, customer_id = _tickets().loads(ticket or "", max_age=TICKET_SECONDS)
        staff_id = staff_id or known_staff_id
        return Viewer(id=viewer_id, known_by="channel", staff_id=staff_id, customer_id=customer_id)
    except (BadSignature, TypeError, ValueError):
        return _by_cookie(cookie, staff_id=staff_id, visit=visit)


def _by_cookie(cookie: str | None, *, staff_id: str | None, visit: str | None) -> Viewer:
    try:
        viewer_id, known_staff_id, customer_id = _serializer().loads(cookie or "")
    except (BadSignature, TypeError, ValueError):
        return Viewer(id=visit or new_token(), known_by="page" if visit else None, staff_id=staff_id)
    return Viewer(id=viewer_id, known_by="cookie", staff_id=staff_id or known_staff_id, customer_id=customer_id)


def write_visit(viewer: Viewer, *, token: str) -> str:
    """What a page carries for who refuses cookies: which viewer it was made for, good on that page and for a day."""
    return str(_visits().dumps([viewer.id, token]))


def read_visit(visit: object, *, token: str) -> str | None:
    """The viewer for whom a page of this token was made, or None."""
    try:
        viewer_id, of_token = _visits().loads(visit if isinstance(visit, str) else "", max_age=VISIT_SECONDS)
    except (BadSignature, TypeError, ValueError):
        return None
    return str(viewer_id) if of_token == token else None


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


def _visits() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.secret_key or "", salt="viewer visit")
