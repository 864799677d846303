"""The demo's drawn pictures: the same for the same arguments, different for others."""

from io import BytesIO

import pytest
from PIL import Image

from content_center.posters import draw_poster, template_names
from samples.demo.pictures import KINDS, PALETTES, draw_portrait, draw_product
from samples.demo.posters import shown_posters


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_drawn_and_drawn_the_same_again(kind: str) -> None:
    picture = draw_product(kind, "blush", "LUMÉA", 7)
    assert Image.open(BytesIO(picture)).size == (1200, 1200)
    assert draw_product(kind, "blush", "LUMÉA", 7) == picture


def test_kind_palette_label_and_seed_all_show() -> None:
    base = draw_product("serum", "sage", "LUMÉA", 1)
    others = [
        draw_product("cream", "sage", "LUMÉA", 1),
        draw_product("serum", "rouge", "LUMÉA", 1),
        draw_product("serum", "sage", "ORIEL", 1),
        draw_product("serum", "sage", "LUMÉA", 2),
    ]
    assert len({base, *others}) == 5


def test_palettes_go_by_name_or_number() -> None:
    first = sorted(PALETTES)[0]
    assert draw_product("toner", 0, "A", 1) == draw_product("toner", first, "A", 1)
    assert draw_product("toner", len(PALETTES), "A", 1) == draw_product("toner", 0, "A", 1)


def test_an_unknown_kind_is_a_mistake() -> None:
    with pytest.raises(KeyError):
        draw_product("spaceship", 0, "A", 1)


def test_portraits_are_the_guides_own() -> None:
    faces = [draw_portrait(seed) for seed in range(12)]
    assert Image.open(BytesIO(faces[0])).size == (400, 400)
    assert draw_portrait(0) == faces[0]
    assert len(set(faces)) >= 10


def test_the_docs_show_every_template() -> None:
    posters = shown_posters()
    assert {poster.template for poster in posters} == set(template_names())
    assert all(draw_poster(poster) for poster in posters)
