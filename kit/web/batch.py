"""Batches: one outcome per item, and one bad item never fails the rest.

What machines send by the thousand (`batch`) is decoded by msgspec, about a hundred times faster than marshmallow
(docs/adr/0003); its shape is a `msgspec.Struct`, from which the OpenAPI schema is made. What people's apps send one by
one or as an offline queue (`batch_of`) has one schema for both ways.
"""

from collections.abc import Callable
from functools import partial, wraps
from typing import Any, ClassVar

import msgspec
from flask import request
from marshmallow import fields

from kit.complaints import read_complaint, read_damage
from kit.errors import FieldErrors, Invalid, Malformed, TooLarge
from kit.web import validate
from kit.web.io import In, Out, View, document_body, field_errors, load_field, load_item, reply
from kit.web.refusals import refuses
from kit.web.validate import by_field
from kit.words import Said, say

MAX_NAME = 128
OUTCOMES = ("created", "updated", "unchanged", "stale", "rejected")


class Item(msgspec.Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """Base of batch items; `name_field` is the one by which outcomes name an item."""

    name_field: ClassVar[str] = "external_id"


class Rejection(msgspec.Struct, frozen=True):
    """Why one item of a batch was not taken; `raw` is all that was sent of it."""

    index: int
    external_id: str | None
    said: Said
    raw: str
    errors: FieldErrors | None = None
    code: str = "invalid_item"


class OutcomeOut(Out):
    """What became of one item."""

    index = fields.Integer(required=True, metadata={"description": "Position in the request, from 0."})
    external_id = fields.String(required=True, allow_none=True)
    outcome = fields.String(required=True, validate=validate.OneOf(OUTCOMES))
    code = fields.String(metadata={"description": "Why it was rejected, is stale or doubtful; stable."})
    detail = fields.String(metadata={"description": "Why it was rejected, is stale, or is doubtful, for people."})
    errors = field_errors("Of an item with invalid fields, as in a refusal with 422.")
    version_held = fields.Integer(metadata={"description": "Of a stale item: the version that holds against it."})
    version_sent = fields.Integer(metadata={"description": "Of a stale item: its own version."})


class BatchOut(Out):
    """One outcome per item, in the order of the request."""

    items = fields.List(fields.Nested(OutcomeOut), required=True)


class _Envelope(msgspec.Struct, forbid_unknown_fields=True):
    items: list[msgspec.Raw]


class BatchTooLarge(TooLarge):
    """More items than one request may carry."""

    code = "batch_too_large"


def batch(item: type[Item], *, limit: int) -> Callable[[View], View]:
    """Hand `items` (with their indexes) and `rejections` to the view; answer one outcome per item."""
    decoder = msgspec.json.Decoder(item)

    def read(text: bytes) -> Any:
        try:
            if b"\\u0000" in text:
                raise msgspec.ValidationError("nul_character")
            return decoder.decode(text)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            raise Invalid(read_complaint(error)) from None

    def decorator(view: View) -> View:
        return _document(_handing_over(view, read, name_field=item.name_field, limit=limit), item, limit)

    return decorator


def batch_of(
    schema: type[In],
    *,
    make: Callable[..., Any],
    limit: int,
    name_field: str = "id",
    answer: type[Out] = BatchOut,
) -> Callable[[View], View]:
    """Like `batch`, for items in the very schema that the route for a single one takes, or one derived from it.

    `make` turns the fields of an item into what the view wants; `answer` is for outcomes that say more than others.
    """
    wanted = schema()
    items = fields.List(fields.Nested(schema), required=True, validate=validate.Length(max=limit))
    envelope = type(schema.__name__.removesuffix("In") + "BatchIn", (In,), {"items": items})

    def read(text: bytes) -> Any:
        return make(**load_item(wanted, text))

    def decorator(view: View) -> View:
        handed = _handing_over(view, read, name_field=name_field, limit=limit, answer=answer)
        handed.batch_schema = schema  # type: ignore[attr-defined]
        return document_body(handed, envelope)

    return decorator


def batch_of_kinds(schema: type[In], *, limit: int, answer: type[Out]) -> Callable[[View], View]:
    """Like `batch_of`, for items of several kinds, in the order in which they are to be done.

    `schema` is of the whole body; the items are a union there, by which each is read.
    """
    items = schema().fields["items"]
    assert isinstance(items, fields.List)
    read = partial(load_field, items.inner)

    def decorator(view: View) -> View:
        return document_body(_handing_over(view, read, name_field="id", limit=limit, answer=answer), schema)

    return decorator


def _handing_over(
    view: View, read: Callable[[bytes], Any], *, name_field: str, limit: int, answer: type[Out] = BatchOut
) -> View:
    @reply(answer)
    @refuses(BatchTooLarge)
    @wraps(view)
    def decoded(*args: Any, **kwargs: Any) -> Any:
        items, rejections = _decode(request.get_data(cache=False), read, name_field, limit)
        return view(*args, items=items, rejections=rejections, **kwargs)

    return decoded


def _decode(
    content: bytes, read: Callable[[bytes], Any], name_field: str, limit: int
) -> tuple[list[tuple[int, Any]], list[Rejection]]:
    try:
        envelope = msgspec.json.decode(content, type=_Envelope)
    except msgspec.ValidationError as error:
        raise Invalid(say("invalid.fields"), errors={"items": [read_complaint(error)]}) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Malformed(read_damage(error)) from None
    if len(envelope.items) > limit:
        raise BatchTooLarge(say("batch_too_large", items=len(envelope.items), max=limit))
    items: list[tuple[int, Any]] = []
    rejections: list[Rejection] = []
    for index, raw in enumerate(envelope.items):
        text = bytes(raw)
        try:
            items.append((index, read(text)))
        except (Invalid, Malformed) as refusal:
            name, shown = _name(text, name_field), text.decode(errors="replace")
            errors = refusal.errors if isinstance(refusal, Invalid) else None
            rejections.append(Rejection(index, name, refusal.said, shown, errors or None))
    return items, rejections


def _name(text: bytes, name_field: str) -> str | None:
    """By what an item that cannot be read calls itself, as far as that can be."""
    try:
        name = msgspec.json.decode(text, type=dict[str, Any]).get(name_field)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    # Numbers, too: a number where text belongs is the commonest reason why an item cannot be read.
    return str(name)[:MAX_NAME] if isinstance(name, str | int) and not isinstance(name, bool) else None


def outcomes(accepted: list[dict[str, Any]], rejections: list[Rejection]) -> dict[str, list[dict[str, Any]]]:
    """The answer to a batch, in request order."""
    told = [*accepted, *(_refused(rejection) for rejection in rejections)]
    for outcome in told:
        if "errors" in outcome:
            outcome["errors"] = by_field(outcome["errors"])
    return {"items": sorted(told, key=lambda outcome: outcome["index"])}


def _refused(rejection: Rejection) -> dict[str, Any]:
    told: dict[str, Any] = {"code": rejection.code, "detail": rejection.said}
    if rejection.errors:
        told["errors"] = rejection.errors
    return {"index": rejection.index, "external_id": rejection.external_id, "outcome": "rejected", **told}


def _document(view: View, item: type[Item], limit: int) -> View:
    schemas, components = msgspec.json.schema_components([item], ref_template="#/components/schemas/{name}")
    envelope = {
        "type": "object",
        "required": ["items"],
        "additionalProperties": False,
        "properties": {"items": {"type": "array", "maxItems": limit, "items": schemas[0]}},
    }
    manual = view._apidoc.setdefault("manual_doc", {})  # type: ignore[attr-defined]
    manual["requestBody"] = {"required": True, "content": {"application/json": {"schema": envelope}}}
    view.batch_components = components  # type: ignore[attr-defined]
    return view
