"""Alembic's entry point: migrates under an advisory lock, so that two machines may start at once."""

import re

from alembic import context
from sqlalchemy import create_engine

import models  # noqa: F401 - registers the tables
from kit.db import Base
from kit.locks import HOLD

# Made month by month, by a job.
BY_MONTH = "assignment|assignment_event|audit_entry|forward|forward_text|roster_day|task_occurrence|touch"
PARTITIONS = re.compile(rf"({BY_MONTH})_(\d{{4}}_\d\d|default|rest)")


def run() -> None:
    url = context.config.get_main_option("sqlalchemy.url")
    assert url
    # Nothing is prepared: behind a pooler it would be missing on the next connection.
    engine = create_engine(url, connect_args={"prepare_threshold": None})
    with engine.begin() as connection:
        connection.execute(HOLD, {"names": ["migrations"]})
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            transaction_per_migration=False,
            include_name=lambda name, kind, _: kind != "table" or not PARTITIONS.fullmatch(str(name)),
        )
        context.run_migrations()
    engine.dispose()


run()
