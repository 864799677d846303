"""Examples for the API's documentation, made from the schemas and a glossary of the product's own values."""

from collections.abc import Mapping
from typing import Any, NamedTuple

Schema = Mapping[str, Any]

BY_FORMAT = {
    "uuid": "01930b6e-7d3c-7e2a-9c41-5f0c8a6d2b17",
    "date": "2026-11-21",
    "date-time": "2026-11-21T08:30:00Z",
    "binary": "(the file)",
}
MAX_DEPTH = 8


class Glossary(NamedTuple):
    """What fields hold, by their name, and what whole bodies hold where fields by themselves make no sense."""

    fields: Mapping[str, Any]
    bodies: Mapping[str, Any]


class Examples(NamedTuple):
    """Values that schemas admit, as telling as their fields allow."""

    schemas: Mapping[str, Schema]
    glossary: Glossary

    def of(self, schema: Schema, name: str = "", depth: int = 0) -> Any:
        """A value of this shape, for a field of this name."""
        if "$ref" in schema:
            named = schema["$ref"].rpartition("/")[2]
            if named in self.glossary.bodies:
                return self.glossary.bodies[named]
            return self.of(self.schemas[named], name, depth)
        if "example" in schema:
            return schema["example"]
        if schema.get("examples"):
            return schema["examples"][0]
        for choices in ("allOf", "anyOf", "oneOf"):
            if choices in schema:
                return self.of(_telling(schema[choices]), name, depth)
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            return next(value for value in schema["enum"] if value is not None)
        return self._by_type(schema, name, depth)

    def _by_type(self, schema: Schema, name: str, depth: int) -> Any:
        kind = schema.get("type", "object" if "properties" in schema else "string")
        if isinstance(kind, list):
            kind = next((one for one in kind if one != "null"), "null")
        if kind == "object":
            fields = schema.get("properties", {}).items() if depth < MAX_DEPTH else ()
            return {field: self.of(inner, field, depth + 1) for field, inner in fields}
        if kind == "array":
            return [self.of(schema["items"], name, depth + 1)] if schema.get("items") else []
        if kind in ("integer", "number"):
            known = self.glossary.fields.get(name)
            return known if isinstance(known, int) else max(schema.get("minimum", 1), 1)
        if kind == "boolean":
            return True
        known = self.glossary.fields
        return BY_FORMAT.get(schema.get("format", "")) or known.get(name, name)


def _telling(choices: list[Schema]) -> Schema:
    return next((choice for choice in choices if choice.get("type") != "null"), choices[0])
