"""No answer leads where a Host header says, and the API page runs nothing but its own."""

import re
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256

import pytest
from werkzeug.test import Client as Browser

from guideapi.app import create_app
from guideapi.config import Config
from kit.db import close_connections

PUBLIC = "https://guides.example.com/app"
STRANGER = {"Host": "evil.example"}


@pytest.fixture
def browser(config: Config) -> Iterator[Browser]:
    app = create_app(replace(config, public_url=PUBLIC))
    yield app.test_client()
    with app.app_context():
        close_connections()


@pytest.mark.parametrize("path", ["/docs", "/v1//tasks", "/docs?x=1"])
def test_redirects_lead_to_the_public_address(browser: Browser, path: str) -> None:
    answer = browser.open(path, headers=STRANGER)
    assert answer.status_code == 308
    assert answer.headers["Location"].startswith(f"{PUBLIC}/")
    assert "evil" not in answer.text


@pytest.mark.parametrize("path", ["/docs/", "/docs/oauth2-redirect.html", "/openapi.json", "/s/none", "/none"])
def test_no_answer_repeats_a_stranger_s_host(browser: Browser, path: str) -> None:
    with browser.open(path, headers=STRANGER) as answer:
        assert "evil" not in answer.text + str(answer.headers)


def test_the_api_page_is_confined_to_its_own_scripts(browser: Browser) -> None:
    page = browser.get("/docs/")
    policy = dict(part.strip().partition(" ")[::2] for part in page.headers["Content-Security-Policy"].split(";"))
    [script] = re.findall(r"<script>(.*?)</script>", page.text, re.DOTALL)
    digest = b64encode(sha256(script.encode()).digest()).decode()
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == f"'self' 'sha256-{digest}'"
    assert "unsafe" not in str(policy)
    with browser.get("/docs/swagger-ui.css") as style:
        assert style.headers["Content-Security-Policy"]
