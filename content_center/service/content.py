"""Making content: drafts, versions, publication by a second person."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.dialects.postgresql import insert

from content_center import posters, queries
from content_center.rules.kinds import by_kind, find_missing
from content_center.rules.states import CONTENT_MOVES
from content_center.rules.texts import DEFAULT_CHANNEL, find_text_problems
from kit.db import db
from kit.errors import Conflict, Forbidden, Invalid
from kit.ids import new_id
from kit.principal import Principal
from kit.words import Said, say
from models import Asset, Content, ContentProduct, ContentVersion, Product, Region, Store


class TextsInvalid(Invalid):
    """A channel text cannot be filled in."""

    code = "content_texts_invalid"


class ProductsUnknown(Invalid):
    """The content names products that the catalog does not have."""

    code = "content_products_unknown"


class AssetsUnknown(Invalid):
    """The content names pictures that were never uploaded."""

    code = "content_assets_unknown"


class ContentIncomplete(Invalid):
    """Content of this kind needs something that it does not have: an image set pictures, a card a product."""

    code = "content_incomplete"


class AudienceUnknown(Invalid):
    """The audience names stores or regions that do not exist."""

    code = "content_audience_unknown"


class AuthorMayNotPublish(Forbidden):
    """Whoever wrote a version may not publish it: a second person looks at it first."""

    code = "author_may_not_publish"


class ContentStateForbids(Conflict):
    """The content's state does not allow this, such as publishing what is published or was withdrawn."""

    code = "content_state_forbids"


class ContentIdTaken(Conflict):
    """A content with this id exists."""

    code = "content_id_taken"


@dataclass(frozen=True, kw_only=True)
class Draft:
    """What one version says: `texts` by channel (`default` serves the rest), products in order of appearance."""

    title: str
    body: str
    texts: Mapping[str, str]
    product_ids: Sequence[UUID]
    poster_template: str
    asset_ids: Sequence[UUID] = ()


@dataclass(frozen=True, kw_only=True)
class Audience:
    """Whom a content is for; an empty list excludes nobody."""

    region_ids: Sequence[UUID] = ()
    store_ids: Sequence[UUID] = ()
    roles: Sequence[str] = ()
    store_tags: Sequence[str] = ()


EVERYONE = Audience()


def create_content(
    *,
    draft: Draft,
    kind: str,
    category: str,
    author: Principal,
    valid_from: datetime,
    valid_until: datetime | None = None,
    audience: Audience = EVERYONE,
    tags: Sequence[str] = (),
    content_id: UUID | None = None,
) -> UUID:
    """The id of a new content in state draft, with its first version; the same again is the first one.

    Raises ContentIdTaken, ContentIncomplete, TextsInvalid, ProductsUnknown, AudienceUnknown, UnknownTemplate.
    """
    if valid_until is not None and valid_until <= valid_from:
        raise Invalid(errors={"valid_until": [say("not_later", than="valid_from")]})
    check_audience(audience)
    row = {
        "id": content_id or new_id(),
        "kind": kind,
        "state": "draft",
        "category": category,
        "tags": list(tags),
        "audience_region_ids": list(audience.region_ids),
        "audience_store_ids": list(audience.store_ids),
        "audience_roles": list(audience.roles),
        "audience_store_tags": list(audience.store_tags),
        "valid_from": valid_from,
        "valid_until": valid_until,
        "created_by": author.id,
    }
    made: UUID | None = db.session.scalar(insert(Content).values(row).on_conflict_do_nothing().returning(Content.id))
    if made is None:
        return _expect_same(row, draft)
    _add(draft, kind=kind, content_id=made, number=1, author=author)
    return made


def _expect_same(row: Mapping[str, object], draft: Draft) -> UUID:
    """The content of this id, if it still says what is asked for, to who asks; raises ContentIdTaken."""
    content = db.session.get_one(Content, row["id"])
    first = select(ContentVersion).where(ContentVersion.content_id == content.id, ContentVersion.number == 1)
    version = db.session.scalars(first).one()
    products = select(ContentProduct.product_id).where(ContentProduct.content_version_id == version.id)
    found: dict[str, object] = {"product_ids": list(db.session.scalars(products.order_by(ContentProduct.position)))}
    found |= {name: getattr(version, name) for name in ("title", "body", "texts", "poster_template", "asset_ids")}
    asked = {**asdict(draft), **{name: value for name, value in row.items() if name != "state"}}
    found |= {name: getattr(content, name) for name in row if name != "state"}
    if found != {name: list(value) if isinstance(value, tuple) else value for name, value in asked.items()}:
        raise ContentIdTaken
    return content.id


def add_version(*, content_id: UUID, draft: Draft, author: Principal, now: datetime) -> int:
    """The number of a new version, which is shown to nobody until someone else publishes it.

    One that is written in place of a returned one must be submitted as that one must.

    Raises ContentStateForbids when the content was withdrawn or a version waits for its time; and what
    `create_content` raises.
    """
    content = queries.lock_content(content_id)
    if content.state == "withdrawn":
        raise ContentStateForbids(say("content_state_forbids.withdrawn"), state=content.state)
    newest = queries.get_latest_version(content_id)
    if newest.published_at is not None and newest.published_at > now:
        raise ContentStateForbids(say("content_state_forbids.scheduled"), state="scheduled")
    returned_for = newest.review_comment if newest.published_at is None and newest.submitted_at is None else None
    number = newest.number + 1
    _add(draft, kind=content.kind, content_id=content_id, number=number, author=author, returned_for=returned_for)
    return number


def publish_content(
    *, content_id: UUID, reviewer: Principal, now: datetime, publish_at: datetime | None = None
) -> None:
    """Make the newest version the one that is shown and forwarded, now or by itself at `publish_at`.

    Forwards of earlier versions keep theirs. Raises AuthorMayNotPublish; ContentStateForbids when the content was
    withdrawn, nothing is new, or the version was returned and not submitted again; Invalid for a time that has passed.
    """
    content = queries.lock_content(content_id)
    version = queries.get_latest_version(content_id)
    if content.state == "withdrawn" or version.published_at is not None:
        raise ContentStateForbids(say("content_state_forbids.nothing_new"), state=content.state)
    if version.review_comment is not None and version.submitted_at is None:
        raise ContentStateForbids(say("content_state_forbids.returned"), state="draft")
    if reviewer.id in (version.created_by, *version.contributor_ids):
        raise AuthorMayNotPublish
    if publish_at is not None and publish_at <= now:
        raise Invalid(errors={"publish_at": [say("not_ahead")]})
    version.published_by = reviewer.id
    version.published_at = publish_at or now
    write_down_live(content, now=now)
    if content.state == "published" and publish_at is not None:
        content.next_number, content.next_at = version.number, publish_at
    else:
        content.live_number = version.number
    content.published_at = content.published_at or version.published_at
    move(content, "publish")


def move(content: Content, command: str, *, why_not: Said | None = None) -> None:
    """Let the locked content be in the state after the command; raises ContentStateForbids where that is impossible."""
    after = CONTENT_MOVES.get((content.state, command))
    if after is None:
        raise ContentStateForbids(why_not, state=content.state)
    content.state = after


def write_down_live(content: Content, *, now: datetime) -> None:
    """Keep as the live version what has become that by time, before the next one is written beside it."""
    if content.next_at is not None and content.next_at <= now:
        content.live_number = content.next_number
        content.next_number = content.next_at = None


def _add(
    draft: Draft, *, kind: str, content_id: UUID, number: int, author: Principal, returned_for: str | None = None
) -> None:
    check_draft(draft, kind=kind)
    version = ContentVersion(
        id=new_id(),
        content_id=content_id,
        number=number,
        title=draft.title,
        body=draft.body,
        texts=dict(draft.texts),
        poster_template=draft.poster_template,
        asset_ids=list(draft.asset_ids),
        review_comment=returned_for,
        created_by=author.id,
    )
    db.session.add(version)
    db.session.flush()
    set_products(version, draft.product_ids)


def set_products(version: ContentVersion, product_ids: Sequence[UUID]) -> None:
    """Give an unpublished version these products, in this order."""
    db.session.execute(delete(ContentProduct).where(ContentProduct.content_version_id == version.id))
    db.session.add_all(
        ContentProduct(content_version_id=version.id, position=position, product_id=product_id)
        for position, product_id in enumerate(product_ids)
    )


def check_draft(draft: Draft, *, kind: str) -> None:
    """Raises TextsInvalid, ProductsUnknown, AssetsUnknown, ContentIncomplete, UnknownTemplate."""
    posters.get_template(draft.poster_template)
    problems = {
        f"texts.{channel}": found
        for channel, text in draft.texts.items()
        if (found := find_text_problems(text, channel=channel, has_products=bool(draft.product_ids)))
    }
    if DEFAULT_CHANNEL not in draft.texts:
        problems["texts.default"] = [say("required")]
    if problems:
        raise TextsInvalid(errors=problems)
    _check_exist(Product, draft.product_ids, ProductsUnknown)
    _check_exist(Asset, draft.asset_ids, AssetsUnknown, besides=Asset.hidden_at.is_not(None))
    pictures, films = by_kind([asset["video_key"] for asset in queries.list_assets(draft.asset_ids)])
    missing = find_missing(kind, products=len(draft.product_ids), pictures=pictures, films=films)
    if missing:
        raise ContentIncomplete(errors=missing)


def check_audience(audience: Audience) -> None:
    """Raises AudienceUnknown."""
    _check_exist(Store, audience.store_ids, AudienceUnknown)
    _check_exist(Region, audience.region_ids, AudienceUnknown)


def _check_exist(
    table: type[Product | Store | Region | Asset],
    ids: Sequence[UUID],
    refusal: type[Invalid],
    *,
    besides: ColumnElement[bool] | None = None,
) -> None:
    if not ids:
        return
    known = select(table.id).where(table.id.in_(ids))
    found = set(db.session.scalars(known if besides is None else known.where(~besides)))
    if missing := [str(id_) for id_ in ids if id_ not in found]:
        raise refusal(say("unknown_ids", ids=missing), unknown=missing)
