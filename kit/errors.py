"""Refusals: what a use case raises instead of doing what it was asked.

Rooms subclass these beside the code that raises them and give each a stable `code`.
Which HTTP status a refusal becomes is known only to `kit.web.errors`.
"""

from typing import Any


class DomainError(Exception):
    """A refusal with a stable `code`, a sentence for people, and details for programs."""

    code = "refused"
    title = "Refused"
    # Whether what was written before the refusal stays: a spent attempt, the revocation of a stolen token.
    keeps_changes = False

    def __init__(self, detail: str | None = None, **details: Any) -> None:
        super().__init__(detail or self.title)
        self.detail = detail or self.title
        self.details = details


class Invalid(DomainError):
    """The request is well-formed but asks for something that cannot be; nothing was done."""

    code = "invalid"
    title = "Invalid input"

    def __init__(self, detail: str | None = None, *, errors: dict[str, Any] | None = None, **details: Any) -> None:
        super().__init__(detail, **details)
        self.errors = errors or {}


class Malformed(DomainError):
    """The request cannot be read at all."""

    code = "malformed"
    title = "Malformed request"


class Unauthenticated(DomainError):
    """Nobody is signed in, or the credentials do not hold."""

    code = "unauthenticated"
    title = "Sign in first"


class Forbidden(DomainError):
    """The principal's role may not do this, whatever it is done to."""

    code = "forbidden"
    title = "Not allowed for this role"


class NotFound(DomainError):
    """There is no such thing, or it is outside the principal's scope: the two look alike."""

    code = "not_found"
    title = "Not found"


class Gone(DomainError):
    """There was such a thing, and nobody gets it any more."""

    code = "gone"
    title = "No longer here"


class Conflict(DomainError):
    """The request is fine, but the present state of things forbids it."""

    code = "conflict"
    title = "Conflict"


class TooLarge(DomainError):
    """The input exceeds a stated size limit."""

    code = "too_large"
    title = "Too large"


class TooMany(DomainError):
    """A stated rate limit is used up."""

    code = "too_many_requests"
    title = "Too many requests"


class Unavailable(DomainError):
    """A part this needs is down; the same request may succeed later."""

    code = "unavailable"
    title = "Temporarily unavailable"
