"""What the demo chain's people did lately: head office's content, guides' forwards and their readers, the tasks."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from io import BytesIO
from uuid import UUID

import click
from sqlalchemy import select

from content_center import service as content_service
from content_center.service import Draft
from kit import clock
from kit.db import db, unit_of_work
from kit.principal import Principal
from models import Content, Forward, Product, TaskPlan
from samples.demo.days import Day, acting, demo_id, guides, principal, recent_days
from samples.demo.people import STORES
from samples.demo.pictures import draw_product
from samples.demo.stories import STORIES, Story
from tasks.queries import get_plan
from tasks.service import PlanDraft, create_plan, submit

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
    """A forward task and a checklist for each store; their ids."""
    known = set(db.session.scalars(select(TaskPlan.id).where(TaskPlan.day == day.date)))
    for number, (store, name, _) in enumerate(STORES):
        manager = principal(f"M{store}")
        content = contents[(day.date.toordinal() + number) % len(contents)]
        title, instructions = CHECKLISTS[(day.date.toordinal() + number) % len(CHECKLISTS)]
        forward = PlanDraft(
            kind="forward",
            title="转发今日主推",
            instructions=f"{name}今日主推素材，转发给两位合适的客户或群。",
            content_id=content,
            target_count=2,
            store_id=None,
            day=day.date,
            due_at=day.at(21),
        )
        custom = replace(
            forward, kind="custom", title=title, instructions=instructions, content_id=None, target_count=1
        )
        for draft in (forward, custom):
            plan_id = demo_id("plan", store, day.date, draft.kind)
            if plan_id not in known:
                create_plan(plan_id=plan_id, draft=draft, principal=manager, now=day.at(8))
    return [demo_id("plan", store, day.date, "custom") for store, _, _ in STORES]


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
    for plan_id in plan_ids:
        for share in get_plan(plan_id)["guides"]:
            at = day.at(day.random.randrange(9, 20), day.random.randrange(60))
            if share["state"] == "open" and at <= day.until and day.random.random() < 0.8:
                submission_id = demo_id("submission", share["task_id"])
                guide = acting(share["guide"]["id"], at)
                submit(
                    submission_id=submission_id, task_id=share["task_id"], note="已完成，无异常。", guide=guide, now=at
                )
