"""The faces that posters are set in: Noto Sans CJK SC in any weight, and Noto Serif SC for display lines."""

import unicodedata
from functools import lru_cache
from importlib.resources import files
from typing import Literal

from PIL import ImageFont

Family = Literal["sans", "serif"]

SANS = ("manimgx_fonts_cjk", "NotoSansCJK-VF.otf.ttc")
SERIF = ("pylopdf_fonts_zh_cn", "NotoSerifSC-Regular.otf")
SIMPLIFIED_CHINESE = 2  # faces of the collection: JP, KR, SC, TC, HK
PROBE_SIZE = 24
NONCHARACTER = "\ufffe"  # no font has a glyph for it, so it draws as "missing glyph"


@lru_cache(maxsize=256)
def font(*, family: Family, size: int, weight: int) -> ImageFont.FreeTypeFont:
    """The face at `size` pixels; `weight` 100…900 acts on the sans, the serif has one weight."""
    if family == "serif":
        return ImageFont.truetype(_path(SERIF), size, layout_engine=ImageFont.Layout.RAQM)
    face = ImageFont.truetype(_path(SANS), size, index=SIMPLIFIED_CHINESE, layout_engine=ImageFont.Layout.RAQM)
    face.set_variation_by_axes([weight])
    return face


@lru_cache(maxsize=20_000)
def has_glyph(character: str, family: Family) -> bool:
    """Whether the face can draw the character, rather than an empty box in its place."""
    return _pixels(character, family) != _pixels(NONCHARACTER, family)


def undrawable(text: str) -> str:
    """The letters, marks and digits of the text that no poster can draw, each once; emoji are left out of posters."""
    composed = unicodedata.normalize("NFC", text)
    missing = [
        character
        for character in dict.fromkeys(composed)
        if unicodedata.category(character)[0] in "LMN" and not has_glyph(character, "sans")
    ]
    return "".join(missing)


@lru_cache(maxsize=20_000)
def advance(text: str, family: Family, size: int, weight: int) -> float:
    """Width in pixels of a short piece of text, without any contextual features."""
    return font(family=family, size=size, weight=weight).getlength(text)


@lru_cache(maxsize=20_000)
def _pixels(character: str, family: Family) -> bytes:
    mask = font(family=family, size=PROBE_SIZE, weight=400).getmask(character)
    return bytes(mask)


def _path(source: tuple[str, str]) -> str:
    package, name = source
    return str(files(package) / name)
