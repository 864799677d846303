"""What goes straight to the driver behaves as if SQLAlchemy had sent it."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, InternalError, OperationalError, ProgrammingError

from guideapi.app import GuideApp
from kit.db import db, fetch_all, fetch_one, unit_of_work
from kit.ids import new_id
from models import Brand


def test_percent_signs_and_colons_arrive_as_written(app: GuideApp) -> None:
    row = fetch_one(text("SELECT '100 %' AS sure, 'a' || :b AS said, '1'::int AS one"), {"b": "%s :c"})
    assert row == {"sure": "100 %", "said": "a%s :c", "one": 1}


def test_errors_have_sqlalchemys_names(app: GuideApp) -> None:
    twins = text(
        "INSERT INTO brand (id, name) VALUES (gen_random_uuid(), :name), (gen_random_uuid(), :name) RETURNING id"
    )
    with pytest.raises(ProgrammingError), unit_of_work():
        fetch_all(text("SELECT FROM nowhere"))
    with pytest.raises(IntegrityError), unit_of_work():
        fetch_all(twins, {"name": "A"})
    assert db.session.query(Brand).count() == 0


def test_it_is_part_of_the_unit_of_work(app: GuideApp) -> None:
    with unit_of_work():
        db.session.add(Brand(id=new_id(), name="B"))
        db.session.flush()
        assert fetch_all(text("SELECT name FROM brand")) == [{"name": "B"}]
        db.session.rollback()
    assert fetch_all(text("SELECT name FROM brand")) == []


def test_a_connection_lost_on_the_way_is_not_used_again(app: GuideApp) -> None:
    for reading in (False, True):
        with pytest.raises(OperationalError), unit_of_work(reading=reading):
            fetch_one(text("SELECT pg_terminate_backend(pg_backend_pid())"))
        with unit_of_work(reading=reading):
            assert fetch_one(text("SELECT 1 AS one")) == {"one": 1}


def test_a_reading_unit_cannot_write_by_text_or_by_session(app: GuideApp) -> None:
    with pytest.raises(InternalError), unit_of_work(reading=True):
        fetch_all(text("INSERT INTO brand (id, name) VALUES (gen_random_uuid(), 'C') RETURNING id"))
    with pytest.raises(InternalError), unit_of_work(reading=True):
        db.session.add(Brand(id=new_id(), name="C"))
    with unit_of_work():
        assert fetch_all(text("SELECT name FROM brand")) == []
