"""People of headquarters who make content."""

import pytest

from guideapi.app import GuideApp
from models import Staff
from tests import make
from tests.client import Client


@pytest.fixture
def editor(app: GuideApp) -> Staff:
    """An editor at headquarters."""
    return make.staff(roles=["hq_content"])


@pytest.fixture
def as_editor(client: Client, editor: Staff) -> Client:
    """The editor, signed in over HTTP."""
    return client.sign_in(editor)


@pytest.fixture
def as_reviewer(client: Client) -> Client:
    """Another editor, signed in over HTTP."""
    return client.sign_in(make.staff(roles=["hq_content"]))


@pytest.fixture
def loud(app: GuideApp) -> None:
    """No quiet hours: tests run at any time of day."""
    make.no_quiet_hours()
