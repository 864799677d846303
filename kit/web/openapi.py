"""What every operation says the same way, said once: refusals, headers, limits, examples."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from apispec import APISpec
from flask import Flask
from werkzeug.routing import Rule

from kit.web.examples import Examples, Glossary
from kit.web.paging import MAX_LIMIT
from kit.web.problems import Code, codes_of, http_code, say_codes

Operation = dict[str, Any]

MODIFYING = ("post", "put", "patch", "delete")
WORDS = {"type": "string"}
# Bodies that an operation without a shape of its own shows whole.
TEXTS = ("application/json", "text/csv")


class Settings(NamedTuple):
    """What the roof knows: the size of bodies, and the codes that are refused with around every view."""

    body_bytes: int
    signed_in: Sequence[Code]
    bodies: Sequence[Code]
    reports: Code
    glossary: Glossary


def complete(app: Flask, spec: APISpec, settings: Settings) -> None:
    """Add to each operation of `spec` what follows from how its view is decorated."""
    _write_patterns_as_others_do(spec.components.schemas)
    spec.components.responses.clear()  # the framework's names for refusals, which are said below
    for rule in app.url_map.iter_rules():
        path = spec._paths.get(_template(rule), {})
        view = app.view_functions[rule.endpoint]
        _show_parameters(path.get("parameters", []), Examples(spec.components.schemas, settings.glossary))
        for method in {name.lower() for name in rule.methods or ()} & path.keys():
            # The room and the name of the view: what clients that are made from the document call the operation.
            path[method]["operationId"] = rule.endpoint.replace(".", "_")
            names_a_thing = "<" in rule.rule
            _complete(path[method], method, view, spec, settings, names_a_thing=names_a_thing)


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


def _complete(
    operation: Operation, method: str, view: Any, spec: APISpec, settings: Settings, *, names_a_thing: bool
) -> None:
    writing = method in MODIFYING
    # An address whose id is none, or has characters that nothing has, leads nowhere.
    nowhere = [http_code(404)] if names_a_thing else []
    examples = Examples(spec.components.schemas, settings.glossary)
    say_codes(
        operation, [*nowhere, *codes_of(view, method, operation), *_outside(view, writing, settings)], spec, examples
    )
    if method == "post" and not view.access.public:
        _say_idempotency(operation, getattr(view, "idempotency", "optional"))
    if hasattr(view, "etagged"):
        _say_etag(operation, reading=not writing, matching=hasattr(view, "if_match"))
    _say_limits(operation, settings.body_bytes if writing else None)
    _show_parameters(operation.get("parameters", []), examples)
    shown = settings.glossary.bodies.get(operation["operationId"])
    for media_type, content in operation.get("requestBody", {}).get("content", {}).items():
        if shown and media_type in TEXTS:
            content["example"] = shown
    for content in _contents(operation):
        if "schema" in content and "example" not in content and "examples" not in content:
            content["example"] = examples.of(content["schema"])


def _show_parameters(parameters: list[dict[str, Any]], examples: Examples) -> None:
    """Give those that must be there an example."""
    for parameter in parameters:
        if parameter.get("required") and "example" not in parameter:
            parameter["example"] = examples.of(parameter["schema"], parameter["name"])


def _outside(view: Any, writing: bool, settings: Settings) -> Iterator[Code]:
    """What is refused by others than the view: who authenticates, and the server that receives bodies."""
    if not view.access.public:
        yield from settings.signed_in
    if writing:
        yield from settings.bodies
    if getattr(view, "report", False):
        yield settings.reports


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
