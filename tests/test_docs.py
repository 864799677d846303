"""The pages lead where they say: every relative link and anchor resolves."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from urllib.parse import unquote

import pytest

ROOT = Path(__file__).parent.parent
PAGES = sorted([*ROOT.glob("README*.md"), ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", *ROOT.glob("docs/**/*.md")])
CODE = re.compile(r"^```.*?^```|`[^`\n]+`", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)\s]+)[^)]*\)|(?:src|href)=\"([^\"]+)\"")
HEADING = re.compile(r"^#+ +(.+?) *$", re.MULTILINE)
FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)


def broken(page: Path) -> Iterator[str]:
    """The relative links of a page that lead nowhere."""
    for found in LINK.finditer(CODE.sub("", page.read_text())):
        target = found[1] or found[2]
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        file = (page.parent / unquote(path)) if path else page
        if not file.exists() or (anchor and unquote(anchor) not in anchors(file)):
            yield target


@cache
def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub and GitLab make them."""
    headings = [slug(heading) for heading in HEADING.findall(FENCE.sub("", page.read_text()))]
    seen: dict[str, int] = {}
    found = set()
    for heading in headings:
        found.add(f"{heading}-{seen[heading]}" if heading in seen else heading)
        seen[heading] = seen.get(heading, 0) + 1
    return found


def slug(heading: str) -> str:
    text = re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", heading)
    return re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_and_anchors_resolve(page: Path) -> None:
    assert list(broken(page)) == []


def test_links_that_lead_nowhere_are_told(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        "# One `code` & two\n\n[good](#one-code--two) [page](page.md#one-code--two) [web](https://example.com/x)\n"
        '[bad](#one) [gone](gone.md) <img src="gone.png"> `[code](nowhere.md)`\n'
    )
    assert list(broken(page)) == ["#one", "gone.md", "gone.png"]
