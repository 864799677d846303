"""Pictures that come in: what is kept of them, and what is refused."""

import struct
import zlib
from io import BytesIO
from typing import Any
from uuid import UUID

import pytest
from PIL import Image
from sqlalchemy import func, select

from kit import storage
from kit.db import db
from models import Asset, Staff
from tests import make
from tests.client import Client


def picture(kind: str = "JPEG", size: tuple[int, int] = (640, 480), **options: Any) -> bytes:
    out = BytesIO()
    Image.new("RGB", size, "#c88").save(out, kind, **options)
    return out.getvalue()


def upload(client: Client, data: bytes, media_type: str = "image/jpeg") -> Any:
    return client.post("/v1/assets", data=data, content_type=media_type)


@pytest.mark.parametrize(
    ("kind", "media_type"),
    [
        ("JPEG", "image/jpeg"),
        ("PNG", "image/png"),
        ("WEBP", "image/webp"),
        ("GIF", "image/gif"),
        ("HEIF", "image/heic"),
    ],
)
def test_common_pictures_come_in(as_editor: Client, kind: str, media_type: str) -> None:
    answer = upload(as_editor, picture(kind), media_type)
    assert (answer.status_code, answer.json["width"], answer.json["height"]) == (201, 640, 480)


def test_form_upload_is_the_same_as_a_body(as_editor: Client) -> None:
    data = picture()
    form = {"file": (BytesIO(data), "holiday.jpg", "image/jpeg")}
    first = as_editor.post("/v1/assets", data=form, content_type="multipart/form-data")
    assert first.json == upload(as_editor, data).json
    assert db.session.scalar(select(func.count()).select_from(Asset)) == 1


def test_metadata_is_dropped_and_large_pictures_shrink(as_editor: Client) -> None:
    exif = Image.Exif()
    exif[0x010F] = "SecretCam"
    asset = upload(as_editor, picture(size=(3000, 2000), exif=exif)).json
    row = db.session.get_one(Asset, asset["id"])
    sizes = []
    for key in (row.storage_key, row.page_key):
        stored = storage.get(key)
        assert b"SecretCam" not in stored
        sizes.append(Image.open(BytesIO(stored)).size)
    assert sizes == [(2400, 1600), (1080, 720)]


@pytest.mark.parametrize(
    ("data", "media_type", "code"),
    [
        (b"", "image/jpeg", "image_unknown_format"),
        (b"<svg onload=alert(1)>", "image/jpeg", "image_unknown_format"),
        (picture()[:300], "image/jpeg", "image_truncated"),
        (picture("PNG"), "image/jpeg", "image_disguised"),
    ],
)
def test_what_is_no_sound_picture_is_refused(as_editor: Client, data: bytes, media_type: str, code: str) -> None:
    answer = upload(as_editor, data, media_type)
    assert (answer.status_code, answer.json["code"]) == (422, code)
    assert db.session.scalar(select(func.count()).select_from(Asset)) == 0


def test_bomb_is_refused_undecoded(as_editor: Client) -> None:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    bomb = (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b"\0" * 9_000))
        + chunk(b"IEND", b"")
    )
    assert upload(as_editor, bomb, "image/png").json["code"] == "image_too_large"


def test_only_editors_upload(as_guide: Client) -> None:
    assert upload(as_guide, picture()).json["code"] == "forbidden"


def test_picture_is_public_once_it_is_in_something_published(
    as_editor: Client, client: Client, editor: Staff, guide: Staff
) -> None:
    asset = upload(as_editor, picture(size=(1200, 900))).json
    content = make.content(published=False, author=editor, saying={"asset_ids": [UUID(asset["id"])]})
    page_path = asset["page_url"]
    assert client.get(page_path).json["code"] == "file_not_found"
    make.publish(content.id)
    assert client.get(page_path).mimetype == "image/jpeg"
    shown = as_editor.get(f"/v1/content/{content.id}").json
    assert shown["assets"] == [asset]
    forward = make.forward(guide=guide, of=content)
    assert f'src="{page_path}"' in client.get(f"/s/{forward.token}").text


def test_content_names_only_pictures_that_exist(as_editor: Client) -> None:
    content = make.content(published=False)
    path = f"/v1/content/{content.id}"
    nowhere = "01a1ffbb-347f-762d-ad5d-ab2a42f27346"
    headers = {"If-Match": as_editor.get(path).headers["ETag"]}
    refused = as_editor.patch(path, json={"asset_ids": [nowhere]}, headers=headers)
    assert (refused.status_code, refused.json["code"]) == (422, "content_assets_unknown")


def test_who_approves_a_picture_has_seen_it(
    client: Client, as_editor: Client, as_reviewer: Client, as_guide: Client, as_manager: Client, editor: Staff
) -> None:
    asset = upload(as_editor, picture(size=(1200, 900))).json
    content = make.content(published=False, author=editor, saying={"asset_ids": [UUID(asset["id"])]})
    admin = client.sign_in(make.staff(roles=["hq_admin"]))
    for size in ("url", "page_url", "thumbnail_url"):
        path = asset[size]
        for maker in (as_editor, as_reviewer, admin):
            answer = maker.get(path)
            assert (answer.status_code, answer.mimetype) == (200, "image/jpeg")
            assert answer.headers["Cache-Control"] == "private, no-store"
        for other in (client, client.with_token("nonsense"), as_guide, as_manager):
            assert other.get(path).status_code == 404
    make.publish(content.id)
    assert client.get(path).headers["Cache-Control"] == "public, max-age=300, must-revalidate"
    private = storage.content_key(b"proof of a task", suffix=".jpg")
    storage.put(private, b"proof of a task")
    assert as_editor.get(f"/files/{private}").status_code == 404
