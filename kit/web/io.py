"""What goes in is validated by marshmallow; what goes out is plain data, documented by marshmallow.

`reply` does not dump: services and queries return dictionaries of the documented shape, which orjson writes at
a twentieth of marshmallow's cost (docs/adr/0003). The tests hold every answer against its documented schema.
"""

from collections.abc import Callable, Mapping
from functools import lru_cache, wraps
from typing import Any

import flask_smorest
import orjson
from flask import Response, request
from flask.json.provider import JSONProvider
from marshmallow import EXCLUDE, RAISE, Schema, ValidationError, fields, pre_load

from kit.broken_codes import find_damage
from kit.errors import DomainError, Invalid, Malformed
from kit.names import without_marks
from kit.web import validate
from kit.web.language import spoken
from kit.web.text import find_unstorable
from kit.web.validate import put_into_words, unfit
from kit.words import Said, say

View = Callable[..., Any]


# Of each list, a process remembers the last so many questions.
KEPT_QUERIES = 100
# Of flask-smorest only the documentation: what it does at each request takes longer than most views.
_documented = flask_smorest.Blueprint("io", __name__)


class UnsupportedMediaType(DomainError):
    """The body is of another type than the route reads."""

    code = "unsupported_media_type"


class In(Schema):
    """Base of input schemas: unknown fields, and text or numbers that no column can hold, are refused."""

    class Meta:
        unknown = RAISE

    error_messages = validate.OF_SCHEMAS  # type: ignore[assignment]

    def on_bind_field(self, _field_name: str, field_obj: "fields.Field[Any]") -> None:
        put_into_words(field_obj)

    @pre_load
    def refuse_unstorable(self, raw: Any, **_: Any) -> Any:
        if problem := find_unstorable(raw):
            raise unfit(problem)
        return raw


class NothingIn(In):
    """A body without fields."""


class QueryIn(In):
    """Base of query-string schemas, whose fields depend on nothing but the query string (it is remembered)."""


class Out(Schema):
    """Base of output schemas, which document the shape of answers."""

    class Meta:
        unknown = EXCLUDE  # nothing said of other fields: answers may have more of them one day


class FieldErrorOut(Out):
    """What is wrong with a field."""

    code = fields.String(required=True, metadata={"description": "Stable.", "example": "too_long"})
    message = fields.String(
        required=True, metadata={"description": "For people.", "example": "At most 100 characters."}
    )


def field_errors(description: str) -> fields.Dict:
    """What is wrong by the path of each field."""
    problems = fields.List(fields.Nested(FieldErrorOut))
    return fields.Dict(keys=fields.String(), values=problems, metadata={"description": description})


class MoneyOut(Out):
    """An amount in integer minor units."""

    amount = fields.Integer(required=True, metadata={"description": "Minor units (fen, cents).", "example": 1299})
    currency = fields.String(required=True, metadata={"description": "ISO 4217 code.", "example": "CNY"})


class NothingOut(Out):
    """An empty object."""


def cursor_field() -> fields.String:
    """Where a list goes on."""
    return fields.String(
        required=True, allow_none=True, metadata={"description": "Pass as `cursor` for the next page."}
    )


def total_field() -> fields.Integer:
    """How many there are."""
    said = "How many there are, where `count=true` asks; 1,000 means that many or more, where a list is not counted."
    return fields.Integer(metadata={"description": said, "example": 1})


def paged(item: type[Out]) -> type[Out]:
    """The schema of a page of `item`."""
    return type(
        item.__name__.removesuffix("Out") + "PageOut",
        (Out,),
        {
            "items": fields.List(fields.Nested(item), required=True),
            "next_cursor": cursor_field(),
            "total": total_field(),
        },
    )


def body(schema: type[In], *, required: bool = True) -> Callable[[View], View]:
    """Hand the validated JSON body to the view as keyword arguments; refuse with 422 and a message per field.

    `required` is for the documentation: a body that is left out is an empty one.
    """
    wanted = schema()
    document = _documented.arguments(wanted, location="json", required=required)
    hand_over = _handing_over(lambda: load_body(wanted), document)

    def decorator(view: View) -> View:
        handed = hand_over(view)
        handed.body_schema = schema  # type: ignore[attr-defined]
        return handed

    return decorator


def query(schema: type[QueryIn]) -> Callable[[View], View]:
    """Hand the validated query string to the view as keyword arguments; what it takes is held by kit.web.asked."""
    wanted = schema()
    takes = {field.data_key or name: isinstance(field, fields.List) for name, field in wanted.fields.items()}
    lists = {name for name, repeats in takes.items() if repeats}

    def checked(_query_string: bytes) -> dict[str, Any]:
        arguments = request.args
        given = {name: arguments.getlist(name) if name in lists else arguments[name] for name in arguments}
        return _checked(wanted, given)

    # Thousands of phones ask for the same first pages, and what is asked depends on nothing but the query string. Lists
    # are made anew: a view may change its own.
    load = checked if lists else lru_cache(maxsize=KEPT_QUERIES)(checked)
    hand_over = _handing_over(lambda: load(request.query_string), _documented.arguments(wanted, location="query"))

    def decorator(view: View) -> View:
        handed = hand_over(view)
        handed.query_fields = takes  # type: ignore[attr-defined]
        return handed

    return decorator


def reply(schema: type[Out], status: int = 200, **documentation: Any) -> Callable[[View], View]:
    """Answer with what the view returns, documented by `schema`; a Response is answered as it is."""
    document = _documented.response(status, schema, **documentation)

    def decorator(view: View) -> View:
        @wraps(view)
        def answered(*args: Any, **kwargs: Any) -> Response:
            answer = view(*args, **kwargs)
            return answer if isinstance(answer, Response) else _as_json(answer, status)

        return _with_documentation(answered, document(view))

    return decorator


def _handing_over(load: Callable[[], dict[str, Any]], document: Callable[[View], View]) -> Callable[[View], View]:
    def decorator(view: View) -> View:
        @wraps(view)
        def handed(*args: Any, **kwargs: Any) -> Any:
            return view(*args, **kwargs, **load())

        return _with_documentation(handed, document(view))

    return decorator


def _with_documentation(view: View, documented: View) -> View:
    view._apidoc = documented._apidoc  # type: ignore[attr-defined]
    return view


def document_body(view: View, schema: type[In], *, required: bool = True) -> View:
    """Say in the documentation that the view takes a body of this shape."""
    return _with_documentation(view, _documented.arguments(schema(), location="json", required=required)(view))


def load_item(wanted: In, text: bytes) -> dict[str, Any]:
    """One JSON value as `wanted`; refuses with Malformed what is not JSON, with Invalid what does not fit."""
    return _checked(wanted, _read_json(text))


def load_field(wanted: "fields.Field[Any]", text: bytes) -> Any:
    """One JSON value as one field takes it; refuses as `load_item` does."""
    try:
        return wanted.deserialize(_read_json(text))
    except ValidationError as error:
        found = error.normalized_messages()  # type: ignore[no-untyped-call]
        raise Invalid(say("invalid.fields"), errors=found) from None


def load_body(wanted: In) -> dict[str, Any]:
    """The JSON body as `wanted`; refuses with Invalid what does not fit."""
    return _checked(wanted, _json_body())


def _json_body() -> Any:
    if not request.is_json:
        if request.content_length:
            raise UnsupportedMediaType(say("unsupported_media_type.json"))
        return {}
    content = request.get_data(cache=True)
    return _read_json(content) if content else {}


def _read_json(content: bytes) -> Any:
    try:
        # Refuses what the standard library breaks at: nesting without end, numbers of thousands of digits.
        return orjson.loads(content)
    except orjson.JSONDecodeError as error:
        raise Malformed(say("malformed.not_json", line=error.lineno, column=error.colno)) from None


def _checked(schema: In, given: Any) -> dict[str, Any]:
    try:
        loaded: dict[str, Any] = schema.load(given)
    except ValidationError as error:
        raise Invalid(say("invalid.fields"), errors=error.messages_dict) from None
    return loaded


def money_field(description: str, **options: Any) -> fields.Nested:
    """An output field that holds an amount of money."""
    return fields.Nested(MoneyOut, required=True, metadata={"description": description}, **options)


def url_field(description: str | None = None, **options: Any) -> fields.String:
    """An output field that holds a whole address, which may be written in any script."""
    return _address_field("iri", description, **options)


def path_field(description: str | None = None, **options: Any) -> fields.String:
    """An output field that holds a path on this server, to be completed with the address that one calls."""
    return _address_field("uri-reference", description, **options)


def thumbnail_field(**options: Any) -> fields.String:
    """An output field that holds the path of a small picture."""
    return path_field("320 pixels at most, WebP or JPEG by `Accept`.", **options)


def _address_field(format_: str, description: str | None, **options: Any) -> fields.String:
    metadata = {"format": format_} | ({"description": description} if description else {})
    return fields.String(required=True, metadata=metadata, **options)


def text_field(
    max_length: int, *, min_length: int = 1, check: Callable[[str], None] | None = None, **options: Any
) -> fields.String:
    """An input string of bounded length: one that may not be empty is not blank either. `check` may refuse more."""
    checks: list[Callable[[str], Any]] = [validate.Length(min=min_length, max=max_length)]
    if min_length:
        checks.append(_refuse_blank)
    if check:
        checks.append(check)
    return fields.String(validate=checks, **options)


def _refuse_blank(text: str) -> None:
    # What is longer than nothing and shows nothing: blanks of any width, zero-width characters.
    if text and not any(one.isprintable() and not one.isspace() for one in text):
        raise ValidationError([say("blank")])


class _Name(fields.String):
    """Text without what cannot be seen (`kit.names`)."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        return without_marks(super()._deserialize(value, attr, data, **kwargs))


def name_field(max_length: int, **options: Any) -> fields.String:
    """An input name of a person, a place or a thing: the same that files may hold."""
    return _Name(validate=validate.Length(min=1, max=max_length), **options)


def code_field(max_length: int, **options: Any) -> fields.String:
    """An input code or id; one that a spreadsheet has broken is refused."""
    return fields.String(validate=[validate.Length(min=1, max=max_length), _check_code], **options)


def _check_code(code: str) -> None:
    if damage := find_damage(code):
        raise ValidationError([damage])


class OrjsonProvider(JSONProvider):
    """Flask's JSON through orjson: RFC 3339 times in UTC with `Z`, UUIDs as strings."""

    def dumps(self, obj: Any, **_: Any) -> str:
        return encode(obj).decode()

    def loads(self, s: str | bytes, **_: Any) -> Any:
        return orjson.loads(s)

    def response(self, *args: Any, **kwargs: Any) -> Any:
        return _as_json(self._prepare_response_obj(args, kwargs), 200)


def _as_json(content: Any, status: int) -> Response:
    return Response(encode(content), status=status, mimetype="application/json")


def encode(content: Any) -> bytes:
    """An answer as JSON; what is said in it is spelled out in the language that the request asks for."""
    return orjson.dumps(content, default=_plain, option=orjson.OPT_UTC_Z | orjson.OPT_NON_STR_KEYS)


def _plain(value: Any) -> Any:
    if isinstance(value, Said):
        return spoken(value)
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, (set, frozenset)):
        return sorted(value)
    raise TypeError(f"cannot write {type(value).__name__} as JSON")
