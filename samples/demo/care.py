"""How the demo chain's guides look after their customers: consents, claims, follow-ups, personal forwards, segments."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import click
import msgspec
from sqlalchemy import select

from clienteling import service as clienteling
from clienteling.items import FollowUpItem
from content_center import service as content_service
from customers import service as customers
from customers.service import Proof, Wanted
from kit import clock
from kit.db import db, unit_of_work
from kit.principal import Principal
from models import Binding, Consent, Customer, FollowUp, Forward, Segment, Store
from samples.demo.days import Day, demo_id, guides, principal, recent_days
from samples.demo.people import STORES, integrator
from samples.demo.stories import STORIES

# Every how many customers says yes to WeCom, and no.
YES_EVERY, NO_EVERY = 10, 16
CLAIMS_PER_STORE = 3
ADDRESSEES = 4
NOTES: tuple[dict[str, str], ...] = (
    {"channel": "wecom", "outcome": "interested", "note": "问了精华的敏感肌版本，下周带小样给她试。"},
    {"channel": "call", "outcome": "appointment", "note": "约了周末到店做皮肤检测。"},
    {"channel": "store", "outcome": "bought", "note": "到店补了面霜，送了两片面膜。"},
    {"channel": "wecom", "outcome": "no_answer"},
)
SEGMENTS: tuple[tuple[str, str, bool, dict[str, Any]], ...] = (  # by whom, name, for everybody, what it finds
    (
        "HQ001",
        "敏感肌、可以发企业微信",
        True,
        {"tags_any": ["敏感肌"], "consent": {"channel": "wecom", "state": "granted"}},
    ),
    ("HQ001", "还没有专属导购", True, {"bound": False}),
    ("SH01-01", "我的爱囤货会员", False, {"tags_any": ["爱囤货"]}),
)


def load(*, first_day: date, today: date) -> None:
    """What customers allow and whose they claim to be, once; what guides did for them on the recent days."""
    click.echo("  demo chain: consents, follow-ups, personal forwards and segments", err=True)
    with unit_of_work():
        if db.session.scalar(select(Consent.id).limit(1)) is None:
            _load_consents()
            _load_claims()
    with unit_of_work():
        _load_segments()
    for day in recent_days(first_day, today):
        with unit_of_work():
            _load_day(day)


def _load_consents() -> None:
    for number, customer_id in enumerate(_customer_ids()):
        if number % NO_EVERY == 0 or number % YES_EVERY == 0:
            customers.record_consents(
                customer_id=customer_id,
                granted={"wecom": number % NO_EVERY != 0},
                proof=Proof(origin="form", text_version="2026-01", evidence=f"登记表 {number:04}"),
                by=integrator(),
                now=clock.now(),
            )


def _customer_ids() -> Sequence[UUID]:
    return db.session.scalars(
        select(Customer.id).where(Customer.member_no.is_not(None)).order_by(Customer.member_no)
    ).all()


def _load_claims() -> None:
    """Guides say that some of the store's customers are theirs, and nobody else has seen it yet."""
    bound = select(Binding.customer_id).where(Binding.ended_at.is_(None))
    for store, _, _ in STORES:
        free = select(Customer.id).join(Store, Customer.store_id == Store.id).where(Store.code == store)
        found = free.where(Customer.id.not_in(bound)).order_by(Customer.member_no).limit(CLAIMS_PER_STORE)
        guide = guides(store, clock.now())[-1]
        for customer_id in db.session.scalars(found).all():
            customers.bind_by_hand(customer_id, wanted=Wanted(), by=guide, now=clock.now())


def _load_segments() -> None:
    known = set(db.session.scalars(select(Segment.name)))
    for staff_no, name, shared, wanted in SEGMENTS:
        if name not in known:
            clienteling.create_segment(name=name, filter=wanted, shared=shared, by=principal(staff_no), now=clock.now())


def _load_day(day: Day) -> None:
    """One guide of each store follows up, and writes to customers of theirs."""
    for rank, (store, _, _) in enumerate(STORES):
        guide = guides(store, day.at(12))[0]
        own = _own_customers(guide)
        start = (day.date.toordinal() * ADDRESSEES) % len(own)
        wanted = (own[start:] + own[:start])[:ADDRESSEES]
        _follow_up(day, guide, wanted[0], kind=rank)
        _write_to(day, guide, wanted, delivered=rank % 2 == 0)


def _own_customers(guide: Principal) -> list[UUID]:
    mine = select(Binding.customer_id).join(Customer, Customer.id == Binding.customer_id)
    live = mine.where(Binding.guide_id == guide.id, Binding.ended_at.is_(None))
    return list(db.session.scalars(live.order_by(Customer.member_no)))


def _follow_up(day: Day, guide: Principal, customer_id: UUID, *, kind: int) -> None:
    at, follow_up_id = day.at(11, 10), demo_id("follow-up", guide.name, day.date)
    if at > day.until or _is_known(FollowUp, follow_up_id):
        return
    said = NOTES[(day.date.toordinal() + kind) % len(NOTES)]
    fields = {"id": follow_up_id, "customer_id": customer_id, "at": at, **said}
    if "note" in said:
        fields["next_on"] = day.date + timedelta(days=7)
    item = msgspec.convert(fields, FollowUpItem)
    clienteling.log_follow_up(item=item, guide=guide, now=at)


def _write_to(day: Day, guide: Principal, customer_ids: Sequence[UUID], *, delivered: bool) -> None:
    """A forward to customers of the guide's: whom it may not reach is skipped; of some the channel reports delivery."""
    at, forward_id = day.at(14, 20), demo_id("personal", guide.name, day.date)
    if at > day.until or _is_known(Forward, forward_id):
        return
    content = STORIES[day.date.toordinal() % len(STORIES)]
    try:
        content_service.forward_content(
            forward_id=forward_id,
            content_id=demo_id("content", content.title),
            guide=guide,
            channel="wecom_chat",
            target={"kind": "customers", "customer_ids": [str(id_) for id_ in customer_ids]},
            language="zh",
            now=at,
        )
    except content_service.NobodyToContact:
        return
    sent = content_service.confirm_forward(
        forward_id=forward_id, kind="client", customer_ids=[], by=guide, now=at + timedelta(minutes=1)
    )
    if delivered and sent["customer_ids"]:
        content_service.confirm_forward(
            forward_id=forward_id,
            kind="channel",
            customer_ids=sent["customer_ids"],
            by=integrator(),
            now=at + timedelta(minutes=2),
        )


def _is_known(table: type[FollowUp] | type[Forward], id_: UUID) -> bool:
    """Whether an earlier load brought it."""
    return db.session.scalar(select(table.id).where(table.id == id_)) is not None
