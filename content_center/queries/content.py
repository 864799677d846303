"""Contents as staff see them: what is shown now, to whom, and what stands against forwarding it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import TextClause, select, text

from content_center.queries.assets import as_asset, list_assets
from content_center.queries.audience import meant_for, sight, sight_of
from content_center.queries.cards import cards_by_id
from content_center.rules.forwarding import why_not_forwardable
from kit.db import db, fetch_all, fetch_one
from kit.errors import NotFound
from kit.principal import Principal, Reach
from models import Content, ContentVersion

Row = dict[str, Any]

PRODUCT_IDS = """ARRAY(
  SELECT product_id FROM content_product WHERE content_version_id = v.id ORDER BY position
) AS product_ids"""
IN_LIST = f"""
  c.id, c.kind, c.state, c.category, c.tags, c.valid_from, c.valid_until, c.published_at, c.created_at,
  v.number AS version, v.title, {PRODUCT_IDS}"""
WHOLE = f"""{IN_LIST},
  c.live_number AS live_version, c.withdrawn_at, c.withdrawn_reason, c.audience_region_ids, c.audience_store_ids,
  c.audience_roles, c.audience_store_tags, v.body, v.texts, v.poster_template, v.asset_ids,
  v.created_by AS author_id, v.contributor_ids, v.published_by AS reviewer_id, v.submitted_at, v.review_comment,
  c.updated_at, c.version AS row_version"""
NEWEST = "(SELECT max(number) FROM content_version WHERE content_id = c.id)"
IN_FORCE = "c.state = 'published' AND c.valid_from <= :now AND (c.valid_until IS NULL OR c.valid_until > :now)"
CONDITIONS = {
    "category": "c.category = :category",
    "tag": "c.tags @> ARRAY[CAST(:tag AS text)]",
    "pattern": "v.title ILIKE '%' || :pattern || '%'",
}


class ContentNotFound(NotFound):
    """There is no such content, or it is not meant for the principal."""

    code = "content_not_found"
    title = "There is no such content"


@dataclass(frozen=True, kw_only=True)
class ContentFilter:
    """What a list of contents is narrowed to; None narrows nothing."""

    state: str = "published"
    category: str | None = None
    tag: str | None = None
    q: str | None = None  # part of the title


def list_content(
    wanted: ContentFilter, *, principal: Principal, now: datetime, after: Sequence[Any] | None = None, limit: int
) -> list[Row]:
    """Contents, newest first, with product cards and what stands against forwarding them at the principal's store.

    Staff outside headquarters see what is published, valid now and meant for them, whatever the state wanted.
    """
    narrowed = {"category": wanted.category, "tag": wanted.tag, "pattern": wanted.q and _escape_like(wanted.q)}
    parameters: Row = {name: value for name, value in narrowed.items() if value is not None}
    statement = _list(principal.reach, wanted.state in ("published", "withdrawn"), tuple(parameters), after is not None)
    parameters |= {"now": now, "limit": limit, **sight_of(principal, reach=principal.reach)}
    if principal.reach is Reach.ALL:
        parameters["state"] = wanted.state
    if after is not None:
        parameters |= {"after_at": after[0], "after_id": after[1]}
    rows = list(fetch_all(statement, parameters))
    return _with_cards(rows, store_id=principal.store_id, now=now)


def contents_by_id(content_ids: Collection[UUID], *, principal: Principal, now: datetime) -> dict[UUID, Row]:
    """What a list shows of these contents, meant for the principal or not, with what stands against forwarding them."""
    parameters = {"ids": list(content_ids), **sight_of(principal, reach=principal.reach)}
    found = list(fetch_all(_some(principal.reach), parameters)) if content_ids else []
    return {row["id"]: row for row in _with_cards(found, store_id=principal.store_id, now=now)}


def get_content(content_id: UUID, *, principal: Principal, now: datetime, version: int | None = None) -> Row:
    """A content with its texts; headquarters see its newest version or the one named, others the live one.

    Raises ContentNotFound where it was never published or is not meant for the principal.
    """
    parameters = {"content_id": content_id, "version": version, **sight_of(principal, reach=principal.reach)}
    row = fetch_one(_one(principal.reach), parameters)
    if row is None:
        raise ContentNotFound
    row["audience"] = {name: row.pop(f"audience_{name}") for name in ("region_ids", "store_ids", "roles", "store_tags")}
    row["assets"] = [as_asset(asset) for asset in list_assets(row.pop("asset_ids"))]
    return _with_cards([row], store_id=principal.store_id, now=now)[0]


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


@lru_cache
def _list(reach: Reach, was_published: bool, narrowed: tuple[str, ...], further: bool) -> TextClause:
    at = "c.published_at" if was_published or reach is not Reach.ALL else "c.created_at"
    visible = "c.state = :state" if reach is Reach.ALL else f"{IN_FORCE} AND {meant_for(reach)}"
    conditions = [visible, *(CONDITIONS[name] for name in narrowed)]
    if further:
        conditions.append(f"({at}, c.id) < (CAST(:after_at AS timestamptz), CAST(:after_id AS uuid))")
    return text(f"""{sight(reach)}
        SELECT {IN_LIST}, {at} AS at
        FROM content c
        JOIN content_version v ON v.content_id = c.id AND v.number = coalesce(c.live_number, {NEWEST})
        WHERE {" AND ".join(conditions)}
        ORDER BY {at} DESC, c.id DESC LIMIT :limit""")  # noqa: S608 - built from constants


@lru_cache
def _some(reach: Reach) -> TextClause:
    return text(f"""{sight(reach)}
        SELECT {IN_LIST}, {meant_for(reach)} AS in_audience
        FROM content c
        JOIN content_version v ON v.content_id = c.id AND v.number = coalesce(c.live_number, {NEWEST})
        WHERE c.id = ANY(:ids)""")  # noqa: S608 - built from constants


@lru_cache
def _one(reach: Reach) -> TextClause:
    number = f"coalesce(CAST(:version AS int), {NEWEST})" if reach is Reach.ALL else "c.live_number"
    return text(f"""{sight(reach)}
        SELECT {WHOLE}
        FROM content c JOIN content_version v ON v.content_id = c.id AND v.number = {number}
        WHERE c.id = :content_id AND {meant_for(reach)}""")  # noqa: S608 - built from constants


def _with_cards(rows: list[Row], *, store_id: UUID | None, now: datetime) -> list[Row]:
    wanted = list(dict.fromkeys(id_ for row in rows for id_ in row["product_ids"]))
    cards = cards_by_id(wanted, store_id=store_id)
    for row in rows:
        row["products"] = [cards[id_] for id_ in row.pop("product_ids")]
        meant = row.pop("in_audience", True)
        row["reasons"] = why_not_forwardable(row, row["products"], in_audience=meant, now=now)
        row["forwardable"] = not row["reasons"]
    return rows


def _escape_like(part: str) -> str:
    return part.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
