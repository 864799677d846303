"""One tap carries everything that the app needs to share, whatever kind of content it is."""

from datetime import timedelta
from io import BytesIO
from typing import Any
from uuid import UUID, uuid4

import pytest
import zxingcpp
from PIL import Image
from sqlalchemy import func, select

from guideapi.app import GuideApp
from kit import clock
from kit.db import db
from models import Consent, Contact, CustomerReveal, Forward, Staff, Touch
from tests import make
from tests.client import Client, new
from tests.content_center.test_films import upload as upload_film

pytestmark = pytest.mark.usefixtures("loud")
APP = ("wx0123456789abcdef", "pages/share/index")
PUBLIC = "http://127.0.0.1:8000"


@pytest.fixture
def pictures(as_editor: Client) -> list[dict[str, Any]]:
    """Ten pictures, uploaded."""
    found = []
    for number in range(10):
        picture = BytesIO()
        Image.new("RGB", (300 + number, 200), (number, 0, 0)).save(picture, "JPEG")
        asset = as_editor.post("/v1/assets", data=picture.getvalue(), content_type="image/jpeg")
        found.append(asset.json)
    return found


def tap(client: Client, content_id: object, channel: str = "link", **fields: Any) -> Any:
    answer = client.post(f"/v1/content/{content_id}/forwards", json=new({"channel": channel, **fields}))
    assert answer.status_code == 201, answer.text
    return answer.json


def ids(assets: list[dict[str, Any]]) -> list[UUID]:
    return [UUID(one["id"]) for one in assets]


def test_an_image_set_brings_its_pictures(as_guide: Client, pictures: list[dict[str, Any]]) -> None:
    content = make.content(kind="image_set", saying={"asset_ids": ids(pictures)})
    shared = tap(as_guide, content.id)
    names = ("url", "page_url", "thumbnail_url", "width", "height")
    assert shared["pictures"] == [{name: one[name] for name in names} for one in pictures]
    assert shared["video"] is None
    for seen in (as_guide.get(f"/v1/forwards/{shared['id']}").json, as_guide.get("/v1/forwards").json["items"][0]):
        assert seen["pictures"] == shared["pictures"]
    assert as_guide.get("/v1/content").json["items"][0]["thumbnail_url"] == pictures[0]["thumbnail_url"]


def test_wecom_gets_as_many_pictures_as_it_takes_and_the_link(as_guide: Client, pictures: list[dict[str, Any]]) -> None:
    content = make.content(kind="image_set", saying={"asset_ids": ids(pictures)})
    addresses = [PUBLIC + one["page_url"] for one in pictures[:8]]
    chat = tap(as_guide, content.id, "wecom_chat")
    *images, card = chat["wecom"]["attachments"]
    assert [one["image"]["imgUrl"] for one in images] == addresses
    assert card["link"]["url"] == chat["share_url"]
    moments = tap(as_guide, content.id, "wecom_moments")
    images = moments["wecom"]["attachments"]
    assert [one["image"]["imgUrl"] for one in images] == [*addresses, PUBLIC + moments["poster_url"]]


def test_an_articles_picture_is_on_its_card(as_guide: Client, pictures: list[dict[str, Any]]) -> None:
    content = make.content(saying={"asset_ids": ids(pictures[:2])}, products=[make.product().id])
    shared = tap(as_guide, content.id, "wecom_chat")
    assert len(shared["pictures"]) == 2
    [attachment] = shared["wecom"]["attachments"]
    assert attachment["link"]["imgUrl"] == PUBLIC + pictures[0]["page_url"]


def test_a_video_brings_its_film(as_editor: Client, as_guide: Client) -> None:
    film = upload_film(as_editor).json
    content = make.content(kind="video_link", saying={"asset_ids": [UUID(film["id"])]})
    shared = tap(as_guide, content.id, "wechat")
    assert shared["pictures"] == []
    assert shared["video"] == {
        "url": film["video_url"],
        "bytes": film["video_bytes"],
        "duration_ms": film["duration_ms"],
        "poster_url": film["page_url"],
        "thumbnail_url": film["thumbnail_url"],
    }
    assert shared["wechat"]["picture_url"] == PUBLIC + film["page_url"]


def test_wechat_gets_a_card(app: GuideApp, as_guide: Client, guide: Staff, monkeypatch: pytest.MonkeyPatch) -> None:
    content = make.content(saying={"title": "焕亮" * 100})
    shared = tap(as_guide, content.id, "wechat")
    card = shared["wechat"]
    assert (card["kind"], card["webpage_url"], card["mini_program"]) == ("webpage", shared["share_url"], None)
    assert card["title"] == ("焕亮" * 100)[:169] + "…"
    assert card["description"].startswith(f"{guide.name} · ")
    assert card["picture_url"] == PUBLIC + shared["poster_url"]
    monkeypatch.setitem(app.config, "MINI_PROGRAM", APP)
    shared = tap(as_guide, content.id, "wechat")
    token = shared["share_url"].rpartition("/")[2]
    assert shared["wechat"]["kind"] == "mini_program"
    assert shared["wechat"]["mini_program"] == {"app_id": APP[0], "path": f"{APP[1]}?token={token}"}
    assert tap(as_guide, content.id, "link")["wechat"] is None


def test_wecom_is_told_whom_to_write_to(as_guide: Client, guide: Staff, as_manager: Client) -> None:
    free, refusing = (make.customer(guide=guide, identities=[("wecom", f"wm-{name}")]) for name in ("free", "refusing"))
    unknown = make.customer(guide=guide)
    as_guide.post(f"/v1/customers/{refusing}/consents", json={"granted": {"wecom": False}, "origin": "form"})
    target = {"kind": "customers", "customer_ids": [str(id_) for id_ in (free, refusing, unknown)]}
    content = make.content()
    shared = tap(as_guide, content.id, "wecom_chat", target=target)
    assert shared["wecom"]["externalUserIds"] == ["wm-free"]
    assert [one["customer_id"] for one in shared["skipped"]] == [str(refusing)]
    assert as_guide.get(f"/v1/forwards/{shared['id']}").json["wecom"]["externalUserIds"] == ["wm-free"]
    assert as_manager.get(f"/v1/forwards/{shared['id']}").json["wecom"]["externalUserIds"] == []
    group = tap(as_guide, content.id, "wecom_group", target={"kind": "group", "group_id": "wr-1"})
    assert group["wecom"]["chatIds"] == ["wr-1"]
    assert "externalUserIds" not in group["wecom"]
    assert {"externalUserIds", "chatIds"}.isdisjoint(tap(as_guide, content.id, "wecom_moments")["wecom"])


@pytest.mark.parametrize(
    ("kind", "field"), [("image_set", "asset_ids"), ("video_link", "asset_ids"), ("product_card", "product_ids")]
)
def test_a_kind_is_refused_without_what_it_lives_by(as_editor: Client, kind: str, field: str) -> None:
    said = {"kind": kind, "category": "新品", "title": "秋日", "body": "换季", "texts": {"default": "好"}}
    made = new({**said, "valid_from": clock.now().isoformat()})
    refused = as_editor.post("/v1/content", json=made)
    assert (refused.status_code, refused.json["code"]) == (422, "content_incomplete")
    assert list(refused.json["errors"]) == [field]
    assert as_editor.get("/v1/content?state=draft").json["items"] == []


def test_what_it_lives_by_cannot_be_taken_from_a_draft(as_editor: Client, pictures: list[dict[str, Any]]) -> None:
    content = make.content(kind="image_set", published=False, saying={"asset_ids": ids(pictures)})
    path = f"/v1/content/{content.id}"
    tag = {"If-Match": as_editor.get(path).headers["ETag"]}
    refused = as_editor.patch(path, json={"asset_ids": []}, headers=tag)
    assert refused.json["code"] == "content_incomplete"
    version = {"title": "秋日", "body": "换季", "texts": {"default": "好"}}
    assert as_editor.post(f"{path}/versions", json=version).json["code"] == "content_incomplete"


def test_an_image_set_whose_pictures_were_taken_down_is_not_forwarded(
    as_editor: Client, as_guide: Client, pictures: list[dict[str, Any]]
) -> None:
    kept, other = (make.content(kind="image_set", saying={"asset_ids": ids(pictures[:1])}) for _ in range(2))
    taken_down = {"reason": "侵权", "hide": "infringing", "hide_assets": True}
    assert as_editor.post(f"/v1/content/{other.id}/withdraw", json=taken_down).status_code == 200
    [row] = as_guide.get("/v1/content").json["items"]
    assert (row["id"], [reason["code"] for reason in row["reasons"]]) == (str(kept.id), ["nothing_to_show"])
    refused = as_guide.post(f"/v1/content/{kept.id}/forwards", json=new({"channel": "link"}))
    assert [reason["code"] for reason in refused.json["reasons"]] == ["nothing_to_show"]


def queue(client: Client, *taps: dict[str, Any]) -> list[dict[str, Any]]:
    answer = client.post("/v1/forwards/batch", json={"items": list(taps)})
    assert answer.status_code == 200, answer.text
    return list(answer.json["items"])


def test_an_offline_tap_keeps_its_time_and_comes_back_with_all_that_is_shared(as_guide: Client) -> None:
    captured = (clock.now() - timedelta(hours=5)).replace(microsecond=0)
    said = captured.isoformat().replace("+00:00", "Z")
    item = new({"content_id": str(make.content().id), "channel": "wechat", "captured_at": said})
    [made] = queue(as_guide, item)
    [again] = queue(as_guide, {**item, "captured_at": (captured + timedelta(hours=1)).isoformat()})
    assert (made["outcome"], again["outcome"]) == ("created", "unchanged")
    assert made["forward"] == again["forward"]
    assert made["forward"]["captured_at"] == said
    assert made["forward"]["created_at"] > said
    assert made["forward"]["share_url"].startswith(f"{PUBLIC}/s/")
    assert made["forward"]["text"]
    assert as_guide.get(f"/v1/forwards/{item['id']}").json["captured_at"] == said


@pytest.mark.parametrize("ago", [timedelta(days=7, minutes=1), timedelta(minutes=-6)])
def test_a_time_at_which_nobody_can_have_tapped_is_refused(as_guide: Client, ago: timedelta) -> None:
    item = new({"content_id": str(make.content().id), "channel": "link"})
    [refused] = queue(as_guide, {**item, "captured_at": (clock.now() - ago).isoformat()})
    assert (refused["outcome"], refused["code"]) == ("rejected", "tap_time_implausible")
    assert "forward" not in refused
    assert db.session.scalar(select(func.count()).select_from(Forward)) == 0


def test_a_guide_looks_before_forwarding_and_nothing_counts(as_guide: Client, guide: Staff) -> None:
    texts = {"default": "{customer_name}，{guide_name}：{product_price}", "wechat": "{store_name}"}
    content = make.content(products=[make.product(price_fen=5000).id], saying={"texts": texts})
    customer = make.customer(guide=guide, name="王小明")
    path = f"/v1/content/{content.id}/preview"
    told = as_guide.get(path).json
    assert told["texts"]["default"] == f"亲，{guide.name}：¥50"
    assert (told["forwardable"], told["reasons"]) == (True, [])
    assert as_guide.get(f"{path}?customer_id={customer}").json["texts"]["default"] == f"王*，{guide.name}：¥50"
    poster = as_guide.get(f"/v1/content/{content.id}/poster-preview")
    picture = Image.open(BytesIO(poster.data))
    assert picture.size == (1080, 1440)
    assert zxingcpp.read_barcodes(picture)[0].text.endswith("/s/preview")
    for table in (Forward, CustomerReveal, Contact, Touch, Consent):
        assert db.session.scalar(select(func.count()).select_from(table)) == 0


def test_a_preview_says_what_stands_against_forwarding(as_guide: Client) -> None:
    content = make.content(products=[make.product(shelf_status="off_shelf").id])
    told = as_guide.get(f"/v1/content/{content.id}/preview").json
    assert (told["forwardable"], told["reasons"][0]["code"]) == (False, "product_not_sellable")


def test_a_preview_shows_nobody_what_they_may_not_see(as_guide: Client, as_editor: Client, guide: Staff) -> None:
    colleague, theirs = make.guide(), make.customer(guide=make.guide())
    published, draft = make.content(), make.content(published=False)
    for query, code in (
        (f"guide_id={colleague.id}", "guide_not_found"),
        (f"customer_id={theirs}", "customer_not_found"),
        (f"customer_id={uuid4()}", "customer_not_found"),
    ):
        assert as_guide.get(f"/v1/content/{published.id}/preview?{query}").json["code"] == code
    for kind in ("preview", "poster-preview"):
        assert as_guide.get(f"/v1/content/{draft.id}/{kind}").json["code"] == "content_not_found"
    own = make.customer(guide=guide)
    asked = f"/v1/content/{published.id}/preview?guide_id={guide.id}&customer_id={own}"
    assert as_editor.get(asked).json["code"] == "forbidden"
