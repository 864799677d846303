"""Optimistic concurrency: a change names the version it was made against, and loses if that is gone."""

from kit.errors import DomainError


class Stale(DomainError):
    """The thing was changed since the client read it; read it again and decide anew."""

    code = "stale"
    title = "Changed since it was read"


def expect(version: int, *, expected: int) -> None:
    """Refuse with Stale unless the row, which the caller has locked, is still at the `expected` version."""
    if version != expected:
        raise Stale
