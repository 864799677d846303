"""Posters as drawn: read back by a QR reader, compared with golden pictures, keyed by what went into them."""

import json
from dataclasses import fields, replace
from functools import lru_cache
from importlib.resources import files
from io import BytesIO
from pathlib import Path

import jsonschema_rs
import pytest
import zxingcpp
from PIL import Image, ImageChops, ImageDraw, ImageStat

from content_center.posters import (
    LinkTooLong,
    PosterSpec,
    Template,
    TemplateInvalid,
    UnknownTemplate,
    draw_poster,
    fit_photo,
    fitted_key,
    get_template,
    parse_template,
    poster_key,
    template_names,
    template_schema,
)
from content_center.posters.cards import MIN_MODULE_PIXELS, QUIET_MODULES, draw_qr_code
from content_center.posters.columns import filled_in, fitting_blocks
from content_center.posters.templates import Column, QrCode, Text, Words
from kit.images import ImageTruncated

GOLDEN = Path(__file__).parent / "golden"
GOLDEN_SIZE = (270, 360)
SHEET_TOLERANCE = 1.6  # mean of 0…255 over the sheet: a JPEG's or a font rasteriser's breath
PATCH_TOLERANCE = 5.0  # the same over any of 12×16 patches: a single other digit is more
TEMPLATES = template_names()
LINK = "https://g.example.com/s/Ab3dE5gH7k"


@lru_cache(maxsize=4)
def photo(width: int = 1200, height: int = 1200, colour: str = "#E9A9A0") -> bytes:
    """A bottle of sorts in front of a backdrop."""
    sheet = Image.composite(
        Image.new("RGB", (width, height), "#FBF4F0"),
        Image.new("RGB", (width, height), "#D9B7AC"),
        Image.radial_gradient("L").resize((width, height)).point(lambda level: 255 - level),
    )
    pen = ImageDraw.Draw(sheet)
    pen.rounded_rectangle((width * 0.4, height * 0.4, width * 0.6, height * 0.8), width * 0.04, fill=colour)
    pen.rectangle((width * 0.46, height * 0.28, width * 0.54, height * 0.4), fill="#D9B98A")
    out = BytesIO()
    sheet.save(out, "JPEG", quality=90)
    return out.getvalue()


def spec(template: str = "product_card", **changes: object) -> PosterSpec:
    full = PosterSpec(
        template=template,
        headline="一瓶焕亮，熬夜脸也有光",
        body="15% 原型VC与烟酰胺协同，28天肉眼可见提亮；质地轻盈如水，敏感肌可用。",
        product_name="焕亮精华液 30ml",
        brand_name="LUMÉA",
        price_fen=89_900,
        list_price_fen=129_950,
        currency="CNY",
        photo=photo(),
        guide_name="林晓彤",
        store_name="LUMÉA 上海静安大悦城店",
        portrait=None,
        link_url=LINK,
        language="zh",
    )
    return replace(full, **changes)  # type: ignore[arg-type]


def opened(poster: bytes) -> Image.Image:
    return Image.open(BytesIO(poster))


@pytest.mark.parametrize("template", TEMPLATES)
@pytest.mark.parametrize("link", [LINK, "https://g.example.com/s/" + "aB3-_" * 35 + "z"])
def test_the_qr_code_leads_to_the_link(template: str, link: str) -> None:
    assert len(link) in (34, 200)
    codes = zxingcpp.read_barcodes(opened(draw_poster(spec(template, link_url=link))))
    assert [code.text for code in codes] == [link]
    assert codes[0].format == zxingcpp.BarcodeFormat.QRCode
    assert codes[0].ec_level in ("M", "Q", "H")


@pytest.mark.parametrize("template", TEMPLATES)
def test_the_qr_code_survives_a_chat_apps_compression(template: str) -> None:
    small = opened(draw_poster(spec(template))).resize((720, 960), Image.Resampling.LANCZOS)
    out = BytesIO()
    small.save(out, "JPEG", quality=50)
    assert [code.text for code in zxingcpp.read_barcodes(opened(out.getvalue()))] == [LINK]


def test_the_quiet_zone_stays_quiet() -> None:
    sheet = Image.new("RGB", (300, 300), "#B03040")
    draw_qr_code(sheet, QrCode(box=(40, 40, 220, 220), dark="#000000", light="#FFFFFF"), LINK)
    tile = sheet.crop((40, 40, 260, 260)).convert("L").point(lambda level: 255 if level < 128 else 0)
    left, top, right, bottom = tile.getbbox() or (0, 0, 0, 0)
    assert min(left, top, 220 - right, 220 - bottom) >= QUIET_MODULES * MIN_MODULE_PIXELS


@pytest.mark.parametrize("length", [700, 6000])
def test_a_link_too_long_to_read_is_refused(length: int) -> None:
    with pytest.raises(LinkTooLong) as refused:
        draw_poster(spec(link_url="https://g.example.com/" + "x" * length))
    assert refused.value.code == "poster_link_too_long"


@pytest.mark.parametrize("template", TEMPLATES)
def test_posters_look_as_they_did(template: str, tmp_path: Path) -> None:
    """Meant to look otherwise? Look at the picture named in the message; if it is good, it is the new golden one."""
    drawn = reduced(spec(template))
    drawn.save(tmp_path / f"{template}.jpg", quality=94, subsampling="4:4:4")
    sheet, patch = differences(drawn, template)
    assert (sheet < SHEET_TOLERANCE, patch < PATCH_TOLERANCE) == (True, True), tmp_path


@pytest.mark.parametrize("template", TEMPLATES)
def test_the_comparison_notices_one_digit(template: str) -> None:
    _, patch = differences(reduced(spec(template, price_fen=88_900)), template)
    assert patch > PATCH_TOLERANCE


def reduced(one: PosterSpec) -> Image.Image:
    return opened(draw_poster(one)).convert("RGB").resize(GOLDEN_SIZE, Image.Resampling.LANCZOS)


def differences(drawn: Image.Image, template: str) -> tuple[float, float]:
    """Mean difference from the golden picture over the sheet, and over the worst patch."""
    golden = Image.open(GOLDEN / f"{template}.jpg").convert("RGB")
    difference = ImageChops.difference(drawn, golden).convert("L")
    patches = difference.reduce((GOLDEN_SIZE[0] // 12, GOLDEN_SIZE[1] // 16))
    return ImageStat.Stat(difference).mean[0], float(patches.getextrema()[1])


@pytest.mark.parametrize("template", TEMPLATES)
def test_a_poster_is_a_bare_jpeg_of_the_stated_size(template: str) -> None:
    poster = draw_poster(spec(template))
    picture = opened(poster)
    assert (picture.format, picture.size) == ("JPEG", (1080, 1440))
    assert not picture.getexif()
    assert len(poster) < 400_000


def test_the_same_spec_draws_the_same_bytes() -> None:
    assert draw_poster(spec()) == draw_poster(spec())


@pytest.mark.parametrize("template", TEMPLATES)
def test_a_fitted_photo_changes_nothing_but_the_time(template: str) -> None:
    fitted = fit_photo(photo(), template=get_template(template))
    assert draw_poster(spec(template, photo=None), fitted_photo=fitted) == draw_poster(spec(template))


CHANGES = {
    "template": "festive",
    "headline": "x",
    "body": "x",
    "product_name": "x",
    "brand_name": "x",
    "price_fen": 89_901,
    "list_price_fen": None,
    "currency": "HKD",
    "photo": b"other bytes",
    "guide_name": "x",
    "store_name": "x",
    "portrait": b"bytes",
    "link_url": "https://g.example.com/other",
    "language": "en",
}


def test_the_same_spec_has_the_same_key() -> None:
    assert poster_key(spec()) == poster_key(spec())


@pytest.mark.parametrize("field", [field.name for field in fields(PosterSpec)])
def test_any_change_changes_the_key(field: str) -> None:
    assert poster_key(spec(**{field: CHANGES[field]})) != poster_key(spec())


def test_values_do_not_run_together_in_the_key() -> None:
    assert poster_key(spec(headline="ab", body="c")) != poster_key(spec(headline="a", body="bc"))


def test_a_changed_template_changes_the_key() -> None:
    design = json.loads(source("product_card"))
    design["canvas"]["background"] = "#000000"
    assert poster_key(spec(), template=parse(design)) != poster_key(spec())


def test_a_known_digest_gives_the_key_of_the_picture_itself() -> None:
    digest = "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae"  # of b"foo"
    lean = spec(photo=None, portrait=None)
    assert poster_key(lean, photo_sha256=digest) == poster_key(spec(photo=b"foo", portrait=None))
    assert poster_key(lean, portrait_sha256=digest) == poster_key(spec(photo=None, portrait=b"foo"))


def test_fitted_photos_are_kept_apart_by_photo_and_place() -> None:
    keys = {fitted_key(digest, template=get_template(name)) for digest in ("a", "b") for name in TEMPLATES}
    assert len(keys) == 2 * len(TEMPLATES)


def test_an_unknown_template_is_refused() -> None:
    with pytest.raises(UnknownTemplate) as refused:
        draw_poster(spec("../secrets"))
    assert refused.value.code == "poster_template_unknown"


def source(name: str) -> bytes:
    return (files("content_center.posters") / "templates" / f"{name}.json").read_bytes()


def parse(design: object) -> Template:
    return parse_template(json.dumps(design).encode())


@pytest.mark.parametrize(
    ("path", "value", "complaint"),
    [
        (("canvas", "width"), "wide", "canvas.width"),
        (("canvas", "width"), 20_000, "canvas.width"),
        (("name",), "No Spaces", "`name`"),
        (("colour",), "#fff", "colour"),
        (("layers", 0, "type"), "video", "layers[0].type"),
        (("layers", 0, "start"), "red", "layers[0].start"),
        (("layers", 1, "box"), [900, 48, 984, 1344], "The box of $.layers[1] leaves the canvas"),
        (("layers", 3, "items", 1, "words", "zh"), "{headlin}", "Unknown placeholder {headlin} in $.layers[3]"),
        (("layers", 3, "items", 1, "min_size"), 90, "min_size above the size in $.layers[3]"),
        (("layers", 3, "items", 1, "max_lines"), 0, "layers[3].items[1].max_lines"),
        (("layers", 0), {"type": "qr_code", "box": [0, 0, 200, 200]}, "exactly one qr_code"),
        (("layers", 0), {"type": "image", "box": [0, 0, 200, 200]}, "one image layer"),
    ],
)
def test_an_invalid_template_is_refused_with_the_place(
    path: tuple[str | int, ...], value: object, complaint: str
) -> None:
    design = json.loads(source("product_card"))
    spot = design
    for step in path[:-1]:
        spot = spot[step]
    spot[path[-1]] = value
    with pytest.raises(TemplateInvalid) as refused:
        parse(design)
    assert refused.value.code == "poster_template_invalid"
    assert complaint in str(refused.value)


def test_what_is_not_json_is_no_template() -> None:
    with pytest.raises(TemplateInvalid):
        parse_template(b"{")


@pytest.mark.parametrize("template", TEMPLATES)
def test_house_templates_fit_the_published_schema(template: str) -> None:
    schema = json.loads((files("content_center.posters") / "template.schema.json").read_bytes())
    assert schema == json.loads(json.dumps(template_schema()))
    assert jsonschema_rs.validator_for(schema).is_valid(json.loads(source(template)))
    assert get_template(template).name == template


def test_a_template_being_designed_can_be_previewed() -> None:
    design = json.loads(source("note"))
    design["canvas"]["background"] = "#102030"
    design["layers"] = [layer for layer in design["layers"] if layer["type"] == "qr_code"]
    poster = opened(draw_poster(spec("not_saved_yet"), template=parse(design)))
    assert poster.getpixel((10, 10)) == (16, 32, 48)


LONG = spec(
    headline="全新升级玻色因紧致抗皱精华面霜，双十一预售享买正装送正装，会员再加赠",
    body="皮肤屏障受损时，过度清洁比不清洁更伤。" * 12,
    product_name="红韵臻宠护肤礼盒（三件套）" * 3,
    brand_name="LUMÉA PARIS LABORATOIRES",
    price_fen=123_456_789,
    list_price_fen=987_654_321,
    guide_name="阿依古丽·买买提艾力·努尔买买提",
    store_name="LUMÉA 新疆维吾尔自治区乌鲁木齐市天山区友好百盛购物中心一层专柜",
)


@pytest.mark.parametrize("template", TEMPLATES)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_however_long_the_texts_every_column_stays_in_its_box(template: str, language: str) -> None:
    columns = [layer for layer in get_template(template).layers if isinstance(layer, Column)]
    for column in columns:
        blocks = fitting_blocks(column, replace(LONG, language=language))  # type: ignore[arg-type]
        assert len(blocks) == len(column.items)
        used = sum(block.height + (block.gap if at else 0) for at, block in enumerate(blocks))
        assert used <= column.box[3]
    draw_poster(replace(LONG, template=template))


@pytest.mark.parametrize("template", TEMPLATES)
def test_what_is_missing_is_left_out(template: str) -> None:
    empty = dict.fromkeys(("headline", "body", "product_name", "brand_name", "guide_name", "store_name"), "")
    bare = spec(template, **empty, price_fen=None, list_price_fen=None, photo=None)
    assert opened(draw_poster(bare)).size == (1080, 1440)


@pytest.mark.parametrize("list_price_fen", [None, 89_900, 50_000])
def test_no_original_price_is_shown_unless_higher(list_price_fen: int | None) -> None:
    assert draw_poster(spec(list_price_fen=list_price_fen)) == draw_poster(spec(list_price_fen=None))
    assert draw_poster(spec()) != draw_poster(spec(list_price_fen=None))


def test_emoji_leave_no_trace() -> None:
    cheerful = spec(headline="一瓶焕亮😍，熬夜脸也有光✨", guide_name="林晓彤🌸")
    assert draw_poster(cheerful) == draw_poster(spec())


def test_braces_in_a_text_are_text() -> None:
    words = Words(zh="{headline} {body}", en="")
    assert filled_in(words, spec(headline="{store_name}", body="好")) == "{store_name} 好"


def test_a_separator_without_its_neighbour_goes() -> None:
    words = Words(zh="{brand_name} · {product_name}", en="")
    assert filled_in(words, spec(brand_name="")) == "焕亮精华液 30ml"
    assert filled_in(words, spec(product_name="")) == "LUMÉA"


def test_the_portrait_is_round_and_replaces_the_initial() -> None:
    portrait = BytesIO()
    Image.new("RGB", (300, 400), (0, 90, 200)).save(portrait, "PNG")
    poster = opened(draw_poster(spec(portrait=portrait.getvalue())))
    red, green, blue = poster.getpixel((168, 1271))  # type: ignore[misc]
    assert blue > 180 > red + green
    assert min(poster.getpixel((108, 1211))) > 240  # type: ignore[arg-type, type-var]


def test_rounded_corners_show_what_is_below() -> None:
    poster = opened(draw_poster(spec(photo=photo(colour="#102030"))))
    inside, corner = poster.getpixel((540, 400)), poster.getpixel((52, 52))
    assert sum(inside) < 200 < 600 < sum(corner)  # type: ignore[arg-type]


def test_transparent_photos_stand_on_the_backing() -> None:
    clear = BytesIO()
    Image.new("RGBA", (500, 500), (0, 0, 0, 0)).save(clear, "PNG")
    assert draw_poster(spec(photo=clear.getvalue())) == draw_poster(spec(photo=None))


def test_a_damaged_photo_is_refused() -> None:
    with pytest.raises(ImageTruncated):
        draw_poster(spec(photo=photo()[:9000]))


def test_shortened_text_keeps_the_size_it_was_shrunk_to() -> None:
    column = next(layer for layer in get_template("product_card").layers if isinstance(layer, Column))
    headline = next(item for item in column.items if isinstance(item, Text) and item.min_size)
    set_as = [block.item for block in fitting_blocks(column, LONG) if isinstance(block.item, Text)]
    assert headline.min_size is not None
    assert any(item.look.size < headline.look.size and item.look.size >= headline.min_size for item in set_as)
