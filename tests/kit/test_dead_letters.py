"""What failed at its last attempt waits for an operator, without anybody's data, and can be run again."""

import subprocess
import sys
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from rq import SimpleWorker
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from guideapi import dead_letters_cli
from guideapi.app import GuideApp
from guideapi.config import Config
from kit import clock, dead_letters, jobs
from kit.db import db, unit_of_work
from kit.jobs import enqueue, job
from tests import make
from tests.client import Client
from tests.conftest import ROOT, process_environment

broken: set[str] = set()
done: list[str] = []


@job(queue="default", units="one", back_off=())
def handle(item: str) -> None:
    if item in broken:
        raise ValueError(f"王小明 13800138000 of {item}")
    done.append(item)


@job(queue="default", units="one", back_off=())
def write_twice(code: str) -> None:
    for _ in range(2):
        db.session.execute(text("INSERT INTO region (code, name) VALUES (:code, '王小明')"), {"code": code})


@pytest.fixture(autouse=True)
def nothing_broken() -> None:
    broken.clear()
    done.clear()


def work() -> None:
    """Everything that is queued, in a worker of this process; then what failed is kept."""
    SimpleWorker(list(jobs.QUEUES), connection=jobs.connection()).work(burst=True, logging_level="CRITICAL")
    jobs.perform("kit.dead_letters:collect", {})


@pytest.fixture
def as_admin(client: Client) -> Client:
    return client.sign_in(make.staff(roles=["hq_admin"]))


def listed(client: Client, **query: Any) -> list[dict[str, Any]]:
    answer = client.get("/v1/dead-letters", query_string=query)
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json["items"]
    return items


def test_a_job_that_fails_is_listed_and_its_neighbours_are_done(app: GuideApp, as_admin: Client) -> None:
    broken.add("b")
    for item in "abc":
        enqueue(handle, item=item)
    work()
    assert done == ["a", "c"]
    [letter] = listed(as_admin)
    assert (letter["job"], letter["arguments"]) == ("tests.kit.test_dead_letters:handle", {"item": "b"})
    assert (letter["attempts"], letter["failures"], letter["retried_at"]) == (1, 1, None)
    assert letter["error"].startswith("ValueError at kit/test_dead_letters.py:")


def test_it_survives_the_loss_of_all_that_redis_holds(app: GuideApp, as_admin: Client) -> None:
    broken.add("b")
    enqueue(handle, item="b")
    work()
    jobs.connection().flushall()
    assert len(listed(as_admin)) == 1


def test_what_fails_again_and_again_is_one_with_a_count(app: GuideApp, as_admin: Client) -> None:
    broken.add("b")
    for _ in range(3):
        enqueue(handle, item="b")
        work()
    jobs.perform("kit.dead_letters:collect", {})
    assert [letter["failures"] for letter in listed(as_admin)] == [3]


def test_a_failed_job_of_a_key_is_counted_once_while_it_holds_its_key(app: GuideApp, as_admin: Client) -> None:
    broken.add("b")
    enqueue(handle, once_key="b", item="b")
    work()
    for _ in range(2):
        jobs.perform("kit.dead_letters:collect", {})
    assert [letter["failures"] for letter in listed(as_admin)] == [1]
    assert len(list(jobs.list_failed())) == 1


def test_retried_it_is_done_and_leaves_the_list(app: GuideApp, as_admin: Client) -> None:
    broken.add("b")
    enqueue(handle, item="b")
    work()
    [letter] = listed(as_admin)
    path = f"/v1/dead-letters/{letter['id']}/retries"
    assert as_admin.post(path).status_code == 202
    assert as_admin.post(path).json["code"] == "dead_letter_retried"
    broken.clear()
    work()
    assert (done, listed(as_admin)) == (["b"], [])
    assert [one["id"] for one in listed(as_admin, retried=True)] == [letter["id"]]
    noted = text("SELECT action FROM audit_entry WHERE table_name = 'dead_letter' AND row_id = :id")
    assert db.session.scalars(noted, {"id": letter["id"]}).all() == ["retried"]


def test_retried_and_failed_again_it_comes_back(app: GuideApp, as_admin: Client) -> None:
    broken.add("b")
    enqueue(handle, item="b")
    work()
    assert as_admin.post(f"/v1/dead-letters/{listed(as_admin)[0]['id']}/retries").status_code == 202
    work()
    assert [(letter["failures"], letter["retried_at"]) for letter in listed(as_admin)] == [(2, None)]


def test_refusals(app: GuideApp, as_admin: Client) -> None:
    assert as_admin.post(f"/v1/dead-letters/{uuid4()}/retries").json["code"] == "dead_letter_not_found"
    for name, arguments in (("gone.jobs:work", "{}"), ("performance.jobs:close_day", '{"date": "2026-01-01"}')):
        refused = as_admin.post(f"/v1/dead-letters/{saved(name, arguments)}/retries")
        assert (refused.status_code, refused.json["code"]) == (409, "job_gone")
    assert len(listed(as_admin)) == 2


def test_pages_go_back_in_time(app: GuideApp, as_admin: Client) -> None:
    ids = [str(saved("kit.dead_letters:forget_old", f'{{"n": {n}}}', hours_ago=n)) for n in range(5)]
    first = as_admin.get("/v1/dead-letters", query_string={"limit": 3}).json
    rest = as_admin.get("/v1/dead-letters", query_string={"limit": 3, "cursor": first["next_cursor"]}).json
    assert [item["id"] for item in first["items"] + rest["items"]] == ids
    assert rest["next_cursor"] is None


def test_old_ones_are_forgotten(app: GuideApp, as_admin: Client) -> None:
    saved("kit.dead_letters:forget_old", '{"n": 1}', hours_ago=24 * 91)
    kept = saved("kit.dead_letters:forget_old", '{"n": 2}', hours_ago=24 * 89)
    jobs.perform("kit.dead_letters:forget_old", {})
    assert [item["id"] for item in listed(as_admin)] == [str(kept)]


def test_nobodys_data_is_in_it(app: GuideApp, as_admin: Client) -> None:
    broken.add("b")
    enqueue(handle, item="b")
    enqueue(write_twice, code="R-9")
    work()
    shown = str([letter["error"] for letter in listed(as_admin)])
    assert "uq_region_code" in shown
    assert "UniqueViolation" in shown
    for value in ("王小明", "13800138000", "R-9"):
        assert value not in shown


@pytest.mark.parametrize(
    ("traceback", "told"),
    [
        (
            "Work-horse terminated unexpectedly; waitpid returned 9",
            "Work-horse terminated unexpectedly; waitpid returned …",
        ),
        ("", "unknown"),
        (
            'Traceback (most recent call last):\n  File "/x/site-packages/psycopg/a.py", line 9, in f\n    go()\n'
            'psycopg.errors.InvalidText: invalid input for uuid: "赵\'四"\nDETAIL: Key (phone)=(138) exists.',
            "psycopg.errors.InvalidText: invalid input for uuid: …",
        ),
        (
            'Traceback (most recent call last):\n  File "/a/b/rooms/jobs.py", line 3, in f\n    int(x)\n'
            "ValueError: invalid literal for int() with base 10: 'Zhang San'",
            "ValueError at rooms/jobs.py:3",
        ),
    ],
)
def test_an_error_is_told_without_its_values(traceback: str, told: str) -> None:
    assert dead_letters.summary(traceback) == told
    assert len(dead_letters.summary(traceback + "x" * 5000)) <= dead_letters.MAX_ERROR


@pytest.mark.parametrize(
    "change",
    ["arguments = '[]'", "attempts = 0", "failures = 0", "first_failed_at = now() + interval '1 day'"],
)
def test_the_database_refuses_what_makes_no_sense(app: GuideApp, change: str) -> None:
    saved("kit.dead_letters:forget_old", "{}")
    with pytest.raises(IntegrityError, match="ck_dead_letter"), unit_of_work():
        db.session.execute(text(f"UPDATE dead_letter SET {change}"))


def test_the_command_lists_and_retries(app: GuideApp) -> None:
    gone, waiting = saved("gone.jobs:work", "{}"), saved("kit.dead_letters:forget_old", "{}")
    assert {str(gone), str(waiting)} <= set(" ".join(dead_letters_cli.tell_all()).split())
    told = list(dead_letters_cli.retry_all())
    assert f"{waiting}  kit.dead_letters:forget_old is queued" in told
    assert any(line.startswith(f"{gone}  ") for line in told)
    assert db.session.scalar(text("SELECT count(*) FROM dead_letter WHERE retried_at IS NULL")) == 1


def test_the_command_refuses_in_one_line(app: GuideApp, config: Config) -> None:
    command = [sys.executable, "-m", "guideapi", "dead-letters", "--retry", str(uuid4())]
    done = subprocess.run(
        command, cwd=ROOT, env=process_environment(config), capture_output=True, text=True, timeout=120
    )
    assert (done.returncode, done.stdout, done.stderr) == (2, "", "guideapi: No such dead letter\n")


def test_an_auditor_reads_and_may_not_retry(client: Client) -> None:
    auditor = client.sign_in(make.staff(roles=["auditor"]))
    assert listed(auditor) == []
    assert auditor.post(f"/v1/dead-letters/{uuid4()}/retries").status_code == 403


def saved(name: str, arguments: str, *, hours_ago: int = 0) -> Any:
    row = text(
        "INSERT INTO dead_letter (id, job, arguments, attempts, failures, error, first_failed_at, last_failed_at) "
        "VALUES (uuid7(), :job, CAST(:arguments AS jsonb), 1, 1, 'x', :at, :at) RETURNING id"
    )
    at = clock.now() - timedelta(hours=hours_ago)
    with unit_of_work():
        return db.session.scalar(row, {"job": name, "arguments": arguments, "at": at})
