"""Taking content back: out of the app, and out of the sight of everybody who has a link to it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update

from content_center import queries
from content_center.service.content import move, write_down_live
from kit.db import db
from kit.errors import Conflict
from kit.words import say
from models import Asset, Content, ContentVersion

Row = dict[str, Any]


class ContentHidden(Conflict):
    """The content was taken down: nothing of it is given out again, whatever was answered before."""

    code = "content_hidden"


def expect_shown(row: Mapping[str, Any]) -> None:
    """Raises ContentHidden for a content, or a forward of one, that was taken down."""
    if row["hidden_reason"] is not None:
        raise ContentHidden(hidden_reason=row["hidden_reason"])


def withdraw_content(
    *, content_id: UUID, reason: str, now: datetime, hide: str | None = None, hide_assets: bool = False
) -> list[Row]:
    """Take a published content back for good: from this commit on nobody forwards it, whatever waits for its time.

    With `hide` (one of HIDDEN_REASONS) it is taken down, too, now or after it was withdrawn: no page, poster, text or
    file of it is given out any more; `hide_assets` takes its files out of everything else. Answers which files, and
    where else they were used. Raises ContentStateForbids unless it is published or will be, or is taken down later.
    """
    content = queries.lock_content(content_id)
    if hide and content.state == "withdrawn":
        move(content, "hide")
    else:
        move(content, "withdraw", why_not=say("content_state_forbids.not_published"))
        _withdraw(content, reason=reason, now=now)
    if hide:
        content.hidden_at = content.hidden_at or now
        content.hidden_reason = hide
    return _hide_assets(content_id, now=now) if hide and hide_assets else []


def _withdraw(content: Content, *, reason: str, now: datetime) -> None:
    write_down_live(content, now=now)
    content.next_number = content.next_at = None
    content.withdrawn_at = now
    content.withdrawn_reason = reason


def _hide_assets(content_id: UUID, *, now: datetime) -> list[Row]:
    used = select(func.unnest(ContentVersion.asset_ids)).where(ContentVersion.content_id == content_id)
    asset_ids = sorted(set(db.session.scalars(used)))
    hidden = update(Asset).where(Asset.id.in_(asset_ids), Asset.hidden_at.is_(None)).values(hidden_at=now)
    db.session.execute(hidden)
    used_in = queries.list_uses(asset_ids, besides=content_id)
    return [{"asset_id": id_, "used_in": used_in.get(id_, [])} for id_ in asset_ids]
