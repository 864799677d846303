"""An open counts once something shows that a person looks; who is a machine is known by a list, and by its form."""

from datetime import timedelta
from threading import Thread
from typing import Any

import pytest
import time_machine
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from content_center.rules.agents import is_machine
from guideapi.app import GuideApp
from kit import clock
from kit.db import db, unit_of_work
from models import AttributionDecision, Credit, Forward, Staff, Store
from tests import make
from tests.client import Client
from tests.content_center.test_page import PHONE, Browser, marks, touches, without_cookies
from tests.orders.decided import with_sellers

MACHINES = (
    "Mozilla/5.0 (compatible; Google-InspectionTool/1.0;)",
    "FeedFetcher-Google; (+http://www.google.com/feedfetcher.html)",
    "Mozilla/4.0 (compatible; ms-office; MSOffice 16)",
    "Mozilla/4.0 (compatible; MSIE 7.0; Windows NT 10.0; WOW64; Trident/7.0; .NET4.0C; ms-office)",
    "Scrapy/2.11.0 (+https://scrapy.org)",
    "Dart/3.2 (dart:io)",
    "undici",
    "kakaotalk-scrap/1.0",
    "Mozilla/5.0 (compatible; Qwantify/1.0; +https://www.qwant.com/)",
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/120.0.0.0 Safari/537.36",
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/74.0 Safari/537 Chrome-Lighthouse",
    "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 7_0 like Mac OS X) AppleWebKit/537.51.1 (KHTML, like Gecko) BingPreview/1.0b",
    "Mozilla/5.0 (Linux; Android 5.0) AppleWebKit/537.36 (KHTML, like Gecko) Mobile Safari/537.36; Bytespider",
    "Mozilla/5.0 (Windows NT; Windows NT 10.0; en-US) WindowsPowerShell/5.1.19041",
    "Sogou web spider/4.0(+http://www.sogou.com/docs/help/webmasters.htm#07)",
    "DingTalkBot-LinkService/1.0 (+https://open-doc.dingtalk.com)",
    "WhatsApp/2.23.20.0",
    "PostmanRuntime/7.36.0",
    "MyApp/1 CFNetwork/1474 Darwin/23.0.0",
    "x" * 2000,
)
ANDROID = "Mozilla/5.0 (Linux; Android 12; {}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/107.0 Mobile Safari/537.36"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 16_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148"
PEOPLE = (
    "Mozilla/5.0 (Linux; Android 11; CUBOT X50 Build/RP1A; wv) AppleWebKit/537.36 Version/4.0 Chrome/107.0 "
    "Mobile Safari/537.36 MicroMessenger/8.0.30",
    "Mozilla/5.0 (Linux; Android 10; HarmonyOS; ELS-AN00) AppleWebKit/537.36 Chrome/99.0 HuaweiBrowser/13.0.1.301 "
    "Mobile Safari/537.36 PetalSearchApp/12.1",
    "Mozilla/5.0 (Linux; U; Android 7.0; zh-cn; CUBOT_NOTE_S Build/LMY47I) AppleWebKit/534.30 Mobile Safari/534.30",
    ANDROID.format("CUBOT"),
    # The list has this build, of every OPPO phone with that release, as a machine's.
    ANDROID.format("CPH2557 Build/AP3A.240617.008; wv"),
    ANDROID.format("V2171A; wv") + " T7/13.36 SP-engine/2.74.0 baiduboxapp/13.36.0.10 (Baidu; P1 12) NABar/1.0",
    ANDROID.format("PEGM00") + " MQQBrowser/13.6",
    ANDROID.format("M2102K1C") + " UCBrowser/15.5.0.1275",
    ANDROID.format("wv") + " SogouMobileBrowser/5.27 SogouMSE",
    ANDROID.format("wv") + " WhatsApp/2.23.20",
    ANDROID.format("wv") + " MetaIAB Facebook",
    ANDROID.format("wv") + " aweme_230400 JsSdk/1.0 AppName/aweme BytedanceWebview/d8a21c6",
    f"{IPHONE} AliApp(AP/10.3.60.8900) AlipayClient/10.3.60.8900 Language/zh-Hans",
    f"{IPHONE} NewsArticle/9.0.0 JsSdk/2.0 NetType/WIFI (News 9.0.0 16.0)",
    f"{IPHONE} wxwork/4.1.20 MicroMessenger/7.0.1 Language/zh ColorScheme/Light",
    f"{IPHONE} QQ/8.9.80.613 V1_IPH_SQ_8.9.80_1_APP_A Pixel/1170",
    f"{IPHONE} KAKAOTALK 10.0.0",
    f"{IPHONE} [FBAN/FBIOS;FBAV/400.0.0.40.101;FBBV/1;FBDV/iPhone14,5]",
    "Mozilla/5.0 (Phone; OpenHarmony 5.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/114.0.0.0 Safari/537.36 "
    "ArkWeb/4.1.6.1 Mobile HuaweiBrowser/5.1.4.302",
    "Mozilla/5.0 (Windows NT 10.0; WOW64; Trident/7.0; rv:11.0) like Gecko",
    "Mozilla/5.0 (X11; Linux x86_64; rv:120.0) Gecko/20100101 Firefox/120.0",
    "Opera/9.80 (Android; Opera Mini/7.5.33361/31.1543; U; en) Presto/2.8.119 Version/11.10",
    "UCWEB/2.0 (MIDP-2.0; U; Adr 9; zh-CN; MI_9) U2/1.0.0 UCBrowser/10.9 U2/1.0.0 Mobile",
)
WAITED, COUNTED = ("open", False, "no_human_sign"), ("open", True, None)


@pytest.mark.parametrize("agent", MACHINES)
def test_machines_are_known(agent: str) -> None:
    assert is_machine(agent)


@pytest.mark.parametrize("agent", PEOPLE)
def test_phones_and_apps_are_not_taken_for_machines(agent: str) -> None:
    assert not is_machine(agent)


def test_machines_count_for_nothing_whatever_they_fetch(app: GuideApp, as_guide: Client, guide: Staff) -> None:
    forward = make.forward(guide=guide)
    for agent in MACHINES:
        browser = Browser(app, agent=agent)
        browser.show(f"/s/{forward.token}")
        browser.post(f"/s/{forward.token}/touches", json={"kind": "open"})
    assert set(marks()) == {("open", False, "crawler")}
    assert as_guide.get(f"/v1/forwards/{forward.id}").json["opens"] == 0


def test_people_are_counted_three_seconds_after_the_forward(app: GuideApp, as_guide: Client, guide: Staff) -> None:
    content = make.content()
    for agent in PEOPLE:
        forward = make.forward(guide=guide, of=content, at=clock.now() - timedelta(seconds=3))
        Browser(app, agent=agent).show(f"/s/{forward.token}")
        assert as_guide.get(f"/v1/forwards/{forward.id}").json["opens"] == 1, agent


def test_script_with_a_browsers_name_and_no_cookie_is_nobody(app: GuideApp, as_guide: Client, guide: Staff) -> None:
    forward = make.forward(guide=guide)
    for _ in range(3):
        Browser(app).get(f"/s/{forward.token}")
    assert marks() == [WAITED] * 3
    assert (
        as_guide.get(f"/v1/forwards/{forward.id}").json | {"opens": 0, "state": "intended"}
        == as_guide.get(f"/v1/forwards/{forward.id}").json
    )
    assert as_guide.get("/v1/touches").json["items"] == []


@pytest.mark.parametrize(
    ("sign", "show"),
    [
        ("cookie", lambda browser, path: browser.get(path)),
        ("picture", lambda browser, path: browser.get(f"{path}/seen.gif")),
        ("beacon", lambda browser, path: browser.post(f"{path}/touches", json={"kind": "open"})),
        ("beacon", lambda browser, path: browser.post(f"{path}/touches", json={"kind": "dwell", "ms": 900})),
        ("form", lambda browser, path: browser.post(f"{path}/not-interested")),
    ],
)
def test_each_sign_of_a_person_makes_the_open_count_once(app: GuideApp, guide: Staff, sign: str, show: Any) -> None:
    path, browser = f"/s/{make.forward(guide=guide).token}", Browser(app)
    browser.get(path)
    for _ in range(2):
        show(browser, path)
    counted = [(touch.sign, touch.viewer) for touch in touches() if touch.kind == "open" and touch.counted]
    assert counted == [(sign, touches()[0].viewer)]


def test_page_itself_tells_who_it_was_made_for_where_cookies_are_refused(app: GuideApp, guide: Staff) -> None:
    product = make.product()
    forward = make.forward(guide=guide, of=make.content(products=[product.id]))
    path, browser = f"/s/{forward.token}", without_cookies(app)
    visit = browser.get(path).text.partition('data-visit="')[2].partition('"')[0]
    browser.post(f"{path}/touches", json={"kind": "open", "visit": visit})
    browser.post(f"{path}/touches", data={"kind": "click", "product_id": str(product.id), "visit": visit})
    assert marks() == [WAITED, COUNTED, ("click", True, None)]
    assert len({touch.viewer for touch in touches()}) == 1


def test_what_stands_in_a_page_is_good_for_that_page_and_that_day(app: GuideApp, guide: Staff) -> None:
    path, browser = f"/s/{make.forward(guide=guide).token}", without_cookies(app)
    visit = browser.get(path).text.partition('data-visit="')[2].partition('"')[0]
    other = f"/s/{make.forward(guide=guide).token}"
    for where, said in ((other, visit), (path, visit + "x"), (path, ""), (path, None), (path, [1])):
        browser.post(f"{where}/touches", json={"kind": "open", "visit": said})
    with time_machine.travel(clock.now() + timedelta(hours=25)):
        browser.post(f"{path}/touches", json={"kind": "open", "visit": visit})
    assert marks() == [WAITED]


def test_sign_without_a_page_proves_nothing(app: GuideApp, guide: Staff) -> None:
    forward, other = make.forward(guide=guide), make.forward(guide=guide)
    browser = Browser(app)
    browser.get(f"/s/{other.token}")
    browser.get(f"/s/{forward.token}/seen.gif")
    browser.post(f"/s/{forward.token}/touches", json={"kind": "open"})
    assert marks() == [WAITED]
    assert browser.get("/s/nothing-here/seen.gif").status_code == 200


def test_prefetched_page_counts_when_it_is_shown(app: GuideApp, guide: Staff) -> None:
    path, browser = f"/s/{make.forward(guide=guide).token}", Browser(app)
    browser.get(path, **{"Sec-Purpose": "prefetch;prerender"})
    browser.get(f"{path}/seen.gif", **{"Sec-Purpose": "prefetch;prerender"})
    assert marks() == [("open", False, "prefetch")]
    browser.post(f"{path}/touches", json={"kind": "open"})
    assert marks()[1:] == [COUNTED]


def test_guides_own_look_is_not_made_to_count_by_its_picture(app: GuideApp, as_guide: Client, guide: Staff) -> None:
    path, browser = f"/s/{make.forward(guide=guide).token}", Browser(app)
    browser.get(path, Authorization=f"Bearer {as_guide.token}")
    browser.show(path)
    browser.post(f"{path}/touches", json={"kind": "open"})
    assert {mark[2] for mark in marks()} == {"own"}


def test_picture_and_beacon_at_once_count_one_open(app: GuideApp, guide: Staff) -> None:
    path, browser = f"/s/{make.forward(guide=guide).token}", without_cookies(app)
    visit = browser.get(path).text.partition('data-visit="')[2].partition('"')[0]
    db.session.rollback()
    signs = [
        Thread(target=browser.post, args=(f"{path}/touches",), kwargs={"json": {"kind": "open", "visit": visit}})
        for _ in range(4)
    ]
    for sign in signs:
        sign.start()
    for sign in signs:
        sign.join()
    assert marks() == [WAITED, COUNTED]


def test_nothing_counts_without_a_sign(app: GuideApp, guide: Staff) -> None:
    forward = make.forward(guide=guide)
    with pytest.raises(IntegrityError, match="ck_touch_sign"), unit_of_work():
        db.session.execute(
            text(
                "INSERT INTO touch (forward_id, guide_id, kind, viewer, counted, created_at) "
                "VALUES (:forward, :guide, 'open', 'v', true, now())"
            ),
            {"forward": forward.id, "guide": guide.id},
        )


def test_list_says_what_the_sign_was(app: GuideApp, as_guide: Client, guide: Staff) -> None:
    forward = make.forward(guide=guide)
    Browser(app).show(f"/s/{forward.token}")
    items = as_guide.get(f"/v1/forwards/{forward.id}/touches").json["items"]
    assert [(item["counted"], item["sign"], item["excluded_reason"]) for item in items] == [
        (True, "picture", None),
        (False, None, "no_human_sign"),
    ]


# What it is worth


def credited(forward: Forward, store: Store) -> tuple[Any, dict[str, Any]]:
    make.order(store=store, share_token=forward.token, ordered_at=clock.now())
    db.session.expire_all()
    guide_id, candidates = db.session.execute(with_sellers(Credit.beneficiary_id, AttributionDecision.candidates)).one()
    return guide_id, candidates[0]


@pytest.mark.parametrize("agent", [PHONE, MACHINES[0], ""])
def test_link_that_only_machines_opened_earns_nothing_and_says_why(app: GuideApp, guide: Staff, agent: str) -> None:
    store = db.session.get_one(Store, guide.store_id)
    forward = make.forward(guide=guide, at=clock.now() - timedelta(days=1))
    Browser(app, agent=agent).get(f"/s/{forward.token}")
    opened_at = touches()[0].created_at
    guide_id, candidate = credited(forward, store)
    assert (guide_id, candidate["kind"], candidate["reason"]) == (None, "share", "no_human_sign")
    assert candidate["at"].startswith(f"{opened_at:%Y-%m-%dT%H:%M}")


def test_link_that_a_person_opened_earns_from_then(app: GuideApp, guide: Staff) -> None:
    store = db.session.get_one(Store, guide.store_id)
    forward = make.forward(guide=guide, at=clock.now() - timedelta(days=20))
    Browser(app).show(f"/s/{forward.token}")
    assert credited(forward, store)[0] == guide.id


def test_guides_own_look_neither_earns_nor_spoils(app: GuideApp, as_guide: Client, guide: Staff) -> None:
    store = db.session.get_one(Store, guide.store_id)
    forward = make.forward(guide=guide, at=clock.now() - timedelta(days=8))
    Browser(app).get(f"/s/{forward.token}", Authorization=f"Bearer {as_guide.token}")
    assert credited(forward, store)[1]["reason"] == "window_expired"


def test_nobody_is_bound_through_a_link_that_only_machines_opened(app: GuideApp, client: Client, guide: Staff) -> None:
    shop = client.with_token(make.api_key(scopes=["customers:write"]))
    forward, customer_id = make.forward(guide=guide), make.person()
    body = {"token": forward.token, "customer_id": str(customer_id)}
    Browser(app).get(f"/s/{forward.token}")
    refused = shop.post("/v1/share-bindings", json=body)
    assert (refused.status_code, refused.json["code"]) == (409, "link_not_opened")
    Browser(app).show(f"/s/{forward.token}")
    assert shop.post("/v1/share-bindings", json=body).status_code == 201
