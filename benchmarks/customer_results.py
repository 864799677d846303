"""The customers' figures as parts of the whole benchmark."""

from benchmarks import customers
from benchmarks.results import Result
from benchmarks.stage import Stage

# Two million take minutes to load: `python -m benchmarks.customers`.
CUSTOMERS, QUICK_CUSTOMERS = 100_000, 20_000


def measure_customers(stage: Stage) -> list[Result]:
    """Customers at a tenth of the size, beside plain SQL and beside a database of 20,000."""
    figures = customers.measure(customers=QUICK_CUSTOMERS if stage.quick else CUSTOMERS, rounds=3 if stage.quick else 9)
    return [
        *(result for name in customers.BLOCKS for result in _of_customers(name, figures)),
        Result(
            name="customers: segment figures from nothing",
            unit="s",
            value=float(figures["segment figures s"]),
            peer="plain SQL into a twin",
            peer_value=float(figures["segment figures s, plain SQL"]),
            ratio=float(figures["segment figures of plain SQL"]),
            at_least=customers.ASKED["segment figures"],
            beside={
                "again, s": float(figures["segment figures again, nothing changed s"]),
                "after 1,000 orders, s": float(figures["segment figures after 1,000 orders s"]),
            },
        ),
    ]


def _of_customers(name: str, figures: dict[str, float | int]) -> list[Result]:
    return [
        Result(
            name=f"customers: {name}",
            unit="ms",
            value=float(figures[f"{name} ms"]),
            peer="plain SQL on psycopg",
            peer_value=float(figures[f"{name} ms, plain SQL"]),
            ratio=float(figures[f"{name} of plain SQL"]),
            at_least=customers.ASKED[name],
        ),
        Result(
            name=f"customers: {name}, many to few",
            unit="ms",
            value=float(figures[f"{name} ms"]),
            peer="with 20,000 customers",
            peer_value=float(figures[f"{name} ms, small"]),
            ratio=float(figures[f"{name} large to small"]),
            at_most=customers.FLAT,
        ),
    ]
