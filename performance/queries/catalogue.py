"""Every figure as it is told to people: the catalogue, the page of the docs and the heads of sheets."""

from typing import Any, NamedTuple

from performance.queries.figures import DECLARED
from performance.queries.readings import READINGS
from performance.rules.metrics import Figure, Ratio, Reading, Words
from performance.rules.ratios import DERIVED, RATIOS


class Metric(NamedTuple):
    """A figure of days, of a period, or a ratio of two of them."""

    name: str
    kind: str
    unit: str
    label: Words
    means: Words
    day: Words | None = None
    place: Words | None = None
    numerator: str | None = None
    denominator: str | None = None


def list_metrics() -> list[Metric]:
    """All that is said of each figure: those of days, of a period, and ratios."""
    return [
        *(_of_days(figure) for figure in DECLARED),
        *(_of_period(reading) for reading in (*DERIVED, *READINGS)),
        *(_ratio(ratio) for ratio in RATIOS),
    ]


def _of_days(figure: Figure) -> Metric:
    told: dict[str, Any] = {"label": figure.label, "means": figure.means, "day": figure.day, "place": figure.store}
    return Metric(figure.name, "day", figure.unit, **told)


def _of_period(reading: Reading) -> Metric:
    return Metric(reading.name, "period", reading.unit, reading.label, reading.means)


def _ratio(ratio: Ratio) -> Metric:
    labels = {figure.name: figure.label for figure in DECLARED}
    labels |= {reading.name: reading.label for reading in (*DERIVED, *READINGS)}
    above, below = labels[ratio.numerator], labels[ratio.denominator]
    means = Words(f"{above.zh} ÷ {below.zh}", f"{above.en} ÷ {below.en}")
    parts = (ratio.numerator, ratio.denominator)
    return Metric(ratio.name, "ratio", ratio.unit, ratio.label, means, None, None, *parts)
