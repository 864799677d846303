"""Reads tell a version; changes name the one they were made against."""

import pytest
from sqlalchemy import text

from guideapi.app import GuideApp
from kit.db import db
from kit.web import etag
from tests.client import Client
from tests.kit.web import notes
from tests.races import held_at


def test_a_known_version_is_answered_304_without_building_the_body(reader: Client, note: str) -> None:
    first = reader.get(note)
    assert first.headers["ETag"] == '"1"'
    assert first.headers["Cache-Control"] == "private, no-cache"
    notes.bodies_built.clear()
    for known in ('"1"', 'W/"1"', '"0", "1"', "*"):
        again = reader.get(note, headers={"If-None-Match": known})
        assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", '"1"')
    assert notes.bodies_built == []


def test_an_unknown_version_is_answered_in_full(reader: Client, note: str) -> None:
    for known in ('"2"', "rubbish", '""', ","):
        answer = reader.get(note, headers={"If-None-Match": known})
        assert (answer.status_code, answer.json["words"]) == (200, "first")


def test_a_change_against_the_present_version_is_made_and_tells_the_new_one(reader: Client, note: str) -> None:
    changed = reader.put(note, json={"words": "second"}, headers={"If-Match": '"1"'})
    assert (changed.status_code, changed.headers["ETag"], changed.json["words"]) == (200, '"2"', "second")
    assert reader.get(note).headers["ETag"] == '"2"'


@pytest.mark.parametrize("header", ['"0"', '"2"', "1", '"x"', 'W/"1"', '"1', '"99999999999999999999999"', '"¹"'])
def test_a_change_against_another_version_is_refused_and_changes_nothing(
    reader: Client, note: str, header: str
) -> None:
    refused = reader.put(note, json={"words": "second"}, headers={"If-Match": header})
    assert (refused.status_code, refused.json["code"]) == (412, "stale")
    assert refused.json["version_held"] != refused.json["version_sent"]
    assert reader.get(note).json["words"] == "first"


@pytest.mark.parametrize("headers", [{}, {"If-Match": ""}, {"If-Match": "*"}])
def test_a_change_against_no_version_is_refused(reader: Client, note: str, headers: dict[str, str]) -> None:
    refused = reader.put(note, json={"words": "second"}, headers=headers)
    assert (refused.status_code, refused.json["code"]) == (428, "precondition_required")
    assert reader.get(note).json["words"] == "first"


def test_one_change_names_one_version(reader: Client, note: str) -> None:
    refused = reader.put(note, json={"words": "second"}, headers={"If-Match": '"1", "2"'})
    assert (refused.status_code, refused.json["code"]) == (400, "malformed")


def test_a_change_to_nothing_is_not_found_whatever_the_version(reader: Client) -> None:
    refused = reader.put("/v1/notes/404", json={"words": "x"}, headers={"If-Match": '"x"'})
    assert (refused.status_code, refused.json["code"]) == (404, "not_found")


def test_of_two_simultaneous_changes_one_wins_and_one_is_told(reader: Client, note: str, notes_app: GuideApp) -> None:
    """Both made theirs against version 1, and are held at the row until both have come to it."""
    answers: list[int] = []

    def change(words: str) -> None:
        answers.append(reader.put(note, json={"words": words}, headers={"If-Match": '"1"'}).status_code)

    held_at("SELECT FROM note FOR UPDATE", lambda: change("mine"), lambda: change("yours"))
    assert sorted(answers) == [200, 412]
    assert reader.get(note).headers["ETag"] == '"2"'


def test_every_change_counts_even_set_wise_and_none_does_not(reader: Client, note: str) -> None:
    with db.engine.begin() as connection:
        connection.execute(text("UPDATE note SET words = words"))
    assert reader.get(note).headers["ETag"] == '"1"'
    with db.engine.begin() as connection:
        connection.execute(text("UPDATE note SET words = 'all', version = 77"))
    assert reader.get(note).headers["ETag"] == '"2"'


@pytest.mark.parametrize("version", ['a"b', "a b", "", "é"])
def test_a_version_that_cannot_be_a_tag_is_our_mistake(notes_app: GuideApp, version: str) -> None:
    with notes_app.test_request_context(), pytest.raises(ValueError, match="entity tag"):
        etag.tag(version)
