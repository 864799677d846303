"""Versions: of rows that two people change at once, and of what sources send.

Optimistic concurrency: a change names the version it was made against, and loses if that is gone."""

from typing import Any

from kit.errors import DomainError
from kit.words import say

# The largest whole number that every client can hold, those that know only floating point included (RFC 8259, 6).
MAX_SOURCE_VERSION = 2**53 - 1


# Why an item of a source is stale, beside the versions held and sent.
STALE_REASONS = ("older_version", "repeated_in_batch", "older_than_snapshot", "taken_down_since")


def stale_outcome(code: str, *, held: int, sent: int) -> dict[str, Any]:
    """What the outcome of a stale item says besides `stale`: a code of STALE_REASONS, a sentence, both versions."""
    return {"code": code, "detail": say(code, held=held, sent=sent), "version_held": held, "version_sent": sent}


class Stale(DomainError):
    """The thing was changed since the client read it; read it again and decide anew."""

    code = "stale"


def expect(version: int, *, expected: int) -> None:
    """Refuse with Stale unless the row, which the caller has locked, is still at the `expected` version."""
    if version != expected:
        said = (
            say("stale.versions", held=version, sent=expected) if expected else say("stale.foreign_tag", held=version)
        )
        raise Stale(said, version_held=version, version_sent=expected)
