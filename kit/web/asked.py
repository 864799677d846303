"""Requests of our own contract are answered as asked or refused: nothing that was sent is passed over in silence."""

from difflib import get_close_matches
from typing import Any

from flask import request

from kit.errors import Invalid
from kit.web.io import NothingIn, View, load_body
from kit.words import Said, say

# As many as one answer names.
MAX_NAMED = 20
BODIES = ("POST", "PUT", "PATCH", "DELETE")


def lenient(view: View) -> View:
    """Pass over parameters that the view does not know: for pages of customers, redirect targets, platforms' webhooks
    and probes, whose addresses others write."""
    view.lenient = True  # type: ignore[attr-defined]
    return view


def refuse_unasked(view: View) -> None:
    """Refuse with Invalid a parameter that `view` does not take, or one given twice that it takes once, and fields of
    a body where it takes none."""
    if getattr(view, "lenient", False):
        return
    if request.query_string:
        _refuse_parameters(view)
    if request.content_length and request.method in BODIES and not _takes_body(view):
        load_body(NothingIn())


def _refuse_parameters(view: View) -> None:
    takes: dict[str, bool] = getattr(view, "query_fields", {})
    if problems := {name: problem for name in request.args if (problem := _problem(name, takes))}:
        raise Invalid(say("invalid.parameters"), errors=dict(list(problems.items())[:MAX_NAMED]))


def _problem(name: str, takes: dict[str, Any]) -> list[Said]:
    if name in takes:
        once_only = not takes[name] and len(request.args.getlist(name)) > 1
        return [say("given_twice")] if once_only else []
    near = get_close_matches(name[:100], takes, n=1)
    return [say("unknown_parameter.near", near=near[0]) if near else say("unknown_parameter")]


def _takes_body(view: View) -> bool:
    documented = getattr(view, "_apidoc", {})
    parameters = documented.get("arguments", {}).get("parameters", [])
    return "requestBody" in documented.get("manual_doc", {}) or any(given["in"] == "json" for given in parameters)
