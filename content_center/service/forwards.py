"""One tap: a guide shares a content, and gets everything that is shared."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import bindparam, text
from sqlalchemy.dialects.postgresql import JSONB

from catalog import queries as catalog
from content_center import queries
from content_center.items import ForwardItem
from content_center.posters.prices import price_parts
from content_center.rules import texts
from content_center.rules.forwarding import is_plausible_tap, why_not_forwardable
from content_center.rules.wecom import CHAT
from content_center.service.takedown import expect_shown
from content_center.service.targets import aimed_at_by, expect_anybody, list_skipped
from customers import queries as customers
from customers.service import name_in_message
from kit import clock
from kit.db import db
from kit.errors import Conflict, DomainError, Invalid
from kit.ids import new_token
from kit.principal import Principal
from kit.words import Said, say

Row = dict[str, Any]
# All or nothing: of two taps with one id the second finds no key to make. What the guide said that day already is not
# kept again.
INSERT = text("""
WITH key AS (
  INSERT INTO forward_key (id, token, created_at) VALUES (:id, :token, :created_at)
  ON CONFLICT (id) DO NOTHING RETURNING id, created_at
), said AS (
  INSERT INTO forward_text (day, guide_id, content_version_id, digest, texts, shown)
  SELECT CAST(created_at AT TIME ZONE 'UTC' AS date), CAST(:guide_id AS uuid), CAST(:content_version_id AS uuid),
         :digest, :texts, :shown FROM key
  ON CONFLICT DO NOTHING
)
INSERT INTO forward (id, content_id, content_version_id, guide_id, store_id, channel, target, text_digest, created_at,
                     captured_at)
SELECT id, CAST(:content_id AS uuid), CAST(:content_version_id AS uuid), CAST(:guide_id AS uuid),
       CAST(:store_id AS uuid), CAST(:channel AS text), :target, CAST(:digest AS bigint), created_at,
       CAST(:captured_at AS timestamptz)
FROM key RETURNING id
""").bindparams(*(bindparam(name, type_=JSONB) for name in ("texts", "shown", "target")))
SHOWN_OF_PRODUCT = ("title", "brand", "price_fen", "list_price_fen", "currency", "image_key")


class ContentNotForwardable(Conflict):
    """The content may not be forwarded here and now; `reasons` lists everything that stands against it."""

    code = "content_not_forwardable"


class TargetUnknown(Invalid):
    """The forward aims at people who are not the guide's customers."""

    code = "forward_target_unknown"


class ForwardIdTaken(Conflict):
    """A forward with this id exists and is another one: of another content, channel, target or guide."""

    code = "forward_id_taken"


class TapTimeImplausible(Invalid):
    """Nobody tapped then: it is still to come, or longer ago than a queue is kept."""

    code = "tap_time_implausible"


def forward_batch(*, items: Sequence[tuple[int, ForwardItem]], guide: Principal, now: datetime) -> list[dict[str, Any]]:
    """What became of each tap: `created`, `unchanged` when it came before, or `rejected` and why.

    What was not rejected has everything that is shared under `forward`.
    """
    return [{"index": index, **_forward_one(item, guide=guide, now=now)} for index, item in items]


def _forward_one(item: ForwardItem, *, guide: Principal, now: datetime) -> dict[str, Any]:
    came_before = queries.find_forward(item.id) is not None
    try:
        # A refusal of one tap leaves the others as they are.
        with db.session.begin_nested():
            shared = forward_content(
                forward_id=item.id,
                content_id=item.content_id,
                guide=guide,
                channel=item.channel,
                target=item.target,
                language=item.language,
                captured_at=item.captured_at,
                now=now,
            )
    except DomainError as refusal:
        rejected = {"external_id": str(item.id), "outcome": "rejected", "code": refusal.code}
        return {**rejected, "detail": _with_reasons(refusal)}
    outcome = "unchanged" if came_before else "created"
    return {"external_id": str(item.id), "outcome": outcome, "forward": shared}


def _with_reasons(refusal: DomainError) -> Said:
    """What is told of a refusal where there is room for one sentence only."""
    reasons: list[Said] = [reason["detail"] for reason in refusal.details.get("reasons", [])]
    skipped = {why for one in refusal.details.get("skipped", []) for why in one["reasons"]}
    reasons += [say(f"contact.{why}") for why in sorted(skipped)]
    return say("with_reasons", what=refusal.said, reasons=reasons) if reasons else refusal.said


@dataclass(frozen=True, kw_only=True)
class Tap:
    """What a guide asked for; two taps with one id are the same tap only if all of it but the time is the same."""

    forward_id: UUID
    content_id: UUID
    guide: Principal
    channel: str
    target: Mapping[str, Any]
    language: str = "zh"
    captured_at: datetime | None = None  # when it was tapped, by the phone's clock


def forward_content(*, now: datetime, **asked: Any) -> Row:
    """Record that a guide shares a content, and answer what is shared; the same tap again answers the same.

    `asked` is what a Tap holds. Raises ContentNotForwardable with every reason, ContentHidden, NobodyToContact,
    ForwardIdTaken, TargetUnknown, ContentNotFound, TapTimeImplausible.
    A single customer is addressed by name within the limit of reveals.
    """
    tap = Tap(**asked)
    earlier = queries.find_forward(tap.forward_id)
    if earlier is None:
        row = _record(tap, now=now)
        if row is not None:
            if customer_id := _addressee(row):
                name_in_message(customer_id=customer_id, reference_id=row["id"], by=tap.guide, now=now)
            return _answered(row, tap.guide, now=now)
        # Two taps at once: the insert waited for the other one, which is to be seen now.
        earlier = queries.get_recorded(tap.forward_id)
    if not _is_same(earlier, tap):
        raise ForwardIdTaken
    expect_shown(earlier)
    return _answered(earlier, tap.guide, now=now)


def _is_same(earlier: Row, tap: Tap) -> bool:
    asked = (tap.content_id, tap.guide.id, tap.channel, tap.target, tap.language)
    found = tuple(earlier[name] for name in ("content_id", "guide_id", "channel", "target"))
    return asked == (*found, earlier["shown"]["language"])


def _record(tap: Tap, *, now: datetime) -> Row | None:
    """The new forward, or None if one of its id came first."""
    if tap.captured_at is not None and not is_plausible_tap(tap.captured_at, now=now):
        raise TapTimeImplausible(say("tap_time_implausible", at=clock.as_text(tap.captured_at)))
    _check_target(tap)
    content = queries.get_for_forwarding(tap.content_id, guide=tap.guide, now=now)
    expect_shown(content)
    cards = catalog.list_cards(content["product_ids"], store_id=tap.guide.store_id, lock=True)
    [content] = queries.with_assets([content])
    if reasons := why_not_forwardable(content, cards, in_audience=content["in_audience"], now=now):
        raise ContentNotForwardable(reasons=reasons)
    aim = {"id": tap.forward_id, "channel": tap.channel, "target": tap.target}
    expect_anybody(aim, list_skipped(aim, guide=tap.guide, now=now))
    shown = shown_by({**content, "guide_name": tap.guide.name}, cards, language=tap.language)
    row = {
        "id": tap.forward_id,
        "content_id": tap.content_id,
        "content_version_id": content["version_id"],
        "guide_id": tap.guide.id,
        "store_id": tap.guide.store_id,
        "channel": tap.channel,
        "target": dict(tap.target),
        "token": new_token(),
        "shown": shown,
        "created_at": now,
        "captured_at": tap.captured_at,
    }
    filled = {channel: _without_name(said, shown) for channel, said in content["texts"].items()}
    if db.session.scalar(INSERT, {**row, "texts": filled, "digest": _digest(filled, shown)}) is None:
        return None
    said = {"text": texts.channel_text(filled, tap.channel)}
    return {**row, **said, **{name: content[name] for name in ("version", "title", "kind", "assets")}}


def _digest(*said: Row) -> int:
    """What tells apart what a guide says of one version on one day; 64 bits are plenty for so few."""
    digest = blake2b(orjson.dumps(said, option=orjson.OPT_SORT_KEYS), digest_size=8).digest()
    return int.from_bytes(digest, signed=True)


def _check_target(tap: Tap) -> None:
    if wanted := tap.target.get("customer_ids"):
        found = customers.find_people([UUID(id_) for id_ in wanted], tap.guide)
        if unknown := [id_ for id_ in wanted if UUID(id_) not in found]:
            raise TargetUnknown(unknown=unknown)


def shown_by(guide: Row, cards: list[Row], *, language: str) -> Row:
    """What a forward says about people, places and prices, kept because all of them may change later."""
    return {
        "language": language,
        "guide_name": guide["guide_name"],
        "store_name": guide["store_name"],
        "products": [{"id": str(card["id"]), **{name: card[name] for name in SHOWN_OF_PRODUCT}} for card in cards],
    }


def filled_in(text: str, shown: Row, *, customer_name: str | None = None) -> str:
    """A channel's text for one guide; who is not known by name is addressed as anybody would be."""
    return texts.name_customer(_without_name(text, shown), customer_name, language=shown["language"])


def _without_name(text: str, shown: Row) -> str:
    # The customer's name is personal data: it is filled in whenever the text is read, and kept nowhere.
    values = {
        "guide_name": shown["guide_name"],
        "store_name": shown["store_name"],
        "product_price": _price(shown["products"]),
    }
    return texts.fill_in(text, values)


def _addressee(row: Row) -> UUID | None:
    """The one customer whose name the text asks for."""
    return queries.find_only_customer(row["target"]) if texts.CUSTOMER_NAME in row["text"] else None


def _answered(row: Row, guide: Principal, *, now: datetime) -> Row:
    skipped = list_skipped(row, guide=guide, now=now)
    expect_anybody(row, skipped)
    name = find_addressee_name(row, guide)
    row.pop("hidden_reason", None)
    told = {"customer_name": name, "external_user_ids": _external_user_ids(row, skipped, guide)}
    return {**row, **told, "named": name is not None, "skipped": skipped}


def _external_user_ids(row: Row, skipped: Sequence[Row], guide: Principal) -> list[str]:
    """By what WeCom knows those of the forward's customers who may be written to now."""
    left_out = {one["customer_id"] for one in skipped}
    allowed = [id_ for id_ in aimed_at_by(row) if id_ not in left_out] if row["channel"] == CHAT else []
    return customers.list_channel_ids(allowed, kind="wecom", principal=guide) if allowed else []


def find_addressee_name(row: Row, guide: Principal) -> str | None:
    """The name of the one customer whom a guide's forward addresses, where it was revealed for it."""
    customer_id = _addressee(row)
    if customer_id is None or not customers.is_named_in(row["id"]):
        return None
    return customers.find_name(customer_id, guide)


def show_forward(forward_id: UUID, *, principal: Principal, now: datetime) -> Row:
    """A forward, all that it shares, and its counts; its guide reads the name while it may be sent or was.

    Raises ForwardNotFound.
    """
    row = queries.get_forward(forward_id, principal=principal)
    if row["guide_id"] != principal.id:
        return row
    skipped = list_skipped(row, guide=principal, now=now)
    if not skipped:
        row["customer_name"] = find_addressee_name(row, principal)
    return {**row, "external_user_ids": _external_user_ids(row, skipped, principal)}


def _price(products: list[Row]) -> str:
    first = products[0] if products else None
    # A draft may name what has no price yet; what is forwarded always has one.
    if first is None or first["price_fen"] is None:
        return ""
    return "".join(price_parts(first["price_fen"], first["currency"]))
