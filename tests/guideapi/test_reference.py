"""docs/reference is what the contract says now."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from guideapi.app import GuideApp
from guideapi.cli import main
from guideapi.reference import list_codes, pages
from kit import errors

FOLDER = Path(__file__).parents[2] / "docs/reference"


@pytest.mark.parametrize("name", ["routes.md", "codes.md", "words.md"])
def test_the_pages_do_not_lag(app: GuideApp, name: str) -> None:
    assert (FOLDER / name).read_text() == pages(app)[name], "run `python -m guideapi reference`"


def test_no_other_page_is_there(app: GuideApp) -> None:
    assert {path.name for path in FOLDER.iterdir()} == pages(app).keys()


def test_every_route_and_who_may_call_it_is_listed(app: GuideApp) -> None:
    routes = pages(app)["routes.md"]
    assert "| `POST /v1/content/{content_id}/forwards` | guide, store_manager | " in routes
    assert "| `GET /s/{token}` | anyone | " in routes
    listed = {line.split("`")[1] for line in routes.splitlines() if line.startswith("| `")}
    rules = {rule.rule for rule in app.url_map.iter_rules() if not rule.endpoint.startswith("swagger_ui.")}
    assert len({name.split(" ")[1] for name in listed} - {"/docs/"}) == len(rules)


def test_a_code_means_one_status_and_says_what_it_is() -> None:
    codes = list_codes()
    assert len({code.code for code in codes}) == len(codes)
    assert [code.code for code in codes if not (code.english and code.chinese and code.meaning)] == []
    assert {"content_not_forwardable", "body_too_slow", "method_not_allowed", errors.Conflict.code} <= {
        code.code for code in codes
    }


def test_the_command_writes_them_and_needs_no_server(tmp_path: Path) -> None:
    ran = CliRunner().invoke(main, ["reference", "--folder", str(tmp_path)], catch_exceptions=False)
    assert ran.exit_code == 0
    assert (tmp_path / "routes.md").read_text() == (FOLDER / "routes.md").read_text()
