"""Poster templates as data: the types a template's JSON must fit, and the templates that come with the house.

These types are the one description of the format: `template.schema.json` is generated from them
(`python -m content_center.posters`), and a test compares the two.
"""

import re
from collections.abc import Iterator
from functools import cached_property, lru_cache
from hashlib import sha256
from importlib.resources import files
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

from kit.complaints import read_complaint
from kit.errors import Invalid, NotFound
from kit.words import Said, say

VALUES = ("headline", "body", "product_name", "brand_name", "guide_name", "store_name")
PLACEHOLDER = re.compile("{(" + "|".join(VALUES) + ")}")

Pixels = Annotated[int, Meta(ge=0, le=4096)]
Box = Annotated[tuple[Pixels, Pixels, Pixels, Pixels], Meta(description="x, y, width, height in pixels")]
Colour = Annotated[str, Meta(pattern="^#[0-9A-Fa-f]{6}([0-9A-Fa-f]{2})?$", description="#RRGGBB or #RRGGBBAA")]
Ink = Annotated[str, Meta(pattern="^#[0-9A-Fa-f]{6}$", description="#RRGGBB: text is opaque")]
Radii = Annotated[
    tuple[Pixels, Pixels, Pixels, Pixels], Meta(description="top left, top right, bottom right, bottom left")
]
Size = Annotated[int, Meta(ge=12, le=400, description="em size in pixels")]
Fraction = Annotated[float, Meta(ge=0, le=1)]


class UnknownTemplate(NotFound):
    """No poster template has this name."""

    code = "poster_template_unknown"


class TemplateInvalid(Invalid):
    """The template does not fit the schema, or names something that does not exist."""

    code = "poster_template_invalid"


class Part(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="type"):
    """Common ground of everything in a template: unknown fields are refused, so a typo cannot hide."""


class Words(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A text in both languages, with placeholders such as {headline}."""

    zh: str
    en: str


class Shadow(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A soft shadow under a rectangle."""

    colour: Colour
    blur: Pixels
    drop: Pixels = 0


class Rect(Part, frozen=True, tag="rect"):
    """A filled or outlined rectangle; with a radius of half its side, a circle."""

    box: Box
    fill: Colour | None = None
    radii: Radii = (0, 0, 0, 0)
    border: Colour | None = None
    border_width: Pixels = 0
    shadow: Shadow | None = None


class Gradient(Part, frozen=True, tag="gradient"):
    """A rectangle that eases from one colour into another."""

    box: Box
    start: Colour
    end: Colour
    direction: Literal["down", "right", "out"] = "down"
    radii: Radii = (0, 0, 0, 0)


class Photo(Part, frozen=True, tag="image"):
    """The product's photo, in a rounded box; without a photo the box shows `backing` fading into `backing_end`."""

    box: Box
    radii: Radii = (0, 0, 0, 0)
    fit: Literal["cover", "contain"] = "cover"
    focus: tuple[Fraction, Fraction] = (0.5, 0.5)
    backing: Colour = "#EDE6E0"
    backing_end: Colour = "#D9CDC4"


class Line(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How one kind of text looks."""

    size: Size
    colour: Ink
    weight: Annotated[int, Meta(ge=100, le=900)] = 400
    family: Literal["sans", "serif"] = "sans"
    tracking: Annotated[int, Meta(ge=0, le=80, description="extra pixels between characters")] = 0


class Text(Part, frozen=True, tag="text"):
    """Words in a column: wrapped, shrunk down to `min_size`, and at last cut with an ellipsis."""

    words: Words
    look: Line
    min_size: Size | None = None
    max_lines: Annotated[int, Meta(ge=1, le=30)] = 1
    line_height: Annotated[float, Meta(ge=1, le=3)] = 1.4
    align: Literal["left", "center", "right"] = "left"
    balance: bool = False
    gap: Annotated[int, Meta(ge=0, le=400, description="pixels above, unless first in its column")] = 0


class Price(Part, frozen=True, tag="price"):
    """The price, with its label before it and, where higher, the original price struck through after it."""

    look: Line
    original: Line
    label: Words | None = None
    label_look: Line | None = None
    align: Literal["left", "center", "right"] = "left"
    gap: Annotated[int, Meta(ge=0, le=400)] = 0


class Rule(Part, frozen=True, tag="rule"):
    """A short straight line between the items of a column."""

    width: Pixels
    height: Annotated[int, Meta(ge=1, le=20)]
    colour: Colour
    align: Literal["left", "center", "right"] = "left"
    gap: Annotated[int, Meta(ge=0, le=400)] = 0


class Column(Part, frozen=True, tag="column"):
    """Items one below another: what is empty takes no room, and the rest closes up against the anchor."""

    box: Box
    items: tuple[Text | Price | Rule, ...]
    anchor: Literal["top", "middle", "bottom"] = "top"


class GuideCard(Part, frozen=True, tag="guide_card"):
    """Who sends this: round portrait (or the name's first character), name, store, and an inviting line."""

    box: Box
    portrait_size: Pixels
    name: Line
    store: Line
    avatar_fill: Colour
    avatar_text: Ink
    ring: Colour | None = None
    line: Words | None = None
    line_look: Line | None = None


class QrCode(Part, frozen=True, tag="qr_code"):
    """The tracked link as a QR code (error level M or better) on a light tile, quiet zone inside the box."""

    box: Box
    dark: Ink = "#1A1A1A"
    light: Ink = "#FFFFFF"
    radii: Radii = (0, 0, 0, 0)


Layer = Rect | Gradient | Photo | Column | GuideCard | QrCode


class Canvas(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The sheet."""

    width: Annotated[int, Meta(ge=320, le=2160)]
    height: Annotated[int, Meta(ge=320, le=4096)]
    background: Colour


class Template(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, dict=True):
    """A poster's design: layers drawn in order, the first one lowest."""

    name: Annotated[str, Meta(pattern="^[a-z][a-z0-9_]{1,39}$")]
    title: Words
    canvas: Canvas
    layers: tuple[Layer, ...]

    @cached_property
    def digest(self) -> str:
        """SHA-256 (hex) of the content, formatting of the JSON aside."""
        return sha256(msgspec.json.encode(self, order="deterministic")).hexdigest()

    @property
    def photo(self) -> Photo | None:
        """Where the photo goes, if anywhere."""
        return next((layer for layer in self.layers if isinstance(layer, Photo)), None)


def parse_template(data: bytes) -> Template:
    """A template from its JSON; raises TemplateInvalid that says what is wrong, and where."""
    try:
        template = msgspec.json.decode(data, type=Template)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise TemplateInvalid(read_complaint(error)) from error
    for complaint in _complaints(template):
        raise TemplateInvalid(complaint)
    return template


@lru_cache(maxsize=64)
def get_template(name: str) -> Template:
    """The house template of that name; raises UnknownTemplate."""
    if name not in template_names():
        raise UnknownTemplate(name=name, known=list(template_names()))
    return parse_template((files(__package__) / "templates" / f"{name}.json").read_bytes())


@lru_cache(maxsize=1)
def template_names() -> tuple[str, ...]:
    """The names of the house templates, in alphabetical order."""
    folder = files(__package__) / "templates"
    return tuple(sorted(entry.name.removesuffix(".json") for entry in folder.iterdir()))


def template_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) that every template fits."""
    schema = msgspec.json.schema(Template)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Poster template", **schema}


def _complaints(template: Template) -> Iterator[Said]:
    kinds = [type(layer) for layer in template.layers]
    if kinds.count(Photo) > 1:
        yield say("poster_template_invalid.photos")
    if kinds.count(QrCode) != 1:
        yield say("poster_template_invalid.qr_codes")
    for at, layer in enumerate(template.layers):
        x, y, width, height = layer.box
        if x + width > template.canvas.width or y + height > template.canvas.height:
            yield say("poster_template_invalid.box", layer=at)
        if isinstance(layer, Column):
            yield from _text_complaints(layer, at)


def _text_complaints(column: Column, at: int) -> Iterator[Said]:
    for item in column.items:
        if isinstance(item, Text):
            unknown = set(re.findall(r"{(\w*)}", item.words.zh + item.words.en)) - set(VALUES)
            yield from (say("poster_template_invalid.placeholder", name=name, layer=at) for name in sorted(unknown))
            if item.min_size and item.min_size > item.look.size:
                yield say("poster_template_invalid.min_size", layer=at)
