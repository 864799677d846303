"""Files by content address, behind one interface: a local folder by default, S3-compatible by setting."""

import hashlib
import logging
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from io import BufferedIOBase, BufferedReader, RawIOBase
from typing import TYPE_CHECKING, Any, BinaryIO, cast
from urllib.parse import parse_qsl, urlsplit

import obstore
from flask import current_app
from obstore.exceptions import BaseError
from obstore.store import LocalStore, ObjectStore, S3Store

from kit.errors import NotFound, Unavailable

if TYPE_CHECKING:
    from obstore.store import ClientConfig, RetryConfig, S3Config

PART_BYTES = 4 * 1024 * 1024
READ_BYTES = 256 * 1024
# A server that is away is given up before the client gives up on us.
PATIENCE: "ClientConfig" = {"connect_timeout": timedelta(seconds=5), "timeout": timedelta(seconds=30)}
RETRIES: "RetryConfig" = {"max_retries": 2, "retry_timeout": timedelta(seconds=10)}
log = logging.getLogger(__name__)


class _Reading(RawIOBase):
    """A stored file as Python's own files are read: obstore hands out buffers, and web servers want bytes."""

    def __init__(self, file: "obstore.ReadableFile") -> None:
        self._file = file

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        part = self._file.read(len(buffer))
        buffer[: len(part)] = bytes(part)
        return len(part)

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._file.seek(offset, whence)


class FileNotStored(NotFound):
    """No file has this key."""

    code = "file_not_found"


class StorageUnavailable(Unavailable):
    """The files cannot be reached now, or the storage refuses our keys; its log line says which."""

    code = "storage_unavailable"


def open_store(url: str, *, keys: tuple[str, str] | None = None) -> ObjectStore:
    """The store a URL names: `file:///folder` or `s3://bucket/prefix?endpoint=https://…&region=…`.

    `keys` are a bucket's access key id and secret; without them the machine's own role is asked for.
    """
    parts = urlsplit(url)
    if parts.scheme == "file":
        return LocalStore.from_url(url, mkdir=True)
    options = dict(parse_qsl(parts.query))
    plain = options.get("endpoint", "").startswith("http:")
    if keys:
        options |= {"access_key_id": keys[0], "secret_access_key": keys[1]}
    return S3Store.from_url(
        parts._replace(query="").geturl(),
        config=cast("S3Config", options),
        client_options={**PATIENCE, "allow_http": plain},
        retry_config=RETRIES,
    )


def content_key(content: bytes, *, suffix: str) -> str:
    """Where `content` belongs: its SHA-256, spread over folders, so that equal files are one file."""
    return _key(hashlib.sha256(content).hexdigest(), suffix)


def file_key(content: BinaryIO, *, suffix: str) -> str:
    """Like `content_key`, of a file read from its beginning."""
    return _key(file_sha256(content), suffix)


def file_sha256(content: BinaryIO) -> str:
    """The SHA-256 (hex) of a file, read from its beginning."""
    content.seek(0)
    return hashlib.file_digest(cast(BufferedIOBase, content), "sha256").hexdigest()


def put(key: str, content: bytes) -> None:
    """Store `content` under `key`; storing the same again changes nothing."""
    with _reaching(key):
        obstore.put(_store(), key, content)


def get(key: str) -> bytes:
    """The bytes stored under `key`; raises FileNotStored."""
    with _reaching(key):
        return bytes(obstore.get(_store(), key).bytes())


def put_file(key: str, content: BinaryIO) -> None:
    """Store what is left to read of `content` under `key`, a part at a time."""
    with _reaching(key):
        obstore.put(_store(), key, content)


def open_file(key: str) -> tuple[BinaryIO, int]:
    """The file stored under `key`, fetched as it is read from any place, and its size; raises FileNotStored."""
    with _reaching(key):
        size = obstore.head(_store(), key)["size"]
        return BufferedReader(_Reading(obstore.open_reader(_store(), key, size=size)), READ_BYTES), size


@contextmanager
def local_copy(key: str) -> Iterator[BinaryIO]:
    """The file stored under `key` as a local one that can be read from any place; raises FileNotStored."""
    if isinstance(_store(), LocalStore):
        with open_file(key)[0] as file:
            yield file
        return
    with tempfile.TemporaryFile() as copy:
        with _reaching(key):
            for part in obstore.get(_store(), key).stream(min_chunk_size=PART_BYTES):
                copy.write(part)
        copy.seek(0)
        yield copy


def delete(key: str) -> None:
    """Remove what is stored under `key`, if anything is."""
    try:
        with _reaching(key):
            obstore.delete(_store(), key)
    except FileNotStored:
        return


def has(key: str) -> bool:
    """Whether something is stored under `key`."""
    try:
        with _reaching(key):
            obstore.head(_store(), key)
    except FileNotStored:
        return False
    return True


@contextmanager
def _reaching(key: str) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError:
        raise FileNotStored from None
    except BaseError as error:
        log.warning("storage failed at %s: %s", key, error)
        raise StorageUnavailable from error


def _key(digest: str, suffix: str) -> str:
    return f"{digest[:2]}/{digest}{suffix}"


def _store() -> ObjectStore:
    store: ObjectStore = current_app.extensions["storage"]
    return store
