"""Entity tags (RFC 9110): a read tells its version, a change names the version that it was made against.

A tag is a row version in quotes. The version is a column that a trigger counts up (`version`), so every change
counts, set-wise SQL included. Only the row's own version counts: names joined from other rows do not.
"""

import re
from collections.abc import Callable
from functools import wraps
from hashlib import blake2b
from typing import Any

from flask import Response, g, make_response, request

from kit.errors import DomainError, Malformed
from kit.versions import Stale
from kit.web.io import View, encode
from kit.web.language import add_vary
from kit.web.refusals import add_refusals
from kit.words import say

# Stored by the client alone, and asked for again each time.
CACHE_CONTROL = "private, no-cache"
TAG = re.compile(r'"([\x21\x23-\x7e]{1,100})"')
# How the tag of a compressed answer ends: the version is the same, the bytes are others (kit/web/compression.py).
GZIPPED = "-gzip"
# What parts a row's version from the digest of what is shown with it.
SHOWN = "."
# A version that no row has: what a tag that is not ours stands for.
NO_VERSION = 0


class PreconditionRequired(DomainError):
    """A change must name the version it was made against, or it might undo somebody else's."""

    code = "precondition_required"


class _NotModified(Exception):
    """The client has this version already."""


def etagged(view: View) -> View:
    """Let the view tell its version by `serve` or `tag`: it becomes the answer's ETag, or a 304 without a body."""

    @wraps(view)
    def tagged(*args: Any, **kwargs: Any) -> Any:
        try:
            response = make_response(view(*args, **kwargs))
        except _NotModified:
            response = Response(status=304)
        if version := g.pop("etag", None):
            response.headers["ETag"] = f'"{version}"'
            response.headers["Cache-Control"] = CACHE_CONTROL
            add_vary(response, "Authorization")
        return response

    tagged.etagged = True  # type: ignore[attr-defined]
    return tagged


def tag(version: int | str) -> None:
    """Give the current answer the ETag of `version` (a row version, or a word without quotes or spaces)."""
    if not TAG.fullmatch(f'"{version}"'):
        raise ValueError(f"{version!r} cannot be an entity tag")
    g.etag = version


def serve(version: int | str) -> None:
    """Like `tag`, but end the request here with 304 if the client's If-None-Match has this version."""
    tag(version)
    known = request.if_none_match
    if known.star_tag or known.contains_weak(str(version)):
        raise _NotModified
    if known.contains_weak(f"{version}{GZIPPED}"):
        g.etag = f"{version}{GZIPPED}"
        raise _NotModified


def serve_shown(version: int, shown: Any) -> None:
    """Like `serve`, for an answer that shows more than its row: its tag is of all that is shown, and of the version."""
    digest = blake2b(encode(shown), digest_size=8).hexdigest()
    serve(f"{version}{SHOWN}{digest}")


def if_match(view: View) -> Callable[..., Any]:
    """Hand the version in If-Match to the view as `expected_version`; without the header, refuse with 428.

    A tag that is not ours becomes a version that no row has, so that the service refuses with Stale (412) after it
    has looked whether there is such a thing (404).
    """

    @wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        return view(*args, expected_version=_expected(request.headers.get("If-Match", "").strip()), **kwargs)

    guarded.if_match = True  # type: ignore[attr-defined]
    add_refusals(guarded, Stale, PreconditionRequired, Malformed)
    return etagged(guarded)


def _expected(header: str) -> int:
    if header in ("", "*"):
        raise PreconditionRequired(say("precondition_required"))
    if "," in header:
        raise Malformed(say("malformed.if_match"))
    found = TAG.fullmatch(header)
    version = found[1].removesuffix(GZIPPED).partition(SHOWN)[0] if found else ""
    return int(version) if version.isascii() and version.isdigit() and len(version) < 19 else NO_VERSION
