"""What is asked of a chain, by whom: the lines of the table in docs/benchmarks.md."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any
from urllib.parse import urlencode

from benchmarks.size import chain as c
from benchmarks.size.chain import Chain, made_id

Question = dict[str, Any]
EVERYBODY = ("guide", "manager", "region", "zone", "hq")
ABOVE = ("manager", "region", "zone", "hq")


@dataclass(frozen=True, kw_only=True)
class Line:
    """A request that people of some roles make; with `body`, a POST that changes nothing."""

    name: str
    path: str
    roles: tuple[str, ...] = EVERYBODY
    body: Question | None = None
    limit_ms: tuple[float, float]  # of a guide or manager; of a region, a zone or headquarters


def people(chain: Chain) -> dict[str, str]:
    """Who asks: a person of each role, by id."""
    return {
        "guide": made_id(c.GUIDE, 0),
        "manager": made_id(c.MANAGER, 0),
        "region": made_id(c.HEADQUARTERS, 1 + chain.zones),
        "zone": made_id(c.HEADQUARTERS, 1),
        "hq": made_id(c.HEADQUARTERS, 0),
    }


def lines(chain: Chain) -> Iterator[Line]:
    """All of them: what must stay flat, and what did not."""
    yield from _lists(chain)
    yield from _counts()
    yield from _reports(chain)
    yield from _headquarters()


def _lists(chain: Chain) -> Iterator[Line]:
    today = chain.today
    month = {"from": today - timedelta(days=30), "to": today}
    page = partial(Line, limit_ms=(10.0, 20.0))
    yield page(name="me", path="/v1/me")
    yield page(name="customers", path="/v1/customers")
    yield page(name="content", path="/v1/content")
    yield page(name="forwards", path="/v1/forwards")
    yield page(name="follow-ups", path="/v1/follow-ups")
    yield page(name="follow-ups due", path=f"/v1/follow-ups?due={today}")
    yield page(name="commission entries", path=_with("/v1/commissions/entries", month))
    yield page(name="commission summary", path=_with("/v1/commissions/summary", month))
    yield page(name="task plans", path="/v1/task-plans", roles=ABOVE)
    yield page(name="tasks", path="/v1/tasks", roles=("guide",))
    yield page(name="stores", path="/v1/stores", roles=ABOVE)
    yield page(name="staff", path="/v1/staff", roles=ABOVE)
    yield page(name="products", path="/v1/products")
    yield page(name="products, two letters", path="/v1/products?q=me")
    yield page(name="products, one character", path="/v1/products?q=霜")
    yield page(name="availability", path="/v1/availability", roles=ABOVE)
    yield page(name="binding transfers", path="/v1/binding-transfers")


def _counts() -> Iterator[Line]:
    count = partial(Line, limit_ms=(100.0, 100.0))
    yield count(name="segment count", path="/v1/segments/counts", body={"filter": {"stages": ["active"]}})
    yield count(name="segment customers", path=f"/v1/segments/{made_id(c.SEGMENT, 0)}/customers")
    yield count(name="duplicates", path="/v1/customers/duplicates", roles=ABOVE)


def _reports(chain: Chain) -> Iterator[Line]:
    today = chain.today
    days = {"from": today - timedelta(days=29), "to": today}
    shared = {"since": f"{today - timedelta(days=29)}T00:00:00Z", "until": f"{today + timedelta(days=1)}T00:00:00Z"}
    report = partial(Line, limit_ms=(500.0, 500.0))
    yield report(name="measures", path=_with("/v1/customers/measures", days))
    yield report(name="content figures, 30 days", path=_with("/v1/content-figures", shared))
    yield report(name="guides' performance", path=_with("/v1/performance/guides", days), roles=ABOVE)
    for name, first in (("a day", 0), ("30 days", 29), ("59 days", 58)):
        asked = {"metric": "net_sales", "scope": "company", "from": today - timedelta(days=1 + first)}
        asked["to"] = today - timedelta(days=1)
        path = _with("/v1/leaderboards", asked)
        yield report(name=f"company board, {name}", path=path, roles=("guide", "hq"))


def _headquarters() -> Iterator[Line]:
    hq = partial(Line, roles=("hq",), limit_ms=(20.0, 20.0))
    yield hq(name="audit by request", path="/v1/audit?request_id=request7")
    yield hq(name="audit by rare action", path="/v1/audit?action=erase")
    yield Line(name="reconciliation", path="/v1/sources/brand/reconciliation", roles=("hq",), limit_ms=(500.0, 500.0))
    yield hq(name="deliveries", path="/v1/webhooks/deliveries")


def _with(path: str, asked: Question) -> str:
    return f"{path}?{urlencode(asked)}"
