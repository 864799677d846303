"""The load itself: people, products, orders, commissions, a year of figures, each through its room's own way in."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from datetime import UTC, datetime
from itertools import islice
from typing import Any, TypeVar

from flask import current_app

from catalog import queries as catalog_queries
from catalog.service.sources import create_source
from catalog.service.sync import sync_products
from commissions import service as commissions
from kit import clock
from kit.db import unit_of_work
from orders.incoming import OrderItem
from orders.service import ingest_orders
from samples.completejourney import background, files, items
from samples.completejourney.stages import Recorder, Stage, Tally, show
from samples.completejourney.survey import Survey, survey
from staff import queries as staff_queries
from staff.service import imports

# PostgreSQL works on one chunk while Python prepares the next; more would only wait for the two.
THREADS = 2
PRODUCTS_PER_CHUNK = 5_000
LINES_PER_CHUNK = 10_000
PLAN_CODE = "completejourney"
RATES = {"GROCERY": 80, "DRUG GM": 150}
OTHER_RATE = 100

T = TypeVar("T")


def load(*, baskets: int | None = None) -> list[Stage]:
    """Load the year, or its first `baskets` and what they sold; what is there already is left as it is.

    Runs inside an application context, starts two worker processes for the jobs, and prints what each stage took.
    """
    with Recorder() as recorder:
        with recorder.stage("survey", total=None) as tally:
            found = survey(files.read_baskets(baskets))
            tally.add(found.lines, Counter())
        _load_people(recorder, found)
        _load_products(recorder, found, everything=baskets is None)
        _load_orders(recorder, found, baskets)
        _approve_plan()
        background.post_commissions(recorder)
        background.compute_figures(recorder)
    show(recorder.stages)
    return recorder.stages


def _load_people(recorder: Recorder, found: Survey) -> None:
    regions, stores, staff = items.region_rows(), items.store_rows(found.store_ids), items.staff_rows(found.store_ids)
    with recorder.stage("people", total=len(regions) + len(stores) + len(staff)) as tally, unit_of_work():
        for outcomes in (imports.import_regions(regions), imports.import_stores(stores), imports.import_staff(staff)):
            tally.add(len(outcomes), Counter(outcome.outcome for outcome in outcomes))


def _load_products(recorder: Recorder, found: Survey, *, everything: bool) -> None:
    with unit_of_work():
        create_source(code=items.SOURCE, name="The Complete Journey", currency=items.CURRENCY)
    rows = (row for batch in files.read_products() for row in batch)
    wanted = (row for row in rows if everything or row["product_id"] in found.prices)
    products = (items.product_item(row, found.prices) for row in wanted)

    def take(chunk: list[Any]) -> Counter[str]:
        source = catalog_queries.get_source(items.SOURCE)
        return _tally(sync_products(source=source, items=chunk, now=clock.now()))

    with recorder.stage("products", total=None) as tally:
        _in_threads(take, _chunks(products, PRODUCTS_PER_CHUNK), weigh=len, tally=tally)


def _load_orders(recorder: Recorder, found: Survey, limit: int | None) -> None:
    def take(chunk: list[OrderItem]) -> Counter[str]:
        numbered = list(enumerate(chunk))
        return _tally(ingest_orders(source=items.SOURCE, items=numbered, now=clock.now()))

    orders = (items.order_item(basket) for basket in files.read_baskets(limit))
    with recorder.stage("orders", total=found.lines) as tally:
        _in_threads(take, _by_lines(orders), weigh=_count_lines, tally=tally)


def _tally(outcomes: Iterable[dict[str, Any]]) -> Counter[str]:
    return Counter(outcome["outcome"] for outcome in outcomes)


def _count_lines(orders: Sequence[OrderItem]) -> int:
    return sum(len(order.lines) for order in orders)


def _by_lines(orders: Iterable[OrderItem]) -> Iterator[list[OrderItem]]:
    """Chunks of about LINES_PER_CHUNK lines."""
    chunk: list[OrderItem] = []
    lines = 0
    for order in orders:
        chunk.append(order)
        lines += len(order.lines)
        if lines >= LINES_PER_CHUNK:
            yield chunk
            chunk, lines = [], 0
    if chunk:
        yield chunk


def _chunks(rows: Iterator[T], size: int) -> Iterator[list[T]]:
    while chunk := list(islice(rows, size)):
        yield chunk


def _in_threads(
    take: Callable[[list[T]], Counter[str]],
    chunks: Iterable[list[T]],
    *,
    weigh: Callable[[list[T]], int],
    tally: Tally,
) -> None:
    """Call `take` with each chunk in a unit of work of its own; never more than twice THREADS chunks in memory."""
    app = current_app._get_current_object()  # type: ignore[attr-defined]

    def work(chunk: list[T]) -> tuple[int, Counter[str]]:
        with app.app_context(), unit_of_work():
            return weigh(chunk), take(chunk)

    waiting: set[Future[tuple[int, Counter[str]]]] = set()
    with ThreadPoolExecutor(THREADS) as threads:
        for chunk in chunks:
            waiting.add(threads.submit(work, chunk))
            if len(waiting) >= 2 * THREADS:
                done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
                _count_all(done, tally)
        _count_all(waiting, tally)


def _count_all(futures: Iterable[Future[tuple[int, Counter[str]]]], tally: Tally) -> None:
    for future in futures:
        tally.add(*future.result())


def _approve_plan() -> None:
    """One plan from the first day on, written by one person and approved by the other; once."""
    maker, checker = (staff_queries.find_staff_by_no(staff_no) for staff_no in items.PEOPLE_AT_HQ)
    assert maker is not None
    assert checker is not None
    with unit_of_work():
        try:
            plan = commissions.create_plan(code=PLAN_CODE, name="The Complete Journey 2017")
        except commissions.PlanExists:
            return
        start = datetime.combine(items.FIRST_DAY, datetime.min.time(), UTC)
        version = commissions.add_version(plan_id=plan.id, plan=_document(), effective_from=start, created_by=maker.id)
        commissions.approve_version(version_id=version.id, approved_by=checker.id, now=clock.now())


def _document() -> dict[str, Any]:
    rules = [_rule(category, rate_bp, {"categories": [category]}) for category, rate_bp in RATES.items()]
    return {"rules": [*rules, _rule("other", OTHER_RATE, {})]}


def _rule(name: str, rate_bp: int, match: dict[str, list[str]]) -> dict[str, Any]:
    return {"kind": "line", "name": name, "match": match, "pays": {"kind": "percentage", "rate_bp": rate_bp}}
