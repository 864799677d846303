"""What the database itself refuses, and what it writes by itself: plain SQL, one file a table (docs/adr/0018).

A file belongs to the table that it guards, or that its triggers write to. `functions` is what tables need to be made at
all, `shared` what triggers of several tables do. Migrations load them by name; each can be loaded again.
"""

from pathlib import Path

FOLDER = Path(__file__).parent


def guard_sql(name: str) -> str:
    """The statements of the file `name`."""
    return (FOLDER / f"{name}.sql").read_text()
