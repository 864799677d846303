"""A guide's portrait comes from the guide or from headquarters, and is shown to customers."""

from io import BytesIO
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import select

from content_center import queries
from kit import storage
from kit.db import db
from models import Staff
from tests import make
from tests.client import Client


def picture(colour: str = "red", size: tuple[int, int] = (900, 1200)) -> bytes:
    data = BytesIO()
    exif = Image.Exif()
    exif[0x010E] = "where it was taken"
    Image.new("RGB", size, colour).save(data, "JPEG", exif=exif)
    return data.getvalue()


def send(client: Client, path: str, data: bytes, media_type: str = "image/jpeg") -> Any:
    return client.post(path, data=data, content_type=media_type)


@pytest.fixture
def as_admin(client: Client) -> Client:
    return client.sign_in(make.staff(roles=["hq_admin"]))


def test_a_guide_brings_the_own_one(as_guide: Client, as_manager: Client, guide: Staff) -> None:
    assert as_guide.get("/v1/me").json["portrait_url"] is None
    answer = send(as_guide, "/v1/me/portrait", picture())
    assert answer.status_code == 200, answer.text
    url = answer.json["portrait_url"]
    assert as_guide.get("/v1/me").json["portrait_url"] == url
    shown = as_manager.get(f"/v1/staff/{guide.id}").json
    assert shown["portrait_url"] == url
    assert url in [one["portrait_url"] for one in as_manager.get("/v1/staff").json["items"]]
    kept = Image.open(BytesIO(as_guide.get(url).data))
    assert (kept.size, dict(kept.getexif())) == ((480, 640), {})
    small = Image.open(BytesIO(as_guide.get(answer.json["portrait_thumbnail_url"]).data))
    assert max(small.size) == 320


def test_one_that_is_sent_again_is_answered_again(as_guide: Client) -> None:
    keyed = {"headers": {"Idempotency-Key": "portrait"}, "content_type": "image/jpeg"}
    first, again = (as_guide.post("/v1/me/portrait", data=picture(), **keyed) for _ in range(2))
    assert (first.status_code, again.data) == (200, first.data), first.text
    assert again.headers["Idempotency-Replayed"] == "true"
    other = as_guide.post("/v1/me/portrait", data=picture("blue"), **keyed)
    assert other.json["code"] == "idempotency_key_reused"


def test_headquarters_bring_those_of_others(as_admin: Client, as_guide: Client, guide: Staff) -> None:
    path = f"/v1/staff/{guide.id}/portrait"
    form = {"file": (BytesIO(picture()), "me.jpg", "image/jpeg")}
    url = as_admin.post(path, data=form, content_type="multipart/form-data").json["portrait_url"]
    assert as_guide.get("/v1/me").json["portrait_url"] == url
    assert as_admin.delete(path).status_code == 200
    assert as_guide.get("/v1/me").json["portrait_url"] is None
    assert as_admin.get(url).status_code == 404
    assert send(as_guide, path, picture()).status_code == 403


def test_pages_and_posters_show_the_one_of_now(client: Client, as_guide: Client, guide: Staff) -> None:
    forward = make.forward(guide=guide, of=make.content(products=[make.product().id]))
    page, poster = f"/s/{forward.token}", f"/posters/{forward.token}.jpg"
    without = client.get(poster).data
    url = send(as_guide, "/v1/me/portrait", picture("red")).json["portrait_url"]
    assert f'<img src="{url}"' in client.get(page).text
    red = client.get(poster).data
    blue_url = send(as_guide, "/v1/me/portrait", picture("blue")).json["portrait_url"]
    assert f'<img src="{blue_url}"' in client.get(page).text
    blue = client.get(poster).data
    assert len({without, red, blue}) == 3
    as_guide.delete("/v1/me/portrait")
    assert '<img src="/files' not in client.get(page).text
    assert client.get(poster).data == without


@pytest.mark.parametrize(
    ("data", "status", "code"),
    [
        (b"", 422, "image_unknown_format"),
        (b"no picture", 422, "image_unknown_format"),
        (bytes(10 * 2**20 + 1), 413, "too_large"),
    ],
)
def test_what_is_no_picture_is_refused_and_changes_nothing(
    as_guide: Client, guide: Staff, data: bytes, status: int, code: str
) -> None:
    url = send(as_guide, "/v1/me/portrait", picture()).json["portrait_url"]
    refused = send(as_guide, "/v1/me/portrait", data)
    assert (refused.status_code, refused.json["code"]) == (status, code)
    assert as_guide.get("/v1/me").json["portrait_url"] == url


def test_nobody_is_found_without_being_there(as_admin: Client) -> None:
    gone = "00000000-0000-7000-8000-000000000000"
    assert send(as_admin, f"/v1/staff/{gone}/portrait", picture()).json["code"] == "staff_not_found"
    assert as_admin.delete(f"/v1/staff/{gone}/portrait").json["code"] == "staff_not_found"


def test_a_preview_shows_it_too(as_guide: Client, guide: Staff) -> None:
    path = f"/v1/content/{make.content().id}/poster-preview"
    before = as_guide.get(path).data
    send(as_guide, "/v1/me/portrait", picture())
    assert as_guide.get(path).data != before
    key = db.session.scalar(select(Staff.portrait_key).where(Staff.id == guide.id))
    assert key is not None
    assert storage.has(key)
    assert queries.get_guide_card(guide.id)["portrait_key"] == key
