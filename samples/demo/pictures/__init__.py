"""Drawn pictures for the demo: stylised beauty products and guides' portraits, the same for the same arguments."""

import random
from io import BytesIO

from PIL import Image, ImageDraw

from kit.faces import font
from samples.demo.pictures.palettes import PALETTES
from samples.demo.pictures.portraits import draw_portrait
from samples.demo.pictures.products import KINDS, Product
from samples.demo.pictures.scenes import scene

__all__ = ["KINDS", "PALETTES", "draw_portrait", "draw_product"]


def draw_product(kind: str, palette: int | str, label: str, seed: int) -> bytes:
    """A product's picture as a JPEG of 1200×1200: a kind of `KINDS` in a palette of `PALETTES`, `label` printed on it.

    A palette given as a number wraps around; an unknown kind or palette name is a KeyError.
    """
    names = sorted(PALETTES)
    colours = PALETTES[palette] if isinstance(palette, str) else PALETTES[names[palette % len(names)]]
    product = KINDS[kind](colours)
    sheet = scene(colours, product, random.Random(f"{kind}/{seed}"))
    _print_label(sheet, product, label)
    return _jpeg(sheet)


def _print_label(sheet: Image.Image, product: Product, label: str) -> None:
    pen = ImageDraw.Draw(sheet)
    x, y = product.print_at
    size = product.print_size
    face = font(family="serif", size=size, weight=400)
    spread = size // 6
    width = face.getlength(label) + spread * (len(label) - 1)
    at = x - width / 2
    for character in label:
        pen.text((at, y), character, product.print_colour, face, anchor="lm")
        at += face.getlength(character) + spread
    pen.rectangle((x - size, y + size, x + size, y + size + 1), fill=product.print_colour)


def _jpeg(sheet: Image.Image) -> bytes:
    out = BytesIO()
    sheet.save(out, "JPEG", quality=90)
    return out.getvalue()
