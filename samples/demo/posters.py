"""The posters shown in the docs: `python -m samples.demo.posters docs/pictures` draws them anew."""

import sys
from dataclasses import replace
from io import BytesIO
from pathlib import Path

from PIL import Image

from content_center.posters import PosterSpec, draw_poster
from samples.demo.pictures import KINDS, PALETTES, draw_portrait, draw_product

SHOWN_SIZE = (720, 960)
THUMB = 240

_SERUM = PosterSpec(
    template="product_card",
    headline="一瓶焕亮，熬夜脸也有光",
    body="15% 原型VC与烟酰胺协同，28天肉眼可见提亮；质地轻盈如水，敏感肌可用。",
    product_name="焕亮精华液 30ml",
    brand_name="LUMÉA",
    price_fen=89_900,
    list_price_fen=129_900,
    currency="CNY",
    photo=None,
    guide_name="林晓彤",
    store_name="LUMÉA 上海静安大悦城店",
    portrait=None,
    link_url="https://g.example.com/s/Ab3dE5gH7k",
    language="zh",
)
_PERFUME = replace(
    _SERUM,
    template="editorial",
    headline="把黄昏，\n穿在身上",
    body="佛手柑与雪松，尾调是温热的琥珀。一支写给秋天的中性香。",
    product_name="琥珀暮色淡香精 50ml",
    brand_name="ORIEL",
    price_fen=69_900,
    list_price_fen=None,
)
_GIFT = replace(
    _SERUM,
    template="festive",
    headline="双11红韵礼盒",
    body="买一享三，限量300套，送完即止！",
    product_name="红韵臻宠护肤礼盒（3件套）",
    price_fen=129_900,
    list_price_fen=199_950,
)
_NOTE = replace(
    _SERUM,
    template="note",
    headline="换季泛红，先把洁面换温和",
    body="皮肤屏障受损时，过度清洁比不清洁更伤。氨基酸洁面pH约5.5，早晚各一次，泡沫停留不超过30秒；洗后3分钟内上保湿。",
    product_name="氨基酸慕斯洁面 150ml",
    price_fen=15_900,
    list_price_fen=None,
)


def shown_posters() -> list[PosterSpec]:
    """One poster for every house template, with drawn pictures."""
    portrait = draw_portrait(11)
    return [
        replace(_SERUM, photo=draw_product("serum", "blush", "LUMÉA", 3), portrait=portrait),
        replace(_PERFUME, photo=draw_product("perfume", "amber", "ORIEL", 5), portrait=portrait),
        replace(_GIFT, photo=draw_product("gift_set", "rouge", "红韵", 2)),
        replace(_NOTE, photo=draw_product("cleanser", "sage", "LUMÉA", 1), portrait=portrait),
    ]


def product_sheet() -> Image.Image:
    """Every kind of demo product once, seven in a row."""
    sheet = Image.new("RGB", (THUMB * 7, THUMB * -(-len(KINDS) // 7)), "white")
    names = sorted(PALETTES)
    for at, kind in enumerate(KINDS):
        picture = Image.open(BytesIO(draw_product(kind, names[at * 3 % len(names)], "LUMÉA", at)))
        sheet.paste(picture.resize((THUMB, THUMB), Image.Resampling.LANCZOS), (at % 7 * THUMB, at // 7 * THUMB))
    return sheet


def main(folder: Path) -> None:
    """Writes the pictures, small enough for the docs."""
    for spec in shown_posters():
        picture = Image.open(BytesIO(draw_poster(spec))).resize(SHOWN_SIZE, Image.Resampling.LANCZOS)
        picture.save(folder / f"poster-{spec.template}.jpg", quality=86)
    product_sheet().save(folder / "demo-products.jpg", quality=84)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
