"""The code by which a customer chooses a guide: a guide's id, signed, so that nobody makes one up."""

from uuid import UUID

from flask import current_app
from itsdangerous import BadSignature, URLSafeSerializer


def write(guide_id: UUID) -> str:
    """The guide's code; the same every day, of use as long as the guide works here."""
    return str(_serializer().dumps(guide_id.hex))


def read(code: str) -> UUID | None:
    """Whose code it is, or None for what is not ours."""
    try:
        return UUID(hex=_serializer().loads(code))
    except (BadSignature, ValueError, TypeError, AttributeError):
        return None


def _serializer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.secret_key or "", salt="guide code")
