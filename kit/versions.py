"""Versions: of rows that two people change at once, and of what sources send.

Optimistic concurrency: a change names the version it was made against, and loses if that is gone."""

from kit.errors import DomainError

# The largest whole number that every client can hold, those that know only floating point included (RFC 8259, 6).
MAX_SOURCE_VERSION = 2**53 - 1


class Stale(DomainError):
    """The thing was changed since the client read it; read it again and decide anew."""

    code = "stale"
    title = "Changed since it was read"


def expect(version: int, *, expected: int) -> None:
    """Refuse with Stale unless the row, which the caller has locked, is still at the `expected` version."""
    if version != expected:
        raise Stale
