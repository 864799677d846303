"""Films that come in with a poster: what is kept of them, what is refused, how they are served."""

import random
import struct
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from flask import current_app
from PIL import Image
from sqlalchemy import func, select
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from guideapi.app import GuideApp
from kit import storage
from kit.db import db
from models import Asset, Staff
from tests import make
from tests.client import Client
from tests.content_center.test_assets import picture
from tests.s3_server import S3Server

# Two seconds of H.264 and AAC, 96×128, drawn for these tests, with a place and a title in its metadata.
CLIP = (Path(__file__).parent / "clip.mp4").read_bytes()
MP4 = "video/mp4"


def upload(
    client: Client, film: bytes = CLIP, *, media_type: str = MP4, poster: bytes | None = None, of: str = "image/jpeg"
) -> Any:
    picture_of_it = picture(size=(480, 640)) if poster is None else poster
    form = {
        "file": FileStorage(BytesIO(film), "film", content_type=media_type),
        "poster": FileStorage(BytesIO(picture_of_it), "poster", content_type=of),
    }
    boundary, body = encode_multipart(form)
    return client.post("/v1/assets", data=body, content_type=f"multipart/form-data; boundary={boundary}")


def stored() -> list[Path]:
    folder = Path(current_app.extensions["storage"].prefix)
    return sorted(path for path in folder.rglob("*") if path.is_file())


def replaced(old: bytes, new: bytes) -> bytes:
    assert CLIP.count(old) >= 1
    return CLIP.replace(old, new)


def test_film_comes_in_with_its_poster(as_editor: Client) -> None:
    answer = upload(as_editor)
    asset = answer.json
    assert (answer.status_code, asset["width"], asset["height"]) == (201, 480, 640)
    assert (asset["video_bytes"], asset["duration_ms"]) == (len(CLIP), 2064)
    assert upload(as_editor).json == asset
    assert upload(as_editor, poster=picture("PNG"), of="image/png").json["id"] != asset["id"]
    assert db.session.scalars(select(Asset.video_key).distinct()).one().endswith(".mp4")


def test_place_and_title_are_gone_and_the_rest_is_as_it_was(as_editor: Client) -> None:
    key = db.session.get_one(Asset, upload(as_editor).json["id"]).video_key
    assert key is not None
    kept = storage.get(key)
    for secret in (b"loci", b"secret title", b"made by a phone", b"udta"):
        assert secret in CLIP
        assert secret not in kept
    end_of_data = CLIP.index(b"moov") - 4
    assert kept[:end_of_data] == CLIP[:end_of_data]


def test_hidden_parts_of_a_film_are_blanked(as_editor: Client) -> None:
    hidden = b"\0\0\0\x18uuid" + b"GPS 31.2304 N..."
    asset = upload(as_editor, CLIP + hidden).json
    kept = storage.get(db.session.get_one(Asset, asset["id"]).video_key or "")
    assert kept.endswith(b"\0\0\0\x18free" + bytes(16))


@pytest.mark.parametrize(
    ("film", "media_type", "code"),
    [
        (b"", MP4, "video_unknown_format"),
        (picture(), MP4, "video_unknown_format"),
        (picture("HEIF"), MP4, "video_unknown_format"),
        (replaced(b"ftypisom", b"ftypqt  "), MP4, "video_unknown_format"),
        (CLIP, "image/jpeg", "video_disguised"),
        (CLIP, "video/quicktime", "video_disguised"),
        (CLIP[:-1], MP4, "video_truncated"),
        (CLIP[:2000], MP4, "video_truncated"),
        (CLIP + b"PK\3\4", MP4, "video_truncated"),
        (CLIP[: CLIP.index(b"moov") - 4], MP4, "video_truncated"),
        (replaced(b"moov", b"free"), MP4, "video_truncated"),
        (replaced(b"avc1\0\0\0\0\0\0\0\1", b"encv\0\0\0\0\0\0\0\1"), MP4, "video_unsupported"),
        (replaced(b"soun", b"meta"), MP4, "video_unsupported"),
        (replaced(b"vide", b"soun"), MP4, "video_unsupported"),
    ],
)
def test_what_is_no_sound_film_is_refused_and_leaves_nothing(
    as_editor: Client, film: bytes, media_type: str, code: str
) -> None:
    before = stored()
    answer = upload(as_editor, film, media_type=media_type)
    assert (answer.status_code, answer.json["code"]) == (422, code)
    assert db.session.scalar(select(func.count()).select_from(Asset)) == 0
    assert stored() == before


def test_film_whose_pictures_lie_outside_it_is_refused(as_editor: Client) -> None:
    at = CLIP.index(b"stco") + 12
    beyond = CLIP[:at] + struct.pack(">I", len(CLIP) + 1) + CLIP[at + 4 :]
    assert upload(as_editor, beyond).json["code"] == "video_truncated"


def test_film_without_a_poster_or_with_a_bad_one_is_refused(as_editor: Client) -> None:
    before = stored()
    alone = as_editor.post("/v1/assets", data=CLIP, content_type=MP4)
    assert (alone.status_code, alone.json["code"]) == (422, "video_poster_missing")
    assert upload(as_editor, poster=picture()[:300]).json["code"] == "image_truncated"
    assert upload(as_editor, poster=CLIP).json["code"] == "image_unknown_format"
    assert upload(as_editor, poster=picture("PNG")).json["code"] == "image_disguised"
    assert stored() == before


def test_film_beyond_the_limit_is_refused(as_editor: Client, app: GuideApp, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.config, "MAX_VIDEO_BYTES", 0)  # pictures may still be 20 MB
    padding = 20 * 1024 * 1024 - len(CLIP)
    just = CLIP + struct.pack(">I4s", padding, b"free") + bytes(padding - 8)
    assert upload(as_editor, just).status_code == 201
    answer = upload(as_editor, just + b"\0")
    assert (answer.status_code, answer.json["code"]) == (413, "too_large")


@pytest.fixture
def shown(as_editor: Client, editor: Staff, guide: Staff) -> tuple[dict[str, Any], str]:
    """A film in something published, and the page that shows it."""
    asset = upload(as_editor).json
    saying = {"asset_ids": [UUID(asset["id"])]}
    content = make.content(published=True, author=editor, kind="video_link", saying=saying)
    return asset, f"/s/{make.forward(guide=guide, of=content).token}"


def test_page_plays_the_film_behind_its_poster(client: Client, shown: tuple[dict[str, Any], str]) -> None:
    asset, page = shown
    answer = client.get(page)
    poster, film = asset["page_url"], asset["video_url"]
    assert f'poster="{poster}" width="480" height="640"><source src="{film}" type="video/mp4">' in answer.text
    assert f'<meta property="og:image" content="http://127.0.0.1:8000{asset["page_url"]}">' in answer.text
    assert "media-src 'self'" in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("asked", "status", "found"),
    [
        (None, 200, slice(None)),
        ("bytes=0-1", 206, slice(0, 2)),
        ("bytes=1000-1999", 206, slice(1000, 2000)),
        ("bytes=8000-", 206, slice(8000, None)),
        ("bytes=-10", 206, slice(-10, None)),
        ("bytes=99999-", 416, None),
    ],
)
def test_film_is_served_in_the_ranges_that_phones_ask_for(
    client: Client, shown: tuple[dict[str, Any], str], asked: str | None, status: int, found: slice | None
) -> None:
    path = shown[0]["video_url"]
    whole = client.get(path)
    assert (whole.mimetype, whole.headers["Accept-Ranges"]) == (MP4, "bytes")
    answer = client.get(path, headers={"Range": asked} if asked else {})
    assert answer.status_code == status
    if found is not None:
        assert answer.data == whole.data[found]
        assert answer.headers["Content-Length"] == str(len(answer.data))


def test_film_that_a_phone_has_is_not_sent_again(client: Client, shown: tuple[dict[str, Any], str]) -> None:
    path = shown[0]["video_url"]
    tag = client.get(path).headers["ETag"]
    assert client.get(path, headers={"If-None-Match": tag}).status_code == 304
    other = client.get(path, headers={"Range": "bytes=0-1", "If-Range": '"another"'})
    assert (other.status_code, len(other.data)) == (200, len(CLIP))


@pytest.fixture
def in_bucket(app: GuideApp, bucket: S3Server) -> Iterator[None]:
    """The application with its files in a bucket."""
    before = app.extensions["storage"]
    app.extensions["storage"] = storage.open_store(bucket.url, keys=bucket.keys)
    yield
    app.extensions["storage"] = before


def test_the_same_works_in_a_bucket(in_bucket: None, client: Client, shown: tuple[dict[str, Any], str]) -> None:
    asset, page = shown
    assert client.get(page).status_code == 200
    poster = Image.open(BytesIO(client.get(asset["page_url"]).data))
    part = client.get(asset["video_url"], headers={"Range": "bytes=4-11"})
    assert (poster.size, part.status_code, part.data) == ((480, 640), 206, b"ftypisom")


SAMPLES: dict[str, Callable[[], bytes]] = {
    "image/jpeg": lambda: picture("JPEG", (64, 64)),
    "image/png": lambda: picture("PNG", (64, 64)),
    "image/webp": lambda: picture("WEBP", (64, 64)),
    "image/gif": lambda: picture("GIF", (64, 64)),
    "image/heic": lambda: picture("HEIF", (64, 64)),
    MP4: lambda: CLIP,
}


@pytest.mark.parametrize("media_type", SAMPLES)
def test_damaged_uploads_are_refused_with_a_code_and_leave_nothing(as_editor: Client, media_type: str) -> None:
    chance = random.Random(media_type)
    sound = SAMPLES[media_type]()
    refused = 0
    for _ in range(60):
        before = stored()
        damaged = _damaged(sound, chance)
        if media_type == MP4:
            answer = upload(as_editor, damaged)
        else:
            answer = as_editor.post("/v1/assets", data=damaged, content_type=media_type)
        assert answer.status_code in (201, 422), answer.text
        if answer.status_code == 422:
            refused += 1
            assert answer.json["code"].startswith(("image_", "video_"))
            assert stored() == before
    assert refused > 5


def _damaged(sound: bytes, chance: random.Random) -> bytes:
    """Some bytes changed, a piece lost or doubled, the end cut: what networks and strangers do to files."""
    data = bytearray(sound)
    at, length = chance.randrange(len(data)), chance.randrange(1, 64)
    match chance.randrange(4):
        case 0:
            for _ in range(chance.randrange(1, 12)):
                data[chance.randrange(len(data))] = chance.randrange(256)
        case 1:
            del data[at : at + length]
        case 2:
            data[at:at] = data[at : at + length]
        case _:
            del data[at + 1 :]
    return bytes(data)
