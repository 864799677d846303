"""What was taken down is not given out again: no page, poster, file or text, whoever asks and however often."""

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from guideapi.app import GuideApp
from kit.db import db, unit_of_work
from kit.ids import new_id
from models import Content, Staff
from tests import make
from tests.client import Client
from tests.content_center.test_assets import picture, upload
from tests.content_center.test_page import Browser, touches

WORDS = "绝密配方"
TEXTS = {"default": f"{WORDS}，现在只要{{product_price}}"}


def take_down(client: Client, content: Content, hide: str = "unlawful", **fields: Any) -> Any:
    answer = client.post(f"/v1/content/{content.id}/withdraw", json={"reason": "法务要求", "hide": hide, **fields})
    assert answer.status_code == 200, answer.text
    return answer.json


@pytest.fixture
def content(app: GuideApp) -> Content:
    return make.content(products=[make.product(title=WORDS).id], saying={"title": WORDS, "body": WORDS, "texts": TEXTS})


def tap(**fields: Any) -> dict[str, Any]:
    return {"id": str(new_id()), "channel": "wecom_chat", **fields}


@pytest.mark.parametrize(
    ("hide", "language", "sentence"),
    [
        ("recall", "zh", "正在召回"),
        ("recall", "en", "is being recalled"),
        ("unlawful", "zh", "品牌已撤下"),
        ("infringing", "en", "The brand has taken this down"),
    ],
)
def test_page_is_gone_with_a_plain_sentence(
    app: GuideApp, as_editor: Client, guide: Staff, content: Content, hide: str, language: str, sentence: str
) -> None:
    forward, browser = make.forward(guide=guide, of=content), Browser(app, language=language)
    browser.show(f"/s/{forward.token}")
    before = len(touches())
    seen = take_down(as_editor, content, hide)
    assert (seen["state"], seen["hidden_reason"], seen["hidden_assets"]) == ("withdrawn", hide, [])
    for answer in (
        browser.get(f"/s/{forward.token}"),
        browser.post(f"/s/{forward.token}/touches", json={"kind": "open"}),
    ):
        assert (answer.status_code, answer.mimetype) == (410, "text/html")
        assert sentence in answer.text
        assert WORDS not in answer.text
        assert "og:" not in answer.text
        assert answer.headers["Cache-Control"] == "no-store"
    browser.get(f"/s/{forward.token}/seen.gif")
    assert len(touches()) == before


def test_not_interested_is_still_heard(app: GuideApp, as_editor: Client, guide: Staff, content: Content) -> None:
    forward = make.forward(guide=guide, of=content)
    take_down(as_editor, content)
    answer = Browser(app).post(f"/s/{forward.token}/not-interested")
    assert answer.status_code == 303
    assert touches()[-1].kind == "declined"


def test_poster_is_gone_and_its_copies_soon_are(
    client: Client, as_editor: Client, guide: Staff, content: Content
) -> None:
    path = f"/posters/{make.forward(guide=guide, of=content).token}.jpg"
    drawn = client.get(path)
    assert drawn.headers["Cache-Control"] == "public, max-age=300, must-revalidate"
    take_down(as_editor, content)
    for headers in ({}, {"If-None-Match": drawn.headers["ETag"]}):
        answer = client.get(path, headers=headers)
        assert (answer.status_code, answer.json["code"]) == (410, "taken_down")


def test_same_tap_again_gives_nothing_whatever_the_way(as_editor: Client, as_guide: Client, content: Content) -> None:
    path, first = f"/v1/content/{content.id}/forwards", tap()
    keyed = {"Idempotency-Key": "k"}
    assert WORDS in as_guide.post(path, json=first, headers=keyed).json["text"]
    assert WORDS in as_guide.post(path, json=first, headers=keyed).json["text"]
    item = {**tap(), "content_id": str(content.id)}
    queue: dict[str, Any] = {"path": "/v1/forwards/batch", "json": {"items": [item]}}
    assert as_guide.post(**queue, headers={"Idempotency-Key": "b"}).status_code == 200
    take_down(as_editor, content)
    for asked, headers in ((first, keyed), (first, {}), (tap(), {})):
        answer = as_guide.post(path, json=asked, headers=headers)
        assert (answer.status_code, answer.json["code"]) == (409, "content_hidden")
        assert WORDS not in answer.text
    for headers in ({"Idempotency-Key": "b"}, {}):
        answer = as_guide.post(**queue, headers=headers)
        assert answer.status_code == 200, answer.text
        [outcome] = answer.json["items"]
        assert (outcome["outcome"], outcome["code"]) == ("rejected", "content_hidden")


def test_guides_see_that_it_was_shared_and_nothing_of_it(as_editor: Client, as_guide: Client, content: Content) -> None:
    first = tap()
    as_guide.post(f"/v1/content/{content.id}/forwards", json=first)
    take_down(as_editor, content)
    shown = as_guide.get(f"/v1/forwards/{first['id']}").json
    assert (shown["text"], shown["share_url"], shown["poster_url"], shown["wecom"]) == (None,) * 4
    assert (shown["products"], shown["hidden_reason"]) == ([], "unlawful")
    assert as_guide.get("/v1/forwards").json["items"] == [shown]
    assert as_guide.get(f"/v1/content/{content.id}").json["code"] == "content_not_found"
    assert as_editor.get(f"/v1/content/{content.id}").json["title"] == WORDS


def test_nothing_of_it_is_sent_any_more(as_editor: Client, as_guide: Client, client: Client, guide: Staff) -> None:
    make.no_quiet_hours()
    content, customer = make.content(), make.bound_customer(guide)
    target = {"kind": "customers", "customer_ids": [str(customer.id)]}
    forward = make.forward(guide=guide, of=content, target=target)
    take_down(as_editor, content)
    path = f"/v1/forwards/{forward.id}"
    assert as_guide.post(f"{path}/reservations", json={}).json["code"] == "content_hidden"
    assert as_guide.post(f"{path}/confirmations", json={"kind": "client"}).json["code"] == "content_hidden"
    channel = client.with_token(make.api_key(scopes=["forwards:write"]))
    assert channel.post(f"{path}/confirmations", json={"kind": "channel"}).status_code == 200


def test_files_go_from_this_content_and_stay_in_others(client: Client, as_editor: Client, guide: Staff) -> None:
    asset = upload(as_editor, picture(size=(1200, 900))).json
    path, saying = asset["page_url"], {"asset_ids": [UUID(asset["id"])]}
    first = make.content(saying=saying)
    take_down(as_editor, first)
    answer = client.get(path)
    assert (answer.status_code, answer.json["code"]) == (410, "taken_down")
    assert as_editor.get(path).status_code == 200
    make.content(saying=saying)
    assert client.get(path).status_code == 200


def test_files_are_taken_out_of_everything_and_it_is_said_where(
    client: Client, as_editor: Client, guide: Staff
) -> None:
    data = picture(size=(1200, 900))
    asset = upload(as_editor, data).json
    path, saying = asset["page_url"], {"asset_ids": [UUID(asset["id"])]}
    content, other = make.content(saying=saying), make.content(saying={**saying, "title": "另一篇"})
    forward = make.forward(guide=guide, of=other)
    assert path in client.get(f"/s/{forward.token}").text
    seen = take_down(as_editor, content, "infringing", hide_assets=True)
    used = {"content_id": str(other.id), "state": "published", "title": "另一篇"}
    assert seen["hidden_assets"] == [{"asset_id": asset["id"], "used_in": [used]}]
    for size in ("url", "page_url", "thumbnail_url"):
        assert {one.get(asset[size]).status_code for one in (client, as_editor)} == {410}
    page = client.get(f"/s/{forward.token}")
    assert (page.status_code, path in page.text) == (200, False)
    assert as_editor.get(f"/v1/content/{other.id}").json["assets"] == []
    again = upload(as_editor, data)
    assert (again.status_code, again.json["code"]) == (409, "asset_hidden")
    wording = {"title": "x", "body": "", "texts": {"default": "x"}, "asset_ids": [asset["id"]]}
    assert as_editor.post(f"/v1/content/{other.id}/versions", json=wording).json["code"] == "content_assets_unknown"


def test_withdrawn_content_can_be_taken_down_later_and_a_draft_cannot(
    app: GuideApp, as_editor: Client, guide: Staff, content: Content
) -> None:
    forward = make.forward(guide=guide, of=content)
    make.withdraw(content.id)
    assert Browser(app).get(f"/s/{forward.token}").status_code == 200
    assert take_down(as_editor, content, "recall")["withdrawn_reason"] == "测试"
    assert Browser(app).get(f"/s/{forward.token}").status_code == 410
    assert take_down(as_editor, content, "recall", hide_assets=True)["hidden_assets"] == []
    draft = make.content(published=False)
    refused = as_editor.post(f"/v1/content/{draft.id}/withdraw", json={"reason": "x", "hide": "recall"})
    assert refused.json["code"] == "content_state_forbids"


@pytest.mark.parametrize("body", [{"hide": "other"}, {"hide_assets": True}, {"hide": None, "hide_assets": True}])
def test_nonsense_is_refused(as_editor: Client, content: Content, body: dict[str, Any]) -> None:
    answer = as_editor.post(f"/v1/content/{content.id}/withdraw", json={"reason": "x", **body})
    assert (answer.status_code, answer.json["code"]) == (422, "invalid")


@pytest.mark.parametrize(
    "columns", ["hidden_at = now()", "hidden_reason = 'recall'", "hidden_at = now(), hidden_reason = 'recall'"]
)
def test_the_database_hides_only_what_was_withdrawn_and_says_why(content: Content, columns: str) -> None:
    with pytest.raises(IntegrityError, match="ck_content_hidden"), unit_of_work():
        db.session.execute(text(f"UPDATE content SET {columns} WHERE id = :id"), {"id": content.id})
