"""A restarted database breaks the requests that run meanwhile, and no later one."""

from sqlalchemy import create_engine, text

from guideapi.app import GuideApp
from kit.db import db
from tests.client import Client

# What a restart does to the connections that rest in a pool.
END_OTHERS = text("""
SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
""")


def test_after_a_restart_every_request_is_answered(app: GuideApp, as_guide: Client) -> None:
    assert as_guide.get("/v1/products").status_code == 200
    db.session.rollback()
    others = create_engine(app.config["SQLALCHEMY_BINDS"][None]["url"])
    with others.connect() as connection:
        assert all(connection.scalars(END_OTHERS))
    others.dispose()
    assert as_guide.get("/v1/products").status_code == 200
    assert as_guide.post("/v1/auth/sign-out-everywhere").status_code == 200
