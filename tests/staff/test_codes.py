"""Signing in by a code that was sent."""

from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import orjson
import pytest
import time_machine
from rq import Queue
from sqlalchemy import event, func, select

from guideapi.app import GuideApp
from kit import clock, jobs
from kit.db import db
from kit.ids import new_id
from models import SignInCode, Staff
from staff.senders import CodeNotSent, HttpSender, open_sender
from tests import make
from tests.catalog.sending import work
from tests.client import Client
from tests.races import held_at


@pytest.fixture
def outbox(app: GuideApp, tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "out box"
    app.extensions["code_sender"] = open_sender(folder.as_uri())
    yield folder
    app.extensions["code_sender"] = None


def ask(client: Client, staff_no: str, *, address: str = "203.0.113.7") -> Any:
    return client.post("/v1/auth/codes", json={"staff_no": staff_no}, environ_base={"REMOTE_ADDR": address})


def messages(folder: Path) -> list[dict[str, str]]:
    """What has been sent, once the queue is worked off."""
    work()
    return [orjson.loads(file.read_bytes()) for file in sorted(folder.glob("*.json"))]


def use(client: Client, challenge_id: str, code: str) -> Any:
    return client.post("/v1/auth/code", json={"challenge_id": challenge_id, "code": code})


def test_the_sent_code_signs_in_once(client: Client, guide: Staff, outbox: Path) -> None:
    asked = ask(client, guide.staff_no)
    (message,) = messages(outbox)
    assert (asked.status_code, message["staff_no"]) == (202, guide.staff_no)
    assert next(outbox.iterdir()).stat().st_mode & 0o077 == 0
    assert message["code"] not in db.session.scalars(select(SignInCode.code_hash)).one()
    answer = use(client, asked.json["challenge_id"], message["code"])
    assert client.with_token(answer.json["access_token"]).get("/v1/me").json["staff_no"] == guide.staff_no
    assert use(client, asked.json["challenge_id"], message["code"]).json["code"] == "bad_sign_in_code"


def test_unknown_people_and_leavers_look_the_same_and_get_nothing(client: Client, guide: Staff, outbox: Path) -> None:
    left = make.guide(left_on=make.yesterday())
    for staff_no in ("nobody", left.staff_no):
        answer = ask(client, staff_no)
        assert answer.status_code == 202
        assert set(answer.json) == set(ask(client, guide.staff_no).json)
        assert use(client, answer.json["challenge_id"], "123456").json["code"] == "bad_sign_in_code"
    assert {message["staff_no"] for message in messages(outbox)} == {guide.staff_no}


def test_five_wrong_tries_use_a_code_up(client: Client, guide: Staff, outbox: Path) -> None:
    challenge_id = ask(client, guide.staff_no).json["challenge_id"]
    code = messages(outbox)[0]["code"]
    held_at("SELECT FROM sign_in_code FOR UPDATE", *[lambda: use(client, challenge_id, "x")] * 5)
    assert db.session.scalars(select(SignInCode.attempts_left)).one() == 0
    assert use(client, challenge_id, code).status_code == 401


def test_nobody_else_can_use_up_my_code(client: Client, guide: Staff, outbox: Path) -> None:
    mine = ask(client, guide.staff_no).json["challenge_id"]
    code = messages(outbox)[0]["code"]
    theirs = ask(client, guide.staff_no, address="198.51.100.1").json["challenge_id"]
    for _ in range(6):
        use(client, theirs, "x")
        use(client, str(new_id()), "x")
    assert use(client, mine, code).status_code == 200


def test_a_code_is_good_for_ten_minutes(client: Client, guide: Staff, outbox: Path) -> None:
    challenge_id = ask(client, guide.staff_no).json["challenge_id"]
    [message] = messages(outbox)
    with time_machine.travel(clock.now() + timedelta(minutes=10, seconds=1), tick=False):
        assert use(client, challenge_id, message["code"]).status_code == 401


def test_asking_too_often_from_one_place_is_refused(client: Client, guide: Staff, outbox: Path) -> None:
    codes = [ask(client, guide.staff_no).status_code for _ in range(11)]
    assert codes == [202] * 10 + [429]
    assert ask(client, guide.staff_no, address="198.51.100.1").status_code == 202


@pytest.mark.parametrize("known", [True, False])
def test_a_person_is_sent_so_many_from_all_places_together(
    client: Client, guide: Staff, outbox: Path, known: bool
) -> None:
    """And whether there is such a person is not told by that either."""
    staff_no = guide.staff_no if known else "nobody"
    answers = [ask(client, staff_no, address=f"198.51.100.{n}") for n in range(21)]
    assert [answer.status_code for answer in answers] == [202] * 20 + [429]
    assert answers[-1].json["code"] == "too_many_codes"
    assert len(messages(outbox)) == (20 if known else 0)
    assert ask(client, make.guide().staff_no, address="198.51.100.1").status_code == 202


def test_asking_does_the_same_whether_there_is_such_a_person(client: Client, guide: Staff, outbox: Path) -> None:
    """Equal work, so equal time: each statement, and what is queued. Nobody is looked for before the job."""
    left = make.guide(left_on=make.yesterday())

    def work_of(staff_no: str) -> tuple[list[str], int]:
        statements, queued = list[str](), len(Queue("urgent", connection=jobs.connection()))

        def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
            statements.append(statement)

        event.listen(db.engine, "before_cursor_execute", note)
        try:
            assert ask(client, staff_no).status_code == 202
        finally:
            event.remove(db.engine, "before_cursor_execute", note)
        return statements, len(Queue("urgent", connection=jobs.connection())) - queued

    known = work_of(guide.staff_no)
    assert known[1] == 1
    assert not any("FROM staff" in statement for statement in known[0])
    assert work_of("nobody") == known
    assert work_of(left.staff_no) == known


def test_a_code_whose_job_was_lost_is_sent_by_the_next_sweep(client: Client, guide: Staff, outbox: Path) -> None:
    challenge_id = ask(client, guide.staff_no).json["challenge_id"]
    ask(client, "nobody")
    jobs.connection().flushall()
    assert messages(outbox) == []
    with time_machine.travel(clock.now() + timedelta(seconds=11), tick=False):
        for _ in range(2):
            jobs.perform("staff.jobs:send_owed_codes", {})
            sent = messages(outbox)
        assert len(sent) == 1
        assert use(client, challenge_id, sent[0]["code"]).status_code == 200


def test_a_code_that_could_not_be_handed_over_is_sent_anew(
    client: Client, guide: Staff, outbox: Path, app: GuideApp
) -> None:
    challenge_id = ask(client, guide.staff_no).json["challenge_id"]
    app.extensions["code_sender"] = HttpSender("http://127.0.0.1:1/send")
    with pytest.raises(CodeNotSent):
        jobs.perform("staff.jobs:send_sign_in_code", {"challenge_id": challenge_id})
    app.extensions["code_sender"] = open_sender(outbox.as_uri())
    jobs.perform("staff.jobs:send_sign_in_code", {"challenge_id": challenge_id})
    jobs.perform("staff.jobs:send_sign_in_code", {"challenge_id": challenge_id})
    [message] = messages(outbox)
    assert use(client, challenge_id, message["code"]).status_code == 200


def test_what_has_expired_is_forgotten(client: Client, guide: Staff, outbox: Path) -> None:
    ask(client, guide.staff_no)
    with time_machine.travel(clock.now() + timedelta(minutes=11), tick=False):
        jobs.perform("staff.jobs:purge_sessions", {})
    assert db.session.scalar(select(func.count()).select_from(SignInCode)) == 0


def test_without_a_sender_there_are_no_codes(client: Client, guide: Staff) -> None:
    answer = ask(client, guide.staff_no)
    assert (answer.status_code, answer.json["code"]) == (503, "codes_unavailable")
    assert db.session.scalar(select(func.count()).select_from(SignInCode)) == 0


def test_a_gateway_gets_the_code_by_post(client: Client, guide: Staff, app: GuideApp) -> None:
    received: list[dict[str, str]] = []

    class Gateway(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            received.append(orjson.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Gateway) as server:
        Thread(target=server.handle_request).start()
        app.extensions["code_sender"] = HttpSender(f"http://127.0.0.1:{server.server_port}/send")
        try:
            challenge_id = ask(client, guide.staff_no).json["challenge_id"]
            work()
        finally:
            app.extensions["code_sender"] = None
    assert use(client, challenge_id, received[0]["code"]).status_code == 200
