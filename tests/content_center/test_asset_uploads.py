"""An upload is one unit of work once its pictures are made: one effect, one answer, one who did it."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from werkzeug.test import TestResponse

from content_center import service
from content_center.service import assets
from guideapi.app import GuideApp
from kit.db import db
from models import Staff
from tests.client import Client
from tests.content_center.test_assets import picture
from tests.races import wait_until_blocked

KEY = {"Idempotency-Key": "upload-1"}
COUNTS = text("SELECT (SELECT count(*) FROM asset), (SELECT count(*) FROM idempotency_key)")


def upload(client: Client, data: bytes, **headers: str) -> TestResponse:
    return client.post("/v1/assets", data=data, content_type="image/jpeg", headers={**KEY, **headers})


def counted() -> tuple[int, int]:
    assets, keys = db.session.execute(COUNTS).one()
    db.session.rollback()
    return assets, keys


def test_an_upload_is_put_down_to_who_sent_it(as_editor: Client, editor: Staff) -> None:
    made = upload(as_editor, picture())
    assert made.status_code == 201, made.json
    rows = text("SELECT actor_kind, principal_id, request_id, row_id FROM audit_entry WHERE table_name = 'asset'")
    [entry] = db.session.execute(rows).all()
    assert tuple(entry) == ("staff", editor.id, made.headers["X-Request-Id"], made.json["id"])


def test_the_same_upload_again_is_answered_from_memory(as_editor: Client) -> None:
    first, again = upload(as_editor, picture()), upload(as_editor, picture())
    assert (first.status_code, again.status_code) == (201, 201)
    assert (again.data, again.headers["Idempotency-Replayed"]) == (first.data, "true")
    assert counted() == (1, 1)


def test_a_key_means_one_file(as_editor: Client) -> None:
    assert upload(as_editor, picture()).status_code == 201
    refused = upload(as_editor, picture(size=(30, 30)))
    assert (refused.status_code, refused.json["code"]) == (422, "idempotency_key_reused")
    assert counted() == (1, 1)


def test_a_bad_key_is_refused_before_anything_is_made(as_editor: Client) -> None:
    refused = upload(as_editor, b"no picture", **{"Idempotency-Key": "a b"})
    assert (refused.status_code, refused.json["code"]) == (400, "malformed")


def test_of_equal_uploads_at_once_one_has_an_effect(
    app: GuideApp, as_editor: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    both, store = Barrier(2), service.store_upload

    def stored_by_both(sent: service.Upload, *, by: UUID) -> dict[str, Any]:
        columns = store(sent, by=by)
        both.wait(60)
        return columns

    monkeypatch.setattr(service, "store_upload", stored_by_both)
    answers = at_once(lambda: upload(as_editor, picture()), lambda: upload(as_editor, picture()))
    fresh = [a for a in answers if a.status_code == 201 and "Idempotency-Replayed" not in a.headers]
    [other] = [a for a in answers if a not in fresh]
    assert len(fresh) == 1
    if other.status_code == 409:
        assert other.json["code"] == "idempotency_in_progress"
    else:
        assert (other.status_code, other.data) == (201, fresh[0].data)
    assert counted() == (1, 1)


def test_while_the_first_is_kept_the_second_is_told_so(app: GuideApp, as_editor: Client) -> None:
    with ThreadPoolExecutor(1) as thread:
        with db.engine.begin() as connection:
            connection.execute(text("LOCK TABLE asset IN SHARE ROW EXCLUSIVE MODE"))
            first = thread.submit(upload, as_editor, picture())
            wait_until_blocked(1)
            second = upload(as_editor, picture())
        assert (second.status_code, second.json["code"]) == (409, "idempotency_in_progress")
        assert first.result(60).status_code == 201
    assert upload(as_editor, picture()).data == first.result().data
    assert counted() == (1, 1)


def at_once(*calls: Callable[[], TestResponse]) -> list[TestResponse]:
    with ThreadPoolExecutor(len(calls)) as threads:
        return [future.result(120) for future in [threads.submit(call) for call in calls]]


def test_a_person_sends_so_many_new_files_a_day(as_editor: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(assets, "MAX_DAY_FILES", 1)
    assert upload(as_editor, picture()).status_code == 201
    refused = upload(as_editor, picture(size=(9, 9)), **{"Idempotency-Key": "upload-2"})
    assert (refused.status_code, refused.json["code"]) == (429, "upload_quota_reached")
    assert counted()[0] == 1
