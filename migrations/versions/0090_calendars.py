"""Business calendars by country and year; China's from 2020 on, as decreed."""

import sqlalchemy as sa
from alembic import op

from migrations.guards import load_guards
from staff.rules.calendar import decree_of, decreed_days

revision = "0090"
down_revision = "0081"
branch_labels = None
depends_on = None

UUID7 = sa.text("uuid7()")
AT = sa.DateTime(timezone=True)
# Later years come by a job once the package that knows them is there (staff.jobs:seed_calendars).
SEEDED = range(2020, 2027)


def upgrade() -> None:
    op.create_table(
        "calendar_year",
        sa.Column("id", sa.Uuid(), server_default=UUID7, nullable=False),
        sa.Column("country", sa.String(2), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("decree", sa.String(200), nullable=False),
        sa.Column("changed_at", AT, server_default=sa.text("now()"), nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.CheckConstraint("country ~ '^[A-Z]{2}$'", name=op.f("ck_calendar_year_country")),
        sa.CheckConstraint("year BETWEEN 2000 AND 2099", name=op.f("ck_calendar_year_year")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_year")),
        sa.UniqueConstraint("country", "year", name=op.f("uq_calendar_year_country_year")),
    )
    op.create_table(
        "calendar_day",
        sa.Column("id", sa.Uuid(), server_default=UUID7, nullable=False),
        sa.Column("year_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("festival", sa.String(64)),
        sa.CheckConstraint(
            "kind IN ('workday', 'weekend', 'holiday', 'makeup_workday')", name=op.f("ck_calendar_day_kind")
        ),
        sa.ForeignKeyConstraint(
            ["year_id"], ["calendar_year.id"], name=op.f("fk_calendar_day_year_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_day")),
        sa.UniqueConstraint("year_id", "day", name=op.f("uq_calendar_day_year_id_day")),
    )
    _seed()
    # What came with the tables is nobody's change; from here on each one is logged.
    load_guards("calendar_year", "audit_entry")


def _seed() -> None:
    year_of = sa.text("INSERT INTO calendar_year (country, year, decree) VALUES ('CN', :year, :decree) RETURNING id")
    day_of = sa.text(
        "INSERT INTO calendar_day (year_id, day, kind, festival) VALUES (:year_id, :day, :kind, :festival)"
    )
    connection = op.get_bind()
    for year in SEEDED:
        year_id = connection.scalar(year_of, {"year": year, "decree": decree_of(year)})
        connection.execute(day_of, [{"year_id": year_id, **day._asdict()} for day in decreed_days(year)])
