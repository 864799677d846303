"""Versions: of rows that two people change at once, and of what sources send.

Optimistic concurrency: a change names the version it was made against, and loses if that is gone."""

from typing import Any

from kit.errors import DomainError

# The largest whole number that every client can hold, those that know only floating point included (RFC 8259, 6).
MAX_SOURCE_VERSION = 2**53 - 1


# Why an item of a source is stale, beside the versions held and sent.
STALE_REASONS = {
    "older_version": "Version {sent} was sent, but version {held} is known.",
    "repeated_in_batch": "Version {sent} came twice in this batch; the first of them counts.",
    "older_than_snapshot": "Version {sent} was sent, but a snapshot of everything was taken in as of version {held}.",
    "taken_down_since": "Version {sent} was taken down after it had been sent: it takes a higher one to come back.",
}


def stale_outcome(code: str, *, held: int, sent: int) -> dict[str, Any]:
    """What the outcome of a stale item says besides `stale`: a code of STALE_REASONS, a sentence, both versions."""
    detail = STALE_REASONS[code].format(held=held, sent=sent)
    return {"code": code, "detail": detail, "version_held": held, "version_sent": sent}


class Stale(DomainError):
    """The thing was changed since the client read it; read it again and decide anew."""

    code = "stale"
    title = "Changed since it was read"


def expect(version: int, *, expected: int) -> None:
    """Refuse with Stale unless the row, which the caller has locked, is still at the `expected` version."""
    if version != expected:
        detail = f"Version {version} is held, and the change was made against {expected or 'a tag that is not ours'}."
        raise Stale(detail, version_held=version, version_sent=expected)
