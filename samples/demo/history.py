"""What the demo chain's people did lately: head office's content, guides' forwards and their readers, the tasks."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from io import BytesIO
from typing import Any
from uuid import UUID

import click
from sqlalchemy import select

from content_center import service as content_service
from content_center.service import Draft
from kit import clock
from kit.db import db, unit_of_work
from kit.principal import Principal
from models import Content, Forward, Product
from samples.demo.days import Day, acting, demo_id, guides, principal, recent_days
from samples.demo.people import STORES
from samples.demo.pictures import draw_product
from samples.demo.stories import STORIES, Story
from tasks.queries.board import read_plan_shares
from tasks.rules.plans import Audience, PlanDraft
from tasks.rules.schedule import Schedule
from tasks.service.commands import Command, give
from tasks.service.plans import create_plan

PUBLISHED_DAYS = 100
# The palettes of an image set's pictures.
VIEWS = ("blush", "pearl", "night")
CHANNEL_WEIGHTS = {"wecom_chat": 5, "wecom_moments": 4, "wecom_group": 2, "poster": 2, "wechat": 1}
CHECKLISTS = (
    ("早会与陈列检查", "核对主推堆头、价签与灯箱，拍照前先自查一遍；缺货 SKU 在备注里写明。"),
    ("试用装消毒与补充", "擦拭试用台，更换过期试用装，并登记批号。"),
    ("会员回访三人", "从你的专属客户里挑三位 30 天未到店的会员问候，备注写下反馈。"),
)


def load(*, first_day: date, today: date) -> None:
    """Content once; tasks and forwards of the recent days from `first_day` to `today`."""
    contents = _load_content()
    for day in recent_days(first_day, today):
        click.echo(f"  demo chain: content, forwards and tasks of {day.date}", err=True)
        with unit_of_work():
            plans = _load_tasks(day, contents)
        with unit_of_work():
            _load_forwards(day, contents)
        with unit_of_work():
            _load_submissions(day, plans)
        with unit_of_work():
            _load_closing(day)


def _load_content() -> list[UUID]:
    with unit_of_work():
        known = set(db.session.scalars(select(Content.id)))
        author, reviewer = principal("HQ002"), principal("HQ003")
        published = clock.now() - timedelta(days=PUBLISHED_DAYS)
        for story in STORIES:
            if demo_id("content", story.title) not in known:
                _publish(story, author=author, reviewer=reviewer, at=published)
    return [demo_id("content", story.title) for story in STORIES]


def _publish(story: Story, *, author: Principal, reviewer: Principal, at: datetime) -> None:
    draft = Draft(
        title=story.title,
        body=story.body,
        texts=story.texts(),
        product_ids=[_product(keyword) for keyword in story.keywords],
        poster_template=story.template,
        asset_ids=_pictures(story, by=author) if story.scene else (),
    )
    content_id = content_service.create_content(
        content_id=demo_id("content", story.title),
        draft=draft,
        kind=story.kind,
        category=story.category,
        author=author,
        valid_from=at,
    )
    content_service.publish_content(content_id=content_id, reviewer=reviewer, now=at)


def _pictures(story: Story, *, by: Principal) -> list[UUID]:
    """Views of what the story is about, as head office uploads them."""
    drawn = (draw_product(story.scene, palette, "SHIGUANG", number) for number, palette in enumerate(VIEWS))
    uploads = (content_service.Upload(file=BytesIO(jpeg), media_type="image/jpeg") for jpeg in drawn)
    return [content_service.add_asset(content_service.store_upload(one, by=by.id), by=by.id) for one in uploads]


def _product(keyword: str) -> UUID:
    wanted = Product.title.contains(keyword) & (Product.shelf_status == "on_shelf")
    return db.session.scalars(select(Product.id).where(wanted).order_by(Product.title)).first() or _product("精华液")


def _load_tasks(day: Day, contents: Sequence[UUID]) -> list[UUID]:
    """A forward task and a checklist for each store; the ids of the checklists."""
    for number, (store, name, _) in enumerate(STORES):
        content = contents[(day.date.toordinal() + number) % len(contents)]
        title, instructions = CHECKLISTS[(day.date.toordinal() + number) % len(CHECKLISTS)]
        told = f"{name}今日主推素材，转发给两位合适的客户或群。"
        forward = _draft("forward", "转发今日主推", told, day=day.date, content_id=content, target_count=2)
        custom = _draft("custom", title, instructions, day=day.date, minutes=15)
        for draft in (forward, custom):
            create_plan(
                plan_id=demo_id("plan", store, day.date, draft.kind),
                draft=draft,
                publish=True,
                principal=principal(f"M{store}"),
                now=day.at(8),
            )
    return [demo_id("plan", store, day.date, "custom") for store, _, _ in STORES]


def _draft(kind: str, title: str, instructions: str, *, day: date, **said: Any) -> PlanDraft:
    """A task of the day for each guide of a manager's own store."""
    schedule = Schedule(first_day=day, rrule=None, except_days=(), holidays="keep", slots=(("00:00", "21:00"),))
    usual = {"content_id": None, "target_count": 1, "share": "each", "share_count": None, "minutes": 5}
    return PlanDraft(
        kind=kind,
        title=title,
        instructions=instructions,
        audience=Audience((), (), (), ("guide",)),
        schedule=schedule,
        **{**usual, "review": False, "late": "stay_overdue", **said},
    )


def _load_forwards(day: Day, contents: Sequence[UUID]) -> None:
    known = set(db.session.scalars(select(Forward.id).where(Forward.created_at >= day.at(0))))
    for number, (store, _, _) in enumerate(STORES):
        main = contents[(day.date.toordinal() + number) % len(contents)]
        for guide in guides(store, day.at(12)):
            diligence = day.random.random()
            shared = [main] * (2 if diligence > 0.35 else diligence > 0.15) + [
                content for content in contents if day.random.random() < 0.04
            ]
            for turn, content in enumerate(shared):
                at = day.at(day.random.randrange(10, 21), day.random.randrange(60))
                readers = day.random.choices(range(7), (30, 20, 18, 12, 10, 6, 4))[0]
                forward_id = demo_id("forward", guide.name, day.date, turn)
                if at <= day.until and forward_id not in known:
                    channel = day.random.choices(tuple(CHANNEL_WEIGHTS), tuple(CHANNEL_WEIGHTS.values()))[0]
                    _forward(forward_id, content, guide, channel, at, readers)


def _forward(forward_id: UUID, content_id: UUID, guide: Principal, channel: str, at: datetime, readers: int) -> None:
    content_service.forward_content(
        forward_id=forward_id,
        content_id=content_id,
        guide=guide,
        channel=channel,
        target={"kind": "none"},
        language="zh",
        now=at,
    )
    content_service.confirm_forward(forward_id=forward_id, kind="client", customer_ids=[], by=guide, now=at)
    for reader in range(readers):
        seen = min(at + timedelta(minutes=7 * (reader + 1)), clock.now())
        for kind, sign in (("open", "cookie"), ("click", "form"))[: 1 + (reader % 3 == 0)]:
            viewer = f"demo-{forward_id}-{reader}"
            content_service.record_touch(
                forward_id=forward_id, kind=kind, viewer=viewer, excluded_reason=None, sign=sign, now=seen
            )


def _load_submissions(day: Day, plan_ids: Sequence[UUID]) -> None:
    """Most guides have handed in their checklist by now."""
    shares = read_plan_shares(plan_ids, principal=principal("HQ001"))
    for plan_id in plan_ids:
        for share in shares[plan_id]:
            at = day.at(day.random.randrange(9, 20), day.random.randrange(60))
            if share["state"] == "open" and at <= day.until and day.random.random() < 0.8:
                command = Command(
                    id=demo_id("submission", share["id"]),
                    task_id=share["id"],
                    command="submit",
                    note="已完成，无异常。",
                )
                give(command, principal=acting(share["guide_id"], at), now=at)


def _load_closing(day: Day) -> None:
    """One of each store takes the photos at closing time; of past days they are approved, returned, blocked or late."""
    for number, (store, _, _) in enumerate(STORES):
        plan_id, manager = demo_id("plan", store, day.date, "closing"), principal(f"M{store}")
        told = "店门、收银台、仓库各一张，写明当日异常。"
        draft = _draft("custom", "打烊检查", told, day=day.date, share="one", review=True, minutes=20)
        create_plan(plan_id=plan_id, draft=draft, publish=True, principal=manager, now=day.at(8))
        [share] = read_plan_shares([plan_id], principal=manager)[plan_id]
        if day.at(21) > day.until or number % 4 == 3 or share["state"] != "open" or share["guide_id"]:
            continue
        guide = guides(store, day.at(12))[0]
        for turn, (command, said, by) in enumerate(_closing_steps(number % 4)):
            at, who = day.at(20, 10 * turn), manager if by == "manager" else guide
            step = Command(id=demo_id("closing", plan_id, turn), task_id=share["id"], command=command, **said)
            give(step, principal=who, now=at)


def _closing_steps(way: int) -> list[tuple[str, dict[str, Any], str]]:
    handed_in: list[tuple[str, dict[str, Any], str]] = [
        ("claim", {}, "guide"),
        ("submit", {"note": "已打烊，无异常。"}, "guide"),
    ]
    return [
        [*handed_in, ("approve", {}, "manager")],
        [*handed_in, ("return", {"reason": "仓库那张没拍清楚，请重拍。"}, "manager")],
        [handed_in[0], ("block", {"reason": "仓库钥匙在区域经理处。"}, "guide")],
    ][way]
