"""Pictures and films that come in: made safe, kept once, in the sizes that pages need."""

from dataclasses import dataclass
from hashlib import sha256
from os import SEEK_END
from typing import Any, BinaryIO
from uuid import UUID

from PIL import Image
from sqlalchemy.dialects.postgresql import insert

from content_center import queries
from kit import quotas, storage, videos
from kit.db import db
from kit.errors import TooLarge
from kit.ids import new_id
from kit.images import contain, decode_with_size, encode_jpeg
from kit.videos import VideoRefused
from kit.words import say
from models import Asset

MAX_BYTES = 20 * 1024 * 1024
MAX_PIXELS = 60_000_000
# New files of one person within 24 hours.
MAX_DAY_FILES = 500
MAX_DAY_BYTES = 20 * 1024**3
WHOLE, PAGE = (2400, 2400), (1080, 1620)
DEPICTED = ("image/jpeg", "image/png", "image/webp", "image/gif", "image/heic", "image/heif")
UNDECLARED = ("", "application/octet-stream", "application/x-www-form-urlencoded")


class PosterMissing(VideoRefused):
    """A film comes with the picture that is shown before it plays; none came."""

    code = "video_poster_missing"


@dataclass(frozen=True, kw_only=True)
class Upload:
    """What came in: a picture, or a film with its poster; the media types are what the client declared."""

    file: BinaryIO
    media_type: str
    poster: tuple[bytes, str] | None = None

    def sha256(self) -> str:
        """The digest (hex) of all of it: the same film with another poster is another asset."""
        digest = storage.file_sha256(self.file)
        if self.poster is None:
            return digest
        return sha256(digest.encode() + self.poster[0]).hexdigest()

    def is_video(self) -> bool:
        """Whether it is a film, by its content or by what it is declared to be."""
        self.file.seek(0)
        return self.media_type.startswith("video/") or videos.looks_like_video(self.file.read(12))


def store_upload(upload: Upload, *, by: UUID) -> dict[str, Any]:
    """The columns of an asset for this upload, its files stored; touches no database.

    Raises ImageRefused or VideoRefused: unknown, cut short, too large, or not of the type that was declared; and
    UploadQuotaReached. Nothing is stored then. Blanks the metadata of a film in `upload.file` itself.
    """
    size_bytes = upload.file.seek(0, SEEK_END)
    quotas.spend(f"assets:{by}", size_bytes=size_bytes, max_files=MAX_DAY_FILES, max_bytes=MAX_DAY_BYTES)
    digest = upload.sha256()
    columns = _film(upload) if upload.is_video() else _picture(_read(upload.file), media_type=upload.media_type)
    return {**columns, "sha256": digest}


def add_asset(columns: dict[str, Any], *, by: UUID) -> UUID:
    """The id of the asset with these columns, which may be there already."""
    row = {"id": new_id(), "created_by": by, **columns}
    statement = insert(Asset).values(row).on_conflict_do_nothing(index_elements=["sha256"])
    db.session.execute(statement)
    return queries.get_asset_id(str(columns["sha256"]))


def _film(upload: Upload) -> dict[str, Any]:
    if upload.poster is None:
        raise PosterMissing
    declared = None if upload.media_type in UNDECLARED else upload.media_type
    duration_ms = videos.clean_mp4(upload.file, media_type=declared)
    picture, media_type = upload.poster
    columns = _picture(picture, media_type=media_type)
    key = storage.file_key(upload.file, suffix=".mp4")
    size = upload.file.tell()
    upload.file.seek(0)
    storage.put_file(key, upload.file)
    return {**columns, "video_key": key, "video_bytes": size, "duration_ms": duration_ms}


def _picture(data: bytes, *, media_type: str) -> dict[str, Any]:
    declared = media_type if media_type in DEPICTED else None
    picture, width, height = decode_with_size(
        data, max_pixels=MAX_PIXELS, max_bytes=MAX_BYTES, media_type=declared, at_least=WHOLE
    )
    return {
        "width": width,
        "height": height,
        "storage_key": _rendition(picture, WHOLE),
        "page_key": _rendition(picture, PAGE),
    }


def _read(file: BinaryIO) -> bytes:
    file.seek(0)
    data = file.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise TooLarge(say("too_large", max=MAX_BYTES), max_bytes=MAX_BYTES)
    return data


def _rendition(picture: Image.Image, size: tuple[int, int]) -> str:
    smaller = picture.width > size[0] or picture.height > size[1]
    jpeg = encode_jpeg(contain(picture, size) if smaller else picture)
    key = storage.content_key(jpeg, suffix=".jpg")
    storage.put(key, jpeg)
    return key
