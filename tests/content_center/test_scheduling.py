"""Versions that go live by themselves at their time."""

from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from kit import clock
from kit.db import db, unit_of_work
from kit.ids import new_id
from models import Content, ContentVersion, Staff
from tests import make
from tests.client import Client


def schedule(client: Client, content: Content, at: datetime) -> Any:
    return client.post(f"/v1/content/{content.id}/publish", json={"publish_at": at.isoformat()})


def listed(client: Client, state: str) -> list[tuple[str, int, str]]:
    items = client.get(f"/v1/content?state={state}").json["items"]
    return [(item["id"], item["version"], item["version_state"]) for item in items]


def write_version(client: Client, content: Content, title: str = "第二版") -> Any:
    saying = {"title": title, "body": "", "texts": {"default": title}}
    return client.post(f"/v1/content/{content.id}/versions", json=saying)


def forward(client: Client, content: Content) -> Any:
    return client.post(f"/v1/content/{content.id}/forwards", json={"id": str(new_id()), "channel": "link"})


def test_first_version_is_shown_from_its_time_on(as_reviewer: Client, client: Client, guide: Staff) -> None:
    content = make.content(published=False)
    at = clock.now() + timedelta(hours=2)
    answer = schedule(as_reviewer, content, at).json
    assert (answer["state"], answer["version_state"], answer["live_version"]) == ("scheduled", "scheduled", None)
    assert listed(as_reviewer, "scheduled") == [(str(content.id), 1, "scheduled")]
    as_guide = client.sign_in(guide)
    assert listed(as_reviewer, "published") == listed(as_guide, "published") == []
    assert as_guide.get(f"/v1/content/{content.id}").status_code == 404
    refused = forward(as_guide, content).json
    assert [reason["code"] for reason in refused["reasons"]] == ["content_not_published"]
    with time_machine.travel(at + timedelta(seconds=1)):
        as_guide = client.sign_in(guide)
        assert listed(as_guide, "published") == [(str(content.id), 1, "published")]
        assert forward(as_guide, content).status_code == 201


def test_new_version_replaces_the_live_one_at_its_time(
    as_editor: Client, as_reviewer: Client, client: Client, guide: Staff
) -> None:
    content = make.content(saying={"title": "第一版"})
    write_version(as_editor, content)
    at = clock.now() + timedelta(hours=2)
    assert schedule(as_reviewer, content, at).json["live_version"] == 1
    assert forward(client.sign_in(guide), content).json["title"] == "第一版"
    with time_machine.travel(at):
        as_guide = client.sign_in(guide)
        assert as_guide.get("/v1/content").json["items"][0]["title"] == "第二版"
        assert as_guide.get(f"/v1/content/{content.id}").json["live_version"] == 2
        assert forward(as_guide, content).json["title"] == "第二版"
        make.new_version(content, now=clock.now(), title="第三版")
        assert forward(as_guide, content).json["title"] == "第三版"


def test_what_waits_can_be_taken_back_and_nothing_else(as_editor: Client, as_reviewer: Client, guide: Staff) -> None:
    content = make.content()
    write_version(as_editor, content)
    schedule(as_reviewer, content, clock.now() + timedelta(hours=2))
    blocked = write_version(as_editor, content, "第三版")
    assert (blocked.status_code, blocked.json["code"]) == (409, "content_state_forbids")
    with pytest.raises(IntegrityError, match="never changes"), unit_of_work():
        db.session.execute(update(ContentVersion).where(ContentVersion.number == 2).values(title="偷改"))
    returned = as_editor.post(f"/v1/content/{content.id}/return", json={"comment": "价格有变"}).json
    assert (returned["version"], returned["version_state"], returned["live_version"]) == (2, "draft", 1)
    assert listed(as_reviewer, "scheduled") == []
    assert listed(as_reviewer, "draft") == [(str(content.id), 2, "draft")]
    assert write_version(as_editor, content, "第三版").status_code == 201


def test_first_version_taken_back_is_a_draft_again(as_editor: Client, as_reviewer: Client) -> None:
    content = make.content(published=False)
    schedule(as_reviewer, content, clock.now() + timedelta(hours=2))
    returned = as_reviewer.post(f"/v1/content/{content.id}/return", json={"comment": "早了"}).json
    assert (returned["state"], returned["published_at"], returned["reviewer_id"]) == ("draft", None, None)
    assert as_reviewer.post(f"/v1/content/{content.id}/publish").json["code"] == "content_state_forbids"
    as_editor.post(f"/v1/content/{content.id}/submit")
    assert as_reviewer.post(f"/v1/content/{content.id}/publish").json["state"] == "published"


def test_withdrawal_stops_what_waits(as_editor: Client, as_reviewer: Client, client: Client, guide: Staff) -> None:
    content = make.content(saying={"title": "第一版"})
    write_version(as_editor, content)
    at = clock.now() + timedelta(hours=2)
    schedule(as_reviewer, content, at)
    as_reviewer.post(f"/v1/content/{content.id}/withdraw", json={"reason": "停"})
    with time_machine.travel(at + timedelta(hours=1)):
        refused = forward(client.sign_in(guide), content).json
        assert [reason["code"] for reason in refused["reasons"]] == ["content_withdrawn"]
        assert client.sign_in(guide).get(f"/v1/content/{content.id}").json["title"] == "第一版"


def test_new_versions_of_published_content_are_found_where_they_wait(as_editor: Client, as_reviewer: Client) -> None:
    content = make.content()
    write_version(as_editor, content)
    assert listed(as_reviewer, "draft") == [(str(content.id), 2, "draft")]
    as_editor.post(f"/v1/content/{content.id}/submit")
    assert listed(as_reviewer, "draft") == []
    assert listed(as_reviewer, "in_review") == [(str(content.id), 2, "in_review")]
    assert listed(as_reviewer, "published") == [(str(content.id), 1, "published")]


def test_time_that_has_passed_is_refused(as_reviewer: Client) -> None:
    content = make.content(published=False)
    refused = schedule(as_reviewer, content, clock.now() - timedelta(minutes=1))
    assert (refused.status_code, list(refused.json["errors"])) == (422, ["publish_at"])
    assert listed(as_reviewer, "draft") == [(str(content.id), 1, "draft")]
