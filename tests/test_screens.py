"""What the four screens of a guide's phone take: one call each, and pictures as small as they are shown."""

from datetime import timedelta
from io import BytesIO
from typing import Any
from uuid import UUID

import pytest
from PIL import Image

from kit import clock
from kit.ids import new_id
from models import Staff
from tests import make
from tests.client import Client


@pytest.fixture
def covered(as_editor: Client, as_guide: Client) -> dict[str, Any]:
    """A picture in a published content."""
    picture = BytesIO()
    Image.effect_noise((1200, 1200), 40).convert("RGB").save(picture, "JPEG")
    asset: dict[str, Any] = as_editor.post("/v1/assets", data=picture.getvalue(), content_type="image/jpeg").json
    content = make.content(saying={"asset_ids": [UUID(asset["id"])]})
    return {"asset": asset, "content": content}


@pytest.fixture
def as_editor(client: Client) -> Client:
    """Who makes content."""
    return client.sign_in(make.staff(roles=["hq_content"]))


def test_contents_come_with_their_covers(covered: dict[str, Any], as_guide: Client) -> None:
    [row] = as_guide.get("/v1/content").json["items"]
    assert row["thumbnail_url"] == covered["asset"]["thumbnail_url"]
    cover = as_guide.get(row["thumbnail_url"], headers={"Accept": "image/webp"})
    assert max(Image.open(BytesIO(cover.data)).size) == 320
    assert len(cover.data) < 0.2 * len(as_guide.get(covered["asset"]["url"]).data)


def test_a_content_without_pictures_is_shown_by_its_product_or_not_at_all(as_guide: Client) -> None:
    make.content()
    [row] = as_guide.get("/v1/content").json["items"]
    assert row["thumbnail_url"] is None


def test_todays_tasks_come_with_what_is_to_be_forwarded(
    covered: dict[str, Any], guide: Staff, as_guide: Client
) -> None:
    make.task_plan(by=guide, kind="forward", content_id=covered["content"].id)
    [task] = as_guide.get("/v1/tasks").json["items"]
    assert task["content"]["thumbnail_url"] == covered["asset"]["thumbnail_url"]
    assert task["content"]["forwardable"] is True


def test_a_customers_screen_is_one_call_that_says_what_the_single_ones_say(guide: Staff, as_guide: Client) -> None:
    customer_id = make.customer(guide=guide)
    path = f"/v1/customers/{customer_id}"
    consents = {"granted": {"sms": True}, "origin": "form", "text_version": "2026-01", "evidence": "scan 7"}
    assert as_guide.post(f"{path}/consents", json=consents).status_code == 201
    follow_up = {
        "customer_id": str(customer_id),
        "channel": "call",
        "outcome": "reached",
        "next_on": str(clock.now().date() + timedelta(days=7)),
    }
    follow_up |= {"id": str(new_id()), "at": clock.now().isoformat()}
    assert as_guide.post("/v1/follow-ups", json=follow_up).status_code == 201
    shown = as_guide.get(f"{path}/overview").json
    assert shown["customer"] == as_guide.get(path).json
    assert shown["consents"] == as_guide.get(f"{path}/consents").json["items"]
    assert shown["quiet_hours"] == as_guide.get(f"{path}/quiet-hours").json
    assert shown["follow_ups"] == as_guide.get(f"/v1/follow-ups?customer_id={customer_id}").json["items"]
    assert shown["next_step"] == shown["follow_ups"][0]
    assert shown["timeline"] == as_guide.get(f"{path}/timeline?limit=20").json
    assert len(shown["timeline"]["items"]) >= 3


def test_a_strangers_screen_is_not_found(as_guide: Client) -> None:
    customer_id = make.customer(guide=make.guide())
    assert as_guide.get(f"/v1/customers/{customer_id}/overview").json["code"] == "customer_not_found"
