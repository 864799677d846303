"""Drafts between their author and the reviewer: changed, submitted, returned."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from content_center import queries
from content_center.service.content import (
    Audience,
    AuthorMayNotPublish,
    ContentStateForbids,
    Draft,
    check_audience,
    check_draft,
    move,
    set_products,
)
from kit.db import db
from kit.errors import Invalid
from kit.principal import Principal
from kit.versions import expect
from kit.words import say
from models import Content, ContentProduct, ContentVersion

WORDING = ("title", "body", "texts", "product_ids", "poster_template", "asset_ids")


def change_content(
    *, content_id: UUID, changes: Mapping[str, Any], expected_version: int, by: Principal, now: datetime
) -> None:
    """Change whom and when a content is for, and the wording of its newest version while that is a draft.

    Raises Stale; ContentStateForbids when withdrawn, or for wording that is published or in review; and what
    `create_content` raises.
    """
    content = queries.lock_content(content_id)
    expect(content.version, expected=expected_version)
    if content.state == "withdrawn":
        raise ContentStateForbids(say("content_state_forbids.withdrawn"), state=content.state)
    if wording := {name: changes[name] for name in WORDING if name in changes}:
        _reword(_open_draft(content), wording, kind=content.kind, by=by)
    for name in ("category", "tags", "valid_from", "valid_until"):
        if name in changes:
            setattr(content, name, changes[name])
    if content.valid_until is not None and content.valid_until <= content.valid_from:
        raise Invalid(errors={"valid_until": [say("not_later", than="valid_from")]})
    if "audience" in changes:
        _readdress(content, Audience(**changes["audience"]))
    content.updated_at = now


def submit_content(*, content_id: UUID, now: datetime) -> None:
    """Hand the newest version to review: its wording stays as it is until it is published or returned.

    Raises ContentStateForbids unless it is a draft.
    """
    content = queries.lock_content(content_id)
    _open_draft(content).submitted_at = now
    move(content, "submit")
    content.updated_at = now


def return_content(*, content_id: UUID, reviewer: Principal, comment: str, now: datetime) -> None:
    """Give the newest version back to be changed, with a word on what is wrong; also one that waits for its time.

    Raises ContentStateForbids unless it is in review or waits; AuthorMayNotPublish to whoever wrote in one in review.
    """
    content = queries.lock_content(content_id)
    version = queries.get_latest_version(content_id)
    waits = version.published_at is not None and version.published_at > now
    in_review = version.submitted_at is not None and version.published_at is None
    if content.state == "withdrawn" or not (waits or in_review):
        raise ContentStateForbids(say("content_state_forbids.not_in_review"), state=content.state)
    if in_review and reviewer.id in (version.created_by, *version.contributor_ids):
        raise AuthorMayNotPublish
    if waits:
        _unschedule(content, version)
    else:
        move(content, "return")
    version.submitted_at = None
    version.review_comment = comment
    content.updated_at = now


def _unschedule(content: Content, version: ContentVersion) -> None:
    version.published_at = version.published_by = None
    if content.next_number is None:
        move(content, "unschedule")
        content.live_number = content.published_at = None
    content.next_number = content.next_at = None


def _open_draft(content: Content) -> ContentVersion:
    version = queries.get_latest_version(content.id)
    if content.state == "withdrawn" or version.published_at is not None or version.submitted_at is not None:
        raise ContentStateForbids(say("content_state_forbids.not_a_draft"), state=content.state)
    return version


def _reword(version: ContentVersion, wording: Mapping[str, Any], *, kind: str, by: Principal) -> None:
    products = select(ContentProduct.product_id).where(ContentProduct.content_version_id == version.id)
    before = {
        "title": version.title,
        "body": version.body,
        "texts": version.texts,
        "product_ids": list(db.session.scalars(products.order_by(ContentProduct.position))),
        "poster_template": version.poster_template,
        "asset_ids": version.asset_ids,
    }
    draft = Draft(**{**before, **wording})
    check_draft(draft, kind=kind)
    for name in WORDING:
        if name in wording and name != "product_ids":
            setattr(version, name, wording[name])
    if "product_ids" in wording:
        set_products(version, draft.product_ids)
    if by.id not in (version.created_by, *version.contributor_ids):
        version.contributor_ids = [*version.contributor_ids, by.id]


def _readdress(content: Content, audience: Audience) -> None:
    check_audience(audience)
    content.audience_region_ids = list(audience.region_ids)
    content.audience_store_ids = list(audience.store_ids)
    content.audience_roles = list(audience.roles)
    content.audience_store_tags = list(audience.store_tags)
