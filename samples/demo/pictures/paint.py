"""Shapes with light on them: masks with smooth edges, filled with the shading of a round or flat surface."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from PIL import Image, ImageDraw, ImageFilter

from samples.demo.pictures.palettes import Rgb

SMOOTH = 2
BLUR_SCALE = 4  # shadows are blurred this many times smaller: soft anyway, and fast

Box = tuple[int, int, int, int]  # left, top, right, bottom
# Draws in white inside a width and a height; its own pixels (radii) are to be multiplied by the last argument.
Outline = Callable[[ImageDraw.ImageDraw, int, int, float], None]

# How bright a surface is from left to right: (place in %, brightness in %). Light comes from the left.
FINISHES: dict[str, tuple[tuple[int, int], ...]] = {
    "matte": ((0, 80), (12, 96), (30, 108), (50, 101), (78, 86), (94, 74), (100, 79)),
    "gloss": ((0, 70), (8, 92), (17, 104), (21, 150), (29, 152), (34, 108), (60, 97), (84, 72), (94, 64), (100, 84)),
    "glass": (
        (0, 62),
        (5, 118),
        (11, 92),
        (18, 98),
        (22, 158),
        (27, 152),
        (31, 106),
        (66, 100),
        (86, 88),
        (94, 126),
        (100, 66),
    ),
    "metal": ((0, 58), (10, 84), (22, 138), (30, 146), (40, 96), (55, 76), (68, 98), (80, 128), (92, 78), (100, 60)),
    "flat": ((0, 100), (100, 100)),
}


@dataclass(frozen=True)
class Part:
    """One piece of a product: an outline inside a box, a colour, a finish."""

    box: Box
    outline: Outline
    colour: Rgb
    finish: str = "matte"
    opacity: int = 255


def paint(sheet: Image.Image, part: Part) -> None:
    """The part on the sheet, shaded by its finish."""
    left, top, right, bottom = part.box
    size = (right - left, bottom - top)
    mask = outline_mask(size, part.outline)
    if part.opacity < 255:
        mask = mask.point([level * part.opacity // 255 for level in range(256)])
    sheet.paste(_surface(size, part.colour, part.finish), (left, top), mask)


def outline_mask(size: tuple[int, int], outline: Outline, *, scale: float = 1) -> Image.Image:
    """The outline, drawn at `scale`, filled in white, edges smooth."""
    large = Image.new("L", (size[0] * SMOOTH, size[1] * SMOOTH), 0)
    outline(ImageDraw.Draw(large), size[0] * SMOOTH, size[1] * SMOOTH, SMOOTH * scale)
    return large.reduce(SMOOTH)


def silhouette(size: tuple[int, int], parts: Sequence[Part]) -> Image.Image:
    """All parts together as one mask, at `BLUR_SCALE` times smaller than `size`."""
    shade = Image.new("L", (size[0] // BLUR_SCALE, size[1] // BLUR_SCALE), 0)
    for part in parts:
        left, top, right, bottom = (edge // BLUR_SCALE for edge in part.box)
        mask = outline_mask((right - left, bottom - top), part.outline, scale=1 / BLUR_SCALE)
        shade.paste(255, (left, top), mask)
    return shade


def darken(sheet: Image.Image, mask: Image.Image, *, blur: int, strength: int, colour: Rgb) -> None:
    """A soft shadow: the small mask blurred by `blur` sheet pixels, at `strength` per cent."""
    tint(sheet, mask.filter(ImageFilter.GaussianBlur(blur / BLUR_SCALE)), strength=strength, colour=colour)


def tint(sheet: Image.Image, mask: Image.Image, *, strength: int, colour: Rgb) -> None:
    """Lays a colour over the sheet where the small mask is white, at `strength` per cent."""
    edges = mask.getbbox()
    if edges is None:
        return
    soft = mask.crop(edges).point([level * strength // 100 for level in range(256)])
    left, top, right, bottom = (edge * BLUR_SCALE for edge in edges)
    large = soft.resize((right - left, bottom - top), Image.Resampling.BILINEAR)
    sheet.paste(colour, (left, top, right, bottom), large)


def moved(mask: Image.Image, right: int, down: int) -> Image.Image:
    """The small mask moved by sheet pixels; what leaves one side does not come back on the other."""
    out = Image.new("L", mask.size, 0)
    out.paste(mask, (right // BLUR_SCALE, down // BLUR_SCALE))
    return out


def mix(one: Rgb, other: Rgb, per_cent: int) -> Rgb:
    """`per_cent` of `other` in `one`."""
    red, green, blue = (a + (b - a) * per_cent // 100 for a, b in zip(one, other, strict=True))
    return red, green, blue


def vertical(size: tuple[int, int], top: Rgb, bottom: Rgb) -> Image.Image:
    """A sheet that goes from one colour at the top to another at the bottom."""
    ramp = Image.linear_gradient("L").resize(size, Image.Resampling.BILINEAR)
    return Image.composite(Image.new("RGB", size, bottom), Image.new("RGB", size, top), ramp)


def rounded(*radii: int) -> Outline:
    """A box; one radius for all corners, or four from the top left clockwise."""
    corners = radii * 4 if len(radii) == 1 else radii

    def outline(pen: ImageDraw.ImageDraw, width: int, height: int, scale: float) -> None:
        _round_box(pen, width, height, [round(radius * scale) for radius in corners])

    return outline


def ellipse() -> Outline:
    """The ellipse that fills the box."""
    return lambda pen, width, height, _scale: pen.ellipse((0, 0, width - 1, height - 1), fill=255)


def polygon(*points: tuple[int, int]) -> Outline:
    """A polygon through points in per cent of the box."""

    def outline(pen: ImageDraw.ImageDraw, width: int, height: int, _scale: float) -> None:
        pen.polygon([(x * width / 100, y * height / 100) for x, y in points], fill=255)

    return outline


def can(curve: int) -> Outline:
    """A cylinder seen from slightly above: straight sides, top and bottom curved by `curve` pixels."""

    def outline(pen: ImageDraw.ImageDraw, width: int, height: int, scale: float) -> None:
        bend = round(curve * scale)
        pen.rectangle((0, bend, width, height - bend), fill=255)
        pen.ellipse((0, 0, width - 1, 2 * bend), fill=255)
        pen.ellipse((0, height - 2 * bend - 1, width - 1, height - 1), fill=255)

    return outline


def _round_box(pen: ImageDraw.ImageDraw, width: int, height: int, radii: Sequence[int]) -> None:
    first, second, third, fourth = (min(radius, width // 2, height // 2) for radius in radii)
    pen.polygon(
        [
            (first, 0),
            (width - second, 0),
            (width, second),
            (width, height - third),
            (width - third, height),
            (fourth, height),
            (0, height - fourth),
            (0, first),
        ],
        fill=255,
    )
    spots = (
        (0, 0, first),
        (width - 2 * second, 0, second),
        (width - 2 * third, height - 2 * third, third),
        (0, height - 2 * fourth, fourth),
    )
    for x, y, radius in spots:
        if radius:
            pen.ellipse((x, y, x + 2 * radius, y + 2 * radius), fill=255)


def _surface(size: tuple[int, int], colour: Rgb, finish: str) -> Image.Image:
    light = _light(finish)
    strip = Image.merge("RGB", [light.point([_lit(level, part) for level in range(256)]) for part in colour])
    return strip.resize(size, Image.Resampling.BILINEAR)


def _lit(brightness: int, value: int) -> int:
    """A colour's value under `brightness` (128 is its own colour): multiplied below, pulled to white above."""
    if brightness <= 128:
        return value * brightness // 128
    return value + (255 - value) * (brightness - 128) // 90 if brightness < 218 else 255


@lru_cache(maxsize=16)
def _light(finish: str) -> Image.Image:
    stops = FINISHES[finish]
    row = bytes(_brightness_at(at / 255 * 100, stops) for at in range(256))
    return Image.frombytes("L", (256, 1), row)


def _brightness_at(place: float, stops: Sequence[tuple[int, int]]) -> int:
    for (start, low), (end, high) in pairwise(stops):
        if place <= end:
            share = (place - start) / (end - start)
            eased = share * share * (3 - 2 * share)
            return round(min(199, low + (high - low) * eased) * 1.28)
    return 128
