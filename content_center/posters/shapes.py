"""Rounded boxes, gradients and shadows. Whatever does not depend on the spec is drawn once and kept."""

from functools import lru_cache

from PIL import Image, ImageColor, ImageDraw, ImageFilter

from content_center.posters.templates import Gradient, Rect, Shadow

SMOOTH = 4  # edges are drawn this many times larger, then reduced
SQUARE = (0, 0, 0, 0)
MAX_CACHED = 96
RADIAL_AT_SIDES = 178

Rgba = tuple[int, int, int, int]


@lru_cache(maxsize=512)
def rgba(colour: str) -> Rgba:
    """#RRGGBB or #RRGGBBAA as four numbers."""
    red, green, blue, alpha = (*ImageColor.getrgb(colour), 255)[:4]
    return red, green, blue, alpha


@lru_cache(maxsize=MAX_CACHED)
def rounded_mask(size: tuple[int, int], radii: tuple[int, int, int, int]) -> Image.Image:
    """An opaque box of that size with smooth round corners; the caller must not change it."""
    mask = Image.new("L", size, 255)
    width, height = size
    for at, radius in enumerate(radii):
        if radius:
            right, low = at in (1, 2), at in (2, 3)
            corner = _corner(radius).rotate((0, -90, 180, 90)[at])
            mask.paste(corner, (width - radius if right else 0, height - radius if low else 0))
    return mask


def paste_rounded(sheet: Image.Image, picture: Image.Image, at: tuple[int, int], radii: tuple[int, ...]) -> None:
    """`picture` on the sheet, its corners cut round."""
    if not any(radii):
        sheet.paste(picture, at)
        return
    sheet.paste(picture, at, rounded_mask(picture.size, (radii[0], radii[1], radii[2], radii[3])))


def draw_rect(sheet: Image.Image, layer: Rect) -> None:
    """The layer's shadow, filling and border."""
    x, y, width, height = layer.box
    if layer.shadow:
        shade, spread = _shadow((width, height), layer.radii, layer.shadow)
        sheet.paste(rgba(layer.shadow.colour)[:3], (x - spread, y - spread + layer.shadow.drop), shade)
    if layer.fill:
        _fill(sheet, layer.fill, (x, y), rounded_mask((width, height), layer.radii))
    if layer.border:
        _fill(sheet, layer.border, (x, y), _outline((width, height), layer.radii, layer.border_width))


def draw_gradient(sheet: Image.Image, layer: Gradient) -> None:
    """The layer's gradient, over what is there already."""
    colours, alpha = _gradient(layer)
    sheet.paste(colours, layer.box[:2], alpha)


@lru_cache(maxsize=MAX_CACHED)
def _gradient(layer: Gradient) -> tuple[Image.Image, Image.Image]:
    size = layer.box[2:]
    ramp = _ramp(size, layer.direction)
    start, end = rgba(layer.start), rgba(layer.end)
    colours = Image.composite(Image.new("RGB", size, end[:3]), Image.new("RGB", size, start[:3]), ramp)
    alpha = ramp.point([start[3] + (end[3] - start[3]) * level // 255 for level in range(256)])
    if any(layer.radii):
        alpha = Image.composite(alpha, Image.new("L", size, 0), rounded_mask(size, layer.radii))
    return colours, alpha


def _ramp(size: tuple[int, int], direction: str) -> Image.Image:
    """0…255, eased at both ends so that no edge shows where the gradient begins."""
    eased = [round(255 * (3 - 2 * level / 255) * (level / 255) ** 2) for level in range(256)]
    if direction == "out":
        # Pillow's own reaches white in the corners; this one does at the sides, so that no square shows.
        to_sides = [eased[min(255, level * 255 // RADIAL_AT_SIDES)] for level in range(256)]
        return Image.radial_gradient("L").resize(size, Image.Resampling.BICUBIC).point(to_sides)
    ramp = Image.linear_gradient("L")
    if direction == "right":
        ramp = ramp.rotate(90)
    return ramp.resize(size, Image.Resampling.BICUBIC).point(eased)


def _corner(radius: int) -> Image.Image:
    large = Image.new("L", (radius * SMOOTH, radius * SMOOTH), 0)
    ImageDraw.Draw(large).ellipse((0, 0, 2 * radius * SMOOTH - 1, 2 * radius * SMOOTH - 1), fill=255)
    return large.reduce(SMOOTH)


@lru_cache(maxsize=MAX_CACHED)
def _outline(size: tuple[int, int], radii: tuple[int, int, int, int], width: int) -> Image.Image:
    outline = rounded_mask(size, radii).copy()
    inner = (size[0] - 2 * width, size[1] - 2 * width)
    first, second, third, fourth = (max(0, radius - width) for radius in radii)
    outline.paste(0, (width, width), rounded_mask(inner, (first, second, third, fourth)))
    return outline


@lru_cache(maxsize=MAX_CACHED)
def _shadow(size: tuple[int, int], radii: tuple[int, int, int, int], shadow: Shadow) -> tuple[Image.Image, int]:
    spread = shadow.blur * 2
    mask = Image.new("L", (size[0] + 2 * spread, size[1] + 2 * spread), 0)
    mask.paste(rounded_mask(size, radii), (spread, spread))
    soft = mask.filter(ImageFilter.GaussianBlur(shadow.blur / 2))
    return _dimmed(soft, rgba(shadow.colour)[3]), spread


def _fill(sheet: Image.Image, colour: str, at: tuple[int, int], mask: Image.Image) -> None:
    red, green, blue, alpha = rgba(colour)
    box = (*at, at[0] + mask.width, at[1] + mask.height)
    sheet.paste((red, green, blue), box, mask if alpha == 255 else _dimmed(mask, alpha))


def _dimmed(mask: Image.Image, alpha: int) -> Image.Image:
    return mask.point([level * alpha // 255 for level in range(256)])
