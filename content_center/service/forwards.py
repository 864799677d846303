"""One tap: a guide shares a content, and gets everything that is shared."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from catalog import queries as catalog
from content_center import queries
from content_center.posters.prices import price_parts
from content_center.rules import texts
from content_center.rules.forwarding import why_not_forwardable
from kit.db import db
from kit.errors import Conflict, Invalid
from kit.ids import new_token
from kit.principal import Principal
from models import Customer, Forward

Row = dict[str, Any]
SHOWN_OF_PRODUCT = ("title", "brand", "price_fen", "list_price_fen", "currency", "image_key")


class ContentNotForwardable(Conflict):
    """The content may not be forwarded here and now; `reasons` lists everything that stands against it."""

    code = "content_not_forwardable"
    title = "This content cannot be forwarded now"


class TargetUnknown(Invalid):
    """The forward aims at customers who do not exist."""

    code = "forward_target_unknown"
    title = "Unknown customers"


class ForwardIdTaken(Conflict):
    """A forward with this id exists and is another one: of another content, channel, target or guide."""

    code = "forward_id_taken"
    title = "This forward id is taken"


def forward_content(
    *,
    forward_id: UUID,
    content_id: UUID,
    guide: Principal,
    channel: str,
    target: Mapping[str, Any],
    language: str,
    now: datetime,
) -> None:
    """Record that `guide` shares the content; the same tap again changes nothing.

    Raises ContentNotForwardable with every reason, ForwardIdTaken, TargetUnknown, ContentNotFound.
    """
    tap = {"content_id": content_id, "guide_id": guide.id, "channel": channel, "target": target, "language": language}
    if _already_recorded(forward_id, tap):
        return
    _check_target(target)
    content = queries.get_for_forwarding(content_id, principal=guide)
    cards = catalog.list_cards(content["product_ids"] or (), store_id=guide.store_id, lock=True)
    if reasons := why_not_forwardable(content, cards, now=now):
        raise ContentNotForwardable(reasons=reasons)
    shown = _shown(content, cards, guide=guide, language=language)
    statement = insert(Forward).values(
        id=forward_id,
        content_id=content_id,
        content_version_id=content["version_id"],
        guide_id=guide.id,
        store_id=guide.store_id,
        channel=channel,
        target=dict(target),
        token=new_token(),
        text=_text(content, shown, channel=channel),
        shown=shown,
        created_at=now,
    )
    # Two taps at once: the second waits for the first here, and then finds it.
    statement = statement.on_conflict_do_nothing(index_elements=["id"])
    if db.session.scalar(statement.returning(Forward.id)) is None:
        _already_recorded(forward_id, tap)


def _already_recorded(forward_id: UUID, tap: Mapping[str, Any]) -> bool:
    earlier = queries.find_forward(forward_id)
    if earlier is None:
        return False
    if any(earlier[name] != value for name, value in tap.items()):
        raise ForwardIdTaken
    return True


def _check_target(target: Mapping[str, Any]) -> None:
    if wanted := target.get("customer_ids"):
        found = {str(id_) for id_ in db.session.scalars(select(Customer.id).where(Customer.id.in_(wanted)))}
        if unknown := [id_ for id_ in wanted if id_ not in found]:
            raise TargetUnknown(unknown=unknown)


def _shown(content: Row, cards: list[Row], *, guide: Principal, language: str) -> Row:
    """What this forward says about people, places and prices, kept because all of them may change later."""
    return {
        "language": language,
        "guide_name": guide.name,
        "store_name": content["store_name"],
        "portrait_key": content["portrait_key"],
        "products": [{"id": str(card["id"]), **{name: card[name] for name in SHOWN_OF_PRODUCT}} for card in cards],
    }


def _text(content: Row, shown: Row, *, channel: str) -> str:
    values = {
        "customer_name": texts.NOBODY_IN_PARTICULAR[shown["language"]],
        "guide_name": shown["guide_name"],
        "store_name": shown["store_name"],
        "product_price": _price(shown["products"]),
    }
    return texts.fill_in(texts.channel_text(content["texts"], channel), values)


def _price(products: list[Row]) -> str:
    first = products[0] if products else None
    return "".join(price_parts(first["price_fen"], first["currency"])) if first else ""
