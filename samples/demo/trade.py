"""The demo chain's customers and what they buy: each day is drawn from the seed and the date alone."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from samples.demo.assortment import Article
from samples.demo.people import GUIDES_PER_STORE, SEED, STORES

ZONE = ZoneInfo("Asia/Shanghai")
CUSTOMERS_PER_STORE = 120
HOUR_WEIGHTS = {10: 2, 11: 4, 12: 6, 13: 5, 14: 5, 15: 6, 16: 6, 17: 7, 18: 9, 19: 10, 20: 9, 21: 4}
# Mondays to Sundays: shops live from their weekends.
DAY_ORDERS = (9, 9, 10, 10, 13, 20, 19)


@dataclass(frozen=True, kw_only=True)
class Sale:
    """One receipt before it takes the shape of the order push."""

    external_id: str
    store: str
    ordered_at: datetime
    channel: str
    member_no: str | None
    staff_no: str | None
    lines: tuple[tuple[Article, int], ...]


def members(store: str) -> list[tuple[str, str | None]]:
    """(member number, bound guide's staff number or None) of a store's customers."""
    random = _random(store, "members")
    return [
        (f"VIP{store}{n:04}", _guide(store, random) if random.random() < 0.6 else None)
        for n in range(1, CUSTOMERS_PER_STORE + 1)
    ]


def sales_of(day: date, articles: Sequence[Article]) -> Iterator[Sale]:
    """All receipts of a business day, over all stores."""
    sellable = [article for article in articles if article.shelf_status == "on_shelf"]
    for rank, (store, _, _) in enumerate(STORES):
        random = _random(store, day.isoformat())
        bound = members(store)
        level = 1.25 - rank * 0.05
        for number in range(1, round(DAY_ORDERS[day.weekday()] * level * random.uniform(0.8, 1.2)) + 1):
            yield _sale(store, day, number, sellable, bound, random)


def _sale(
    store: str,
    day: date,
    number: int,
    sellable: Sequence[Article],
    bound: Sequence[tuple[str, str | None]],
    random: Random,
) -> Sale:
    member_no, guide = random.choice(bound) if random.random() < 0.7 else (None, None)
    serving = guide if guide and random.random() < 0.6 else _guide(store, random)
    return Sale(
        external_id=f"{store}-{day:%y%m%d}-{number:03}",
        store=store,
        ordered_at=_moment(day, random),
        channel="store" if random.random() < 0.85 else "miniprogram",
        member_no=member_no,
        staff_no=serving if random.random() < 0.94 else None,
        lines=tuple(
            (random.choice(sellable), random.choices((1, 2, 3), (85, 12, 3))[0])
            for _ in range(random.choices((1, 2, 3, 4), (45, 32, 16, 7))[0])
        ),
    )


def _moment(day: date, random: Random) -> datetime:
    hour = random.choices(tuple(HOUR_WEIGHTS), tuple(HOUR_WEIGHTS.values()))[0]
    local = datetime.combine(day, time(hour), ZONE) + timedelta(seconds=random.randrange(3600))
    return local.astimezone(UTC)


def _guide(store: str, random: Random) -> str:
    # Some guides are simply better at it; the board should show that.
    number = random.choices(range(1, GUIDES_PER_STORE + 1), (30, 24, 19, 15, 12))[0]
    return f"{store}-{number:02}"


def _random(*parts: str) -> Random:
    return Random("/".join((str(SEED), *parts)))
