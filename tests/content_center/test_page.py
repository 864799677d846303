"""What a customer opens, on any browser, and what it leaves behind."""

import re
from datetime import timedelta
from html import unescape
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from sqlalchemy import select

from guideapi.app import GuideApp
from kit import clock
from kit.db import db
from models import Staff, Touch
from tests import make
from tests.client import Client

PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 MicroMessenger/8.0.54"
PIXEL = re.compile(r'src="(/s/[^"]+/seen\.gif\?visit=[^"]+)"')


class Browser:
    """A browser on a customer's phone: keeps cookies, follows nothing by itself."""

    def __init__(
        self, app: GuideApp, *, agent: str = PHONE, language: str = "zh-CN,zh;q=0.9", address: str | None = None
    ) -> None:
        self.http = app.test_client()
        self.address = {"REMOTE_ADDR": address or f"10.0.{make.next_number() % 250}.{make.next_number() % 250}"}
        self.headers = {"Accept-Language": language, "User-Agent": agent}

    def get(self, path: str, **headers: str) -> Any:
        return self.http.get(path, headers={**self.headers, **headers}, environ_base=self.address)

    def post(self, path: str, **options: Any) -> Any:
        return self.http.post(path, headers=self.headers, environ_base=self.address, **options)

    def show(self, path: str) -> None:
        """Fetch the page and the picture on it, as a browser does that shows it."""
        self.get(unescape(PIXEL.findall(self.get(path).text)[0]))

    def forget(self) -> None:
        """Refuse cookies."""
        self.http = self.http.application.test_client(use_cookies=False)


def without_cookies(app: GuideApp, **options: str) -> Browser:
    browser = Browser(app, **options)
    browser.forget()
    return browser


@pytest.fixture
def browser(app: GuideApp) -> Browser:
    return Browser(app)


def touches() -> list[Touch]:
    db.session.expire_all()
    return list(db.session.scalars(select(Touch).order_by(Touch.id)))


def marks() -> list[tuple[str, bool, str | None]]:
    return [(touch.kind, touch.counted, touch.excluded_reason) for touch in touches()]


def test_page_shows_what_was_shared_and_who_shared_it(browser: Browser, guide: Staff) -> None:
    product = make.product(title="焕亮精华", price_fen=129900)
    content = make.content(products=[product.id], saying={"title": "秋日焕亮", "body": "第一段\n\n第二段"})
    forward = make.forward(guide=guide, of=content)
    answer = browser.get(f"/s/{forward.token}")
    assert (answer.status_code, answer.mimetype) == (200, "text/html")
    for words in ("秋日焕亮", "<p>第一段</p>", "<p>第二段</p>", guide.name, "焕亮精华", "1,299", 'lang="zh-CN"'):
        assert words in answer.text
    assert f'<meta property="og:url" content="http://127.0.0.1:8000/s/{forward.token}">' in answer.text
    assert '<meta property="og:title" content="秋日焕亮">' in answer.text
    assert len(answer.data) < 30_000


def test_page_speaks_the_readers_language(app: GuideApp, guide: Staff) -> None:
    forward = make.forward(guide=guide)
    english = Browser(app, language="en-GB,en;q=0.8,zh;q=0.5").get(f"/s/{forward.token}")
    assert "Recommended for you" in english.text
    assert english.headers["Content-Language"] == "en"
    assert "为您推荐" in Browser(app, language="fr").get(f"/s/{forward.token}").text


def test_what_people_wrote_cannot_become_markup(browser: Browser, client: Client) -> None:
    evil = '"><script>alert(1)</script>'
    content = make.content(saying={"title": evil, "body": evil}, products=[make.product(title=evil).id])
    forward = make.forward(guide=make.guide(name=evil), of=content)
    page = browser.get(f"/s/{forward.token}").text
    assert "<script>alert" not in page


def test_only_our_own_style_and_script_may_run(browser: Browser, guide: Staff) -> None:
    answer = browser.get(f"/s/{make.forward(guide=guide).token}")
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe-inline" not in policy
    assert not re.search(r" (style|on\w+)=", answer.text)


def test_off_shelf_product_says_so_and_offers_what_can_be_bought(browser: Browser, guide: Staff) -> None:
    product, other = make.product(title="旧款"), make.product(title="新款")
    forward = make.forward(guide=guide, of=make.content(products=[product.id]))
    before = browser.get(f"/s/{forward.token}").text
    assert "已下架" not in before
    assert "新款" not in before
    make.off_shelf(product)
    after = browser.get(f"/s/{forward.token}").text
    assert "已下架" in after
    assert "新款" in after
    assert f'value="{other.id}"' in after
    assert f'value="{product.id}"' not in after


def test_page_shows_the_version_that_was_forwarded(browser: Browser, guide: Staff) -> None:
    content = make.content(saying={"title": "第一版"})
    forward = make.forward(guide=guide, of=content)
    make.new_version(content, title="第二版")
    assert "第一版" in browser.get(f"/s/{forward.token}").text
    assert "第二版" in browser.get(f"/s/{make.forward(guide=guide, of=content).token}").text


def test_withdrawn_and_expired_content_says_so(browser: Browser, guide: Staff) -> None:
    content = make.content(valid_until=clock.now() + timedelta(hours=1))
    forward = make.forward(guide=guide, of=content)
    with time_machine.travel(clock.now() + timedelta(hours=2)):
        assert "已经结束" in browser.get(f"/s/{forward.token}").text
    make.withdraw(content.id)
    assert "撤回" in browser.get(f"/s/{forward.token}").text


def test_unknown_token_is_told_kindly(browser: Browser) -> None:
    answer = browser.get("/s/nothing-here")
    assert (answer.status_code, answer.mimetype) == (404, "text/html")
    assert "这个链接找不到了" in answer.text
    assert browser.post("/s/nothing-here/touches", json={"kind": "dwell", "ms": 1}).status_code == 404
    assert touches() == []


def test_open_counts_once_for_each_viewer(app: GuideApp, as_guide: Client, guide: Staff) -> None:
    forward = make.forward(guide=guide)
    for browser in (Browser(app), Browser(app)):
        browser.show(f"/s/{forward.token}")
        browser.get(f"/s/{forward.token}")
    assert marks() == [("open", False, "no_human_sign"), ("open", True, None), ("open", False, "repeated")] * 2
    assert len({touch.viewer for touch in touches()}) == 2
    assert as_guide.get(f"/v1/forwards/{forward.id}").json["opens"] == 2


def test_reloading_without_cookies_is_not_a_crowd(app: GuideApp, guide: Staff) -> None:
    forward = make.forward(guide=guide)
    path = f"/s/{forward.token}"
    for _ in range(3):
        without_cookies(app, address="10.9.9.9").show(path)
    judged = [mark for mark in marks() if mark != ("open", False, "no_human_sign")]
    assert judged == [("open", True, None), ("open", False, "same_device"), ("open", False, "same_device")]
    without_cookies(app, address="10.9.9.9", agent=f"{PHONE} NetType/5G").show(path)
    assert marks()[-1] == ("open", True, None)
    with time_machine.travel(clock.now() + timedelta(minutes=11)):
        without_cookies(app, address="10.9.9.9").show(path)
    assert marks()[-1] == ("open", True, None)
    assert "10.9.9.9" not in str([touch.device for touch in touches()])


def test_viewer_is_the_same_on_every_page_and_cannot_be_forged(app: GuideApp, guide: Staff) -> None:
    browser = Browser(app)
    answer = browser.get(f"/s/{make.forward(guide=guide).token}")
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    browser.get(f"/s/{make.forward(guide=guide).token}")
    assert len({touch.viewer for touch in touches()}) == 1
    forger = Browser(app)
    forger.http.set_cookie("viewer", "InRvdWNoIg.forged", path="/s/")
    forger.get(f"/s/{make.forward(guide=guide).token}")
    assert len({touch.viewer for touch in touches()}) == 2


@pytest.mark.parametrize(
    ("agent", "headers", "reason"),
    [
        ("Mozilla/5.0 (compatible; Baiduspider/2.0)", {}, "crawler"),
        ("facebookexternalhit/1.1", {}, "crawler"),
        ("WhatsApp/2.23.20.0", {}, "crawler"),
        ("curl/8.5.0", {}, "crawler"),
        ("", {}, "no_agent"),
        (PHONE, {"Sec-Purpose": "prefetch;prerender"}, "prefetch"),
        (PHONE, {"Purpose": "prefetch"}, "prefetch"),
    ],
)
def test_machines_are_kept_but_not_counted(
    app: GuideApp, guide: Staff, agent: str, headers: dict[str, str], reason: str
) -> None:
    forward = make.forward(guide=guide)
    assert Browser(app, agent=agent).get(f"/s/{forward.token}", **headers).status_code == 200
    assert marks() == [("open", False, reason)]


def test_head_is_kept_but_not_counted(app: GuideApp, guide: Staff) -> None:
    forward = make.forward(guide=guide)
    answer = app.test_client().head(f"/s/{forward.token}", headers={"User-Agent": PHONE})
    assert (answer.status_code, answer.data) == (200, b"")
    assert marks() == [("open", False, "head")]


def test_nobody_reads_a_message_the_moment_it_is_sent(browser: Browser, guide: Staff) -> None:
    forward = make.forward(guide=guide, at=clock.now())
    browser.get(f"/s/{forward.token}")
    assert marks() == [("open", False, "too_fast")]


def test_the_guides_own_look_does_not_count_now_or_later(app: GuideApp, as_guide: Client, guide: Staff) -> None:
    forward = make.forward(guide=guide)
    browser = Browser(app)
    browser.get(f"/s/{forward.token}", Authorization=f"Bearer {as_guide.token}")
    browser.get(f"/s/{forward.token}")
    assert marks() == [("open", False, "own")] * 2
    browser.get(f"/s/{make.forward(guide=make.guide()).token}")
    assert marks()[-1] == ("open", False, "staff")
    assert Browser(app).get(f"/s/{forward.token}", Authorization="Bearer nonsense").status_code == 200


def test_click_needs_no_script_and_counts_once(browser: Browser, as_guide: Client, guide: Staff) -> None:
    product = make.product()
    forward = make.forward(guide=guide, of=make.content(products=[product.id]))
    path = f"/s/{forward.token}/touches"
    browser.get(f"/s/{forward.token}")
    answer = browser.post(path, data={"kind": "click", "product_id": str(product.id)})
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/s/{forward.token}?asked=1")
    assert "已告诉" in browser.get(answer.headers["Location"]).text
    browser.post(path, data={"kind": "click", "product_id": str(product.id)})
    clicks = [touch for touch in touches() if touch.kind == "click"]
    assert [(click.counted, click.product_id) for click in clicks] == [(True, product.id), (False, product.id)]
    assert as_guide.get(f"/v1/forwards/{forward.id}").json["clicks"] == 1


def test_dwell_comes_as_a_beacon(browser: Browser, guide: Staff) -> None:
    forward = make.forward(guide=guide)
    browser.get(f"/s/{forward.token}")
    beacon = {"data": '{"kind": "dwell", "ms": 8200}', "content_type": "text/plain;charset=UTF-8"}
    assert browser.post(f"/s/{forward.token}/touches", **beacon).status_code == 204
    assert (touches()[-1].kind, touches()[-1].dwell_ms, touches()[-1].counted) == ("dwell", 8200, True)


def test_beacon_of_somebody_who_never_opened_does_not_count(app: GuideApp, guide: Staff) -> None:
    forward = make.forward(guide=guide)
    assert Browser(app).post(f"/s/{forward.token}/touches", json={"kind": "dwell", "ms": 9000}).status_code == 204
    assert marks() == [("dwell", False, "no_open")]


@pytest.mark.parametrize(
    "nonsense",
    [
        {"kind": "look"},
        {"kind": "dwell"},
        {"kind": "dwell", "ms": "x"},
        {"kind": "dwell", "ms": -1},
        {"kind": "dwell", "ms": 10**12},
        {"kind": "dwell", "ms": [1]},
        {"kind": "click"},
        {"kind": "click", "product_id": "x"},
        {"kind": "click", "product_id": str(uuid4())},
        {"kind": ["dwell"]},
        [],
        "x",
    ],
)
def test_touches_that_make_no_sense_leave_nothing(browser: Browser, guide: Staff, nonsense: Any) -> None:
    forward = make.forward(guide=guide)
    assert browser.post(f"/s/{forward.token}/touches", json=nonsense).status_code == 422
    assert touches() == []


def test_page_survives_content_without_products_or_body(browser: Browser, guide: Staff) -> None:
    forward = make.forward(guide=guide, of=make.content(saying={"body": ""}))
    assert browser.get(f"/s/{forward.token}").status_code == 200


def test_page_is_not_stored_by_anyone(browser: Browser, guide: Staff) -> None:
    assert browser.get(f"/s/{make.forward(guide=guide).token}").headers["Cache-Control"] == "no-store"


def test_tokens_cannot_be_guessed(guide: Staff) -> None:
    content = make.content()
    tokens = {make.forward(guide=guide, of=content).token for _ in range(20)}
    assert len(tokens) == 20
    assert all(len(token) == 16 for token in tokens)
