"""The checks of marshmallow, which say what is wrong in words of our tables (kit/words)."""

from collections.abc import Iterator, Mapping
from typing import Any

from marshmallow import ValidationError, fields
from marshmallow import validate as library

from kit.errors import FieldErrors
from kit.words import Said, say

And = library.And


def unfit(said: Said, field: str = "_schema") -> ValidationError:
    """What a check of ours raises: `said` of the field."""
    return ValidationError([said], field)


def by_field(found: FieldErrors) -> dict[str, list[dict[str, Any]]]:
    """What is wrong by the path of each field, such as `target.customer_ids.3`, each with its code."""
    return dict(_paths(found, ""))


def _paths(found: FieldErrors, within: str) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    for name, problems in found.items():
        path = f"{within}{name}"
        if isinstance(problems, Mapping):
            yield from _paths(problems, f"{path}.")
        else:
            yield path, [{"code": said.code, "message": said} for said in problems]


class Length(library.Length):
    """A text or list of bounded length."""

    def __call__(self, value: Any) -> Any:
        try:
            return super().__call__(value)
        except ValidationError:
            raise ValidationError([self._said(value)]) from None

    def _said(self, value: Any) -> Said:
        kind = "text" if isinstance(value, str) else "list"
        if self.min is not None and len(value) < self.min:
            return say(f"too_short.{kind}", min=self.min)
        return say(f"too_long.{kind}", max=self.max or 0)


class Range(library.Range):
    """A number or day between bounds, both included."""

    def __call__(self, value: Any) -> Any:
        try:
            return super().__call__(value)
        except ValidationError:
            raise ValidationError([self._said()]) from None

    def _said(self) -> Said:
        if self.min is None:
            return say("out_of_range.at_most", max=_shown(self.max))
        if self.max is None:
            return say("out_of_range.at_least", min=_shown(self.min))
        return say("out_of_range.between", min=_shown(self.min), max=_shown(self.max))


def _shown(bound: Any) -> int | str:
    return bound if isinstance(bound, int) else str(bound)


class OneOf(library.OneOf):
    """One of a closed set."""

    def __call__(self, value: Any) -> Any:
        try:
            return super().__call__(value)
        except ValidationError:
            raise ValidationError([say("not_a_choice", choices=[str(choice) for choice in self.choices])]) from None


class Regexp(library.Regexp):
    """A text of a pattern."""

    def __call__(self, value: Any) -> Any:
        try:
            return super().__call__(value)
        except ValidationError:
            raise ValidationError([say("pattern_mismatch", pattern=self.regex.pattern)]) from None


# What the fields themselves say, by the class that says it and its key.
OF_FIELDS: dict[type[fields.Field[Any]], dict[str, Said]] = {
    fields.Field: {
        "required": say("required"),
        "null": say("null_given"),
        "validator_failed": say("invalid"),
    },
    fields.Nested: {"type": say("not_an_object")},
    fields.List: {"invalid": say("not_a_list")},
    fields.String: {"invalid": say("not_text"), "invalid_utf8": say("not_text")},
    fields.UUID: {"invalid_uuid": say("not_a_uuid")},
    fields.Number: {"invalid": say("not_a_number"), "too_large": say("number_too_large")},
    fields.Integer: {"invalid": say("not_a_whole_number")},
    fields.Boolean: {"invalid": say("not_a_boolean")},
    fields.DateTime: {
        "invalid": say("not_a_time"),
        "invalid_awareness": say("time_without_zone"),
        "format": say("not_a_time"),
    },
    fields.Date: {"invalid": say("not_a_day"), "invalid_awareness": say("not_a_day"), "format": say("not_a_day")},
    fields.Mapping: {"invalid": say("not_an_object")},
}
OF_SCHEMAS = {"type": say("not_an_object"), "unknown": say("unknown_field")}


def put_into_words(field: "fields.Field[Any]") -> None:
    """Let a field, and those within it, say what is wrong in words of ours."""
    for kind in reversed(type(field).__mro__):
        field.error_messages |= {key: [said] for key, said in OF_FIELDS.get(kind, {}).items()}
    for part in ("inner", "key_field", "value_field"):
        if (within := getattr(field, part, None)) is not None:
            put_into_words(within)
