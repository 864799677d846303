"""Contents as staff see them: what is shown now, to whom, and what stands against forwarding it."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, tuple_
from sqlalchemy.dialects.postgresql import aggregate_order_by

from content_center.queries.audience import in_audience
from content_center.queries.cards import cards_by_id
from content_center.rules.forwarding import why_not_forwardable
from kit.db import db, fetch_all, fetch_one
from kit.errors import NotFound
from kit.principal import Principal, Reach
from models import Content, ContentProduct, ContentVersion, Staff, Store

Row = dict[str, Any]

PRODUCT_IDS = (
    select(func.array_agg(aggregate_order_by(ContentProduct.product_id, ContentProduct.position)))
    .where(ContentProduct.content_version_id == ContentVersion.id)
    .scalar_subquery()
    .label("product_ids")
)
IN_LIST = (
    Content.id,
    Content.kind,
    Content.state,
    Content.category,
    Content.tags,
    Content.valid_from,
    Content.valid_until,
    Content.published_at,
    Content.created_at,
    ContentVersion.number.label("version"),
    ContentVersion.title,
)
WHOLE = (
    *IN_LIST,
    Content.live_number,
    Content.withdrawn_at,
    Content.withdrawn_reason,
    Content.audience_region_ids,
    Content.audience_store_ids,
    Content.audience_roles,
    Content.audience_store_tags,
    ContentVersion.id.label("version_id"),
    ContentVersion.body,
    ContentVersion.texts,
    ContentVersion.poster_template,
    ContentVersion.created_by.label("author_id"),
    ContentVersion.published_by.label("reviewer_id"),
)
FORWARDED = (
    Content.state,
    Content.valid_from,
    Content.valid_until,
    ContentVersion.id.label("version_id"),
    ContentVersion.texts,
)


class ContentNotFound(NotFound):
    """There is no such content, or it is not meant for the principal."""

    code = "content_not_found"
    title = "There is no such content"


def list_content(
    *,
    principal: Principal,
    now: datetime,
    state: str = "published",
    category: str | None = None,
    tag: str | None = None,
    search: str | None = None,
    after: Sequence[Any] | None = None,
    limit: int,
) -> list[Row]:
    """Contents, newest first, with product cards and what stands against forwarding them at the principal's store.

    Staff outside headquarters see what is published, valid now and meant for them, whatever `state` says.
    """
    at = Content.published_at if state in ("published", "withdrawn") else Content.created_at
    statement = _with_version(*IN_LIST, in_audience(principal).label("in_audience"), at.label("at"), PRODUCT_IDS)
    statement = statement.where(Content.state == state, _visible_in_list(principal, now))
    if category is not None:
        statement = statement.where(Content.category == category)
    if tag is not None:
        statement = statement.where(Content.tags.contains([tag]))
    if search is not None:
        statement = statement.where(ContentVersion.title.icontains(search, autoescape=True))
    if after is not None:
        statement = statement.where(tuple_(at, Content.id) < tuple_(datetime.fromisoformat(after[0]), UUID(after[1])))
    newest_first = statement.order_by(at.desc(), Content.id.desc()).limit(limit)
    return _with_cards(list(fetch_all(newest_first)), store_id=principal.store_id, now=now)


def contents_by_id(content_ids: Collection[UUID], *, principal: Principal, now: datetime) -> dict[UUID, Row]:
    """What a list shows of these contents, meant for the principal or not, with what stands against forwarding them."""
    statement = _with_version(*IN_LIST, in_audience(principal).label("in_audience"), PRODUCT_IDS)
    found = list(fetch_all(statement.where(Content.id.in_(content_ids)))) if content_ids else []
    return {row["id"]: row for row in _with_cards(found, store_id=principal.store_id, now=now)}


def get_content(content_id: UUID, *, principal: Principal, now: datetime, version: int | None = None) -> Row:
    """A content with its texts; headquarters see its newest version or the one named, others the live one.

    Raises ContentNotFound where it was never published or is not meant for the principal.
    """
    statement = _with_version(
        *WHOLE, in_audience(principal).label("in_audience"), PRODUCT_IDS, which=_which(principal, version)
    )
    row = fetch_one(statement.where(Content.id == content_id, _visible(principal)))
    if row is None:
        raise ContentNotFound
    row["live_version"] = row.pop("live_number")
    row["audience"] = {name: row.pop(f"audience_{name}") for name in ("region_ids", "store_ids", "roles", "store_tags")}
    del row["version_id"]
    return _with_cards([row], store_id=principal.store_id, now=now)[0]


def get_for_forwarding(content_id: UUID, *, principal: Principal) -> Row:
    """The live version of a content that was ever published, in the audience or not, its row locked against withdrawal.

    Raises ContentNotFound.
    """
    store_name = select(Store.name).where(Store.id == principal.store_id).scalar_subquery().label("store_name")
    portrait = select(Staff.portrait_key).where(Staff.id == principal.id).scalar_subquery().label("portrait_key")
    statement = _with_version(
        *FORWARDED, in_audience(principal).label("in_audience"), store_name, portrait, PRODUCT_IDS
    )
    statement = statement.where(Content.id == content_id, Content.live_number.is_not(None))
    row = fetch_one(statement.with_for_update(read=True, of=Content))
    if row is None:
        raise ContentNotFound
    return row


def lock_content(content_id: UUID) -> Content:
    """The content's row, locked until the unit of work ends; raises ContentNotFound."""
    content = db.session.get(Content, content_id, with_for_update=True, populate_existing=True)
    if content is None:
        raise ContentNotFound
    return content


def get_latest_version(content_id: UUID) -> ContentVersion:
    """The version with the highest number."""
    statement = select(ContentVersion).where(ContentVersion.content_id == content_id)
    return db.session.scalars(statement.order_by(ContentVersion.number.desc()).limit(1)).one()


def _with_version(*columns: Any, which: ColumnElement[bool] | None = None) -> Select[Any]:
    joined = which if which is not None else ContentVersion.number == func.coalesce(Content.live_number, _newest())
    return select(*columns).join(ContentVersion, and_(ContentVersion.content_id == Content.id, joined))


def _newest() -> Any:
    version = ContentVersion.__table__.alias("newest")
    return select(func.max(version.c.number)).where(version.c.content_id == Content.id).scalar_subquery()


def _which(principal: Principal, version: int | None) -> ColumnElement[bool]:
    if principal.reach is not Reach.ALL:
        return ContentVersion.number == Content.live_number
    return ContentVersion.number == (_newest() if version is None else version)


def _visible(principal: Principal) -> ColumnElement[bool]:
    if principal.reach is Reach.ALL:
        return Content.id.is_not(None)
    return and_(Content.live_number.is_not(None), in_audience(principal))


def _visible_in_list(principal: Principal, now: datetime) -> ColumnElement[bool]:
    if principal.reach is Reach.ALL:
        return Content.id.is_not(None)
    return and_(
        Content.state == "published",
        Content.valid_from <= now,
        or_(Content.valid_until.is_(None), Content.valid_until > now),
        in_audience(principal),
    )


def _with_cards(rows: list[Row], *, store_id: UUID | None, now: datetime) -> list[Row]:
    wanted = list(dict.fromkeys(id_ for row in rows for id_ in row["product_ids"] or ()))
    cards = cards_by_id(wanted, store_id=store_id)
    for row in rows:
        row["products"] = [cards[id_] for id_ in row.pop("product_ids") or ()]
        row["reasons"] = why_not_forwardable(row, row["products"], now=now)
        row["forwardable"] = not row["reasons"]
        del row["in_audience"]
    return rows
