"""What goes in is validated by marshmallow; what goes out is plain data, documented by marshmallow.

`reply` does not dump: services and queries return dictionaries of the documented shape, which orjson writes at
a twentieth of marshmallow's cost (docs/adr/0003). The tests hold every answer against its documented schema.
"""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import flask_smorest
import orjson
from flask import Request, Response
from flask.json.provider import JSONProvider
from marshmallow import RAISE, Schema, ValidationError, fields, missing, pre_load, validate
from webargs.flaskparser import FlaskParser
from werkzeug.exceptions import UnsupportedMediaType

from kit.errors import Malformed
from kit.web.text import find_unstorable

View = Callable[..., Any]


class _Parser(FlaskParser):
    """webargs takes a body of another type for none at all; a client learns more from 415."""

    def _raw_load_json(self, req: Request) -> Any:
        if not req.is_json:
            if req.content_length:
                raise UnsupportedMediaType("Send the body as application/json.")
            return missing
        content = req.get_data(cache=True)
        try:
            # Refuses what the standard library breaks at: nesting without end, numbers of thousands of digits.
            return orjson.loads(content) if content else missing
        except orjson.JSONDecodeError as error:
            raise Malformed(f"The body is not JSON: {error}") from None

    def load_querystring(self, req: Request, schema: Schema) -> dict[str, Any]:
        """Plain values: webargs would look through the schema at every request for those that may be repeated."""
        repeated = _repeated(schema)
        return {name: req.args.getlist(name) if name in repeated else req.args[name] for name in req.args}


@cache
def _repeated(schema: Schema) -> frozenset[str]:
    return frozenset(field.data_key or name for name, field in schema.fields.items() if isinstance(field, fields.List))


class _Smorest(flask_smorest.Blueprint):
    ARGUMENTS_PARSER = _Parser()


_smorest = _Smorest("io", __name__)


class In(Schema):
    """Base of input schemas: unknown fields, and text or numbers that no column can hold, are refused."""

    class Meta:
        unknown = RAISE

    @pre_load
    def refuse_unstorable(self, raw: Any, **_: Any) -> Any:
        if problem := find_unstorable(raw):
            raise ValidationError(problem)
        return raw


class QueryIn(In):
    """Base of query-string schemas."""


class Out(Schema):
    """Base of output schemas: documents the shape, passes plain data through unchanged."""

    class Meta:
        unknown = RAISE  # documented as `additionalProperties: false`

    def dump(self, obj: Any, **_: Any) -> Any:
        return obj


class MoneyOut(Out):
    """An amount in integer minor units."""

    amount = fields.Integer(required=True, metadata={"description": "Minor units (fen, cents).", "example": 1299})
    currency = fields.String(required=True, metadata={"description": "ISO 4217 code.", "example": "CNY"})


class NothingOut(Out):
    """An empty object."""


def paged(item: type[Out]) -> type[Out]:
    """The schema of a page of `item`."""
    return type(
        item.__name__.removesuffix("Out") + "PageOut",
        (Out,),
        {
            "items": fields.List(fields.Nested(item), required=True),
            "next_cursor": fields.String(
                required=True, allow_none=True, metadata={"description": "Pass as `cursor` for the next page."}
            ),
        },
    )


def body(schema: type[In], *, required: bool = True) -> Callable[[View], View]:
    """Hand the validated JSON body to the view as keyword arguments; refuse with 422 and a message per field.

    `required` is for the documentation: a body that is left out is an empty one.
    """
    return _smorest.arguments(schema(), location="json", as_kwargs=True, required=required)  # type: ignore[no-any-return]


def query(schema: type[QueryIn]) -> Callable[[View], View]:
    """Hand the validated query string to the view as keyword arguments."""
    return _smorest.arguments(schema(), location="query", as_kwargs=True)  # type: ignore[no-any-return]


def reply(schema: type[Out], status: int = 200, **documentation: Any) -> Callable[[View], View]:
    """Answer with what the view returns, documented by `schema`."""
    return _smorest.response(status, schema, **documentation)  # type: ignore[no-any-return]


def money_field(description: str, **options: Any) -> fields.Nested:
    """An output field that holds an amount of money."""
    return fields.Nested(MoneyOut, required=True, metadata={"description": description}, **options)


def text_field(max_length: int, *, min_length: int = 1, **options: Any) -> fields.String:
    """An input string of bounded length."""
    return fields.String(validate=validate.Length(min=min_length, max=max_length), **options)


class OrjsonProvider(JSONProvider):
    """Flask's JSON through orjson: RFC 3339 times in UTC with `Z`, UUIDs as strings."""

    def dumps(self, obj: Any, **_: Any) -> str:
        return self._encode(obj).decode()

    def loads(self, s: str | bytes, **_: Any) -> Any:
        return orjson.loads(s)

    def response(self, *args: Any, **kwargs: Any) -> Any:
        return Response(self._encode(self._prepare_response_obj(args, kwargs)), mimetype="application/json")

    @staticmethod
    def _encode(obj: Any) -> bytes:
        return orjson.dumps(obj, default=_plain, option=orjson.OPT_UTC_Z | orjson.OPT_NON_STR_KEYS)


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, (set, frozenset)):
        return sorted(value)
    raise TypeError(f"cannot write {type(value).__name__} as JSON")
