"""The page at /docs: found from the bare address, grouped by what people do, signed in by a click in the demo."""

from collections import Counter
from dataclasses import replace

from guideapi.app import GuideApp, create_app
from guideapi.config import Config
from guideapi.groups import GROUPS
from kit.db import close_connections
from samples.demo.people import logins
from tests.client import Client, document


def test_the_bare_address_leads_to_the_page(client: Client) -> None:
    answer = client.get("/")
    assert (answer.status_code, answer.headers["Location"].rpartition("/docs")[1:]) == (302, ("/docs", "/"))


def test_every_operation_is_in_one_group_and_every_group_has_some(app: GuideApp) -> None:
    whole = document(app)
    operations = [
        operation for ways in whole["paths"].values() for method, operation in ways.items() if method != "parameters"
    ]
    assert [operation for operation in operations if len(operation["tags"]) != 1] == []
    found = Counter(operation["tags"][0] for operation in operations)
    names = [name for name, _ in GROUPS]
    assert [tag["name"] for tag in whole["tags"]] == names
    assert set(found) == set(names)


def test_only_the_demo_offers_its_logins(client: Client, config: Config) -> None:
    assert "demo-logins" not in client.get("/docs/").text
    assert client.get("/docs/demo-logins.js").status_code == 404
    shown = create_app(replace(config, demo_logins=True)).test_client()
    page, script = shown.get("/docs/"), shown.get("/docs/demo-logins.js")
    assert '<script src="/docs/demo-logins.js"></script></body>' in page.text
    assert "'self'" in page.headers["Content-Security-Policy"]
    assert script.mimetype == "text/javascript"
    assert all(staff_no in script.text for _, staff_no, _ in logins())
    with shown.application.app_context():
        close_connections()
