"""Files in a local folder and in a bucket: the same, whichever it is."""

from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path

import pytest
from flask import Flask
from flask.ctx import AppContext

from kit import storage
from tests.s3_server import S3Server

KEY = "ab/abcdef.mp4"


@pytest.fixture(params=["folder", "bucket"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[None]:
    """Either kind of storage, in an application of its own."""
    server: S3Server | None = request.getfixturevalue("bucket") if request.param == "bucket" else None
    with _using(server.url if server else tmp_path.as_uri(), keys=server.keys if server else None):
        yield


def _using(url: str, *, keys: tuple[str, str] | None = None) -> AppContext:
    app = Flask(__name__)
    app.extensions["storage"] = storage.open_store(url, keys=keys)
    return app.app_context()


def test_what_is_put_is_got_again_until_it_is_deleted(store: None) -> None:
    assert not storage.has("a/b")
    storage.put("a/b", b"first")
    storage.put("a/b", b"second")
    assert (storage.has("a/b"), storage.get("a/b")) == (True, b"second")
    storage.delete("a/b")
    storage.delete("a/b")
    assert not storage.has("a/b")


def test_large_file_goes_in_parts_and_is_read_from_any_place(store: None) -> None:
    content = bytes(range(256)) * 48 * 1024  # 12 MB: several parts of an upload
    storage.put_file(KEY, BytesIO(content))
    file, size = storage.open_file(KEY)
    file.seek(5_000_001)
    part = file.read(1000)
    # A web server sends nothing but bytes, no buffer of another kind.
    assert (size, type(part), part) == (len(content), bytes, content[5_000_001:5_001_001])
    file.seek(-3, 2)
    assert (file.read(1000), file.read(1000)) == (content[-3:], b"")
    with storage.local_copy(KEY) as copy:
        assert copy.read() == content


@pytest.mark.parametrize("look", [storage.get, storage.open_file, lambda key: storage.local_copy(key).__enter__()])
def test_what_was_never_put_is_not_there(store: None, look: Callable[[str], object]) -> None:
    with pytest.raises(storage.FileNotStored):
        look("no/where")


def test_bucket_refuses_a_wrong_key(bucket: S3Server) -> None:
    with _using(bucket.url, keys=(bucket.keys[0], "wrong")), pytest.raises(storage.StorageUnavailable):
        storage.get(KEY)


def test_server_that_is_away_is_given_up() -> None:
    nobody = "s3://files?endpoint=http://127.0.0.1:9&region=us-east-1"
    with _using(nobody, keys=("key", "secret")), pytest.raises(storage.StorageUnavailable):
        storage.put(KEY, b"content")


def test_equal_files_have_one_address() -> None:
    assert storage.file_key(BytesIO(b"abc"), suffix=".mp4") == storage.content_key(b"abc", suffix=".mp4")
