"""The shared page can be read by everybody, and passed on without losing its card."""

import re
from pathlib import Path

import pytest

import content_center
from guideapi.app import GuideApp
from models import Staff
from tests import make
from tests.content_center.test_page import Browser

STYLE = (Path(content_center.__file__).parent / "templates" / "share.css").read_text()
COLOURS = dict(re.findall(r"--(\w+):(#[0-9a-f]{3,6})", STYLE))
# WCAG 2.2, success criterion 1.4.3.
AT_LEAST = 4.5


def luminance(colour: str) -> float:
    """Relative luminance, as WCAG defines it."""
    digits = colour.lstrip("#")
    digits = "".join(digit * 2 for digit in digits) if len(digits) == 3 else digits
    channels = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = (one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def declared(selector: str, name: str) -> str:
    """The colour that the style gives a selector, variables filled in."""
    rules = re.findall(rf"(?:^|[}}\n]){re.escape(selector)}\{{([^}}]*)\}}", STYLE)
    found = [value for rule in rules for value in re.findall(rf"(?:^|;){name}:([^;]+)", rule)]
    assert found, f"{selector} has no {name}"
    return re.sub(r"var\(--(\w+)\)", lambda variable: COLOURS[variable[1]], found[-1])


@pytest.mark.parametrize(
    ("text", "behind"),
    [
        ("body", "body"),
        (".guide span:not(.initial)", "body"),
        (".guide em", ".guide em"),
        (".initial", ".initial"),
        (".notice", ".notice"),
        (".notice.good", ".notice.good"),
        ("article p", "article"),
        (".blank", ".blank"),
        (".brand", ".product"),
        (".price", ".product"),
        (".price del", ".product"),
        (".gone .facts .price", ".product"),
        ("button", "button"),
        (".other button", ".other button"),
        ("h3", ".instead"),
        (".price", ".instead"),
        ("footer", "body"),
        (".plain", "body"),
        (".gone-page p", "body"),
    ],
)
def test_every_text_stands_out_from_what_is_behind_it(text: str, behind: str) -> None:
    # Of a gradient, the end that is the hardest to read on.
    backgrounds = re.findall(r"#[0-9a-f]{3,6}", declared(behind, "background"))
    assert min(contrast(declared(text, "color"), background) for background in backgrounds) >= AT_LEAST


def test_who_passes_the_page_on_passes_on_its_card(app: GuideApp, guide: Staff) -> None:
    forward = make.forward(guide=guide, of=make.content(saying={"title": "秋日焕亮"}))
    html = Browser(app).get(f"/s/{forward.token}?asked=1&viewer=somebody").text
    link, poster = (f"http://127.0.0.1:8000/{path}" for path in (f"s/{forward.token}", f"posters/{forward.token}.jpg"))
    for said in (
        f'<link rel="canonical" href="{link}">',
        f'<meta property="og:url" content="{link}">',
        f'<meta property="og:image" content="{poster}">',
        f'<meta itemprop="image" content="{poster}">',
        '<meta property="og:title" content="秋日焕亮">',
        '<meta itemprop="name" content="秋日焕亮">',
    ):
        assert said in html, said
    # The address that messengers take is the link's own, without what was pressed and who it is.
    assert 'if (location.search) history.replaceState(null, "", location.pathname);' in html
