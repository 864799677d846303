"""What every operation says the same way, said once: refusals, headers, limits, examples."""

from http import HTTPStatus
from typing import Any

from apispec import APISpec
from flask import Flask
from werkzeug.routing import Rule

from kit.web.examples import example_of
from kit.web.paging import MAX_LIMIT

Operation = dict[str, Any]

ANYWHERE = (400, 401, 404, 422, 429, 500, 503)
WITH_SIGN_IN = (403,)
WRITING = (409, 413, 415)
MODIFYING = ("post", "put", "patch", "delete")
WORDS = {"type": "string"}


def complete(app: Flask, spec: APISpec) -> None:
    """Add to each operation of `spec` what follows from how its view is decorated."""
    _write_patterns_as_others_do(spec.components.schemas)
    for rule in app.url_map.iter_rules():
        path = spec._paths.get(_template(rule), {})
        view = app.view_functions[rule.endpoint]
        for method in {name.lower() for name in rule.methods or ()} & path.keys():
            # The room and the name of the view: what clients that are made from the document call the operation.
            path[method]["operationId"] = rule.endpoint.replace(".", "_")
            _complete(path[method], method, view, spec, app.config["MAX_CONTENT_LENGTH"])


def _write_patterns_as_others_do(schema: Any) -> None:
    """Patterns are of Python, where only `\\Z` is the end; OpenAPI wants ECMAScript's, where `$` is."""
    parts = list(schema.values()) if isinstance(schema, dict) else schema if isinstance(schema, list) else []
    if isinstance(schema, dict) and isinstance(pattern := schema.get("pattern"), str):
        schema["pattern"] = pattern.replace("\\Z", "$")
    for part in parts:
        _write_patterns_as_others_do(part)


def _template(rule: Rule) -> str:
    parts = rule.rule.split("/")
    return "/".join("{" + p.strip("<>").rpartition(":")[2] + "}" if p.startswith("<") else p for p in parts)


def _complete(operation: Operation, method: str, view: Any, spec: APISpec, body_bytes: int) -> None:
    writing = method in MODIFYING
    public = view.access.public
    guarded, feed = hasattr(view, "if_match"), hasattr(view, "is_feed")
    for status in _refusals(writing=writing, public=public, guarded=guarded, feed=feed):
        operation["responses"].setdefault(str(status), spec.components.get_ref("response", HTTPStatus(status).name))
    operation["responses"].pop("default", None)
    if method == "post" and not public:
        _say_idempotency(operation, getattr(view, "idempotency", "optional"))
    if hasattr(view, "etagged"):
        _say_etag(operation, reading=not writing, matching=hasattr(view, "if_match"))
    _say_limits(operation, body_bytes if writing else None)
    for content in _contents(operation):
        if "schema" in content and "example" not in content and "examples" not in content:
            content["example"] = example_of(content["schema"], spec.components.schemas)


def _refusals(*, writing: bool, public: bool, guarded: bool, feed: bool) -> list[int]:
    statuses = [*ANYWHERE, *(() if public else WITH_SIGN_IN), *(WRITING if writing else ()), *((410,) if feed else ())]
    return sorted([*statuses, 412, 428] if guarded else statuses)


def _say_idempotency(operation: Operation, rule: str) -> None:
    if rule == "unkept":
        return
    description = "The same when the request is sent again: it is then answered again, and done once (48 hours)."
    if rule == "judged again":
        description = "One key means one request (48 hours); sent again, it is judged again and done once."
    _add_header_parameter(operation, "Idempotency-Key", description, required=rule == "required", example="0d9b5a1e")
    for answer in _successes(operation):
        answer.setdefault("headers", {})["Idempotency-Replayed"] = {
            "description": "`true` when this request was answered before.",
            "schema": {"type": "string", "enum": ["true"]},
        }


def _say_etag(operation: Operation, *, reading: bool, matching: bool) -> None:
    if reading:
        _add_header_parameter(operation, "If-None-Match", "The ETag you have.", required=False, example='"3"')
        operation["responses"]["304"] = {"description": "You have this version."}
    if matching:
        description = "The ETag of what you read; `*` is not accepted."
        _add_header_parameter(operation, "If-Match", description, required=True, example='"3"')
    for answer in _successes(operation):
        answer.setdefault("headers", {})["ETag"] = {"description": "The version of this.", "schema": WORDS}


def _say_limits(operation: Operation, body_bytes: int | None) -> None:
    limits: dict[str, Any] = {"requests": "per principal and minute; see RateLimit-Limit"}
    if body_bytes is not None:
        limits["body_bytes"] = body_bytes
    if any(p.get("name") == "cursor" for p in operation.get("parameters", [])):
        limits["page_items"] = MAX_LIMIT
    operation["x-limits"] = limits
    for answer in _successes(operation):
        for name, description in (
            ("RateLimit-Limit", "Requests a minute."),
            ("RateLimit-Remaining", "Requests left."),
            ("RateLimit-Reset", "Seconds until there are more."),
        ):
            schema = {"type": "integer"}
            answer.setdefault("headers", {})[name] = {"description": description, "schema": schema}


def _add_header_parameter(operation: Operation, name: str, description: str, *, required: bool, example: str) -> None:
    parameter = {"in": "header", "name": name, "required": required, "description": description}
    operation.setdefault("parameters", []).append({**parameter, "schema": WORDS, "example": example})


def _successes(operation: Operation) -> list[dict[str, Any]]:
    return [answer for status, answer in operation["responses"].items() if status.startswith("2")]


def _contents(operation: Operation) -> list[dict[str, Any]]:
    holders = [operation.get("requestBody", {}), *_successes(operation)]
    return [content for holder in holders for content in holder.get("content", {}).values()]
