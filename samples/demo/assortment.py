"""What the demo chain sells: some 300 products of six fictional brands, with believable names and prices."""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import NamedTuple

from catalog.items import ShelfStatus
from samples.demo.people import SEED


@dataclass(frozen=True, kw_only=True)
class Line:
    """A kind of product: what its picture shows, where it stands, its sizes with prices in yuan."""

    kind: str
    name: str
    category: str
    sizes: tuple[tuple[str, int], ...]


class Picture(NamedTuple):
    """What a picture is drawn from; `label` is printed on the pack."""

    kind: str
    palette: str
    label: str


@dataclass(frozen=True, kw_only=True)
class Article:
    """One product as its brand's feed sends it, and its picture."""

    external_id: str
    title: str
    brand: str
    category: str
    shelf_status: ShelfStatus
    reason: str | None
    sku: str
    barcode: str
    price_fen: int
    list_price_fen: int | None
    picture: Picture


BRANDS = (  # name, label on the pack, palette of its pictures, its lines' ingredients, price level in percent
    ("拾光", "SHIGUANG", "blush", ("山茶花修护", "玫瑰焕亮", "积雪草舒缓"), 100),
    ("青屿", "QINGYU", "mist", ("海藻保湿", "深海矿物净透", "海茴香紧致"), 85),
    ("云白", "YUNBAI", "pearl", ("珍珠净白", "白茶清润", "云母柔光"), 70),
    ("木槿堂", "MUJIN", "amber", ("人参紧颜", "灵芝御龄", "当归润泽"), 140),
    ("NOVA LAB", "NOVA LAB", "jade", ("烟酰胺亮肤", "视黄醇抗皱", "玻尿酸水光"), 120),
    ("花信", "HUAXIN", "lilac", ("樱花", "晚香玉", "橙花"), 60),
)
LINES = (
    Line(kind="serum", name="精华液", category="护肤 > 精华", sizes=(("30ml", 329), ("50ml", 489))),
    Line(kind="cream", name="面霜", category="护肤 > 面霜", sizes=(("50g", 359),)),
    Line(kind="toner", name="化妆水", category="护肤 > 化妆水", sizes=(("150ml", 219), ("200ml", 269))),
    Line(kind="cleanser", name="洁面乳", category="护肤 > 洁面", sizes=(("120g", 129),)),
    Line(kind="mask", name="面膜", category="护肤 > 面膜", sizes=(("5片装", 99), ("10片装", 179))),
    Line(kind="sunscreen", name="防晒乳 SPF50+", category="护肤 > 防晒", sizes=(("60ml", 199),)),
    Line(kind="cream", name="眼霜", category="护肤 > 眼部护理", sizes=(("15g", 299), ("20g", 369))),
    Line(kind="hand_cream", name="护手霜", category="身体护理 > 手部", sizes=(("30g", 69),)),
    Line(kind="shampoo", name="洗发露", category="身体护理 > 洗护发", sizes=(("400ml", 119),)),
    Line(kind="perfume", name="淡香水", category="香氛 > 香水", sizes=(("30ml", 399), ("75ml", 729))),
    Line(kind="foundation", name="粉底液", category="彩妆 > 底妆", sizes=(("30ml", 289),)),
    Line(kind="gift_set", name="臻选礼盒", category="礼盒 > 节日礼盒", sizes=(("三件套", 699),)),
)
LABELS = {name: label for name, label, _, _, _ in BRANDS}
LIPSTICKS = ("正红 01", "豆沙 03", "枫叶红 05", "奶茶 07", "莓果 09", "珊瑚 12")
PALETTES = ("大地 01", "晚霞 02", "蔷薇 03")
STATUSES: tuple[ShelfStatus, ...] = ("on_shelf", "off_shelf", "presale", "discontinued")
REASONS = {
    "off_shelf": ("配方升级，旧款下架", "包装更换中", "渠道调整"),
    "discontinued": ("停产",),
    "presale": ("新品预售，12 月到店",),
}


def articles() -> list[Article]:
    """Every product, in the same order with the same codes each time."""
    random = Random(SEED + 1)
    return [_article(number, *described, random) for number, described in enumerate(_describe(), start=1)]


def _describe() -> Iterator[tuple[str, str, Line, str, int, str]]:
    """(brand, title, line, size, price in yuan, palette) of each product."""
    for brand, _, palette, ingredients, level in BRANDS:
        for ingredient in ingredients:
            for line in LINES:
                for size, price in line.sizes:
                    yield brand, f"{ingredient}{line.name} {size}", line, size, price * level // 100, palette
        for shade in LIPSTICKS:
            line = Line(kind="lipstick", name="丝绒唇膏", category="彩妆 > 唇妆", sizes=())
            yield brand, f"丝绒唇膏 {shade}", line, "3.5g", 199 * level // 100, palette
        for shade in PALETTES:
            line = Line(kind="eyeshadow", name="九色眼影盘", category="彩妆 > 眼妆", sizes=())
            yield brand, f"九色眼影盘 {shade}", line, "12g", 259 * level // 100, palette


def _article(
    number: int, brand: str, title: str, line: Line, size: str, yuan: int, palette: str, random: Random
) -> Article:
    status = random.choices(STATUSES, (92, 4, 2, 2))[0]
    price = max(yuan // 10 * 10 - 1, 39) * 100
    discounted = random.random() < 0.25
    return Article(
        external_id=f"SG{number:05}",
        title=title,
        brand=brand,
        category=line.category,
        shelf_status=status,
        reason=random.choice(REASONS[status]) if status in REASONS else None,
        sku=f"SG{number:05}-{size}",
        barcode=_ean13(690_1234_00000 + number),
        price_fen=price * 8 // 10 // 100 * 100 if discounted else price,
        list_price_fen=price if discounted else None,
        picture=Picture(line.kind, palette, LABELS[brand]),
    )


def _ean13(stem: int) -> str:
    digits = f"{stem:012}"
    total = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(digits))
    return f"{digits}{-total % 10}"
