"""Answers of text are compressed for those who take gzip, and nothing else is."""

import gzip
import json

import pytest
from sqlalchemy import text
from werkzeug.test import TestResponse

from guideapi.app import GuideApp
from kit.db import db
from kit.web.compression import LEAST_BYTES
from tests.client import Client

TAKES = {"Accept-Encoding": "br;q=1.0, gzip, deflate"}


@pytest.fixture
def long_note(notes_app: GuideApp) -> str:
    """The path of a note that is worth compressing."""
    with db.engine.begin() as connection:
        number = connection.scalar(text("INSERT INTO note (words) VALUES (repeat('秋装上新 ', 400)) RETURNING id"))
    return f"/v1/notes/{number}"


def test_a_long_answer_is_compressed_for_who_takes_gzip(reader: Client, long_note: str) -> None:
    plain = reader.get(long_note)
    packed = _get(reader, long_note, **TAKES)
    assert packed.headers["Content-Encoding"] == "gzip"
    assert int(packed.headers["Content-Length"]) == len(packed.data) < len(plain.data) / 4
    assert json.loads(gzip.decompress(packed.data)) == plain.json


@pytest.mark.parametrize("header", ["", "identity", "gzip;q=0", "br", "deflate, *;q=0"])
def test_who_does_not_take_gzip_gets_the_plain_answer(reader: Client, long_note: str, header: str) -> None:
    answer = reader.get(long_note, headers={"Accept-Encoding": header})
    assert "Content-Encoding" not in answer.headers
    assert len(answer.json["words"]) > LEAST_BYTES


def test_caches_are_told_that_the_answer_depends_on_it_either_way(reader: Client, note: str, long_note: str) -> None:
    for path in (note, long_note):
        for headers in ({}, TAKES):
            vary = _get(reader, path, **headers).headers["Vary"]
            assert [part.strip() for part in vary.split(",")] == ["Authorization", "Accept-Encoding"]


def test_a_short_answer_stays_as_it_is(reader: Client, note: str) -> None:
    assert "Content-Encoding" not in _get(reader, note, **TAKES).headers


def test_the_tag_of_a_compressed_answer_is_another_and_names_the_same_version(reader: Client, long_note: str) -> None:
    packed = _get(reader, long_note, **TAKES)
    assert packed.headers["ETag"] == '"1-gzip"'
    again = _get(reader, long_note, **TAKES, **{"If-None-Match": '"1-gzip"'})
    assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", '"1-gzip"')
    changed = reader.put(long_note, json={"words": "short"}, headers={"If-Match": '"1-gzip"'})
    assert (changed.status_code, changed.headers["ETag"]) == (200, '"2"')
    assert reader.put(long_note, json={"words": "late"}, headers={"If-Match": '"1-gzip"'}).status_code == 412


def test_what_comes_with_a_cookie_is_not_compressed(reader: Client, long_note: str) -> None:
    assert "Content-Encoding" not in _get(reader, long_note, **TAKES, Cookie="viewer=1").headers


def test_the_description_of_the_api_is_compressed_too(app: GuideApp) -> None:
    packed = app.test_client().get("/openapi.json", headers=TAKES)
    assert packed.headers["Content-Encoding"] == "gzip"
    assert "openapi" in json.loads(gzip.decompress(packed.data))


def _get(reader: Client, path: str, **headers: str) -> TestResponse:
    """The answer as it goes over the wire: the client of the tests would read a packed body as JSON."""
    sent = {"Authorization": f"Bearer {reader.token}", **headers}
    return reader.app.test_client(use_cookies=False).get(path, headers=sent)
