"""Rows that people edit count their changes."""

from sqlalchemy import text

from guideapi.app import GuideApp
from kit.db import Base, db


def test_every_counted_table_is_counted_by_the_database(app: GuideApp) -> None:
    counted = {
        table.name
        for table in Base.metadata.sorted_tables
        if (v := table.columns.get("version")) is not None and v.server_onupdate
    }
    bumped = db.session.scalars(
        text(
            "SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname = 'bump' AND tgfoid = 'bump_version'::regproc"
        )
    )
    assert counted == set(bumped)
