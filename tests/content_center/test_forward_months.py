"""Forwards at size: what was said is kept once, a month has a partition of its own, and a row is small."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import time_machine
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from content_center import jobs
from guideapi.app import GuideApp
from kit import clock
from kit.db import db, unit_of_work
from kit.ids import new_id
from models import Staff
from tests import make
from tests.client import Client
from tests.content_center.test_page import Browser

BYTES_OF_A_ROW = 300


def count(table: str) -> int:
    return int(db.session.scalar(text(f"SELECT count(*) FROM {table}")) or 0)


def taps(client: Client, content_id: UUID, *channels: str, **fields: Any) -> list[dict[str, Any]]:
    found = []
    for channel in channels:
        tap = {"id": str(new_id()), "channel": channel, "target": {"kind": "none"}, **fields}
        answer = client.post(f"/v1/content/{content_id}/forwards", json=tap)
        assert answer.status_code == 201, answer.json
        found.append(answer.json)
    return found


def test_what_is_said_of_a_version_on_a_day_is_kept_once(as_guide: Client, guide: Staff) -> None:
    product = make.product(price_fen=9900)
    texts = {"default": "{guide_name} {product_price}", "wechat": "微信 {product_price}"}
    content = make.content(products=[product.id], saying={"texts": texts})
    said = [one["text"] for one in taps(as_guide, content.id, "wechat", "link", "link", "poster")]
    usual = f"{guide.name} ¥99"
    assert said == ["微信 ¥99", usual, usual, usual]
    assert (count("forward"), count("forward_key"), count("forward_text")) == (4, 4, 1)
    taps(as_guide, content.id, "link", language="en")
    assert count("forward_text") == 2
    with time_machine.travel(clock.now() + timedelta(days=1)):
        taps(as_guide.sign_in(guide), content.id, "link", "link")
    assert (count("forward"), count("forward_text")) == (7, 3)


def test_a_price_that_changes_within_a_day_changes_no_earlier_forward(as_guide: Client, guide: Staff) -> None:
    product = make.product(price_fen=9900)
    content = make.content(products=[product.id], saying={"texts": {"default": "{product_price}"}})
    [before] = taps(as_guide, content.id, "link")
    with unit_of_work():
        db.session.execute(text("UPDATE sku SET price_fen = 8800 WHERE product_id = :id"), {"id": product.id})
    [after] = taps(as_guide, content.id, "link")
    assert (before["text"], after["text"]) == ("¥99", "¥88")
    assert as_guide.get(f"/v1/forwards/{before['id']}").json["text"] == "¥99"
    assert as_guide.get(f"/v1/forwards/{after['id']}").json["products"][0]["price"]["amount"] == 8800


def test_a_forward_of_an_old_month_is_read_as_ever(app: GuideApp, as_guide: Client, guide: Staff) -> None:
    """In a month of its own, and also where nobody made its month: list, one, page, feed, and the same tap again."""
    content = make.content(valid_from=datetime(2025, 1, 1, tzinfo=UTC))
    with time_machine.travel(datetime(2025, 3, 31, 23, 59, tzinfo=UTC)), unit_of_work():
        jobs.add_months()
    moments = [datetime(2025, 1, 31, 23, 59, tzinfo=UTC), datetime(2025, 3, 31, 23, 59, tzinfo=UTC)]
    old = [make.forward(guide=guide, of=content, at=at) for at in moments]
    [new] = taps(as_guide, content.id, "link")
    parts = db.session.execute(text("SELECT tableoid::regclass::text FROM forward ORDER BY created_at")).scalars().all()
    assert parts == ["forward_default", "forward_2025_03", f"forward_{clock.now():%Y_%m}"]
    listed = as_guide.get("/v1/forwards").json["items"]
    assert [row["id"] for row in listed] == [new["id"], str(old[1].id), str(old[0].id)]
    for forward in old:
        seen = as_guide.get(f"/v1/forwards/{forward.id}").json
        assert seen["text"] == new["text"]
        assert Browser(app).get(f"/s/{forward.token}").status_code == 200
        again = {"id": str(forward.id), "channel": "link", "target": {"kind": "none"}}
        answer = as_guide.post(f"/v1/content/{content.id}/forwards", json=again)
        assert (answer.status_code, answer.json["share_url"]) == (201, seen["share_url"])
    assert count("forward") == 3


def test_an_id_or_a_link_is_of_one_forward_in_all_months(app: GuideApp, guide: Staff) -> None:
    make.forward(guide=guide)
    for values in ("id, 'other', '2025-01-01'", "uuid7(), token, created_at"):
        with pytest.raises(IntegrityError), unit_of_work():
            db.session.execute(text(f"INSERT INTO forward_key SELECT {values} FROM forward_key"))


def test_a_row_is_small(as_guide: Client, guide: Staff) -> None:
    """With its key, and to a customer by name; indexes are not counted."""
    content, customer_id = make.content(), make.customer(guide=guide)
    make.forward(guide=guide, of=content, target={"kind": "customers", "customer_ids": [str(customer_id)]})
    sizes = "SELECT sum(pg_column_size(f.*) + pg_column_size(k.*)) FROM forward f JOIN forward_key k ON k.id = f.id"
    assert 0 < int(db.session.scalar(text(sizes)) or 0) <= BYTES_OF_A_ROW
