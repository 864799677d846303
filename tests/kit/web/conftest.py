"""The application with one more room, on the same database and Redis."""

from collections.abc import Iterator

import pytest
from sqlalchemy import text

from guideapi.app import API_BLUEPRINTS, GuideApp, create_app
from guideapi.config import Config
from kit.db import close_connections, db
from models import Staff
from tests.client import Client
from tests.kit.web import notes


@pytest.fixture
def notes_app(app: GuideApp, config: Config, monkeypatch: pytest.MonkeyPatch) -> Iterator[GuideApp]:
    """The whole application and the notes room."""
    monkeypatch.setattr("guideapi.app.API_BLUEPRINTS", (*API_BLUEPRINTS, notes.bp))
    other = create_app(config)
    with other.app_context():
        with db.engine.begin() as connection:
            connection.execute(text(notes.TABLE))
        yield other
        db.session.remove()
        with db.engine.begin() as connection:
            connection.execute(text("DROP TABLE note"))
        close_connections()


@pytest.fixture
def reader(notes_app: GuideApp, guide: Staff) -> Client:
    """A guide who reads and writes notes."""
    return Client(notes_app).sign_in(guide)


@pytest.fixture
def note(notes_app: GuideApp) -> str:
    """The path of a note."""
    with db.engine.begin() as connection:
        number = connection.scalar(text("INSERT INTO note (words) VALUES ('first') RETURNING id"))
    return f"/v1/notes/{number}"
