"""Alembic migrations: the truth about the database's schema, triggers included."""
