"""Off the shelf is off everywhere: guides hammer a content while its product goes off the shelf and on again."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread
from typing import Any
from uuid import UUID

from sqlalchemy import select

from catalog import service as catalog_service
from guideapi.app import GuideApp
from kit import clock
from kit.db import db, unit_of_work
from kit.ids import new_id
from models import Forward, Source
from tests import make
from tests.client import Client

FLIPS = 4
HAMMERS = 3
# Of each answer so many must come between two flips: nobody's race if nobody runs.
TAPS_BETWEEN = 6


class Hammers:
    """Guides who tap without a pause, each over HTTP, and what they were answered."""

    def __init__(self, clients: list[Client], path: str) -> None:
        self.statuses: Counter[int] = Counter()
        self._stop = Event()
        self._threads = [Thread(target=self._hammer, args=(client, path)) for client in clients]

    def _hammer(self, client: Client, path: str) -> None:
        while not self._stop.is_set():
            answer = client.post(path, json={"id": str(new_id()), "channel": "link", "target": {"kind": "none"}})
            self.statuses[answer.status_code] += 1

    def wait_for(self, status: int) -> None:
        """Return once so many more taps were answered so."""
        wanted = self.statuses[status] + TAPS_BETWEEN
        make.wait_until(lambda: self.statuses[status] >= wanted)

    @contextmanager
    def hammering(self) -> Iterator[None]:
        for thread in self._threads:
            thread.start()
        try:
            yield
        finally:
            self._stop.set()
            for thread in self._threads:
                thread.join(timeout=30)


def test_not_one_forward_is_made_after_the_commit_that_took_the_product_off_the_shelf(
    app: GuideApp, client: Client
) -> None:
    source = make.source()
    product = make.product(source=source, external_id="P", sku_codes=["P"])
    content = make.content(products=[product.id])
    guides = [client.sign_in(make.guide()) for _ in range(HAMMERS)]
    hammers = Hammers(guides, f"/v1/content/{content.id}/forwards")
    with hammers.hammering():
        for flip in range(1, FLIPS + 1):
            hammers.wait_for(201)
            made = push(source, version=2 * flip, shelf_status="off_shelf")
            hammers.wait_for(409)
            with unit_of_work():
                assert forwards() == made
            push(source, version=2 * flip + 1, shelf_status="on_shelf")
    assert set(hammers.statuses) == {201, 409}
    assert len(forwards()) == hammers.statuses[201]


def push(source: Source, **said: Any) -> set[UUID]:
    """Change the product as its source does; answers the forwards there were when it had changed, before the commit.

    Forwards lock the product until they are committed: what is not seen here came later than the change.
    """
    with unit_of_work():
        item = make.product_item(external_id="P", sku_codes=["P"], **said)
        [outcome] = catalog_service.sync_products(source=source, items=[item], now=clock.now())
        assert outcome["outcome"] == "updated"
        return forwards()


def forwards() -> set[UUID]:
    return set(db.session.scalars(select(Forward.id)))
