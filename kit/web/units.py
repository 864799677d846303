"""Which unit of work a view gets. GET and HEAD only read, others write; a view that needs another says so.

`writes`: a GET that writes. `prepared`: the slow part of a POST runs before its unit of work is opened. `own_units`:
no unit at all; the view opens short ones of its own around what it asks of the database. In the last two, who calls
is found out in a short unit that reads, and every unit of the request is put down to that caller (kit/audit.py).
`report`: it reads much and is asked seldom; only a few run at once, in threads of their own (guideapi/front).
"""

import re
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any, NamedTuple

from flask import Flask, current_app, request

from kit.db import unit_of_work
from kit.web.io import View

READS = ("GET", "HEAD")
PARAMETER = re.compile(r"<[^>]+>")
NOTHING = "(?!)"


class Prepared(NamedTuple):
    """What was made ready for a view: its `values`, handed over as keyword arguments; what identifies the body among
    those sent under the same Idempotency-Key; and how to clear away what is of no use if the view did not run."""

    values: dict[str, Any]
    body_sha256: str
    discard: Callable[[], object] = lambda: None


def writes(view: View) -> View:
    """Let a GET view write: for pages that count who opened them, and sign-ins that end with a GET."""
    view.writes = True  # type: ignore[attr-defined]
    return view


def report(view: View) -> View:
    """Let only a few of these views run at once: for sums over all that somebody may see, and the like."""
    view.report = True  # type: ignore[attr-defined]
    return view


def paths_of_reports(app: Flask) -> re.Pattern[str]:
    """What the paths of the views that report look like, whole."""
    views = app.view_functions
    rules = {rule.rule for rule in app.url_map.iter_rules() if getattr(views[rule.endpoint], "report", False)}
    return re.compile("|".join(PARAMETER.sub("[^/]+", rule) for rule in sorted(rules)) or NOTHING)


def own_units(view: View) -> View:
    """Open no unit of work for the view: for drawing pictures and reading files, during which none may be open."""
    view.own_units = True  # type: ignore[attr-defined]
    return view


def prepared(prepare: Callable[..., Prepared]) -> Callable[[View], View]:
    """Call `prepare` (with the path's arguments) before the unit of work of a POST is opened: for uploads.

    It may take long, and must do no harm when it is done twice: of two requests with one Idempotency-Key both prepare.
    """

    def decorator(view: View) -> View:
        view.prepare = prepare  # type: ignore[attr-defined]
        return own_units(view)

    return decorator


def has_own_units(view: View | None) -> bool:
    """Whether no unit of work is opened around the view."""
    return getattr(view, "own_units", False)


def around_request() -> AbstractContextManager[None]:
    """The unit of work of the current request, or none where its view opens its own."""
    view = current_app.view_functions.get(request.endpoint or "")
    if has_own_units(view):
        return nullcontext()
    reading = request.method in READS and not getattr(view, "writes", False)
    return unit_of_work(reading=reading, reporting=reading and getattr(view, "report", False))
