"""Who shared what, and what came of it."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Date, Select, and_, case, cast, distinct, func, select, text, true

from content_center.queries.assets import with_assets
from content_center.queries.audience import meant_for, sight, sight_of
from content_center.queries.content import LIVE, PRODUCT_IDS, STATE, ContentNotFound
from customers.queries import find_masked_names
from kit.db import fetch_all, fetch_one
from kit.errors import NotFound
from kit.principal import Principal, Reach
from models import Content, ContentVersion, Forward, ForwardConfirmation, ForwardKey, ForwardText, Touch
from staff.scope import Listed, Page, read_page, sees_guide, sells_as_text

Row = dict[str, Any]

# Of the customers that a forward aims at; who wants all of them has their ids.
MOST_NAMED = 10
COLUMNS = (
    Forward.id,
    Forward.content_id,
    Forward.guide_id,
    Forward.store_id,
    Forward.channel,
    Forward.target,
    ForwardKey.token,
    func.coalesce(
        func.nullif(ForwardText.texts[Forward.channel].astext, ""), ForwardText.texts["default"].astext
    ).label("text"),
    ForwardText.shown,
    Forward.created_at,
    Forward.captured_at,
    Content.kind,
    ContentVersion.asset_ids,
    ContentVersion.number.label("version"),
    ContentVersion.title,
    Content.hidden_reason,
)


# The content's row is locked: a withdrawal waits for the forward, and one under way is waited for.
FOR_FORWARDING = text(f"""{sight(Reach.SELF)}
SELECT c.kind, {STATE} AS state, c.hidden_reason, c.valid_from, c.valid_until, v.id AS version_id, v.number AS version,
       v.title, v.texts, v.asset_ids,
       {PRODUCT_IDS}, {meant_for(Reach.SELF)} AS in_audience, s.name AS store_name
FROM content c
JOIN content_version v ON v.content_id = c.id AND v.number = {LIVE}
JOIN staff g ON g.id = :guide_id
JOIN store s ON s.id = g.store_id
WHERE c.id = :content_id
FOR SHARE OF c""")  # noqa: S608 - built from constants
# Set-wise by the key: it says in which month a forward is.
FOUND = """forward_key k JOIN forward f ON f.id = k.id AND f.created_at = k.created_at"""
# One alone by its key, which is read before: other months are not even opened.
KEY = "SELECT id, token, created_at, CAST(created_at AT TIME ZONE 'UTC' AS date) AS day FROM forward_key WHERE"
KEY_OF_ID = text(f"{KEY} id = :forward_id")
KEY_OF_TOKEN = text(f"{KEY} token = :token")
ONE = """forward f JOIN forward_text said ON said.day = :day AND said.guide_id = f.guide_id
  AND said.content_version_id = f.content_version_id AND said.digest = f.text_digest"""
IS_ONE = "f.id = :id AND f.created_at = :created_at"
EARLIER = text(f"""
SELECT f.id, f.content_id, f.guide_id, f.store_id, f.channel, f.target, CAST(:token AS text) AS token, said.shown,
       f.created_at, coalesce(nullif(said.texts ->> f.channel, ''), said.texts ->> 'default') AS text,
       f.captured_at, v.number AS version, v.title, v.asset_ids, c.kind, c.hidden_reason
FROM {ONE}
     JOIN content_version v ON v.id = f.content_version_id JOIN content c ON c.id = f.content_id
WHERE {IS_ONE}""")  # noqa: S608 - built from constants


IS_KEY_OF = and_(Forward.id == ForwardKey.id, Forward.created_at == ForwardKey.created_at)
BY_TIME = Listed(keys=(Forward.created_at, Forward.id), guide_id=Forward.guide_id, store_id=Forward.store_id)
GUIDE_CARD = text(f"""
SELECT g.id, g.name AS guide_name, g.store_id, s.name AS store_name, g.portrait_key
FROM staff g JOIN store s ON s.id = g.store_id
WHERE g.id = :guide_id AND {sells_as_text("g.roles")}""")  # noqa: S608 - built from constants


class GuideNotFound(NotFound):
    """There is no such guide."""

    code = "guide_not_found"


class ForwardNotFound(NotFound):
    """There is no such forward within the principal's scope."""

    code = "forward_not_found"


def get_for_forwarding(content_id: UUID, *, guide: Principal, now: datetime) -> Row:
    """The live version of a content, in the guide's audience or not, locked against withdrawal.

    Raises ContentNotFound where it was never published.
    """
    asked = {"content_id": content_id, "guide_id": guide.id, "now": now}
    row = fetch_one(FOR_FORWARDING, {**asked, **sight_of(guide, reach=Reach.SELF)})
    if row is None:
        raise ContentNotFound
    return row


def get_guide_card(guide_id: UUID) -> Row:
    """What a poster shows of a guide; raises GuideNotFound."""
    card = fetch_one(GUIDE_CARD, {"guide_id": guide_id})
    if card is None:
        raise GuideNotFound
    return card


def find_forward(forward_id: UUID) -> Row | None:
    """All that was shared by this forward, as it is in the tables; whose it is, is the caller's affair."""
    key = fetch_one(KEY_OF_ID, {"forward_id": forward_id})
    row = key and fetch_one(EARLIER, key)
    return None if row is None else with_assets([row])[0]


def get_recorded(forward_id: UUID) -> Row:
    """Like `find_forward`; raises ForwardNotFound."""
    row = find_forward(forward_id)
    if row is None:
        raise ForwardNotFound
    return row


def get_own(forward_id: UUID, guide: Principal) -> Row:
    """Like `get_recorded`, of the guide's own forwards."""
    row = get_recorded(forward_id)
    if row["guide_id"] != guide.id:
        raise ForwardNotFound
    return row


def get_forward(forward_id: UUID, *, principal: Principal) -> Row:
    """A forward in sight with its counts, as it is in the tables; raises ForwardNotFound."""
    in_sight = sees_guide(Forward.guide_id, Forward.store_id, principal)
    row = fetch_one(_with_counts().where(ForwardKey.id == forward_id, in_sight))
    if row is None:
        raise ForwardNotFound
    return with_customers(with_assets([row]), principal)[0]


def find_only_customer(target: Mapping[str, Any]) -> UUID | None:
    """The customer that a forward aims at, when it aims at exactly one."""
    aimed_at = target.get("customer_ids", ())
    return UUID(str(aimed_at[0])) if len(aimed_at) == 1 else None


def list_forwards(
    *, principal: Principal, content_id: UUID | None, after: Sequence[Any] | None, limit: int
) -> list[Row]:
    """The forwards that the principal sees, newest first: a guide their own, managers their stores'."""
    newest_first = _with_counts().order_by(Forward.created_at.desc(), Forward.id.desc())
    wanted = Page(
        limit=limit,
        after=None if after is None else (datetime.fromisoformat(after[0]), UUID(after[1])),
        where=() if content_id is None else (Forward.content_id == content_id,),
    )
    rows = read_page(
        BY_TIME,
        wanted,
        principal=principal,
        read=lambda theirs: list(fetch_all(newest_first.where(theirs))),
    )
    return with_customers(with_assets(rows), principal)


def with_customers(rows: list[Row], principal: Principal) -> list[Row]:
    """The rows, each with the masked names of the first customers it aims at whom the principal sees."""
    shown = [[UUID(str(id_)) for id_ in row["target"].get("customer_ids", ())][:MOST_NAMED] for row in rows]
    names = find_masked_names({id_ for ids in shown for id_ in ids}, principal)
    for row, ids in zip(rows, shown, strict=True):
        row["customers"] = [{"id": id_, "name": names[id_]} for id_ in ids if id_ in names]
    return rows


def find_forwards_by_token(tokens: Collection[str]) -> list[Row]:
    """Who shared what through these tokens: id, token, content_id, guide_id, store_id, channel, created_at; unknown
    tokens are left out.
    """
    columns = (Forward.id, ForwardKey.token, Forward.content_id, Forward.guide_id, Forward.store_id, Forward.channel)
    by_key = select(*columns, Forward.created_at).join(Forward, IS_KEY_OF)
    return list(fetch_all(by_key.where(ForwardKey.token.in_(tokens))))


def _with_counts() -> Select[*tuple[Any, ...]]:
    counts = (
        select(
            func.count(distinct(Touch.viewer)).filter(Touch.kind == "open").label("opens"),
            func.count().filter(Touch.kind == "click").label("clicks"),
        )
        .where(Touch.forward_id == Forward.id, Touch.counted)
        .lateral("counts")
    )
    # Looked up for each: as conditions, PostgreSQL may sooner have read every confirmation there is.
    confirmed = (
        select(*(func.bool_or(ForwardConfirmation.kind == kind).label(kind) for kind in ("channel", "client")))
        .where(ForwardConfirmation.forward_id == Forward.id)
        .lateral("confirmed")
    )
    state = case(
        (counts.c.opens > 0, "opened"),
        (confirmed.c.channel, "channel_confirmed"),
        (confirmed.c.client, "client_confirmed"),
        else_="intended",
    )
    return (
        select(*COLUMNS, state.label("state"), counts.c.opens, counts.c.clicks)
        .select_from(Forward)
        .join(ForwardKey, IS_KEY_OF)
        .join(
            ForwardText,
            and_(
                ForwardText.day == cast(func.timezone("UTC", Forward.created_at), Date),
                ForwardText.guide_id == Forward.guide_id,
                ForwardText.content_version_id == Forward.content_version_id,
                ForwardText.digest == Forward.text_digest,
            ),
        )
        .join(ContentVersion, ContentVersion.id == Forward.content_version_id)
        .join(Content, Content.id == Forward.content_id)
        .join(counts, counts.c.opens.is_not(None))
        .join(confirmed, true())
    )
