"""Schema migrations, and what makes a database unfit."""

from pathlib import Path

from alembic import command
from alembic.config import Config as AlembicConfig

from guideapi.config import Config

MIGRATIONS = Path(__file__).parent.parent / "migrations"


def migrate(config: Config) -> None:
    """Bring the database to the newest migration; safe to run from several machines at once."""
    command.upgrade(alembic_config(config), "head")


def alembic_config(config: Config) -> AlembicConfig:
    """Alembic's settings for our migrations on the configured database."""
    settings = AlembicConfig()
    settings.set_main_option("script_location", str(MIGRATIONS))
    settings.set_main_option("sqlalchemy.url", config.database_url.replace("%", "%%"))
    return settings
