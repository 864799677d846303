"""Where a product stands: backdrop, a shape behind it, a plinth, shadows, and light through leaves."""

import random
from functools import lru_cache

from PIL import Image, ImageDraw, ImageFilter

from samples.demo.pictures.paint import (
    BLUR_SCALE,
    Part,
    can,
    darken,
    ellipse,
    mix,
    moved,
    paint,
    rounded,
    silhouette,
    tint,
    vertical,
)
from samples.demo.pictures.palettes import Palette
from samples.demo.pictures.products import FLOOR, Product

SIDE = 1200
SIZE = (SIDE, SIDE)
SMALL = (SIDE // BLUR_SCALE, SIDE // BLUR_SCALE)


def scene(palette: Palette, product: Product, chance: random.Random) -> Image.Image:
    """The product in its light, on a sheet of 1200×1200."""
    sheet = vertical(SIZE, palette.top, palette.bottom)
    behind = chance.choice([_arch, _disc, _panels])(palette, chance)
    shade = mix(palette.bottom, (0, 0, 0), 55)
    darken(sheet, moved(silhouette(SIZE, behind), 26, 18), blur=60, strength=26, colour=shade)
    for part in behind:
        paint(sheet, part)
    if chance.random() < 0.6:
        darken(sheet, _leaves(chance), blur=26, strength=17, colour=shade)
    plinth = _plinth(palette, chance)
    darken(sheet, moved(silhouette(SIZE, plinth), 60, 14), blur=70, strength=36, colour=shade)
    for part in plinth:
        paint(sheet, part)
    _cast_shadow(sheet, product, shade)
    for part in product.parts:
        paint(sheet, part)
    tint(sheet, _window(), strength=13, colour=(255, 255, 255))
    return sheet


def _cast_shadow(sheet: Image.Image, product: Product, shade: tuple[int, int, int]) -> None:
    form = silhouette(SIZE, product.parts)
    darken(sheet, moved(form, 54, 8), blur=64, strength=40, colour=shade)
    left, _, right, _ = form.getbbox() or (0, 0, *SMALL)
    contact = Image.new("L", SMALL, 0)
    floor = FLOOR // BLUR_SCALE
    ImageDraw.Draw(contact).ellipse((left - 2, floor - 6, right + 10, floor + 7), fill=255)
    darken(sheet, contact, blur=18, strength=58, colour=shade)


def _plinth(palette: Palette, chance: random.Random) -> list[Part]:
    half = chance.choice([360, 400, 440])
    box = (SIDE // 2 - half, FLOOR - 62, SIDE // 2 + half, SIDE + 120)
    top = (box[0], box[1], box[2], FLOOR + 62)
    return [
        Part(box, can(62), mix(palette.plinth, palette.bottom, 25), "matte"),
        Part(top, ellipse(), mix(palette.plinth, (255, 255, 255), 38), "flat"),
    ]


def _arch(palette: Palette, chance: random.Random) -> list[Part]:
    half, left = chance.choice([300, 340]), chance.choice([-70, 0, 70])
    middle = SIDE // 2 + left
    return [Part((middle - half, 130, middle + half, 1010), rounded(half, half, 0, 0), palette.shape, "flat")]


def _disc(palette: Palette, chance: random.Random) -> list[Part]:
    radius, x, y = chance.choice([330, 380]), chance.randint(500, 700), chance.randint(470, 560)
    return [Part((x - radius, y - radius, x + radius, y + radius), ellipse(), palette.shape, "flat")]


def _panels(palette: Palette, chance: random.Random) -> list[Part]:
    split = chance.randint(330, 430)
    return [
        Part((split, 200, 1030, 1010), rounded(12), palette.shape, "flat"),
        Part((150, 380, split + 60, 1010), rounded(12), mix(palette.shape, palette.plinth, 70), "flat"),
    ]


def _leaves(chance: random.Random) -> Image.Image:
    """The shadow of a branch that hangs in from a corner."""
    mask = Image.new("L", SMALL, 0)
    pen = ImageDraw.Draw(mask)
    for at in range(7):
        leaf = Image.new("L", (120, 120), 0)
        ImageDraw.Draw(leaf).ellipse((10, 46, 112, 72), fill=230)
        turned = leaf.rotate(chance.randint(-70, 70) + (40 if at % 2 else -30), Image.Resampling.BILINEAR)
        mask.paste(255, (170 + at * 16 - 60, at * 17 - 60), turned)
    pen.line((150, -10, 300, 130), fill=200, width=3)
    if chance.random() < 0.5:
        mask = mask.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    return mask


@lru_cache(maxsize=1)
def _window() -> Image.Image:
    """A broad shaft of light from the upper left."""
    mask = Image.new("L", SMALL, 0)
    ImageDraw.Draw(mask).polygon([(-40, -40), (170, -40), (60, 320), (-120, 320)], fill=255)
    return mask.filter(ImageFilter.GaussianBlur(34))
