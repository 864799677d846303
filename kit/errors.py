"""Refusals: what a use case raises instead of doing what it was asked.

Rooms subclass these beside the code that raises them and give each a stable `code`, whose title stands in kit/words.
Which HTTP status a refusal becomes is known only to `kit.web.errors`.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from kit.words import ENGLISH, Said, spell, title_of

# What is wrong by field; of fields within fields, and of items of lists by their positions, in mappings of their own.
FieldErrors = Mapping[Any, "Sequence[Said] | FieldErrors"]


class DomainError(Exception):
    """A refusal with a stable `code`, a sentence for people (`said`), and details for programs.

    Without a sentence of its own it says its title. As an exception it reads in English, for logs and operators.
    """

    code = "refused"
    # Whether what was written before the refusal stays: a spent attempt, the revocation of a stolen token.
    keeps_changes = False

    def __init__(self, said: Said | None = None, **details: Any) -> None:
        self.said = said or title_of(self.code)
        super().__init__(spell(self.said, ENGLISH))
        self.details = details


class Invalid(DomainError):
    """The request is well-formed but asks for something that cannot be; nothing was done."""

    code = "invalid"

    def __init__(self, said: Said | None = None, *, errors: FieldErrors | None = None, **details: Any) -> None:
        super().__init__(said, **details)
        self.errors = errors or {}


class Malformed(DomainError):
    """The request cannot be read at all."""

    code = "malformed"


class Unauthenticated(DomainError):
    """Nobody is signed in, or the credentials do not hold."""

    code = "unauthenticated"


class Forbidden(DomainError):
    """The principal's role may not do this, whatever it is done to."""

    code = "forbidden"


class NotFound(DomainError):
    """There is no such thing, or it is outside the principal's scope: the two look alike."""

    code = "not_found"


class Gone(DomainError):
    """There was such a thing, and nobody gets it any more."""

    code = "gone"


class Conflict(DomainError):
    """The request is fine, but the present state of things forbids it."""

    code = "conflict"


class TooLarge(DomainError):
    """The input exceeds a stated size limit."""

    code = "too_large"


class TooMany(DomainError):
    """A stated rate limit is used up."""

    code = "too_many_requests"


class Unavailable(DomainError):
    """A part this needs is down; the same request may succeed later."""

    code = "unavailable"
