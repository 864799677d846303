"""Who looks at a page, without asking: a random id in a signed first-party cookie."""

import hmac
from dataclasses import dataclass
from datetime import date

from flask import current_app
from itsdangerous import BadSignature, URLSafeSerializer

from kit.ids import new_token

COOKIE = "viewer"
LIFETIME_SECONDS = 365 * 24 * 3600


@dataclass(frozen=True, kw_only=True)
class Viewer:
    """One browser; `staff_id` once a member of staff has shown themselves in it."""

    id: str
    known: bool
    staff_id: str | None = None


def read(cookie: str | None, *, staff_id: str | None) -> Viewer:
    """The viewer a cookie names, or a new one where there is none or it is not ours."""
    try:
        viewer_id, known_staff_id = _serializer().loads(cookie or "")
    except (BadSignature, TypeError, ValueError):
        return Viewer(id=new_token(), known=False, staff_id=staff_id)
    return Viewer(id=viewer_id, known=True, staff_id=staff_id or known_staff_id)


def device(*, address: str, agent: str, day: date) -> str:
    """A keyed hash of address and browser that says nothing about either and is another one tomorrow."""
    key = str(current_app.secret_key).encode()
    return hmac.new(key, f"{day} {address} {agent}".encode(), "sha256").hexdigest()[:32]


def write(viewer: Viewer) -> str:
    """The cookie of a viewer."""
    return str(_serializer().dumps([viewer.id, viewer.staff_id]))


def _serializer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.secret_key or "", salt="viewer")
