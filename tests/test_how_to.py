"""The requests in docs/how-to succeed, one after another, as the people that the pages name."""

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from kit import clock
from kit.db import db
from kit.ids import new_id
from models import Staff, Store
from tests import make
from tests.client import Client

PAGES = sorted((Path(__file__).parent.parent / "docs/how-to").glob("*.md"))
BLOCK = re.compile(r"^```http\n(.*?)^```$", re.MULTILINE | re.DOTALL)
TO_FILL = re.compile(r"\{(\w+)\}")


class Step(NamedTuple):
    """A request of a page: who sends it, and the name under which a field of its answer is kept."""

    method: str
    path: str
    sender: str
    keep: tuple[str, str] | None
    body: str


def steps(page: Path) -> Iterator[Step]:
    for block in BLOCK.findall(page.read_text()):
        head, _, body = block.partition("\n\n")
        request, *said = head.strip().splitlines()
        fields = dict(line.split(": ", 1) for line in said)
        name, _, field = fields.get("Keep", "").partition(" = ")
        yield Step(*request.split(" ", 1), fields["As"], (name, field) if name else None, body)


@pytest.fixture
def people(client: Client, guide: Staff) -> dict[str, Client]:
    return {
        "anyone": client,
        "editor": client.sign_in(make.staff(roles=["hq_content"])),
        "reviewer": client.sign_in(make.staff(roles=["hq_content"])),
        "manager": client.sign_in(make.staff(roles=["store_manager"], store_id=guide.store_id)),
        "admin": client.sign_in(make.staff(roles=["hq_admin"])),
        "integrator": client.with_token(make.api_key(scopes=["orders:write", "products:write"])),
    }


@pytest.fixture
def known(people: dict[str, Client], guide: Staff) -> dict[str, str]:
    """What the pages take for granted: a source, a content that waits for review, a second store, a guide to lend."""
    waiting = make.content(published=False)
    assert people["editor"].post(f"/v1/content/{waiting.id}/submit").status_code == 200
    here = db.session.get_one(Store, guide.store_id)
    return {
        "source": make.source().code,
        "waiting": str(waiting.id),
        "guide": str(guide.id),
        "staff_no": guide.staff_no,
        "store_id": str(here.id),
        "store_code": here.code,
        "store": make.store(region_id=here.region_id).code,
        "tomorrow": f"{clock.now().date() + timedelta(days=1)}",
        "next_month": f"{clock.now().date() + timedelta(days=30)}",
        "helper": make.guide().staff_no,
    }


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_requests_of_the_page_succeed(page: Path, people: dict[str, Client], known: dict[str, str]) -> None:
    sent = list(steps(page))
    assert sent
    for step in sent:
        answer = send(people[step.sender], step, known)
        assert 200 <= answer.status_code < 300, (step, answer.text)
        if step.keep:
            name, field = step.keep
            known[name] = answer.json[field]


def send(sender: Client, step: Step, known: dict[str, str]) -> Any:
    def filled(text: str) -> str:
        return TO_FILL.sub(lambda found: str(new_id()) if found[1] == "uuid" else known.get(found[1], found[0]), text)

    options = {"json": json.loads(filled(step.body))} if step.body.strip() else {}
    return sender.open(step.method, filled(step.path), **options)


def test_what_a_page_says_of_rejects_holds(people: dict[str, Client], known: dict[str, str]) -> None:
    """One is taken, one is rejected and told; mended it is taken under the same version."""
    [page] = [page for page in PAGES if page.stem == "push-and-mend"]
    pushed, told, mended = (send(people[step.sender], step, known).json["items"] for step in list(steps(page))[:3])
    assert [one["outcome"] for one in pushed] == ["created", "rejected"]
    assert [one["code"] for one in told] == ["list_price_below_price"]
    assert [one["outcome"] for one in mended] == ["created"]
