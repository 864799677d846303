"""The rooms' own benchmarks, which also run by themselves, as parts of the whole."""

from benchmarks import content, posters
from benchmarks.results import Result
from benchmarks.stage import Stage


def measure_posters(stage: Stage) -> list[Result]:
    """Posters a second, on one core."""
    figures = posters.measure(pairs=3 if stage.quick else 15)
    bare_per_second = 1000 / float(figures["bare_ms"])
    return [
        Result(
            name="product card drawn from a 12-megapixel photo",
            unit="posters/s on one core",
            value=float(figures["cold_posters_per_s"]),
            peer="Pillow and segno by hand",
            peer_value=bare_per_second,
            ratio=1 / float(figures["cold_to_bare"]),
            at_least=0.8,
            beside={"with the fitted photo kept, posters/s": figures["warm_posters_per_s"]},
        )
    ]


def measure_content(stage: Stage) -> list[Result]:
    """The content center's routes without a server around them."""
    figures = content.measure(rounds=5 if stage.quick else 21)
    return [
        Result(
            name=f"content: {name}, in process",
            unit="requests/s",
            value=float(figures[f"{name} requests/s"]),
            peer="bare Flask, same reads and writes",
            peer_value=float(figures[f"{name} bare requests/s"]),
            ratio=float(figures[f"{name} of bare"]),
            at_least=asked,
        )
        for name, asked in content.ASKED.items()
    ]
