"""Who shared what, and what came of it."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, distinct, func, select, tuple_

from content_center import links
from content_center.queries.cards import money_or_none
from kit.db import fetch_all, fetch_one
from kit.errors import NotFound
from kit.principal import Principal
from models import ContentVersion, Forward, Touch
from staff.scope import sees_guide

Row = dict[str, Any]

COLUMNS = (
    Forward.id,
    Forward.content_id,
    Forward.guide_id,
    Forward.store_id,
    Forward.channel,
    Forward.target,
    Forward.token,
    Forward.text,
    Forward.shown,
    Forward.created_at,
    ContentVersion.number.label("version"),
    ContentVersion.title,
)


class ForwardNotFound(NotFound):
    """There is no such forward within the principal's scope."""

    code = "forward_not_found"
    title = "There is no such forward"


def find_forward(forward_id: UUID) -> Row | None:
    """What was tapped when this forward was made, for telling a repeated tap from another one."""
    columns = (Forward.content_id, Forward.guide_id, Forward.channel, Forward.target)
    language = Forward.shown["language"].astext.label("language")
    return fetch_one(select(*columns, language).where(Forward.id == forward_id))


def get_forward(forward_id: UUID, *, principal: Principal) -> Row:
    """A forward, all that it shares, and its counts; raises ForwardNotFound."""
    row = fetch_one(_seen_by(principal).where(Forward.id == forward_id))
    if row is None:
        raise ForwardNotFound
    return _with_links(row)


def list_forwards(
    *, principal: Principal, content_id: UUID | None, after: Sequence[Any] | None, limit: int
) -> list[Row]:
    """The forwards that the principal sees, newest first: a guide their own, managers their stores'."""
    statement = _seen_by(principal)
    if content_id is not None:
        statement = statement.where(Forward.content_id == content_id)
    if after is not None:
        keyset = tuple_(Forward.created_at, Forward.id)
        statement = statement.where(keyset < tuple_(datetime.fromisoformat(after[0]), UUID(after[1])))
    newest_first = statement.order_by(Forward.created_at.desc(), Forward.id.desc()).limit(limit)
    return [_with_links(row) for row in fetch_all(newest_first)]


def find_forwards_by_token(tokens: Collection[str]) -> list[Row]:
    """Who shared what through these tokens: id, token, content_id, guide_id, store_id, channel, created_at; unknown
    tokens are left out.
    """
    columns = (Forward.id, Forward.token, Forward.content_id, Forward.guide_id, Forward.store_id, Forward.channel)
    return list(fetch_all(select(*columns, Forward.created_at).where(Forward.token.in_(tokens))))


def _seen_by(principal: Principal) -> Select[*tuple[Any, ...]]:
    counts = (
        select(
            func.count(distinct(Touch.viewer)).filter(Touch.kind == "open").label("opens"),
            func.count().filter(Touch.kind == "click").label("clicks"),
        )
        .where(Touch.forward_id == Forward.id, Touch.counted)
        .lateral("counts")
    )
    return (
        select(*COLUMNS, counts.c.opens, counts.c.clicks)
        .join(ContentVersion, ContentVersion.id == Forward.content_version_id)
        .join(counts, counts.c.opens.is_not(None))
        .where(sees_guide(Forward.guide_id, Forward.store_id, principal))
    )


def _with_links(row: Row) -> Row:
    token, shown = row.pop("token"), row.pop("shown")
    row["share_url"] = links.share_url(token)
    row["poster_url"] = links.poster_url(token)
    row["guide_name"] = shown["guide_name"]
    row["products"] = [
        {
            "id": product["id"],
            "title": product["title"],
            "brand": product["brand"],
            "price": money_or_none(product["price_fen"], product["currency"]),
            "list_price": money_or_none(product["list_price_fen"], product["currency"]),
            "image_url": links.file_url(product["image_key"]),
        }
        for product in shown["products"]
    ]
    return row
