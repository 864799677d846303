"""A unit of work is whole: nothing inside commits a part of it."""

import pytest
from sqlalchemy import text

from guideapi.app import GuideApp
from kit import audit
from kit.db import UnitOfWorkOpen, after_commit, db, unit_of_work
from models import Region

ACTOR = text("SELECT current_setting('guideapi.actor', true)")


def regions() -> int:
    with unit_of_work(reading=True):
        return db.session.scalar(text("SELECT count(*) FROM region")) or 0


@pytest.mark.parametrize("outer", [False, True])
@pytest.mark.parametrize("inner", [False, True])
def test_units_do_not_nest_whatever_they_do(app: GuideApp, outer: bool, inner: bool) -> None:
    with unit_of_work(reading=outer), pytest.raises(UnitOfWorkOpen), unit_of_work(reading=inner):
        raise AssertionError("a unit was opened inside another")


def test_what_the_outer_unit_did_is_undone_when_one_is_opened_inside(app: GuideApp) -> None:
    done: list[str] = []
    with pytest.raises(UnitOfWorkOpen):
        write_and_open_another(done)
    assert (regions(), done) == (0, [])


def write_and_open_another(done: list[str]) -> None:
    with unit_of_work():
        db.session.add(Region(code="R-1", name="x"))
        db.session.flush()
        after_commit(lambda: done.append("told"))
        with unit_of_work():
            raise AssertionError("a unit was opened inside another")


def test_callbacks_run_when_all_is_committed_and_may_open_a_unit(app: GuideApp) -> None:
    seen: list[int] = []
    with unit_of_work():
        after_commit(lambda: seen.append(regions()))
        db.session.add(Region(code="R-1", name="x"))
        db.session.flush()
        assert seen == []
    assert seen == [1]


def test_where_no_unit_is_open_a_callback_runs_at_once(app: GuideApp) -> None:
    seen: list[str] = []
    after_commit(lambda: seen.append("now"))
    assert seen == ["now"]


def test_each_unit_of_a_request_is_put_down_to_its_caller(app: GuideApp) -> None:
    with app.app_context():
        with unit_of_work(reading=True):
            audit.act_as(kind="reader")
            assert db.session.scalar(ACTOR) in ("", None)
        for _ in range(2):
            with unit_of_work():
                assert '"reader"' in (db.session.scalar(ACTOR) or "")
                with db.session.begin_nested():
                    assert '"reader"' in (db.session.scalar(ACTOR) or "")
    with app.app_context(), unit_of_work():
        assert db.session.scalar(ACTOR) in ("", None)
