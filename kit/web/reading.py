"""GET and HEAD only read, on connections that cannot write; a view that writes all the same says so."""

from flask import current_app, request

from kit.web.auth import READS
from kit.web.io import View


def writes(view: View) -> View:
    """Let a GET view write: for pages that count who opened them, and sign-ins that end with a GET."""
    view.writes = True  # type: ignore[attr-defined]
    return view


def only_reads() -> bool:
    """Whether the view of the current request has nothing to commit."""
    view = current_app.view_functions.get(request.endpoint or "")
    return request.method in READS and not getattr(view, "writes", False)
