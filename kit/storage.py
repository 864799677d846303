"""Files by content address, behind one interface: a local folder by default, S3-compatible by setting."""

import hashlib
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import BinaryIO

import obstore
from flask import current_app
from obstore.store import ObjectStore, from_url

from kit.errors import NotFound

PART_BYTES = 4 * 1024 * 1024


class FileNotStored(NotFound):
    """No file has this key."""

    code = "file_not_found"


def open_store(url: str) -> ObjectStore:
    """The store a URL names: `file:///folder` or `s3://bucket/prefix`."""
    if url.startswith("file://"):
        return from_url(url, mkdir=True)
    return from_url(url)


def content_key(content: bytes, *, suffix: str) -> str:
    """Where `content` belongs: its SHA-256, spread over folders, so that equal files are one file."""
    digest = hashlib.sha256(content).hexdigest()
    return f"{digest[:2]}/{digest}{suffix}"


def put(key: str, content: bytes) -> None:
    """Store `content` under `key`; storing the same again changes nothing."""
    obstore.put(_store(), key, content)


def get(key: str) -> bytes:
    """The bytes stored under `key`; raises FileNotStored."""
    try:
        return bytes(obstore.get(_store(), key).bytes())
    except FileNotFoundError:
        raise FileNotStored(f"There is no file {key}.") from None


def put_file(key: str, content: BinaryIO) -> None:
    """Store what is left to read of `content` under `key`, a part at a time."""
    obstore.put(_store(), key, content)


@contextmanager
def local_copy(key: str) -> Iterator[BinaryIO]:
    """The file stored under `key` as a local one that can be read from any place; raises FileNotStored."""
    with tempfile.TemporaryFile() as copy:
        try:
            for part in obstore.get(_store(), key).stream(min_chunk_size=PART_BYTES):
                copy.write(part)
        except FileNotFoundError:
            raise FileNotStored(f"There is no file {key}.") from None
        copy.seek(0)
        yield copy


def delete(key: str) -> None:
    """Remove what is stored under `key`, if anything is."""
    with suppress(FileNotFoundError):
        obstore.delete(_store(), key)


def has(key: str) -> bool:
    """Whether something is stored under `key`."""
    try:
        obstore.head(_store(), key)
    except FileNotFoundError:
        return False
    return True


def _store() -> ObjectStore:
    store: ObjectStore = current_app.extensions["storage"]
    return store
