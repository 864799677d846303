"""Signed requests: whoever presents a signature must have made it."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import request

from catalog import queries, service
from kit import clock, signing

HEADERS = ("webhook-id", "webhook-timestamp", "webhook-signature")


def signature_holds(view: Callable[..., Any]) -> Callable[..., Any]:
    """Refuse with 401 a request whose Standard Webhooks signature is not by one of the source's live secrets."""

    @wraps(view)
    def checked(*args: Any, source: str, **kwargs: Any) -> Any:
        if any(name in request.headers for name in HEADERS):
            _check(source)
        return view(*args, source=source, **kwargs)

    return checked


def _check(source: str) -> None:
    message_id, timestamp, signatures = (request.headers.get(name, "") for name in HEADERS)
    problem = signing.why_unsigned(
        live_secrets=service.live_secrets(queries.get_source(source)),
        message_id=message_id,
        timestamp=timestamp,
        signatures=signatures,
        body=request.get_data(),
        now=clock.now(),
    )
    if problem:
        raise service.BadSignature(problem)
