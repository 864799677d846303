"""What guides forwarded, and who looked at it."""

from typing import Any

from sqlalchemy import and_, distinct, exists, func, select

from models import Forward, ForwardConfirmation, ForwardKey, Store, Touch
from performance.queries.figures.declaring import GUIDE_ID, Counted, Fact, Whose, day_of, of, on_days
from performance.rules.metrics import Figure, Words

OF_THE_FORWARD = Words("转发日", "of the forward")
FORWARDED_FOR = Words("转发时所在门店", "the guide forwarded for")


def _forwards(whose: Whose) -> Counted:
    confirmed = exists().where(ForwardConfirmation.forward_id == Forward.id)
    tables = select(Forward.id).select_from(Forward).join(Store, Store.id == Forward.store_id)
    return Counted(
        tables=tables.where(on_days(Forward.created_at), _by(whose)),
        keys=(day_of(Forward.created_at), Forward.store_id, Forward.guide_id, Store.currency),
        item=Forward.id,
        at=Forward.created_at,
        sums={"forwards": func.count(), "delivered": func.count().filter(confirmed)},
    )


def _opens(whose: Whose) -> Counted:
    tables = (
        select(Touch.id)
        .select_from(Touch)
        .join(ForwardKey, ForwardKey.id == Touch.forward_id)
        .join(Forward, and_(Forward.id == ForwardKey.id, Forward.created_at == ForwardKey.created_at))
        .join(Store, Store.id == Forward.store_id)
    )
    return Counted(
        tables=tables.where(Touch.counted, Touch.kind == "open", on_days(Touch.created_at), _by(whose)),
        keys=(day_of(Touch.created_at), Forward.store_id, Forward.guide_id, Store.currency),
        item=Touch.forward_id,
        at=Touch.created_at,
        sums={"opens": func.count(distinct(Touch.viewer))},
    )


def _by(whose: Whose) -> Any:
    return of(whose, Forward.guide_id == GUIDE_ID, Forward.store_id)


FORWARDS = Fact(
    "forwards",
    (
        Figure(
            "forwards", "forwards", "count", Words("转发次数", "Forwards"),
            Words("导购的转发", "forwards the guide made"), OF_THE_FORWARD, FORWARDED_FOR,
        ),
        Figure(
            "delivered", "delivered", "count", Words("确认送达的转发", "Forwards confirmed"),
            Words(
                "其中已由应用确认发出或由渠道确认送达的，不论何时确认",
                "those of them that the app or the channel confirmed, whenever",
            ),
            OF_THE_FORWARD, FORWARDED_FOR,
        ),
    ),
    _forwards,
)  # fmt: skip
OPENS = Fact(
    "opens",
    (
        Figure(
            "opens", "opens", "count", Words("打开人数（按日）", "Viewers, by day"),
            Words(
                "打开导购分享页的不同访客；爬虫、链接预览和导购自己不计",
                "different viewers of the guide's shared pages; crawlers, link previews and the guide's own looks do"
                " not count",
            ),
            Words("打开日", "of the open"), FORWARDED_FOR,
        ),
    ),
    _opens,
)  # fmt: skip
