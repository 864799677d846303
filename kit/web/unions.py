"""Values whose shape another field decides: one schema for each word that `kind` may say."""

from collections.abc import Mapping
from typing import Any

from apispec.ext.marshmallow.openapi import OpenAPIConverter
from marshmallow import Schema, ValidationError, fields

from kit.web import validate
from kit.words import say


def kind_field(*kinds: str) -> fields.String:
    """The field that says which shape this is, for a schema that stands for one or several kinds."""
    return fields.String(required=True, validate=validate.OneOf(kinds))


class Union(fields.Field[Any]):
    """A value of one of `schemas`, by the word in its field `tag`."""

    def __init__(self, schemas: Mapping[str, type[Schema]], *, tag: str = "kind", **options: Any) -> None:
        super().__init__(**options)
        self.tag = tag
        self.schemas = {kind: schema() for kind, schema in schemas.items()}

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> Any:
        if not isinstance(value, Mapping):
            raise ValidationError([say("not_an_object")])
        kind = value.get(self.tag)
        if kind is None:
            raise ValidationError({self.tag: [say("required")]})
        if not isinstance(kind, str) or kind not in self.schemas:
            raise ValidationError({self.tag: [say("not_a_choice", choices=list(self.schemas))]})
        return self.schemas[kind].load(dict(value))


def forget_null_default(_: OpenAPIConverter, field: "fields.Field[Any]", *, ret: dict[str, Any]) -> dict[str, Any]:
    """Say nothing of a default of null: what is left out is left out, and null is often no value to send."""
    if field.load_default is None:
        ret.pop("default", None)
    return {}


def document_union(converter: OpenAPIConverter, field: "fields.Field[Any]", **_: Any) -> dict[str, Any]:
    """What OpenAPI says of a union: one of these, and which field tells."""
    if not isinstance(field, Union):
        return {}
    mapping = {
        kind: converter.resolve_nested_schema(schema)["$ref"]  # type: ignore[no-untyped-call]
        for kind, schema in field.schemas.items()
    }
    one_of = [{"$ref": ref} for ref in dict.fromkeys(mapping.values())]
    return {"oneOf": one_of, "discriminator": {"propertyName": field.tag, "mapping": mapping}}
