"""Which refusals a view may answer with: said beside who may call it, and by the decorators that refuse."""

from collections.abc import Callable
from typing import Any

from kit.errors import DomainError

View = Callable[..., Any]


def refuses(*kinds: type[DomainError]) -> Callable[[View], View]:
    """Say what may stand against this use case; what stands against every request of its kind is known.

    The document lists the codes for each operation, and the tests let no other one pass.
    """

    def decorator(view: View) -> View:
        add_refusals(view, *kinds)
        return view

    return decorator


def add_refusals(view: View, *kinds: type[DomainError]) -> None:
    """Note on the view that it may refuse so."""
    view.refusals = refusals_of(view) | set(kinds)  # type: ignore[attr-defined]


def refusals_of(view: View) -> frozenset[type[DomainError]]:
    """What was noted on the view."""
    return getattr(view, "refusals", frozenset())
