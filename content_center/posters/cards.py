"""Who sends the poster and where it leads: the guide's card and the QR code."""

from functools import lru_cache

import segno
from PIL import Image, ImageDraw

from content_center.posters.columns import filled_in
from content_center.posters.lettering import CJK_ASCENT, Lettering
from content_center.posters.shapes import draw_rect, rgba, rounded_mask
from content_center.posters.spec import PosterSpec
from content_center.posters.templates import GuideCard, Line, QrCode, Rect
from content_center.posters.typeset import shorten
from kit.errors import Invalid
from kit.images import decode_image, fit, flattened
from kit.words import say

QUIET_MODULES = 4  # ISO/IEC 18004
MIN_MODULE_PIXELS = 3  # below, a phone held to a screen no longer reads it
MAX_PORTRAIT_PIXELS = 50_000_000
MAX_PORTRAIT_BYTES = 30_000_000
INITIAL_SHARE = 0.42  # of the portrait's size
RING_WIDTH = 4
TEXT_GAP = 28
LINE_GAP = 14


class LinkTooLong(Invalid):
    """The link needs more QR modules than the template's box can show legibly."""

    code = "poster_link_too_long"


def draw_guide_card(sheet: Image.Image, pen: ImageDraw.ImageDraw, card: GuideCard, spec: PosterSpec) -> None:
    """Portrait or initial, name, store and the inviting line, centred on the box's height."""
    x, y, width, height = card.box
    if not spec.guide_name and not spec.portrait:
        return
    size = card.portrait_size
    _draw_avatar(sheet, pen, card, spec, (x, y + (height - size) // 2))
    room = width - size - TEXT_GAP
    lines = [
        (text, Lettering(look, spec.language)) for text, look in _card_lines(card, spec) if text and look is not None
    ]
    used = sum(lettering.look.size for _, lettering in lines) + LINE_GAP * (len(lines) - 1)
    top = y + (height - used) / 2
    for text, lettering in lines:
        baseline = round(top + lettering.look.size * CJK_ASCENT)
        lettering.draw(pen, _one_line(text, lettering, room), x=x + size + TEXT_GAP, baseline=baseline)
        top += lettering.look.size + LINE_GAP


def draw_qr_code(sheet: Image.Image, layer: QrCode, link: str) -> None:
    """The link on its tile, modules in whole pixels; raises LinkTooLong where they would be too small to read."""
    x, y, width, height = layer.box
    modules = _modules(link)
    scale = min(width, height) // (modules.width + 2 * QUIET_MODULES)
    if scale < MIN_MODULE_PIXELS:
        raise LinkTooLong(say("poster_link_too_long", characters=len(link)), characters=len(link))
    draw_rect(sheet, Rect(box=layer.box, fill=layer.light, radii=layer.radii))
    code = modules.resize((modules.width * scale, modules.height * scale), Image.Resampling.NEAREST)
    place = (x + (width - code.width) // 2, y + (height - code.height) // 2)
    sheet.paste(rgba(layer.dark)[:3], (*place, place[0] + code.width, place[1] + code.height), code)


def _modules(link: str) -> Image.Image:
    """One pixel a module, dark ones 255."""
    # Any mask is valid; judging all eight for looks takes longer than the rest of the poster's text.
    try:
        code = segno.make_qr(link, error="M", boost_error=True, mask=4)
    except segno.DataOverflowError as error:
        raise LinkTooLong(say("poster_link_too_long", characters=len(link)), characters=len(link)) from error
    rows = [bytes(255 if dark else 0 for dark in row) for row in code.matrix]
    return Image.frombytes("L", (len(rows[0]), len(rows)), b"".join(rows))


def _card_lines(card: GuideCard, spec: PosterSpec) -> list[tuple[str, Line | None]]:
    invitation = filled_in(card.line, spec) if card.line else ""
    return [(spec.guide_name, card.name), (spec.store_name, card.store), (invitation, card.line_look)]


def _one_line(text: str, lettering: Lettering, room: float) -> str:
    line = lettering.clean(text).replace("\n", " ")
    return line if lettering.width(line) <= room else shorten(line, width=room, measure=lettering.advance)


def _draw_avatar(
    sheet: Image.Image, pen: ImageDraw.ImageDraw, card: GuideCard, spec: PosterSpec, at: tuple[int, int]
) -> None:
    size = card.portrait_size
    round_radii = (size // 2,) * 4
    if card.ring:
        outer = size + 2 * RING_WIDTH
        box = (at[0] - RING_WIDTH, at[1] - RING_WIDTH, outer, outer)
        draw_rect(sheet, Rect(box=box, fill=card.ring, radii=(outer // 2,) * 4))
    if spec.portrait:
        sheet.paste(_portrait(spec.portrait, size), at, rounded_mask((size, size), round_radii))
        return
    draw_rect(sheet, Rect(box=(*at, size, size), fill=card.avatar_fill, radii=round_radii))
    _draw_initial(pen, card, spec, at)


def _draw_initial(pen: ImageDraw.ImageDraw, card: GuideCard, spec: PosterSpec, at: tuple[int, int]) -> None:
    size = card.portrait_size
    look = Line(size=round(size * INITIAL_SHARE), colour=card.avatar_text, weight=500)
    lettering = Lettering(look, spec.language)
    initial = lettering.clean(spec.guide_name)[:1].upper()
    middle = at[0] + size / 2, at[1] + size / 2
    pen.text(middle, initial, rgba(look.colour), lettering.face, anchor="mm")


@lru_cache(maxsize=128)
def _portrait(data: bytes, size: int) -> Image.Image:
    """A store's guides get many posters each: their small pictures are worth keeping."""
    picture = decode_image(data, max_pixels=MAX_PORTRAIT_PIXELS, max_bytes=MAX_PORTRAIT_BYTES, at_least=(size, size))
    return fit(flattened(picture), (size, size))
