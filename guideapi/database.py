"""Schema migrations, and what makes a database unfit."""

from pathlib import Path

from alembic import command
from alembic.config import Config as AlembicConfig
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine

from guideapi.config import Config, with_driver

MIGRATIONS = Path(__file__).parent.parent / "migrations"


class UnknownHistory(Exception):
    """The database was made by migrations that are not here any more, or not yet; nothing was changed."""


def migrate(config: Config) -> None:
    """Bring the database to the newest migration; safe to run from several machines at once.

    Raises UnknownHistory where it cannot tell what is missing.
    """
    check_history(config.database_url)
    command.upgrade(alembic_config(config.database_url), "head")


def check_history(url: str) -> None:
    """Raise UnknownHistory if the database at this URL is at a revision that is none of ours."""
    known = {step.revision for step in ScriptDirectory.from_config(alembic_config(url)).walk_revisions()}
    # Nothing is prepared: behind a pooler it would be missing on the next connection.
    engine = create_engine(with_driver(url), connect_args={"prepare_threshold": None})
    with engine.connect() as connection:
        unknown = set(MigrationContext.configure(connection).get_current_heads()) - known
    engine.dispose()
    if unknown:
        raise UnknownHistory(
            f"the database is at revision {', '.join(sorted(unknown))}, which this version does not know; nothing was "
            "changed. To keep the data, run the version that wrote them; to begin anew, move the data folder away or "
            "name an empty database (docs/operations.md)"
        )


def alembic_config(url: str) -> AlembicConfig:
    """Alembic's settings for our migrations on the database at this URL."""
    settings = AlembicConfig()
    settings.set_main_option("script_location", str(MIGRATIONS))
    settings.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    return settings
