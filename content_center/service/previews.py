"""What a content will say and look like, before anyone shares it: nothing is recorded, nothing is kept."""

from datetime import datetime
from typing import Any
from uuid import UUID

from catalog import queries as catalog
from content_center import posters, queries
from content_center.rules.makers import MAKERS
from content_center.service.forwards import filled_in, shown_by
from content_center.service.pictures import draw_poster
from customers.queries import CustomerNotFound, find_masked_names
from kit.errors import Forbidden, Invalid
from kit.principal import Principal
from kit.words import say
from staff.rules import SELLERS

Row = dict[str, Any]
# What a template is shown with before there is any content.
SAMPLE = {"title": "山茶花修护精华，换季不慌", "body": "秋冬换季，屏障先行；早晚各一泵，敏感肌也安心。"}
NO_TOKEN = "preview"  # noqa: S105 - leads nowhere


def preview_content(
    *,
    content_id: UUID,
    guide_id: UUID | None,
    customer_name: str | None,
    customer_id: UUID | None,
    language: str,
    by: Principal,
    now: datetime,
) -> Row:
    """Every channel's text as that guide would share it at their store, and what stands against sharing it.

    It is addressed to somebody of that name, or to a customer in sight, whose name is masked: nothing is revealed, so
    nothing counts. Raises ContentNotFound, GuideNotFound, CustomerNotFound; Forbidden for who has no customers.
    """
    guide_id = _guide_shown(guide_id, by)
    if customer_id is not None:
        customer_name = _masked_name(customer_id, by)
    content = queries.get_content(content_id, principal=by, now=now)
    shown = _shown(content, guide=queries.get_guide_card(guide_id), language=language)
    return {
        **{name: content[name] for name in ("version", "forwardable", "reasons")},
        "guide_name": shown["guide_name"],
        "store_name": shown["store_name"],
        "texts": {
            channel: filled_in(text, shown, customer_name=customer_name) for channel, text in content["texts"].items()
        },
    }


def sketch_content(*, content_id: UUID, guide_id: UUID | None, language: str, by: Principal, now: datetime) -> Row:
    """All that the poster of that content and guide shows, for `draw_sketch`; raises ContentNotFound, GuideNotFound."""
    guide_id = _guide_shown(guide_id, by)
    content = queries.get_content(content_id, principal=by, now=now)
    guide = queries.get_guide_card(guide_id)
    shown = _shown(content, guide=guide, language=language)
    wording = {name: content[name] for name in ("title", "body", "poster_template")}
    return {**wording, "token": NO_TOKEN, "shown": shown, "portrait_key": guide["portrait_key"]}


def draw_sketch(sketch: Row) -> bytes:
    """The JPEG of a poster that nobody has shared; touches no database."""
    return draw_poster(sketch)


def draw_template(source: bytes, *, language: str) -> bytes:
    """The JPEG of a template (JSON) that is being designed, with sample words; raises TemplateInvalid."""
    template = posters.parse_template(source)
    product = {"title": "山茶花修护精华液 30ml", "brand": "花屿", "price_fen": 39900, "list_price_fen": 49900}
    shown = {
        "language": language,
        "guide_name": "林晚晴",
        "store_name": "上海静安店",
        "products": [{**product, "currency": "CNY", "image_key": None}],
    }
    sketch = {**SAMPLE, "poster_template": template.name, "token": NO_TOKEN, "shown": shown, "portrait_key": None}
    return draw_poster(sketch, template=template)


def _guide_shown(guide_id: UUID | None, by: Principal) -> UUID:
    """Whom the preview is of: for those who make content the guide they name, for guides themselves alone."""
    if by.has_any(MAKERS):
        if guide_id is None:
            raise Invalid(errors={"guide_id": [say("required.guide")]})
        return guide_id
    if guide_id not in (None, by.id):
        raise queries.GuideNotFound
    return by.id


def _masked_name(customer_id: UUID, by: Principal) -> str | None:
    if not by.has_any(SELLERS):
        raise Forbidden
    names = find_masked_names([customer_id], by)
    if customer_id not in names:
        raise CustomerNotFound
    return names[customer_id]


def _shown(content: Row, *, guide: Row, language: str) -> Row:
    ids = [product["id"] for product in content["products"]]
    cards = catalog.list_cards(ids, store_id=guide["store_id"])
    return shown_by(guide, cards, language=language)
