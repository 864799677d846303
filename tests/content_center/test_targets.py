"""At whom a guide may aim, and how they are addressed."""

from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select, text, update

from customers.sealed import seal_profile
from customers.service import bind_customer
from kit import clock
from kit.db import db, unit_of_work
from kit.ids import new_id
from models import AuditEntry, Binding, Content, Customer, Staff
from tests import make
from tests.client import Client, wrong

pytestmark = pytest.mark.usefixtures("loud")
HELLO = {"default": "{customer_name}，{guide_name}为您推荐"}


def known(guide: Staff, name: str = "陈静") -> Customer:
    """The guide's own customer of that name."""
    customer = make.bound_customer(guide)
    with unit_of_work():
        customer.sealed_profile = seal_profile(customer.id, {"name": name})
        customer.profile_fields = ["name"]
    return customer


def send(client: Client, content: Content, *people: Customer, **fields: Any) -> Any:
    target = {"kind": "customers", "customer_ids": [str(person.id) for person in people]}
    tap = {"id": str(new_id()), "channel": "wecom_chat", "target": target, **fields}
    return client.post(f"/v1/content/{content.id}/forwards", json=tap)


def test_guide_aims_at_their_own_customers_only(as_guide: Client, guide: Staff) -> None:
    content, own = make.content(), make.bound_customer(guide)
    colleagues = make.bound_customer(make.guide(store_id=guide.store_id))
    nobodys = make.save(Customer(member_no="M1"))
    assert send(as_guide, content, own).status_code == 201
    answer = send(as_guide, content, own, colleagues, nobodys)
    assert (answer.status_code, answer.json["code"]) == (422, "forward_target_unknown")
    assert set(answer.json["unknown"]) == {str(colleagues.id), str(nobodys.id)}


def test_single_customer_is_addressed_by_name_which_is_kept_nowhere(
    as_guide: Client, as_manager: Client, guide: Staff
) -> None:
    customer, content = known(guide), make.content(saying={"texts": HELLO})
    forward_id = str(new_id())
    answer = send(as_guide, content, customer, id=forward_id)
    assert answer.json["text"] == f"陈静，{guide.name}为您推荐"
    assert send(as_guide, content, customer, id=forward_id).json == answer.json
    assert as_guide.get(f"/v1/forwards/{forward_id}").json["text"] == answer.json["text"]
    assert as_manager.get(f"/v1/forwards/{forward_id}").json["text"] == f"亲，{guide.name}为您推荐"
    assert as_guide.get("/v1/forwards").json["items"][0]["text"] == f"亲，{guide.name}为您推荐"
    assert not db.session.scalar(text("SELECT count(*) FROM forward_text WHERE forward_text::text LIKE '%陈静%'"))
    noted = select(AuditEntry.row_id).where(AuditEntry.action == "reveal")
    assert db.session.scalars(noted).all() == [str(customer.id)]


def test_forwards_name_their_customers_masked_to_who_sees_them(
    as_guide: Client, as_manager: Client, guide: Staff
) -> None:
    people = [known(guide, f"客{n}") for n in range(12)]
    forward_id = send(as_guide, make.content(), *people).json["id"]
    for caller in (as_guide, as_manager):
        for shown in (caller.get("/v1/forwards").json["items"][0], caller.get(f"/v1/forwards/{forward_id}").json):
            assert [one["name"] for one in shown["customers"]] == ["客*"] * 10
    db.session.execute(update(Binding).values(ended_at=clock.now()))
    db.session.commit()
    assert as_guide.get(f"/v1/forwards/{forward_id}").json["customers"] == []


def test_several_customers_are_addressed_as_anybody(as_guide: Client, guide: Staff) -> None:
    content = make.content(saying={"texts": HELLO})
    answer = send(as_guide, content, known(guide), known(guide, "李雷"), language="en")
    assert answer.json["text"] == f"friend，{guide.name}为您推荐"


def test_customer_without_a_name_is_addressed_as_anybody(as_guide: Client, guide: Staff) -> None:
    answer = send(as_guide, make.content(saying={"texts": HELLO}), make.bound_customer(guide))
    assert answer.json["text"] == f"亲，{guide.name}为您推荐"


def test_customer_who_went_to_another_guide_is_no_longer_named(as_guide: Client, guide: Staff) -> None:
    customer, content = known(guide), make.content(saying={"texts": HELLO})
    forward_id = send(as_guide, content, customer).json["id"]
    colleague = make.guide()
    assert colleague.store_id is not None
    with unit_of_work():
        bind_customer(
            customer_id=customer.id,
            guide_id=colleague.id,
            store_id=colleague.store_id,
            reason="transfer",
            now=clock.now(),
        )
    assert as_guide.get(f"/v1/forwards/{forward_id}").json["text"] == f"亲，{guide.name}为您推荐"


@pytest.mark.parametrize("kind", ["customer_name", "guide_name"])
def test_placeholder_appears_at_most_three_times(as_editor: Client, kind: str) -> None:
    content = make.content(published=False)
    path = f"/v1/content/{content.id}"
    headers = {"If-Match": as_editor.get(path).headers["ETag"]}
    refused = as_editor.patch(path, json={"texts": {"default": f"{{{kind}}}" * 4}}, headers=headers)
    assert (refused.status_code, wrong(refused)) == (422, {"texts.default": ["placeholder_too_often"]})
    assert refused.json["errors"]["texts.default"][0]["message"] == f"{{{kind}}} more than 3 times."


def test_unknown_customer_is_named_in_the_refusal(as_guide: Client) -> None:
    nobody = Customer(id=uuid4())
    assert send(as_guide, make.content(), nobody).json["unknown"] == [str(nobody.id)]
