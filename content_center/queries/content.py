"""Contents as staff see them: what is shown now, to whom, and what stands against forwarding it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import TextClause, select, text

from content_center.queries.assets import as_asset, with_assets
from content_center.queries.audience import meant_for, sight, sight_of
from content_center.queries.cards import cards_by_id
from content_center.rules.forwarding import why_not_forwardable
from kit.db import db, fetch_all, fetch_one
from kit.errors import NotFound
from kit.links import thumbnail_url
from kit.principal import Principal, Reach
from models import Content, ContentVersion

Row = dict[str, Any]

PRODUCT_IDS = """ARRAY(
  SELECT product_id FROM content_product WHERE content_version_id = v.id ORDER BY position
) AS product_ids"""
# What is approved for a later time becomes live by the time alone, without anybody writing it down.
LIVE = "CASE WHEN c.next_at <= :now THEN c.next_number ELSE c.live_number END"
STATE = "CASE WHEN c.state = 'published' AND c.published_at > :now THEN 'scheduled' ELSE c.state END"
VERSION_STATE = """CASE
  WHEN v.published_at > :now THEN 'scheduled' WHEN v.published_at IS NOT NULL THEN 'published'
  WHEN v.submitted_at IS NOT NULL THEN 'in_review' ELSE 'draft' END"""
IN_LIST = f"""
  c.id, c.kind, {STATE} AS state, c.category, c.tags, c.valid_from, c.valid_until, c.published_at, c.created_at,
  v.number AS version, {VERSION_STATE} AS version_state, v.published_at AS live_from, v.title,
  {PRODUCT_IDS}, v.asset_ids"""
WHOLE = f"""{IN_LIST},
  CASE WHEN c.published_at <= :now THEN {LIVE} END AS live_version, c.withdrawn_at, c.withdrawn_reason,
  c.hidden_at, c.hidden_reason,
  c.audience_region_ids, c.audience_store_ids, c.audience_roles, c.audience_store_tags, v.body, v.texts,
  v.poster_template, v.created_by AS author_id, v.contributor_ids, v.published_by AS reviewer_id,
  v.submitted_at, v.review_comment, c.updated_at, c.version AS row_version"""
NEWEST = "(SELECT max(number) FROM content_version WHERE content_id = c.id)"
IN_FORCE = """c.state = 'published' AND c.published_at <= :now AND c.valid_from <= :now
  AND (c.valid_until IS NULL OR c.valid_until > :now)"""
PENDING = "c.state <> 'withdrawn' AND v.published_at IS NULL AND v.submitted_at IS"
# State -> the version that it is about, the contents in it, when each came into it.
IN_STATE = {
    "draft": (NEWEST, f"{PENDING} NULL", "v.created_at"),
    "in_review": (NEWEST, f"{PENDING} NOT NULL", "v.created_at"),
    "scheduled": (NEWEST, "c.state <> 'withdrawn' AND v.published_at > :now", "v.created_at"),
    "published": (LIVE, "c.state = 'published' AND c.published_at <= :now", "c.published_at"),
    "withdrawn": (LIVE, "c.state = 'withdrawn'", "c.published_at"),
}
CONDITIONS = {
    "category": "c.category = :category",
    "tag": "c.tags @> ARRAY[CAST(:tag AS text)]",
    "pattern": "v.title ILIKE '%' || :pattern || '%'",
}


# What others see instead.
OF_HEADQUARTERS: Row = {
    "author_id": None, "contributor_ids": [], "reviewer_id": None, "submitted_at": None, "review_comment": None,
}  # fmt: skip


class ContentNotFound(NotFound):
    """There is no such content, or it is not meant for the principal."""

    code = "content_not_found"


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

    Staff outside headquarters see what is published, valid now and meant for them, whatever the state wanted. A
    content whose newest version waits (as a draft, in review, for its time) is in that state, published or not.
    """
    narrowed = {"category": wanted.category, "tag": wanted.tag, "pattern": wanted.q and _escape_like(wanted.q)}
    parameters: Row = {name: value for name, value in narrowed.items() if value is not None}
    statement = _list(principal.reach, wanted.state, tuple(parameters), after is not None)
    parameters |= {"now": now, "limit": limit, **sight_of(principal, reach=principal.reach)}
    if after is not None:
        parameters |= {"after_at": after[0], "after_id": after[1]}
    rows = list(fetch_all(statement, parameters))
    return [_in_list(row) for row in _with_cards(rows, store_id=principal.store_id, now=now)]


def contents_by_id(content_ids: Collection[UUID], *, principal: Principal, now: datetime) -> dict[UUID, Row]:
    """What a list shows of these contents, meant for the principal or not, with what stands against forwarding them."""
    parameters = {"ids": list(content_ids), "now": now, **sight_of(principal, reach=principal.reach)}
    found = list(fetch_all(_some(principal.reach), parameters)) if content_ids else []
    rows = _with_cards(found, store_id=principal.store_id, now=now)
    return {row["id"]: _in_list(row) for row in rows}


def get_content(content_id: UUID, *, principal: Principal, now: datetime, version: int | None = None) -> Row:
    """A content with its texts; headquarters see its newest version or the one named, others the live one.

    Who wrote and reviewed it, and what was said about it, stays at headquarters.
    Raises ContentNotFound where it was never published, was taken down or is not meant for the principal.
    """
    asked = {"content_id": content_id, "version": version, "now": now}
    parameters = {**asked, **sight_of(principal, reach=principal.reach)}
    row = fetch_one(_one(principal.reach), parameters)
    if row is None:
        raise ContentNotFound
    row["audience"] = {name: row.pop(f"audience_{name}") for name in ("region_ids", "store_ids", "roles", "store_tags")}
    if principal.reach is not Reach.ALL:
        row |= OF_HEADQUARTERS
    [whole] = _with_cards([row], store_id=principal.store_id, now=now)
    return {**whole, "assets": [as_asset(asset) for asset in whole["assets"]]}


VERSIONS = text(f"""
SELECT v.id, v.number AS version, {VERSION_STATE} AS version_state, v.title, v.body, v.texts, v.poster_template,
       {PRODUCT_IDS}, v.asset_ids, v.created_by AS author_id, v.contributor_ids, v.created_at, v.submitted_at,
       v.review_comment, v.published_by AS reviewer_id, v.published_at AS live_from
FROM content_version v
WHERE v.content_id = :content_id AND (CAST(:before AS int) IS NULL OR v.number < :before)
ORDER BY v.number DESC LIMIT :limit
""")  # noqa: S608 - built from constants


def list_versions(content_id: UUID, *, now: datetime, before: int | None, limit: int) -> list[Row]:
    """What each version of a content says, the newest first, past the number `before`; raises ContentNotFound."""
    if db.session.get(Content, content_id) is None:
        raise ContentNotFound
    asked = {"content_id": content_id, "now": now, "before": before, "limit": limit}
    return list(fetch_all(VERSIONS, asked))


TURNS = text("""SELECT
  (SELECT max(valid_from) FROM content WHERE valid_from <= :now) AS begun,
  (SELECT max(valid_until) FROM content WHERE valid_until <= :now) AS ended,
  (SELECT max(next_at) FROM content WHERE next_at <= :now) AS renewed,
  (SELECT max(published_at) FROM content WHERE published_at <= :now) AS published""")


def last_turn(_principal: Principal, now: datetime) -> Row | None:
    """When contents last began, ended or changed by the time alone, without a row that is written."""
    return fetch_one(TURNS, {"now": now})


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
def _list(reach: Reach, state: str, narrowed: tuple[str, ...], further: bool) -> TextClause:
    number, visible, at = IN_STATE[state] if reach is Reach.ALL else (LIVE, IN_FORCE, "c.published_at")
    conditions = [visible, meant_for(reach), *(CONDITIONS[name] for name in narrowed)]
    if further:
        conditions.append(f"({at}, c.id) < (CAST(:after_at AS timestamptz), CAST(:after_id AS uuid))")
    return text(f"""{sight(reach)}
        SELECT {IN_LIST}, {at} AS at
        FROM content c JOIN content_version v ON v.content_id = c.id AND v.number = {number}
        WHERE {" AND ".join(conditions)}
        ORDER BY {at} DESC, c.id DESC LIMIT :limit""")  # noqa: S608 - built from constants


@lru_cache
def _some(reach: Reach) -> TextClause:
    return text(f"""{sight(reach)}
        SELECT {IN_LIST}, {meant_for(reach)} AS in_audience
        FROM content c JOIN content_version v ON v.content_id = c.id AND v.number = coalesce({LIVE}, {NEWEST})
        WHERE c.id = ANY(:ids)""")  # noqa: S608 - built from constants


@lru_cache
def _one(reach: Reach) -> TextClause:
    number = f"coalesce(CAST(:version AS int), {NEWEST})" if reach is Reach.ALL else LIVE
    visible = "true" if reach is Reach.ALL else "c.published_at <= :now AND c.hidden_at IS NULL"
    return text(f"""{sight(reach)}
        SELECT {WHOLE}
        FROM content c JOIN content_version v ON v.content_id = c.id AND v.number = {number}
        WHERE c.id = :content_id AND {visible} AND {meant_for(reach)}""")  # noqa: S608 - built from constants


def _with_cards(rows: list[Row], *, store_id: UUID | None, now: datetime) -> list[Row]:
    wanted = list(dict.fromkeys(id_ for row in rows for id_ in row["product_ids"]))
    cards = cards_by_id(wanted, store_id=store_id)
    for row in with_assets(rows):
        row["products"] = [cards[id_] for id_ in row.pop("product_ids")]
        own = [thumbnail_url(asset["storage_key"]) for asset in row["assets"]]
        sold = [card["thumbnail_url"] for card in row["products"] if card["thumbnail_url"]]
        row["thumbnail_url"] = next(iter((*own, *sold)), None)
        meant = row.pop("in_audience", True)
        row["reasons"] = why_not_forwardable(row, row["products"], in_audience=meant, now=now)
        row["forwardable"] = not row["reasons"]
    return rows


def _in_list(row: Row) -> Row:
    return {name: value for name, value in row.items() if name != "assets"}


def _escape_like(part: str) -> str:
    return part.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
