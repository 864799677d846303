"""Routes that move money ask for a fresh code of the second factor, each time."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from flask import current_app, request

from kit import clock
from kit.errors import Malformed
from kit.web.auth import principal
from kit.web.io import View
from kit.words import say

HEADER = "Second-Factor-Grant"
PARAMETER = {
    "name": HEADER,
    "in": "header",
    "schema": {"type": "string", "format": "uuid"},
    "description": "The grant that a fresh code was given for (`POST /v1/auth/second-factor/grants`); good once.",
}


def fresh_code(act: str, *, subject: str) -> Callable[[View], View]:
    """Refuse the `act` on what the path names as `subject` without a grant for the very thing; spent if it succeeds.

    Stands below `auth`, so that a request sent again under its Idempotency-Key is answered from memory.
    """

    def decorator(view: View) -> View:
        @wraps(view)
        def asked(*args: Any, **kwargs: Any) -> Any:
            current_app.extensions["spend_grant"](
                principal=principal(), act=act, subject_id=kwargs[subject], grant_id=_shown(), now=clock.now()
            )
            return view(*args, **kwargs)

        asked.fresh_code = (act, subject)  # type: ignore[attr-defined]
        manual = asked.__dict__.setdefault("_apidoc", {}).setdefault("manual_doc", {})
        manual.setdefault("parameters", []).append(PARAMETER)
        return asked

    return decorator


def _shown() -> UUID | None:
    text = request.headers.get(HEADER)
    if text is None:
        return None
    try:
        return UUID(text)
    except ValueError:
        raise Malformed(say("malformed.not_a_uuid", header=HEADER)) from None
