"""Friendly drawn portraits for the demo's guides."""

import random
from io import BytesIO

from PIL import Image, ImageDraw

from samples.demo.pictures.paint import mix
from samples.demo.pictures.palettes import Rgb

SIDE = 400
SMOOTH = 3
GROUNDS: tuple[Rgb, ...] = ((246, 220, 212), (220, 232, 214), (214, 228, 238), (232, 220, 240), (248, 232, 206))
SKINS: tuple[Rgb, ...] = ((250, 222, 200), (244, 210, 182), (236, 196, 164), (252, 228, 210))
HAIRS: tuple[Rgb, ...] = ((44, 32, 30), (70, 46, 36), (30, 26, 32), (96, 62, 44))
CLOTHES: tuple[Rgb, ...] = ((64, 82, 110), (158, 84, 84), (84, 116, 96), (60, 56, 66), (190, 150, 110))
SHORT, BOB, LONG, BUN = range(4)


def draw_portrait(seed: int) -> bytes:
    """A guide's portrait as a JPEG of 400×400; the same seed draws the same face."""
    chance = random.Random(seed)
    ground = chance.choice(GROUNDS)
    skin, hair, clothes = chance.choice(SKINS), chance.choice(HAIRS), chance.choice(CLOTHES)
    cut = chance.choice((SHORT, BOB, LONG, BUN))
    sheet = Image.new("RGB", (SIDE * SMOOTH, SIDE * SMOOTH), ground)
    easel = Easel(ImageDraw.Draw(sheet))
    easel.dot(200, 200, 170, mix(ground, (255, 255, 255), 45))
    _draw_hair_behind(easel, hair, cut)
    _draw_body(easel, skin, clothes)
    _draw_face(easel, skin, hair, glasses=chance.random() < 0.25)
    _draw_hair_before(easel, hair, cut, parting=chance.choice((-1, 1)))
    out = BytesIO()
    sheet.reduce(SMOOTH).save(out, "JPEG", quality=90)
    return out.getvalue()


class Easel:
    """A pen in portrait coordinates (400×400), drawing larger for smooth edges."""

    def __init__(self, pen: ImageDraw.ImageDraw) -> None:
        self.pen = pen

    def oval(self, left: float, top: float, right: float, bottom: float, colour: Rgb) -> None:
        """A filled ellipse."""
        self.pen.ellipse([edge * SMOOTH for edge in (left, top, right, bottom)], fill=colour)

    def dot(self, x: float, y: float, radius: float, colour: Rgb) -> None:
        """A filled circle."""
        self.oval(x - radius, y - radius, x + radius, y + radius, colour)

    def box(self, left: float, top: float, right: float, bottom: float, radius: float, colour: Rgb) -> None:
        """A filled rounded rectangle."""
        edges = [edge * SMOOTH for edge in (left, top, right, bottom)]
        self.pen.rounded_rectangle(edges, radius * SMOOTH, fill=colour)

    def slice(self, box: tuple[float, float, float, float], start: int, end: int, colour: Rgb) -> None:
        """A filled segment of an ellipse, cut by a straight line."""
        self.pen.chord([edge * SMOOTH for edge in box], start, end, fill=colour)

    def arc(self, box: tuple[float, float, float, float], start: int, end: int, colour: Rgb, width: int) -> None:
        """Part of an ellipse's outline."""
        self.pen.arc([edge * SMOOTH for edge in box], start, end, fill=colour, width=width * SMOOTH)

    def shape(self, points: list[tuple[float, float]], colour: Rgb) -> None:
        """A filled polygon."""
        self.pen.polygon([(x * SMOOTH, y * SMOOTH) for x, y in points], fill=colour)


def _draw_hair_behind(easel: Easel, hair: Rgb, cut: int) -> None:
    if cut == LONG:
        easel.box(118, 110, 282, 330, 78, hair)
    elif cut == BOB:
        easel.box(116, 100, 284, 258, 76, hair)
    elif cut == BUN:
        easel.dot(200, 78, 36, hair)
        easel.oval(124, 88, 276, 236, hair)
    else:
        easel.oval(128, 88, 272, 214, hair)


def _draw_body(easel: Easel, skin: Rgb, clothes: Rgb) -> None:
    shade = mix(skin, (150, 90, 70), 22)
    easel.box(82, 306, 318, 470, 76, clothes)
    easel.box(172, 236, 228, 330, 26, shade)
    easel.shape([(160, 306), (240, 306), (200, 366)], (252, 250, 247))
    easel.shape([(176, 300), (224, 300), (200, 342)], shade)
    easel.shape([(160, 306), (148, 322), (186, 372), (200, 362)], mix(clothes, (255, 255, 255), 16))
    easel.shape([(240, 306), (252, 322), (214, 372), (200, 362)], mix(clothes, (255, 255, 255), 16))
    easel.box(252, 376, 296, 388, 4, (226, 200, 150))


def _draw_face(easel: Easel, skin: Rgb, hair: Rgb, *, glasses: bool) -> None:
    blush = mix(skin, (236, 120, 110), 34)
    easel.dot(134, 196, 15, mix(skin, (200, 130, 100), 20))
    easel.dot(266, 196, 15, mix(skin, (200, 130, 100), 20))
    easel.box(136, 112, 264, 268, 62, skin)
    for side in (-1, 1):
        x = 200 + side * 33
        easel.dot(x + side * 10, 218, 14, blush)
        easel.oval(x - 7, 185, x + 7, 203, (52, 38, 36))
        easel.dot(x + 2, 190, 2.4, (255, 255, 255))
        easel.arc((x - 15, 162, x + 15, 186), 215, 325, mix(hair, skin, 15), 4)
        if glasses:
            easel.arc((x - 24, 172, x + 24, 218), 0, 360, (90, 74, 66), 3)
    if glasses:
        easel.arc((188, 184, 212, 200), 200, 340, (90, 74, 66), 3)
    easel.arc((193, 200, 207, 218), 30, 150, mix(skin, (170, 90, 70), 45), 3)
    easel.slice((176, 212, 224, 250), 15, 165, (190, 72, 72))
    easel.slice((180, 214, 220, 238), 20, 160, (255, 252, 250))


def _draw_hair_before(easel: Easel, hair: Rgb, cut: int, *, parting: int) -> None:
    shine = mix(hair, (255, 255, 255), 14)
    easel.slice((126, 84, 274, 236), 180 + 6 * parting, 360 + 6 * parting, hair)
    if cut == SHORT:
        easel.slice((128, 82, 272, 214), 188, 352, hair)
    elif cut != BUN:
        low = 262 if cut == LONG else 226
        easel.box(124, 150, 142, low, 9, hair)
        easel.box(258, 150, 276, low, 9, hair)
    easel.arc((146, 98, 254, 196), 215, 262, shine, 5)
