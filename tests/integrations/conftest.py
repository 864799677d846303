"""The application, allowed to reach receivers on loopback addresses; and one subscriber."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from guideapi.app import GuideApp, create_app
from guideapi.config import Config
from kit.db import close_connections, db
from tests import make
from tests.client import Client
from tests.simulators.receiver import Receiver, receiver


@pytest.fixture
def inside(app: GuideApp, config: Config) -> Iterator[GuideApp]:
    """The application in a network of its own: 127.0.0.0/8 may be reached."""
    other = create_app(replace(config, outbound_networks=("127.0.0.0/8",)))
    with other.app_context():
        yield other
        db.session.remove()
        close_connections()


@pytest.fixture
def as_admin(inside: GuideApp) -> Client:
    return Client(inside).sign_in(make.staff(roles=["hq_admin"]))


@pytest.fixture
def erp(inside: GuideApp) -> Iterator[Receiver]:
    """A receiver."""
    with receiver() as told:
        yield told


@pytest.fixture
def subscription(as_admin: Client, erp: Receiver) -> dict:
    """The receiver's subscription to everything, with its secret."""
    kinds = ["product.shelf_changed", "task.changed", "statement.approved"]
    answer = as_admin.post("/v1/webhooks/subscriptions", json={"name": "ERP", "url": erp.url, "kinds": kinds})
    assert answer.status_code == 201, answer.text
    return answer.json
