"""The product card drawn by hand, lines broken beforehand, nothing looked up: what a poster costs at least."""

from io import BytesIO

import segno
from PIL import Image, ImageDraw, ImageOps

from content_center.posters import PosterSpec
from content_center.posters.draw import ground
from content_center.posters.shapes import rounded_mask
from content_center.posters.templates import get_template
from kit.faces import font

BOX = (984, 652)
INK, BROWN, GREY, RED, PALE = "#2B211C", "#A07A5F", "#75675E", "#C2364A", "#A99D95"


class BarePoster:
    """Everything that a template's cache would hold, got ready beforehand; `draw` does the rest by hand."""

    def __init__(self, spec: PosterSpec) -> None:
        self.spec = spec
        self.sheet, _ = ground(get_template(spec.template))
        self.corners = rounded_mask(BOX, (40, 40, 0, 0))
        self.disc = rounded_mask((128, 128), (64, 64, 64, 64))
        portrait = Image.open(BytesIO(spec.portrait or b""))
        self.portrait = ImageOps.fit(portrait, (128, 128), Image.Resampling.LANCZOS)

    def decode(self, photo: bytes) -> Image.Image:
        """The photo at the smallest of JPEG's own scales that still fills the box."""
        picture = Image.open(BytesIO(photo))
        picture.draft("RGB", BOX)
        picture.load()
        return picture

    def draw(self, photo: Image.Image) -> Image.Image:
        """The sheet with photo, eight lines of text, portrait and QR code."""
        sheet = self.sheet.copy()
        sheet.paste(photo, (48, 48), self.corners)
        pen = ImageDraw.Draw(sheet)
        self._draw_words(pen)
        self._draw_price(pen)
        pen.rectangle((104, 1150, 975, 1151), fill="#EFE6E0")
        sheet.paste(self.portrait, (104, 1207), self.disc)
        self._draw_code(sheet)
        return sheet

    def _draw_words(self, pen: ImageDraw.ImageDraw) -> None:
        for x, baseline, size, weight, colour, text in (
            (104, 795, 28, 500, BROWN, "LUMÉA · 焕亮精华液 30ml"),
            (104, 873, 58, 700, INK, "一瓶焕亮，熬夜脸也有光"),
            (104, 933, 31, 400, GREY, "15%\u2009原型\u2009VC\u2009与烟酰胺协同，28\u2009天肉眼可见提亮；质地轻盈如"),
            (104, 980, 31, 400, GREY, "水，敏感肌可用。"),
            (260, 1244, 38, 600, INK, "林晓彤"),
            (260, 1287, 27, 400, GREY, "LUMÉA 上海静安大悦城店"),
            (260, 1328, 27, 500, RED, "长按识别二维码，找我购买"),
        ):
            pen.text((x, baseline), text, colour, font(family="sans", size=size, weight=weight), anchor="ls")

    def _draw_price(self, pen: ImageDraw.ImageDraw) -> None:
        pen.text((104, 1076), "¥", RED, font(family="sans", size=38, weight=700), anchor="ls")
        pen.text((129, 1076), "899", RED, font(family="sans", size=68, weight=700), anchor="ls")
        pen.text((270, 1076), "¥1,299", PALE, font(family="sans", size=31, weight=400), anchor="ls")
        pen.line((267, 1065, 369, 1065), fill=PALE, width=2)

    def _draw_code(self, sheet: Image.Image) -> None:
        matrix = segno.make_qr(self.spec.link_url, error="M", mask=4).matrix
        rows = [bytes(255 if dark else 0 for dark in row) for row in matrix]
        code = Image.frombytes("L", (len(rows[0]), len(rows)), b"".join(rows))
        code = code.resize((code.width * 6, code.height * 6), Image.Resampling.NEAREST)
        place = (891 - code.width // 2, 1271 - code.height // 2)
        sheet.paste(INK, (*place, place[0] + code.width, place[1] + code.height), code)
