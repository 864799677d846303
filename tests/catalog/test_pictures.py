"""Pictures that sources name: fetched by a job, made safe, tried again, never in the way."""

import io
import threading
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import time_machine
from PIL import Image
from sqlalchemy import text

from guideapi.app import GuideApp
from kit import clock, jobs, outbound, storage
from kit.db import db, fetch_all
from models import Source
from tests import make


def picture() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (3000, 100), "red").save(out, "PNG")
    return out.getvalue()


class Site(BaseHTTPRequestHandler):
    pages: dict[str, bytes]
    asked: list[str]

    def do_GET(self) -> None:
        self.asked.append(self.path)
        if self.path.startswith("/to/"):
            self.send_response(302)
            self.send_header("Location", self.path.removeprefix("/to/"))
        else:
            self.send_response(200 if self.path in self.pages else 503)
        self.end_headers()
        self.wfile.write(self.pages.get(self.path, b""))

    def log_message(self, *_: object) -> None:
        """Keep quiet."""


@pytest.fixture
def site(app: GuideApp, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A web server on loopback, which pictures may come from in this test only."""
    Site.pages, Site.asked = {"/a.png": picture(), "/b.png": picture(), "/html": b"<html>"}, []
    monkeypatch.setitem(app.config, "OUTBOUND_NETWORKS", ["127.0.0.0/8"])
    monkeypatch.setattr(outbound, "request", partial(outbound.request, own_networks=True))
    with ThreadingHTTPServer(("127.0.0.1", 0), Site) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def work() -> None:
    jobs.perform("catalog.jobs:fetch_images", {})


def pictures() -> dict[int, str]:
    db.session.rollback()
    return {row["position"]: row["storage_key"] for row in fetch_all(text("SELECT * FROM product_image"))}


def test_a_picture_is_fetched_once_and_made_safe(site: str, source: Source) -> None:
    item = make.product_item(image_urls=[f"{site}/a.png"])
    assert make.sync(source, item) == ["created"]
    assert pictures() == {}
    work()
    work()
    assert Site.asked == ["/a.png"]
    stored = Image.open(io.BytesIO(storage.get(pictures()[0])))
    assert (stored.format, stored.size) == ("JPEG", (2048, 68))


def test_pictures_follow_what_the_source_names(site: str, source: Source) -> None:
    urls = [f"{site}/a.png", f"{site}/html"]
    make.sync(source, make.product_item(external_id="P", sku_codes=["K"], image_urls=urls))
    work()
    assert list(pictures()) == [0]
    make.sync(source, make.product_item(external_id="P", sku_codes=["K"], version=2, image_urls=[f"{site}/b.png"]))
    work()
    assert Site.asked[2:] == ["/b.png"]
    make.sync(source, make.product_item(external_id="P", sku_codes=["K"], version=3))
    assert pictures() == {}


def test_what_fails_is_tried_again_later_and_at_last_given_up(site: str, source: Source) -> None:
    make.sync(source, make.product_item(image_urls=[f"{site}/gone.png"]))
    at = clock.now()
    for _ in range(8):
        work()
        at += timedelta(days=2)
        with time_machine.travel(at):
            work()
    assert len(Site.asked) == 5
    [link] = fetch_all(text("SELECT due_at, attempts, problem FROM image_link"))
    assert link == {"due_at": None, "attempts": 5, "problem": {"word": "answered", "status": 503}}


def test_addresses_within_are_never_asked(source: Source, app: GuideApp, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not even those that webhooks may reach: whoever pushes products names the addresses."""
    monkeypatch.setitem(app.config, "OUTBOUND_NETWORKS", ["127.0.0.0/8", "169.254.0.0/16"])
    urls = ["https://127.0.0.1:1/x.png", "https://169.254.169.254/latest", "https://localhost/x.png", "http://x.test/"]
    make.sync(source, make.product_item(image_urls=urls))
    work()
    problems = fetch_all(text("SELECT problem FROM image_link ORDER BY position"))
    assert [row["problem"]["word"] for row in problems] == [
        "unreachable.not_public",
        "unreachable.not_public",
        "unreachable.leads_inside",
        "unreachable.not_https",
    ]


def test_a_redirect_leads_to_a_picture_but_not_to_addresses_within(site: str, source: Source) -> None:
    """The site itself is in a listed network; where it sends us is judged anew, each time."""
    named = [
        "/to//a.png",
        "/to/https://169.254.169.254/latest/meta-data/",
        "/to/https://10.0.0.1/x.png",
        "/to//to//to//to//a.png",
    ]
    make.sync(source, make.product_item(image_urls=[site + path for path in named]))
    work()
    assert set(pictures()) == {0}
    problems = fetch_all(text("SELECT problem FROM image_link ORDER BY position"))
    within = {"word": "unreachable.not_public"}
    assert [row["problem"] for row in problems] == [None, within, within, {"word": "unreachable.redirects"}]
