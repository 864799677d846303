"""Figures of background work for Prometheus, asked for when they are read: what waits, what failed, what is owed."""

import logging
from collections.abc import Callable, Iterable, Iterator

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from commissions import queries as commissions
from commissions.jobs import RECENT
from kit import clock, dead_letters, jobs
from performance import queries as performance

# More orders than these are owed is all that anybody needs to know then.
MOST_ORDERS = 10_000
log = logging.getLogger(__name__)


def render() -> bytes:
    """The figures as text; those that Redis or the database cannot tell now are left out."""
    registry = CollectorRegistry()
    registry.register(_Figures())
    return generate_latest(registry)


class _Figures(Collector):
    def describe(self) -> Iterable[Metric]:
        return ()

    def collect(self) -> Iterable[Metric]:
        for part in (_queues, _attempts, _dead_letters, _orders_owed, _stale_days):
            yield from _told(part)


def _told(part: Callable[[], Iterator[Metric]]) -> list[Metric]:
    try:
        return list(part())
    except Exception as error:
        # The figures of requests must not go missing with these.
        log.warning("no figures of%s: %s", part.__name__.replace("_", " "), type(error).__name__)
        return []


def _queues() -> Iterator[Metric]:
    waiting = GaugeMetricFamily("guideapi_queue_jobs", "Jobs that wait", labels=["queue"])
    oldest = GaugeMetricFamily("guideapi_queue_oldest_seconds", "How long the first has waited", labels=["queue"])
    for queue, figures in jobs.queue_figures().items():
        waiting.add_metric([queue], figures.waiting)
        oldest.add_metric([queue], figures.oldest_seconds)
    yield from (waiting, oldest)


def _attempts() -> Iterator[Metric]:
    attempts, failures = jobs.count_attempts()
    for name, meaning, counts in (
        ("guideapi_job_attempts", "Attempts at jobs that ended", attempts),
        ("guideapi_job_failures", "Attempts at jobs that failed", failures),
    ):
        family = CounterMetricFamily(name, meaning, labels=["job"])
        for job, count in sorted(counts.items()):
            family.add_metric([job], count)
        yield family


def _dead_letters() -> Iterator[Metric]:
    yield GaugeMetricFamily(
        "guideapi_dead_letters", "Jobs that failed for good and wait for an operator", dead_letters.count_letters()
    )


def _orders_owed() -> Iterator[Metric]:
    owed = commissions.count_owed_orders(since=clock.now() - RECENT, at_most=MOST_ORDERS)
    yield GaugeMetricFamily("guideapi_orders_owed", "Orders of the last hours not posted yet", owed)


def _stale_days() -> Iterator[Metric]:
    stale = len(performance.list_stale_days(now=clock.now()))
    yield GaugeMetricFamily("guideapi_stale_days", "Business days whose figures are owed", stale)
