"""Signed requests: a source with a secret takes nothing from machines that is not signed, unless it was told to."""

from collections.abc import Callable, Iterable, Iterator
from functools import partial, wraps
from typing import Any, BinaryIO

from flask import request

from catalog import queries, service
from kit import clock, signing
from kit.web.auth import principal
from kit.words import say
from models import Source

HEADERS = ("webhook-id", "webhook-timestamp", "webhook-signature")
CHUNK_BYTES = 1024 * 1024


def signature_holds(view: Callable[..., Any]) -> Callable[..., Any]:
    """Refuse with 401 a push without a Standard Webhooks signature by one of the source's live secrets.

    A source without a secret needs none. One that allows `unsigned_pushes` takes an API key instead; a signature that
    is presented must hold all the same.
    """

    @wraps(view)
    def checked(*args: Any, source: str, **kwargs: Any) -> Any:
        found = queries.get_source(source)
        if not _may_be_unsigned(found):
            _check(found, [request.get_data()])
        return view(*args, source=source, **kwargs)

    return checked


def check_file(source: Source, file: BinaryIO) -> None:
    """The same for a file, whose content is what is signed; members of staff send theirs by hand, unsigned."""
    if not _may_be_unsigned(source) and (_is_signed() or principal().kind == "integrator"):
        _check(source, _chunks(file))


def _is_signed() -> bool:
    return any(name in request.headers for name in HEADERS)


def _may_be_unsigned(source: Source) -> bool:
    if _is_signed():
        return False
    return not source.secrets or (source.unsigned_pushes and principal().kind == "integrator")


def _check(source: Source, body: Iterable[bytes]) -> None:
    if not _is_signed():
        raise service.SignatureRequired(say("signature_required", headers=HEADERS))
    message_id, timestamp, signatures = (request.headers.get(name, "") for name in HEADERS)
    problem = signing.why_unsigned(
        live_secrets=service.live_secrets(source),
        message_id=message_id,
        timestamp=timestamp,
        signatures=signatures,
        body=body,
        now=clock.now(),
    )
    if problem:
        raise service.BadSignature(problem)


def _chunks(file: BinaryIO) -> Iterator[bytes]:
    yield from iter(partial(file.read, CHUNK_BYTES), b"")
    file.seek(0)
