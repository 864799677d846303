"""Drafts are changed until they are submitted, and seen by someone who wrote none of them."""

from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from kit import clock
from kit.db import db, unit_of_work
from models import Content, ContentVersion, Staff
from tests import make
from tests.client import Client


def etag(client: Client, path: str) -> str:
    return client.get(path).headers["ETag"]


def patch(client: Client, path: str, tag: str | None = None, **changes: Any) -> Any:
    return client.patch(path, json=changes, headers={"If-Match": tag or etag(client, path)})


def test_draft_goes_through_review(as_editor: Client, as_reviewer: Client, editor: Staff) -> None:
    content = make.content(published=False, author=editor)
    path = f"/v1/content/{content.id}"
    submitted = as_editor.post(f"{path}/submit")
    assert (submitted.status_code, submitted.json["state"]) == (200, "in_review")
    assert [item["id"] for item in as_reviewer.get("/v1/content?state=in_review").json["items"]] == [str(content.id)]
    assert as_editor.post(f"{path}/submit").json["code"] == "content_state_forbids"
    refused = patch(as_editor, path, title="改一改")
    assert (refused.status_code, refused.json["code"]) == (409, "content_state_forbids")
    assert as_editor.post(f"{path}/return", json={"comment": "x"}).json["code"] == "author_may_not_publish"
    returned = as_reviewer.post(f"{path}/return", json={"comment": "功效说法需要依据"})
    assert (returned.json["state"], returned.json["review_comment"]) == ("draft", "功效说法需要依据")
    assert patch(as_editor, path, title="改好了").json["title"] == "改好了"
    early = as_reviewer.post(f"{path}/publish")
    assert (early.status_code, early.json["code"]) == (409, "content_state_forbids")
    as_editor.post(f"{path}/submit")
    published = as_reviewer.post(f"{path}/publish")
    assert (published.json["state"], published.json["title"]) == ("published", "改好了")
    assert as_reviewer.post(f"{path}/return", json={"comment": "zu spät"}).json["code"] == "content_state_forbids"


def test_who_wrote_in_it_may_not_publish_it(client: Client, as_editor: Client, as_reviewer: Client) -> None:
    content = make.content(published=False)
    path = f"/v1/content/{content.id}"
    assert patch(as_editor, path, body="我写的一句").status_code == 200
    assert as_editor.post(f"{path}/publish").json["code"] == "author_may_not_publish"
    assert as_reviewer.post(f"{path}/publish").status_code == 200


def test_changing_the_audience_is_not_writing(as_editor: Client) -> None:
    content = make.content(published=False)
    path = f"/v1/content/{content.id}"
    changed = patch(as_editor, path, audience={"roles": ["guide"]}, category="节日", tags=["七夕"])
    assert (changed.json["audience"]["roles"], changed.json["category"]) == (["guide"], "节日")
    assert as_editor.post(f"{path}/publish").status_code == 200


def test_published_wording_is_not_changed_but_replaced(as_editor: Client, as_guide: Client) -> None:
    content = make.content()
    path = f"/v1/content/{content.id}"
    assert patch(as_editor, path, title="偷改").json["code"] == "content_state_forbids"
    assert patch(as_editor, path, valid_until="2099-01-01T00:00:00Z").status_code == 200
    assert as_guide.get(path).json["valid_until"] == "2099-01-01T00:00:00Z"


def test_nobody_undoes_anothers_change_unawares(as_editor: Client, as_reviewer: Client) -> None:
    content = make.content(published=False)
    path = f"/v1/content/{content.id}"
    seen = etag(as_editor, path)
    assert patch(as_reviewer, path, title="先来").status_code == 200
    late = patch(as_editor, path, seen, title="后到")
    assert (late.status_code, late.json["code"]) == (412, "stale")
    assert as_editor.patch(path, json={"title": "x"}).status_code == 428
    assert as_editor.get(path).json["title"] == "先来"


def test_changes_are_checked_as_a_new_draft_is(as_editor: Client) -> None:
    content = make.content(published=False)
    path = f"/v1/content/{content.id}"
    assert patch(as_editor, path, texts={"default": "{nobody}"}).json["code"] == "content_texts_invalid"
    assert patch(as_editor, path, product_ids=[str(uuid4())]).json["code"] == "content_products_unknown"
    assert patch(as_editor, path, audience={"store_ids": [str(uuid4())]}).json["code"] == "content_audience_unknown"
    assert patch(as_editor, path, valid_until="2001-01-01T00:00:00Z").json["errors"].keys() == {"valid_until"}
    product = make.product()
    assert [p["id"] for p in patch(as_editor, path, product_ids=[str(product.id)]).json["products"]] == [
        str(product.id)
    ]
    version = db.session.scalars(select(ContentVersion).where(ContentVersion.content_id == content.id)).one()
    assert version.title == "秋日焕亮"
    assert db.session.get_one(Content, content.id).state == "draft"


def test_withdrawn_content_stays_as_it_is(as_editor: Client) -> None:
    content = make.content()
    make.withdraw(content.id)
    path = f"/v1/content/{content.id}"
    assert patch(as_editor, path, category="x").json["code"] == "content_state_forbids"
    assert as_editor.post(f"{path}/submit").json["code"] == "content_state_forbids"
    assert as_editor.post(f"{path}/return", json={"comment": "x"}).json["code"] == "content_state_forbids"


def test_new_version_in_place_of_a_returned_one_is_submitted_too(as_editor: Client, as_reviewer: Client) -> None:
    content = make.content(published=False)
    path = f"/v1/content/{content.id}"
    as_editor.post(f"{path}/submit")
    as_reviewer.post(f"{path}/return", json={"comment": "功效说法需要依据"})
    wording = {"title": "又一版", "body": "", "texts": {"default": "好"}}
    assert as_editor.post(f"{path}/versions", json=wording).json["review_comment"] == "功效说法需要依据"
    assert as_reviewer.post(f"{path}/publish").json["code"] == "content_state_forbids"
    as_editor.post(f"{path}/submit")
    assert as_reviewer.post(f"{path}/publish").json["state"] == "published"


def test_the_database_refuses_to_publish_what_was_returned(editor: Staff) -> None:
    content = make.content(published=False, author=editor)
    reviewer = make.staff(roles=["hq_content"])
    by_force = {"review_comment": "nein", "published_by": reviewer.id, "published_at": clock.now()}
    with pytest.raises(IntegrityError, match="resubmitted"), unit_of_work():
        db.session.execute(update(ContentVersion).where(ContentVersion.content_id == content.id).values(by_force))


def test_who_wrote_and_reviewed_it_stays_at_headquarters(
    as_editor: Client, as_reviewer: Client, as_guide: Client, as_manager: Client, editor: Staff
) -> None:
    content = make.content(published=False, author=editor)
    path = f"/v1/content/{content.id}"
    as_editor.post(f"{path}/submit")
    as_reviewer.post(f"{path}/return", json={"comment": "功效说法需要依据"})
    as_editor.post(f"{path}/submit")
    seen = as_reviewer.post(f"{path}/publish").json
    assert (seen["author_id"], seen["review_comment"]) == (str(editor.id), "功效说法需要依据")
    assert seen["reviewer_id"]
    for outsider in (as_guide, as_manager):
        shown = outsider.get(path)
        assert {shown.json[name] for name in ("author_id", "reviewer_id", "review_comment", "submitted_at")} == {None}
        assert shown.json["contributor_ids"] == []
        assert str(editor.id) not in shown.text
        assert str(editor.id) not in outsider.get("/v1/content").text


def test_every_version_is_there_to_read(as_editor: Client, as_guide: Client) -> None:
    content = make.content(saying={"title": "一"})
    path = f"/v1/content/{content.id}/versions"
    written = {"title": "二", "body": "x", "texts": {"default": "第二"}}
    assert as_editor.post(path, json=written).status_code == 201
    second, first = as_editor.get(path).json["items"]
    assert (second["version"], second["title"], second["texts"], second["live_from"]) == (
        2,
        "二",
        {"default": "第二"},
        None,
    )
    assert (first["version"], first["title"], first["version_state"]) == (1, "一", "published")
    page = as_editor.get(f"{path}?limit=1").json
    assert page["items"] == [second]
    assert as_editor.get(f"{path}?limit=1&cursor={page['next_cursor']}").json["items"] == [first]
    assert as_editor.get(f"/v1/content/{uuid4()}/versions").json["code"] == "content_not_found"
    assert as_guide.get(path).json["code"] == "forbidden"
