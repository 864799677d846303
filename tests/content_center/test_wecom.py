"""What WeCom takes, and who opens a link inside WeChat."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from content_center.rules import wecom
from guideapi.app import GuideApp
from kit.db import db
from kit.ids import new_id
from models import Consent, Content, Forward, Staff, Touch
from tests import make
from tests.client import Client
from tests.content_center.test_page import Browser

APP = ("wx0123456789abcdef", "pages/share/index")


def share(client: Client, content: Content, channel: str) -> dict[str, Any]:
    answer = client.post(f"/v1/content/{content.id}/forwards", json={"id": str(new_id()), "channel": channel})
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json
    return found


@pytest.mark.parametrize(
    ("channel", "call"),
    [
        ("wecom_chat", "shareToExternalContact"),
        ("wecom_group", "shareToExternalChat"),
        ("wecom_moments", "shareToExternalMoments"),
    ],
)
def test_wecom_gets_the_text_and_the_tracked_link(as_guide: Client, channel: str, call: str) -> None:
    shared = share(as_guide, make.content(saying={"title": "焕" * 60}), channel)
    [attachment] = shared["wecom"]["attachments"]
    assert (shared["wecom"]["call"], shared["wecom"]["text"]) == (call, {"content": shared["text"]})
    assert (attachment["msgtype"], attachment["link"]["url"]) == ("link", shared["share_url"])
    assert attachment["link"]["title"] == "焕" * 20 + "…"
    assert attachment["link"]["imgUrl"] == f"http://127.0.0.1:8000{shared['poster_url']}"
    assert shared["mini_program"] is None


def test_other_channels_get_nothing_for_wecom(as_guide: Client) -> None:
    assert share(as_guide, make.content(), "wechat")["wecom"] is None


def test_chains_own_mini_program_takes_the_links_place_except_in_moments(
    app: GuideApp, as_guide: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "MINI_PROGRAM", APP)
    content = make.content()
    shared = share(as_guide, content, "wecom_chat")
    token = shared["share_url"].rpartition("/")[2]
    assert shared["mini_program"] == {"app_id": APP[0], "path": f"{APP[1]}?token={token}"}
    [card] = shared["wecom"]["attachments"]
    assert (card["msgtype"], card["miniprogram"]["page"]) == ("miniprogram", f"{APP[1]}?token={token}")
    assert share(as_guide, content, "wecom_moments")["wecom"]["attachments"][0]["msgtype"] == "link"


def test_text_too_long_for_moments_is_refused_when_it_is_saved(as_editor: Client) -> None:
    content = make.content(published=False)
    path = f"/v1/content/{content.id}"
    texts = {"default": "好", "wecom_moments": "好" * 1801}
    refused = as_editor.patch(path, json={"texts": texts}, headers={"If-Match": as_editor.get(path).headers["ETag"]})
    assert (refused.status_code, list(refused.json["errors"])) == (422, ["texts.wecom_moments"])


@given(text=st.text(max_size=200), limit=st.integers(3, 80))
def test_clipped_text_fits_and_begins_as_it_did(text: str, limit: int) -> None:
    clipped = wecom.clipped(text, limit)
    assert len(clipped.encode()) <= limit
    assert clipped == text or (clipped.endswith("…") and text.startswith(clipped[:-1]))


def viewers(forward: Forward) -> list[tuple[str | None, str | None]]:
    touches = select(Touch.viewer, Touch.excluded_reason).where(Touch.forward_id == forward.id).order_by(Touch.id)
    return [(viewer, reason) for viewer, reason in db.session.execute(touches)]


def opened(app: GuideApp, client: Client, forward: Forward, *, kind: str, channel_id: str) -> Any:
    """The page, opened on a phone of their own by someone whom the mini-program knows."""
    machine = client.with_token(make.api_key(scopes=["viewers:write"]))
    asked = {"token": forward.token, "kind": kind, "channel_id": channel_id}
    answer = machine.post("/v1/viewers", json=asked)
    assert answer.status_code == 200, answer.text
    path = answer.json["share_url"].removeprefix("http://127.0.0.1:8000")
    return Browser(app).get(path)


def test_one_person_on_two_phones_is_one_viewer(app: GuideApp, client: Client, guide: Staff) -> None:
    forward = make.forward(guide=guide)
    for _ in range(2):
        assert opened(app, client, forward, kind="wechat_union", channel_id="oABCD1234").status_code == 200
    opened(app, client, forward, kind="wechat_union", channel_id="oOTHER")
    (first, counted), (again, repeated), (other, also) = viewers(forward)
    assert first == again != other
    assert (counted, repeated, also) == (None, "repeated", None)
    assert first is not None
    assert "oABCD1234" not in first


def test_guides_own_look_in_wechat_is_recognised(app: GuideApp, client: Client, guide: Staff) -> None:
    forward, colleague = make.forward(guide=guide), make.guide()
    opened(app, client, forward, kind="staff", channel_id=guide.staff_no)
    opened(app, client, forward, kind="staff", channel_id=colleague.staff_no)
    assert [reason for _, reason in viewers(forward)] == ["own", "staff"]


def test_customer_whom_the_channel_knows_says_no_for_themselves(app: GuideApp, client: Client, guide: Staff) -> None:
    known = make.customer(guide=guide, identities=[("wechat_union", "oABCD1234")])
    make.customer(guide=guide, identities=[("wechat_union", "oOTHER")])
    forward = make.forward(guide=guide, channel="wecom_moments")
    machine = client.with_token(make.api_key(scopes=["viewers:write"]))
    asked = {"token": forward.token, "kind": "wechat_union", "channel_id": "oABCD1234"}
    phone = Browser(app)
    phone.get(machine.post("/v1/viewers", json=asked).json["share_url"].removeprefix("http://127.0.0.1:8000"))
    assert phone.post(f"/s/{forward.token}/not-interested").location.endswith("declined=1")
    said = db.session.execute(select(Consent.customer_id, Consent.channel, Consent.granted)).all()
    assert said == [(known, "wecom", False)]


def test_made_up_ticket_is_nobodys(app: GuideApp, guide: Staff) -> None:
    forward = make.forward(guide=guide)
    page = Browser(app).get(f"/s/{forward.token}?viewer=made.up.ticket")
    assert page.status_code == 200
    assert viewers(forward)[0][1] == "no_human_sign"


def test_viewer_of_a_link_that_does_not_exist_is_refused(client: Client) -> None:
    machine = client.with_token(make.api_key(scopes=["viewers:write"]))
    refused = machine.post("/v1/viewers", json={"token": "nothing", "kind": "wecom", "channel_id": "wm1"})
    assert (refused.status_code, refused.json["code"]) == (404, "forward_not_found")
