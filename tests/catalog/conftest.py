"""What the catalog tests share."""

import pytest

from kit.db import db
from models import Source, Staff, Store
from tests import make
from tests.client import Client


@pytest.fixture
def source(app: object) -> Source:
    return make.source()


@pytest.fixture
def as_catalog(client: Client) -> Client:
    """Head office's keeper of the catalog, signed in over HTTP."""
    return client.sign_in(make.staff(roles=["hq_catalog"]))


@pytest.fixture
def store_code(guide: Staff) -> str:
    """The code of the guide's store."""
    return db.session.get_one(Store, guide.store_id).code
