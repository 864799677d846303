"""How migrations load the files of models/guards."""

from alembic import op

from models.guards import guard_sql


def load_guards(*names: str) -> None:
    """Make the functions and triggers of these files what the files say now, in this order.

    A trigger or function that a file no longer has is dropped by the migration that loads it.
    """
    for name in names:
        op.execute(guard_sql(name))
