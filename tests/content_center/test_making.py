"""Drafts, versions, publication by a second person, withdrawal."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from content_center import posters
from kit import clock
from kit.db import db, unit_of_work
from models import Content, ContentProduct, ContentVersion, Staff
from tests import make
from tests.client import Client, new, wrong


def draft(**fields: Any) -> dict[str, Any]:
    defaults = {
        "kind": "article",
        "category": "新品",
        "title": "秋日焕亮",
        "body": "换季的第一瓶精华。",
        "texts": {"default": "{customer_name}，{guide_name}（{store_name}）为您推荐，{product_price}"},
        "product_ids": [str(make.product().id)],
        "valid_from": "2026-01-01T00:00:00Z",
    }
    return {**defaults, **fields}


def saying(**fields: Any) -> dict[str, Any]:
    """What one version says."""
    return {name: draft(**fields)[name] for name in ("title", "body", "texts", "product_ids")}


def test_editor_drafts_and_another_publishes(as_editor: Client, as_reviewer: Client, as_guide: Client) -> None:
    made = as_editor.post("/v1/content", json=new(draft()))
    assert (made.status_code, made.json["state"], made.json["version"]) == (201, "draft", 1)
    path = f"/v1/content/{made.json['id']}"
    assert as_guide.get(path).json["code"] == "content_not_found"
    assert as_guide.get("/v1/content").json["items"] == []
    published = as_reviewer.post(f"{path}/publish")
    assert (published.status_code, published.json["state"], published.json["live_version"]) == (200, "published", 1)
    assert [item["id"] for item in as_guide.get("/v1/content").json["items"]] == [made.json["id"]]
    assert as_guide.get(path).json["texts"] == draft()["texts"]


def test_author_may_not_publish(as_editor: Client) -> None:
    made = as_editor.post("/v1/content", json=new(draft()))
    refused = as_editor.post(f"/v1/content/{made.json['id']}/publish")
    assert (refused.status_code, refused.json["code"]) == (403, "author_may_not_publish")
    assert db.session.get_one(Content, made.json["id"]).state == "draft"


def test_the_database_refuses_one_pair_of_eyes(app: object, editor: Staff) -> None:
    content = make.content(published=False, author=editor)
    with pytest.raises(IntegrityError, match="four_eyes"), unit_of_work():
        db.session.execute(
            text("UPDATE content_version SET published_at = now(), published_by = created_by WHERE content_id = :id"),
            {"id": content.id},
        )


def test_guides_and_managers_make_no_content(as_guide: Client, as_manager: Client) -> None:
    for client in (as_guide, as_manager):
        assert client.post("/v1/content", json=new(draft())).json["code"] == "forbidden"
        assert client.post(f"/v1/content/{uuid4()}/publish").json["code"] == "forbidden"


@pytest.mark.parametrize(
    ("texts", "channel", "code"),
    [
        ({"default": "{customer}好"}, "texts.default", "unknown_placeholder"),
        ({"default": "好", "wechat": "{}"}, "texts.wechat", "unknown_placeholder"),
        ({"default": "好 } {"}, "texts.default", "stray_brace"),
        ({"wechat": "好"}, "texts.default", "required"),
    ],
)
def test_text_that_cannot_be_filled_in_is_refused(
    as_editor: Client, texts: dict[str, str], channel: str, code: str
) -> None:
    refused = as_editor.post("/v1/content", json=new(draft(texts=texts)))
    assert (refused.status_code, refused.json["code"]) == (422, "content_texts_invalid")
    assert wrong(refused) == {channel: [code]}
    assert db.session.scalars(select(Content)).all() == []


def test_a_price_needs_a_product(as_editor: Client) -> None:
    refused = as_editor.post("/v1/content", json=new(draft(product_ids=[])))
    assert wrong(refused) == {"texts.default": ["price_without_product"]}


def test_what_does_not_exist_cannot_be_referred_to(as_editor: Client) -> None:
    nowhere = str(uuid4())
    refused = as_editor.post("/v1/content", json=new(draft(product_ids=[nowhere])))
    assert (refused.status_code, refused.json["code"], refused.json["unknown"]) == (
        422,
        "content_products_unknown",
        [nowhere],
    )
    for audience in ({"store_ids": [nowhere]}, {"region_ids": [nowhere]}):
        assert (
            as_editor.post("/v1/content", json=new(draft(audience=audience))).json["code"] == "content_audience_unknown"
        )
    refused = as_editor.post("/v1/content", json=new(draft(poster_template="mona_lisa")))
    assert refused.json["code"] == posters.UnknownTemplate.code


def test_nonsense_is_told_by_field(as_editor: Client) -> None:
    product = str(make.product().id)
    answer = as_editor.post("/v1/content", json=new(draft(product_ids=[product, product], kind="opera", channel="x")))
    assert set(answer.json["errors"]) == {"product_ids", "kind", "channel"}
    answer = as_editor.post("/v1/content", json=new(draft(valid_until="2025-12-31T00:00:00Z")))
    assert wrong(answer) == {"valid_until": ["not_later"]}


def test_new_version_is_shown_only_once_published(as_editor: Client, as_reviewer: Client, as_guide: Client) -> None:
    content = make.content()
    path = f"/v1/content/{content.id}"
    made = as_editor.post(f"{path}/versions", json=saying(title="第二版"))
    assert (made.status_code, made.json["version"], made.json["live_version"]) == (201, 2, 1)
    assert as_guide.get(path).json["title"] == "秋日焕亮"
    as_reviewer.post(f"{path}/publish")
    assert as_guide.get(path).json["title"] == "第二版"
    again = as_reviewer.post(f"{path}/publish")
    assert (again.status_code, again.json["code"]) == (409, "content_state_forbids")


def test_published_version_never_changes(app: object) -> None:
    content = make.content(products=[make.product().id])
    version = db.session.scalars(select(ContentVersion).where(ContentVersion.content_id == content.id)).one()
    for statement in (
        "UPDATE content_version SET title = 'x' WHERE id = :id",
        "DELETE FROM content_product WHERE content_version_id = :id",
        "UPDATE content_product SET position = 9 WHERE content_version_id = :id",
    ):
        with pytest.raises(IntegrityError, match="never changes"), unit_of_work():
            db.session.execute(text(statement), {"id": version.id})
    product = make.product()
    with pytest.raises(IntegrityError, match="never changes"), unit_of_work():
        db.session.add(ContentProduct(content_version_id=version.id, position=7, product_id=product.id))


def test_withdrawal_is_for_good(as_editor: Client, as_reviewer: Client, as_guide: Client) -> None:
    content = make.content()
    path = f"/v1/content/{content.id}"
    withdrawn = as_editor.post(f"{path}/withdraw", json={"reason": "价格有误"})
    assert (withdrawn.json["state"], withdrawn.json["withdrawn_reason"]) == ("withdrawn", "价格有误")
    assert as_guide.get("/v1/content").json["items"] == []
    assert [reason["code"] for reason in as_guide.get(path).json["reasons"]] == ["content_withdrawn"]
    for answer in (
        as_editor.post(f"{path}/withdraw", json={"reason": "again"}),
        as_reviewer.post(f"{path}/publish"),
        as_editor.post(
            f"{path}/versions", json={name: draft()[name] for name in ("title", "body", "texts", "product_ids")}
        ),
    ):
        assert (answer.status_code, answer.json["code"]) == (409, "content_state_forbids")


def test_headquarters_see_every_state(as_editor: Client, as_guide: Client) -> None:
    drafted, expired = make.content(published=False), make.content(valid_until=clock.now() - timedelta(days=1))
    assert [item["id"] for item in as_editor.get("/v1/content?state=draft").json["items"]] == [str(drafted.id)]
    assert [item["id"] for item in as_editor.get("/v1/content").json["items"]] == [str(expired.id)]
    assert as_guide.get("/v1/content?state=draft").json["items"] == []


def test_unknown_content_is_not_found(as_editor: Client) -> None:
    for answer in (
        as_editor.get(f"/v1/content/{uuid4()}"),
        as_editor.post(f"/v1/content/{uuid4()}/publish"),
        as_editor.post(f"/v1/content/{uuid4()}/withdraw", json={"reason": "x"}),
    ):
        assert (answer.status_code, answer.json["code"]) == (404, "content_not_found")
