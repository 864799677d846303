"""One tap: everything to share in one answer, never twice, and never what may not be sold."""

from datetime import timedelta
from threading import Thread
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import func, select, text

from guideapi.app import GuideApp
from kit import clock
from kit.db import db
from kit.ids import new_id
from models import Content, Forward, Staff, Store
from tests import make
from tests.client import Client


def tap(**fields: Any) -> dict[str, Any]:
    return {"id": str(new_id()), "channel": "wechat", "target": {"kind": "none"}, **fields}


def forwards() -> int:
    return db.session.scalar(select(func.count()).select_from(Forward)) or 0


def test_forward_answers_with_all_that_is_shared(as_guide: Client, guide: Staff) -> None:
    product = make.product(price_fen=129950, title="焕亮精华")
    texts = {"default": "x", "wechat": "{customer_name}，{guide_name}在{store_name}为您留了一瓶，{product_price}"}
    content = make.content(products=[product.id], saying={"texts": texts})
    sent = tap()
    answer = as_guide.post(f"/v1/content/{content.id}/forwards", json=sent)
    assert answer.status_code == 201
    store = db.session.get_one(Store, guide.store_id)
    assert answer.json["text"] == f"亲，{guide.name}在{store.name}为您留了一瓶，¥1,299.50"
    assert answer.json["id"] == sent["id"]
    assert answer.json["share_url"].rpartition("/s/")[2] in answer.json["poster_url"]
    assert answer.json["products"][0]["title"] == "焕亮精华"
    assert answer.json["products"][0]["price"] == {"amount": 129950, "currency": "CNY"}


def test_channel_without_a_text_of_its_own_takes_the_default(as_guide: Client) -> None:
    content = make.content(saying={"texts": {"default": "通用", "wechat": "微信"}})
    path = f"/v1/content/{content.id}/forwards"
    assert as_guide.post(path, json=tap()).json["text"] == "微信"
    assert as_guide.post(path, json=tap(channel="poster")).json["text"] == "通用"


def test_values_are_filled_in_literally(client: Client) -> None:
    guide = make.guide(name="{store_name} \\1")
    content = make.content(saying={"texts": {"default": "{guide_name}"}})
    answer = client.sign_in(guide).post(f"/v1/content/{content.id}/forwards", json=tap())
    assert answer.json["text"] == "{store_name} \\1"


def test_double_tap_forwards_once(as_guide: Client) -> None:
    content = make.content()
    path, sent = f"/v1/content/{content.id}/forwards", tap()
    first, second = as_guide.post(path, json=sent), as_guide.post(path, json=sent)
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json == second.json
    assert forwards() == 1


def test_the_same_tap_again_answers_alike_after_the_product_left_the_shelf(as_guide: Client) -> None:
    product = make.product()
    content = make.content(products=[product.id])
    path, sent = f"/v1/content/{content.id}/forwards", tap()
    first = as_guide.post(path, json=sent)
    make.off_shelf(product)
    assert as_guide.post(path, json=sent).json == first.json
    assert as_guide.post(path, json=tap()).json["code"] == "content_not_forwardable"


def test_the_same_id_for_something_else_is_refused(as_guide: Client, client: Client, guide: Staff) -> None:
    content, other = make.content(), make.content()
    sent = tap()
    as_guide.post(f"/v1/content/{content.id}/forwards", json=sent)
    colleague = client.sign_in(make.guide(store_id=guide.store_id))
    for answer in (
        as_guide.post(f"/v1/content/{other.id}/forwards", json=sent),
        as_guide.post(f"/v1/content/{content.id}/forwards", json={**sent, "channel": "link"}),
        as_guide.post(f"/v1/content/{content.id}/forwards", json={**sent, "language": "en"}),
        as_guide.post(f"/v1/content/{content.id}/forwards", json={**sent, "target": {"kind": "group"}}),
        colleague.post(f"/v1/content/{content.id}/forwards", json=sent),
    ):
        assert (answer.status_code, answer.json["code"]) == (409, "forward_id_taken")
    assert forwards() == 1


def test_refusal_lists_every_reason(as_guide: Client) -> None:
    store = make.store()
    gone = make.product(shelf_status="discontinued")
    content = make.content(
        products=[make.product().id, gone.id],
        valid_until=clock.now() - timedelta(hours=1),
        audience=make.audience(store_ids=[store.id]),
    )
    make.withdraw(content.id)
    refused = as_guide.post(f"/v1/content/{content.id}/forwards", json=tap())
    assert (refused.status_code, refused.json["code"]) == (409, "content_not_forwardable")
    assert [reason["code"] for reason in refused.json["reasons"]] == [
        "content_withdrawn",
        "content_expired",
        "outside_audience",
        "product_not_sellable",
    ]
    assert refused.json["reasons"][-1]["product_id"] == str(gone.id)
    assert forwards() == 0


def test_not_yet_valid_is_refused(as_guide: Client) -> None:
    content = make.content(valid_from=clock.now() + timedelta(hours=1))
    refused = as_guide.post(f"/v1/content/{content.id}/forwards", json=tap())
    assert [reason["code"] for reason in refused.json["reasons"]] == ["content_not_yet_valid"]


def test_what_the_store_may_not_sell_is_not_forwarded_there(client: Client, guide: Staff) -> None:
    product = make.product()
    make.not_sold_at(product, store_id=guide.store_id)
    content = make.content(products=[product.id])
    refused = client.sign_in(guide).post(f"/v1/content/{content.id}/forwards", json=tap())
    assert refused.json["reasons"][0]["blocked_by"] == "store"
    elsewhere = client.sign_in(make.guide())
    assert elsewhere.post(f"/v1/content/{content.id}/forwards", json=tap()).status_code == 201


def test_draft_and_unknown_content_are_not_found(as_guide: Client) -> None:
    for content_id in (make.content(published=False).id, uuid4()):
        answer = as_guide.post(f"/v1/content/{content_id}/forwards", json=tap())
        assert (answer.status_code, answer.json["code"]) == (404, "content_not_found")


def test_only_who_sells_forwards(as_editor: Client) -> None:
    answer = as_editor.post(f"/v1/content/{make.content().id}/forwards", json=tap())
    assert (answer.status_code, answer.json["code"]) == (403, "forbidden")


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"channel": "fax"}, "channel"),
        ({"id": "1"}, "id"),
        ({"target": {"kind": "customers"}}, "target.customer_ids"),
        ({"target": {"kind": "none", "customer_ids": [str(uuid4())]}}, "target.customer_ids"),
        ({"target": {"kind": "none", "group_id": "g"}}, "target.group_id"),
        ({"language": "fr"}, "language"),
    ],
)
def test_nonsense_is_told_by_field(as_guide: Client, fields: dict[str, Any], wrong: str) -> None:
    answer = as_guide.post(f"/v1/content/{make.content().id}/forwards", json=tap(**fields))
    assert (answer.status_code, set(answer.json["errors"])) == (422, {wrong})


def test_guide_sees_their_own_forwards_and_the_manager_the_stores(
    client: Client, guide: Staff, as_guide: Client, as_manager: Client
) -> None:
    content = make.content()
    mine = make.forward(guide=guide, of=content)
    colleagues = make.forward(guide=make.guide(store_id=guide.store_id))
    strangers = make.forward(guide=make.guide())
    assert [item["id"] for item in as_guide.get("/v1/forwards").json["items"]] == [str(mine.id)]
    seen = {item["id"] for item in as_manager.get("/v1/forwards").json["items"]}
    assert seen == {str(mine.id), str(colleagues.id)}
    filtered = as_manager.get(f"/v1/forwards?content_id={content.id}").json["items"]
    assert [item["id"] for item in filtered] == [str(mine.id)]
    for forward in (colleagues, strangers):
        answer = as_guide.get(f"/v1/forwards/{forward.id}")
        assert (answer.status_code, answer.json["code"]) == (404, "forward_not_found")


def test_counts_are_of_unique_viewers_that_count(as_guide: Client, guide: Staff) -> None:
    forward = make.forward(guide=guide)
    for viewer in ("a", "a", "b"):
        make.touch(forward, viewer=viewer)
    make.touch(forward, counted=False, excluded_reason="crawler")
    make.touch(forward, kind="click", viewer="a")
    answer = as_guide.get(f"/v1/forwards/{forward.id}")
    assert (answer.json["opens"], answer.json["clicks"]) == (2, 1)


def test_pages_of_forwards_are_complete_even_within_one_instant(as_guide: Client, guide: Staff) -> None:
    at = clock.now()
    made = {str(make.forward(guide=guide, at=at).id) for _ in range(3)}
    first = as_guide.get("/v1/forwards?limit=2").json
    second = as_guide.get(f"/v1/forwards?limit=2&cursor={first['next_cursor']}").json
    assert {item["id"] for item in first["items"] + second["items"]} == made
    assert second["next_cursor"] is None


def test_no_forward_commits_after_the_product_left_the_shelf(app: GuideApp, as_guide: Client) -> None:
    """The brand's change is under way but not committed: the tap waits for it, and is then refused."""
    product = make.product()
    content = make.content(products=[product.id])
    answers = _tap_while(
        app,
        as_guide,
        content,
        change="UPDATE product SET shelf_status = 'off_shelf' WHERE id = :id",
        id_=product.id,
    )
    assert [answer.status_code for answer in answers] == [409]
    assert answers[0].json["reasons"][0]["shelf_status"] == "off_shelf"
    assert forwards() == 0


def test_no_forward_commits_after_a_withdrawal(app: GuideApp, as_guide: Client) -> None:
    content = make.content()
    answers = _tap_while(
        app, as_guide, content, change="UPDATE content SET state = 'withdrawn' WHERE id = :id", id_=content.id
    )
    assert [reason["code"] for reason in answers[0].json["reasons"]] == ["content_withdrawn"]
    assert forwards() == 0


def _tap_while(app: GuideApp, client: Client, content: Content, *, change: str, id_: Any) -> list[Any]:
    """The answers to a tap that began while another transaction held an uncommitted `change`."""
    answers: list[Any] = []
    path = f"/v1/content/{content.id}/forwards"
    db.session.rollback()
    with db.engine.connect() as brand:
        brand.execute(text(change), {"id": id_})
        tapping = Thread(target=lambda: answers.append(client.post(path, json=tap())))
        tapping.start()
        make.wait_until(_somebody_waits_for_a_lock)
        assert answers == []
        brand.commit()
    tapping.join(timeout=30)
    return answers


def _somebody_waits_for_a_lock() -> bool:
    with db.engine.connect() as connection:
        waiting = text("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
        return bool(connection.scalar(waiting))


def test_two_taps_at_once_forward_once(app: GuideApp, as_guide: Client, guide: Staff) -> None:
    """The first tap is inserted but not committed: the second waits, finds it, and answers the same."""
    content = make.content()
    earlier_id = make.forward(guide=guide, of=content).id
    sent = tap(id=str(new_id()), channel="link")
    answers: list[Any] = []
    path = f"/v1/content/{content.id}/forwards"
    copied = ", ".join(column.name for column in Forward.__table__.columns if column.name != "id")
    db.session.rollback()
    with db.engine.connect() as first:
        ids = {"id": sent["id"], "of": earlier_id}
        key = "INSERT INTO forward_key SELECT :id, 'first', created_at FROM forward_key WHERE id = :of"
        first.execute(text(key), ids)
        first.execute(text(f"INSERT INTO forward (id, {copied}) SELECT :id, {copied} FROM forward WHERE id = :of"), ids)
        second = Thread(target=lambda: answers.append(as_guide.post(path, json=sent)))
        second.start()
        make.wait_until(_somebody_waits_for_a_lock)
        first.commit()
    second.join(timeout=30)
    assert answers[0].status_code == 201
    assert answers[0].json["share_url"].endswith("/s/first")
    assert forwards() == 2
