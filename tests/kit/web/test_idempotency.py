"""A POST that is sent again is done once and answered the same."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from threading import Event, Thread

import pytest
import time_machine
from sqlalchemy import delete, text

from guideapi.app import GuideApp
from kit import clock, jobs
from kit.db import after_commit, db, unit_of_work
from models import Placement, Staff
from tests import make
from tests.client import Client
from tests.kit.web import notes
from tests.races import together

KEY = {"Idempotency-Key": "k-1"}


@pytest.fixture
def while_writing() -> Iterator[Callable[[str, Callable[[], object]], None]]:
    """Make something happen while the note of these words is being written."""
    yield notes.on_create.__setitem__
    notes.on_create.clear()


def written() -> list[str]:
    return list(db.session.scalars(text("SELECT words FROM note ORDER BY id")))


def kept() -> int:
    return db.session.scalar(text("SELECT count(*) FROM idempotency_key")) or 0


def test_the_same_request_again_is_answered_the_same_and_done_once(reader: Client) -> None:
    first = reader.post("/v1/notes", json={"words": "补货"}, headers=KEY)
    again = reader.post("/v1/notes", json={"words": "补货"}, headers=KEY)
    assert "Idempotency-Replayed" not in first.headers
    assert again.headers["Idempotency-Replayed"] == "true"
    assert (again.status_code, again.data) == (first.status_code, first.data) == (201, first.data)
    assert again.headers["Content-Type"] == first.headers["Content-Type"]
    assert again.headers["ETag"] == first.headers["ETag"] == '"1"'
    assert written() == ["补货"]


def test_without_a_key_each_request_counts(reader: Client) -> None:
    for _ in range(2):
        assert reader.post("/v1/notes", json={"words": "x"}).status_code == 201
    assert (written(), kept()) == (["x", "x"], 0)


def test_where_money_moves_or_a_message_leaves_a_key_is_required(app: GuideApp) -> None:
    required = {
        rule.rule
        for rule in app.url_map.iter_rules()
        if getattr(app.view_functions[rule.endpoint], "idempotency", "") == "required"
    }
    assert required == {
        "/v1/attribution-policies/<uuid:policy_id>/approve",
        "/v1/claims/<uuid:claim_id>/decision",
        "/v1/dead-letters/<uuid:letter_id>/retries",
        "/v1/forwards/<uuid:forward_id>/confirmations",
        "/v1/order-lines/<uuid:line_id>/claims",
        "/v1/order-rejects/<uuid:reject_id>/replays",
        "/v1/pay-periods/<uuid:period_id>/approve",
        "/v1/pay-periods/<uuid:period_id>/close",
        "/v1/plan-versions/<uuid:version_id>/approve",
        "/v1/settlements/<uuid:settlement_id>/close",
        "/v1/settlements/<uuid:settlement_id>/decisions",
        "/v1/unknown-sellers/<uuid:reject_id>/seller",
        "/v1/webhooks/deliveries/<uuid:delivery_id>/replays",
    }


def test_without_the_key_that_is_required_nothing_is_done(as_guide: Client, guide: Staff) -> None:
    path = f"/v1/forwards/{make.forward(guide=guide).id}/confirmations"
    refused = as_guide.post(path, json={"kind": "client"}, keyed=False)
    assert (refused.status_code, refused.json["code"]) == (400, "idempotency_key_required")
    assert db.session.scalar(text("SELECT count(*) FROM forward_confirmation")) == 0


def test_a_key_belongs_to_one_request(reader: Client, note: str) -> None:
    reader.post("/v1/notes", json={"words": "x"}, headers=KEY)
    other_body = reader.post("/v1/notes", json={"words": "y"}, headers=KEY)
    reader.post(f"{note}/sendings", json={}, headers={"Idempotency-Key": "k-2"})
    other_path = reader.post("/v1/auth/sign-out", json={}, headers={"Idempotency-Key": "k-2"})
    for refused in (other_body, other_path):
        assert (refused.status_code, refused.json["code"]) == (422, "idempotency_key_reused")
    assert written() == ["first", "x"]


def test_a_key_belongs_to_one_principal(reader: Client, notes_app: GuideApp) -> None:
    other = Client(notes_app).sign_in(make.guide())
    mine = reader.post("/v1/notes", json={"words": "x"}, headers=KEY)
    theirs = other.post("/v1/notes", json={"words": "x"}, headers=KEY)
    assert theirs.json["id"] != mine.json["id"]


def test_a_refusal_is_not_kept(reader: Client) -> None:
    assert reader.post("/v1/notes", json={"words": ""}, headers=KEY).status_code == 422
    assert reader.post("/v1/notes", json={"words": "x"}, headers=KEY).status_code == 201


def test_who_may_not_ask_gets_no_kept_answer(reader: Client, guide: Staff) -> None:
    reader.post("/v1/notes", json={"words": "x"}, headers=KEY)
    with unit_of_work():
        db.session.execute(delete(Placement).where(Placement.staff_id == guide.id))
    assert reader.post("/v1/notes", json={"words": "x"}, headers=KEY).json["code"] == "forbidden"


@pytest.mark.parametrize("key", ["", " ", "a b", "x" * 201, "é"])
def test_a_key_is_visible_ascii_of_bounded_length(reader: Client, key: str) -> None:
    refused = reader.post("/v1/notes", json={"words": "x"}, headers={"Idempotency-Key": key})
    assert (refused.status_code, refused.json["code"]) == (400, "malformed")


def test_a_route_that_sends_something_away_wants_a_key(reader: Client, note: str) -> None:
    refused = reader.post(f"{note}/sendings", keyed=False)
    assert (refused.status_code, refused.json["code"]) == (400, "idempotency_key_required")
    assert reader.post(f"{note}/sendings", headers=KEY).status_code == 201


def test_an_answer_that_shows_a_secret_is_not_kept(reader: Client, note: str) -> None:
    first = reader.post(f"{note}/secrets", headers=KEY)
    again = reader.post(f"{note}/secrets", headers=KEY)
    assert first.json["words"] != again.json["words"]
    assert kept() == 0


def test_kept_answers_cannot_be_read_in_the_database(reader: Client) -> None:
    reader.post("/v1/notes", json={"words": "13800138000"}, headers=KEY)
    row = db.session.execute(text("SELECT * FROM idempotency_key")).mappings().one()
    assert b"13800138000" not in bytes(row["body"])
    assert "13800138000" not in str(dict(row))


def test_while_the_first_is_running_the_second_is_told_so_without_waiting(
    reader: Client, while_writing: Callable[[str, Callable[[], object]], None]
) -> None:
    inside, go_on, answers = Event(), Event(), []
    while_writing("slow", lambda: inside.set() or go_on.wait(30))
    first = Thread(target=lambda: answers.append(reader.post("/v1/notes", json={"words": "slow"}, headers=KEY)))
    first.start()
    assert inside.wait(30)
    second = reader.post("/v1/notes", json={"words": "slow"}, headers=KEY)
    go_on.set()
    first.join()
    assert (second.status_code, second.json["code"]) == (409, "idempotency_in_progress")
    assert second.headers["Retry-After"] == "1"
    third = reader.post("/v1/notes", json={"words": "slow"}, headers=KEY)
    assert (answers[0].status_code, third.data) == (201, answers[0].data)
    assert written() == ["slow"]


def test_of_many_equal_requests_at_once_one_has_an_effect(reader: Client) -> None:
    answers = []

    def ask() -> None:
        answers.append(reader.post("/v1/notes", json={"words": "x"}, headers=KEY))

    together(*[ask] * 8)
    assert written() == ["x"]
    assert {answer.status_code for answer in answers} <= {201, 409}
    assert len({answer.data for answer in answers if answer.status_code == 201}) == 1
    assert sum("Idempotency-Replayed" not in a.headers for a in answers if a.status_code == 201) == 1


def test_dying_before_the_commit_leaves_nothing_and_the_retry_does_it(
    reader: Client, while_writing: Callable[[str, Callable[[], object]], None]
) -> None:
    while_writing("x", _die)
    with pytest.raises(KeyboardInterrupt):
        reader.post("/v1/notes", json={"words": "x"}, headers=KEY)
    assert (written(), kept()) == ([], 0)
    while_writing("x", lambda: None)
    assert reader.post("/v1/notes", json={"words": "x"}, headers=KEY).status_code == 201
    assert written() == ["x"]


def test_dying_between_commit_and_answer_is_made_good_by_the_retry(
    reader: Client, while_writing: Callable[[str, Callable[[], object]], None]
) -> None:
    while_writing("x", lambda: after_commit(_die))
    with pytest.raises(KeyboardInterrupt):
        reader.post("/v1/notes", json={"words": "x"}, headers=KEY)
    assert (written(), kept()) == (["x"], 1)
    again = reader.post("/v1/notes", json={"words": "x"}, headers=KEY)
    assert (again.status_code, again.headers["Idempotency-Replayed"]) == (201, "true")
    assert written() == ["x"]


def _die() -> None:
    raise KeyboardInterrupt


def test_keys_are_forgotten_after_two_days(reader: Client) -> None:
    reader.post("/v1/notes", json={"words": "old"}, headers={"Idempotency-Key": "old"})
    with time_machine.travel(clock.now() + timedelta(hours=47), tick=False):
        jobs.perform("kit.web.idempotency:purge", {})
        assert kept() == 1
    with time_machine.travel(clock.now() + timedelta(hours=49), tick=False):
        jobs.perform("kit.web.idempotency:purge", {})
    db.session.rollback()
    assert kept() == 0
