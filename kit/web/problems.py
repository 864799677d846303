"""What the document says of refusals: which codes an operation answers with, and the shape of each."""

from collections.abc import Iterable, Iterator, Mapping
from http import HTTPStatus
from inspect import getdoc
from typing import Any, NamedTuple

from apispec import APISpec
from marshmallow import fields

from kit.errors import DomainError, Forbidden, Invalid, Malformed, TooLarge, TooMany, Unauthenticated, Unavailable
from kit.versions import Stale
from kit.web import feeds, paging, validate
from kit.web.auth import SecondFactorRequired
from kit.web.errors import HTTP_CODES, ProblemOut, TookTooLong, status_of
from kit.web.examples import Examples
from kit.web.idempotency import IdempotencyInProgress, IdempotencyKeyRequired, IdempotencyKeyReused
from kit.web.io import Out, field_errors
from kit.web.refusals import refusals_of
from kit.web.units import has_own_units
from kit.words import CHINESE, ENGLISH, spell, title_of

MEDIA_TYPE = "application/problem+json"
# Answers with more codes than this stand in their operation.
MOST_NAMED = 3
WRITING = ("post", "put", "patch", "delete")


class Code(NamedTuple):
    """A code that an error answer may carry, with its title in both languages."""

    code: str
    status: int
    english: str
    chinese: str
    meaning: str
    facts: type[Out] | None = None


def entitled(code: str, status: int, meaning: str, facts: type[Out] | None = None) -> Code:
    """A code with the titles that the tables have for it."""
    return Code(code, status, spell(title_of(code), ENGLISH), spell(title_of(code), CHINESE), meaning, facts)


ACCIDENT = entitled("internal_error", 500, "Something broke; nothing was changed")
_CODES: dict[type[DomainError], Code] = {}
_FACTS: dict[type[DomainError], dict[str, "fields.Field[Any]"]] = {}


def carries(*kinds: type[DomainError], **facts: "fields.Field[Any]") -> None:
    """Say what refusals of these kinds carry for programs beside what all do; those below them carry it, too.

    For modules of schemas: it is said before the first document is made.
    """
    for kind in kinds:
        _FACTS[kind] = facts


def code_of(kind: type[DomainError]) -> Code:
    """What the document says of a kind of refusal."""
    if kind not in _CODES:
        _CODES[kind] = _read(kind)
    return _CODES[kind]


def _read(kind: type[DomainError]) -> Code:
    found = {name: field for ancestor in reversed(kind.__mro__) for name, field in _FACTS.get(ancestor, {}).items()}
    meaning = " ".join((getdoc(kind) or "").partition("\n\n")[0].split()).removesuffix(".")
    return entitled(kind.code, status_of(kind), meaning, type("Facts", (Out,), found) if found else None)


def http_code(status: int) -> Code:
    """What the document says of a refusal of the framework's."""
    return entitled(HTTP_CODES[status], status, HTTPStatus(status).description)


def codes_of(view: Any, method: str, operation: Mapping[str, Any]) -> Iterator[Code]:
    """Every code that an operation may answer with, but for those of who signs in and of the server before it."""
    kinds = {*refusals_of(view), *_of_everybody(view), *_of_parameters(operation)}
    if method in WRITING:
        kinds.add(TooLarge)
    if method in WRITING and not getattr(view, "lenient", False):
        kinds |= {Malformed, Invalid}
        yield http_code(415)
    if method == "post" and not view.access.public:
        kinds |= set(_of_sending_again(view))
    yield ACCIDENT
    yield from map(code_of, kinds)


def _of_everybody(view: Any) -> Iterator[type[DomainError]]:
    yield from (Unavailable, TookTooLong)
    if not getattr(view, "lenient", False) or getattr(view, "query_fields", {}):
        yield Invalid
    if not view.access.public:
        yield from (Unauthenticated, Forbidden, TooMany)
        yield from (SecondFactorRequired,) if view.access.roles else ()
    elif getattr(view, "limited_as", "address"):
        yield TooMany


def _of_parameters(operation: Mapping[str, Any]) -> Iterator[type[DomainError]]:
    names = {parameter.get("name") for parameter in operation.get("parameters", ())}
    if "cursor" in names:
        yield paging.BadCursor


def _of_sending_again(view: Any) -> Iterator[type[DomainError]]:
    rule = getattr(view, "idempotency", "optional")
    if rule == "unkept" or (has_own_units(view) and not hasattr(view, "prepare")):
        return
    yield from (Malformed, IdempotencyKeyReused, IdempotencyInProgress)
    if rule == "required":
        yield IdempotencyKeyRequired


def say_codes(operation: dict[str, Any], codes: Iterable[Code], spec: APISpec, examples: Examples) -> None:
    """Put the codes into the operation's answers, one shape for each code, told apart by it."""
    answers = operation["responses"]
    for status in [status for status in answers if not status.startswith(("2", "3"))]:
        del answers[status]
    by_status: dict[int, list[Code]] = {}
    for _, code in sorted({code.code: code for code in codes}.items()):
        by_status.setdefault(code.status, []).append(code)
    for status, some in sorted(by_status.items()):
        answers[str(status)] = _answer(status, some, spec, examples)


def _answer(status: int, codes: list[Code], spec: APISpec, examples: Examples) -> dict[str, Any]:
    """What is answered with this status: by name where few codes are, which many operations then share."""
    name = "Or".join(_name(code) for code in codes)
    if len(codes) > MOST_NAMED:
        return _content(status, codes, spec, examples)
    if name not in spec.components.responses:
        spec.components.response(name, _content(status, codes, spec, examples))
    return {"$ref": f"#/components/responses/{name}"}


def _content(status: int, codes: list[Code], spec: APISpec, examples: Examples) -> dict[str, Any]:
    refs = {code.code: _shape(code, spec) for code in codes}
    schema: dict[str, Any] = {"$ref": refs[codes[0].code]}
    if len(codes) > 1:
        one_of = [{"$ref": ref} for ref in refs.values()]
        schema = {"oneOf": one_of, "discriminator": {"propertyName": "code", "mapping": refs}}
    content = {"schema": schema, "example": examples.of({"$ref": refs[codes[0].code]})}
    return {"description": f"{HTTPStatus(status).phrase}.", "content": {MEDIA_TYPE: content}}


def _name(code: Code) -> str:
    return "".join(word.capitalize() for word in code.code.split("_"))


def _shape(code: Code, spec: APISpec) -> str:
    name = f"{_name(code)}Problem"
    if name not in spec.components.schemas:
        told = {
            "title": fields.String(required=True, metadata={"example": code.english}),
            "status": fields.Integer(required=True, validate=validate.OneOf((code.status,))),
            "code": fields.String(required=True, validate=validate.OneOf((code.code,))),
        }
        base = (code.facts, ProblemOut) if code.facts else (ProblemOut,)
        meta = type("Meta", (ProblemOut.Meta,), {"description": f"{code.meaning}."})
        spec.components.schema(name, schema=type(name, base, {"Meta": meta, **told}))
    return f"#/components/schemas/{name}"


carries(Invalid, errors=field_errors("What is wrong by field; `price.currency` and `items.0.name` lie within others."))
carries(
    TooMany,
    Unavailable,
    IdempotencyInProgress,
    retry_after_seconds=fields.Integer(metadata={"description": "As in Retry-After."}),
)
carries(paging.BadCursor, reason=fields.String(required=True, validate=validate.OneOf(tuple(paging.REASONS))))
carries(feeds.SyncReset, reason=fields.String(required=True, validate=validate.OneOf(tuple(feeds.REASONS))))
carries(TooLarge, max_bytes=fields.Integer(metadata={"description": "The most that is taken."}))
carries(
    Stale,
    version_held=fields.Integer(required=True),
    version_sent=fields.Integer(required=True, metadata={"description": "0: not a tag of ours."}),
)
