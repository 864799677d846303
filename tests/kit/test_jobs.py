"""Jobs are declared, bound before they are queued, and run in the units of work they ask for."""

import contextlib

import pytest
from rq import Queue
from sqlalchemy import text

from guideapi.app import GuideApp
from guideapi.registry import JOBS
from kit import jobs
from kit.db import db, is_reading, unit_of_work
from kit.jobs import enqueue, job

seen: list[str] = []


@job(queue="bulk", units="one", back_off=(1, 2))
def write_region(code: str) -> None:
    db.session.execute(text("INSERT INTO region (code, name) VALUES (:code, 'x')"), {"code": code})
    if code == "bad":
        raise ValueError(code)


@job(queue="urgent", units="own", every=5)
def write_regions() -> None:
    for code in ("A", "B"):
        with unit_of_work():
            write_region(code)
    with unit_of_work(reading=True):
        seen.append(f"reads: {is_reading()}")


def waiting(queue: str) -> list[str]:
    return Queue(queue, connection=jobs.connection()).get_job_ids()


def codes() -> list[str]:
    return list(db.session.scalars(text("SELECT code FROM region ORDER BY code")))


@pytest.mark.parametrize("arguments", [{}, {"code": "A", "more": 1}, {"kode": "A"}])
def test_wrong_arguments_are_refused_before_anything_is_queued(app: GuideApp, arguments: dict[str, str]) -> None:
    with pytest.raises(TypeError), unit_of_work():
        enqueue(write_region, **arguments)
    assert waiting("bulk") == []


def test_what_is_not_declared_cannot_be_queued(app: GuideApp) -> None:
    with pytest.raises(KeyError):
        enqueue("tests.kit.test_jobs:waiting", queue="bulk")


def test_a_job_is_queued_as_it_was_declared_and_after_the_commit(app: GuideApp) -> None:
    with unit_of_work():
        enqueue(write_region, code="A")
        assert waiting("bulk") == []
    [job_id] = waiting("bulk")
    queued = Queue("bulk", connection=jobs.connection()).fetch_job(job_id)
    assert queued is not None
    assert (queued.retries_left, queued.retry_intervals) == (2, [1, 2])
    with pytest.raises(RuntimeError):
        enqueue_and_fail()
    assert waiting("bulk") == [job_id]


def enqueue_and_fail() -> None:
    with unit_of_work():
        enqueue(write_region, code="B")
        raise RuntimeError


def test_the_same_key_is_queued_once(app: GuideApp) -> None:
    for _ in range(2):
        enqueue("tests.kit.test_jobs:write_region", once_key="A", code="A")
    assert len(waiting("bulk")) == 1


def test_a_job_of_one_unit_leaves_nothing_when_it_fails(app: GuideApp) -> None:
    with pytest.raises(ValueError, match="bad"):
        jobs.perform("tests.kit.test_jobs:write_region", {"code": "bad"})
    assert codes() == []


def test_a_job_of_own_units_opens_them(app: GuideApp) -> None:
    seen.clear()
    jobs.perform("tests.kit.test_jobs:write_regions", {})
    assert (codes(), seen) == (["A", "B"], ["reads: True"])


def test_attempts_and_failures_are_counted(app: GuideApp) -> None:
    for code in ("A", "bad"):
        with contextlib.suppress(ValueError):
            jobs.perform("tests.kit.test_jobs:write_region", {"code": code})
    name = "tests.kit.test_jobs:write_region"
    assert jobs.count_attempts() == ({name: 2}, {name: 1})


def test_what_recurs_soon_is_not_tried_again_and_the_rest_is() -> None:
    assert JOBS["integrations.jobs:derive_deliveries"].back_off == ()
    assert JOBS["staff.jobs:purge_sessions"].back_off == jobs.BACK_OFF_SECONDS
