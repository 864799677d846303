"""Nobody is pestered: who would be skipped is told before sending, asked again when it is sent, and may say no."""

from collections import Counter
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select

from content_center import service as content_service
from customers import service as customers_service
from customers.service import Proof
from guideapi.app import GuideApp
from kit import clock
from kit.db import db, unit_of_work
from kit.ids import new_id, new_token
from models import Binding, Consent, Contact, Content, Forward, Staff, Touch
from tests import make, races
from tests.client import Client


def aim(*customer_ids: UUID) -> dict[str, Any]:
    return {"kind": "customers", "customer_ids": [str(id_) for id_ in customer_ids]}


def tap(caller: Client, content: Content, *customer_ids: UUID, channel: str = "wecom_chat") -> Any:
    body = {"id": str(new_id()), "channel": channel, "target": aim(*customer_ids)}
    answer = caller.post(f"/v1/content/{content.id}/forwards", json=body)
    assert answer.status_code == 201, answer.text
    return answer.json


def confirm(caller: Client, forward_id: Any, *customer_ids: UUID, kind: str = "client") -> Any:
    body = {"kind": kind, "customer_ids": [str(id_) for id_ in customer_ids]}
    answer = caller.post(f"/v1/forwards/{forward_id}/confirmations", json=body)
    assert answer.status_code == 200, answer.text
    return answer.json


def say_no(customer_id: UUID, channel: str = "wecom") -> None:
    customers_service.record_consents(
        customer_id=customer_id, granted={channel: False}, proof=Proof(origin="page"), by=None, now=clock.now()
    )


def contacts() -> int:
    return db.session.scalar(select(func.count()).select_from(Contact)) or 0


def test_who_would_be_skipped_is_told_with_every_reason(as_guide: Client, guide: Staff) -> None:
    make.contact_policy(week_limit=1)
    free, silent, full = (make.person(guide=guide) for _ in range(3))
    with unit_of_work():
        say_no(silent)
    make.contact(full, guide=guide, at=clock.now() - timedelta(days=1))
    make.contact(silent, guide=guide, at=clock.now() - timedelta(days=1))
    skipped = {item["customer_id"]: item for item in tap(as_guide, make.content(), free, silent, full)["skipped"]}
    assert {id_: item["reasons"] for id_, item in skipped.items()} == {
        str(silent): ["no_consent", "budget_used"],
        str(full): ["budget_used"],
    }
    assert skipped[str(silent)]["next_allowed_at"] is None
    assert skipped[str(full)]["next_allowed_at"] > clock.now().isoformat()


def test_nobody_is_skipped_where_nobody_is_aimed_at(as_guide: Client) -> None:
    body = {"id": str(new_id()), "channel": "wecom_moments", "target": {"kind": "none"}}
    assert as_guide.post(f"/v1/content/{make.content().id}/forwards", json=body).json["skipped"] == []


def test_sending_uses_the_budget_once_however_often_it_is_confirmed(as_guide: Client, guide: Staff) -> None:
    make.contact_policy(week_limit=1)
    customer_id, content = make.person(guide=guide), make.content()
    first, second = (tap(as_guide, content, customer_id)["id"] for _ in range(2))
    for _ in range(2):
        assert confirm(as_guide, first)["customer_ids"] == [str(customer_id)]
    refused = confirm(as_guide, second)
    assert (refused["customer_ids"], refused["confirmed_at"]) == ([], None)
    assert [item["reasons"] for item in refused["refused"]] == [["budget_used"]]
    assert contacts() == 1
    assert as_guide.get(f"/v1/forwards/{second}").json["state"] == "intended"


def test_of_many_those_who_may_be_contacted_are_confirmed(as_guide: Client, guide: Staff) -> None:
    make.contact_policy()
    willing, unwilling = make.person(guide=guide), make.person(guide=guide)
    forward_id = tap(as_guide, make.content(), willing, unwilling)["id"]
    with unit_of_work():
        say_no(unwilling)
    answer = confirm(as_guide, forward_id)
    assert answer["customer_ids"] == [str(willing)]
    assert [item["customer_id"] for item in answer["refused"]] == [str(unwilling)]


def test_a_customer_who_went_to_a_colleague_meanwhile_is_refused(as_guide: Client, guide: Staff) -> None:
    make.contact_policy()
    customer_id, colleague = make.person(guide=guide), make.guide()
    forward_id = tap(as_guide, make.content(), customer_id)["id"]
    with unit_of_work():
        customers_service.bind_customer(
            customer_id=customer_id, guide_id=colleague.id, store_id=colleague.store_id, reason="x", now=clock.now()
        )
    assert [item["reasons"] for item in confirm(as_guide, forward_id)["refused"]] == [["not_found"]]


def test_a_reserved_place_is_kept_while_the_guide_writes(as_guide: Client, guide: Staff) -> None:
    make.contact_policy(week_limit=1)
    customer_id, content = make.person(guide=guide), make.content()
    mine, other = (tap(as_guide, content, customer_id)["id"] for _ in range(2))
    reserved = as_guide.post(f"/v1/forwards/{mine}/reservations", json={}).json
    assert (reserved["customer_ids"], reserved["refused"]) == ([str(customer_id)], [])
    assert reserved["expires_at"] > clock.now().isoformat()
    assert confirm(as_guide, other)["customer_ids"] == []
    assert confirm(as_guide, mine)["customer_ids"] == [str(customer_id)]
    assert contacts() == 1


def test_what_was_not_sent_is_given_back_and_what_was_sent_is_not(
    as_guide: Client, client: Client, guide: Staff
) -> None:
    make.contact_policy(week_limit=1)
    customer_id, content = make.person(guide=guide), make.content()
    first, second, third = (tap(as_guide, content, customer_id)["id"] for _ in range(3))
    as_guide.post(f"/v1/forwards/{first}/reservations", json={})
    assert as_guide.post(f"/v1/forwards/{first}/releases", json={}).status_code == 200
    assert confirm(as_guide, second)["customer_ids"] == [str(customer_id)]
    as_guide.post(f"/v1/forwards/{second}/releases", json={})
    assert confirm(as_guide, third)["customer_ids"] == []
    channel = client.with_token(make.api_key(scopes=["forwards:write"]))
    channel.post(f"/v1/forwards/{second}/releases", json={})
    assert confirm(as_guide, third)["customer_ids"] == [str(customer_id)]


def test_what_a_channel_delivered_counts_though_nobody_asked(as_guide: Client, client: Client, guide: Staff) -> None:
    make.contact_policy(week_limit=1)
    customer_id, content = make.person(guide=guide), make.content()
    channel = client.with_token(make.api_key(scopes=["forwards:write"]))
    forward_id = tap(as_guide, content, customer_id)["id"]
    for _ in range(2):
        assert confirm(channel, forward_id, kind="channel")["customer_ids"] == [str(customer_id)]
    assert contacts() == 1
    body = {"id": str(new_id()), "channel": "wecom_chat", "target": aim(customer_id)}
    refused = as_guide.post(f"/v1/content/{content.id}/forwards", json=body).json
    assert [item["reasons"] for item in refused["skipped"]] == [["budget_used"]]


def test_others_forwards_are_not_reserved(client: Client, guide: Staff) -> None:
    forward = make.forward(guide=guide)
    stranger = client.sign_in(make.guide())
    for step in ("reservations", "releases"):
        assert stranger.post(f"/v1/forwards/{forward.id}/{step}", json={}).json["code"] == "forward_not_found"


def test_of_twenty_guides_and_a_budget_of_one_exactly_one_sends(client: Client, guide: Staff) -> None:
    """They see the customer as managers who also serve; each has the customer in an open share sheet."""
    make.contact_policy(week_limit=1)
    customer_id, content = make.person(guide=guide), make.content()
    roles = ["guide", "store_manager"]
    callers = [client.sign_in(make.staff(roles=roles, store_id=guide.store_id)) for _ in range(20)]
    ready = [(caller, tap(caller, content, customer_id)["id"]) for caller in callers]
    answers: list[Any] = []
    races.together(*(lambda caller=caller, id_=id_: answers.append(confirm(caller, id_)) for caller, id_ in ready))
    sent = [answer for answer in answers if answer["customer_ids"]]
    reasons = Counter(tuple(item["reasons"]) for answer in answers for item in answer["refused"])
    assert (len(answers), len(sent), reasons) == (20, 1, {("budget_used",): 19})
    assert contacts() == 1


def test_a_no_between_the_list_and_the_sending_is_heard(app: GuideApp, as_guide: Client, guide: Staff) -> None:
    make.contact_policy()
    customer_id = make.person(guide=guide)
    forward = tap(as_guide, make.content(), customer_id)
    assert forward["skipped"] == []

    def send() -> Any:
        return content_service.confirm_forward(
            forward_id=UUID(forward["id"]),
            kind="client",
            customer_ids=[],
            by=make.principal_of(guide),
            now=clock.now(),
        )

    _, answer = races.race(app, lambda: say_no(customer_id), send)
    assert answer["customer_ids"] == []
    assert [item["reasons"] for item in answer["refused"]] == [["no_consent"]]


# The page


def visit(app: GuideApp, token: str, **headers: str) -> Any:
    return app.test_client().post(f"/s/{token}/not-interested", headers=headers)


def customers_forward(guide: Staff, *customer_ids: UUID) -> Forward:
    return make.forward(guide=guide, channel="wecom_chat", target=aim(*customer_ids))


def test_not_interested_withdraws_consent_for_the_links_channel(app: GuideApp, guide: Staff) -> None:
    customer_id = make.person(guide=guide)
    forward = customers_forward(guide, customer_id)
    for _ in range(2):
        answer = visit(app, forward.token)
        assert (answer.status_code, answer.location) == (303, f"/s/{forward.token}?declined=1")
    said = db.session.scalars(select(Consent)).all()
    assert [(one.customer_id, one.channel, one.granted, one.origin) for one in said] == [
        (customer_id, "wecom", False, "page")
    ]
    page = app.test_client().get(answer.location, headers={"Accept-Language": "zh"}).text
    assert "以后不会再通过这个渠道给您发消息" in page
    assert "/not-interested" not in page


def test_the_page_offers_it_without_any_script(app: GuideApp, guide: Staff) -> None:
    forward = make.forward(guide=guide)
    page = app.test_client().get(f"/s/{forward.token}", headers={"Accept-Language": "zh"}).text
    assert f'<form method="post" action="/s/{forward.token}/not-interested">' in page
    assert "不感兴趣" in page


def test_of_a_link_for_many_nobodys_consent_is_touched_and_the_guide_is_told(
    app: GuideApp, as_guide: Client, guide: Staff
) -> None:
    forward = customers_forward(guide, make.person(guide=guide), make.person(guide=guide))
    assert visit(app, forward.token).location.endswith("declined=0")
    assert db.session.scalars(select(Consent)).all() == []
    assert [touch["kind"] for touch in as_guide.get(f"/v1/forwards/{forward.id}/touches").json["items"]] == ["declined"]


def test_a_guide_who_tries_the_button_does_not_speak_for_the_customer(
    app: GuideApp, as_guide: Client, guide: Staff
) -> None:
    forward = customers_forward(guide, make.person(guide=guide))
    visit(app, forward.token, Authorization=f"Bearer {as_guide.token}")
    assert db.session.scalars(select(Consent)).all() == []
    assert db.session.scalars(select(Touch.excluded_reason)).all() == ["own"]


def test_a_token_that_nobody_made_declines_nothing(app: GuideApp) -> None:
    assert visit(app, new_token()).status_code == 404


# Through the link to the guide


@pytest.fixture
def mini_program(client: Client) -> Client:
    return client.with_token(make.api_key(scopes=["customers:write"]))


def test_who_came_through_a_link_becomes_the_guides_own(mini_program: Client, guide: Staff) -> None:
    forward, customer_id = make.forward(guide=guide), make.person()
    body = {"token": forward.token, "customer_id": str(customer_id)}
    for _ in range(2):
        answer = mini_program.post("/v1/share-bindings", json=body)
        assert (answer.status_code, answer.json["guide_id"], answer.json["reason"]) == (201, str(guide.id), "share")
    assert db.session.scalars(select(Binding.reference_id)).all() == [forward.id]
    other = mini_program.post("/v1/share-bindings", json={**body, "token": make.forward(guide=make.guide()).token})
    assert (other.status_code, other.json["code"]) == (409, "binding_protected")


def test_a_link_that_nobody_made_binds_nobody(mini_program: Client) -> None:
    body = {"token": new_token(), "customer_id": str(make.person())}
    assert mini_program.post("/v1/share-bindings", json=body).json["code"] == "forward_not_found"
