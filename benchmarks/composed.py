"""The rooms' own benchmarks, which also run by themselves, as parts of the whole."""

import sys
from contextlib import redirect_stdout
from typing import Any

from benchmarks import catalog, catalog_lists, catalog_pushes, content, contract, load, posters
from benchmarks.results import Result
from benchmarks.stage import Stage

# "In minutes, in bounded memory, and a second run changes nothing": what issue 2 asks of the real year on 2 cores.
LOAD_SECONDS = 900
LOAD_PEAK_MIB = 1024
QUICK_BASKETS = 5_000
QUICK_SKUS = 20_000
# What issue 4 asks at 1,000,000 SKUs, of the same work without the house around it.
IMPORT_OF_BARE = 0.5
LIST_OF_BARE = 0.6
PUSHED_ITEMS_PER_SECOND = 20_000
IMPORT_PEAK_MB = 300
# What a request may cost that is signed in, in scope, limited, audited and kept to be answered again.
CONTRACT_TIMES_BARE = 3


def measure_load(stage: Stage) -> list[Result]:
    """The real year through the rooms' own ways in, by stage, and once more."""
    with redirect_stdout(sys.stderr):  # the load shows its own progress
        figures = load.measure(baskets=QUICK_BASKETS if stage.quick else None)
    second = figures["second_load"]
    return [
        *(_of_stage(part) for part in figures["stages"]),
        Result(name="real year: whole load", unit="s", value=figures["seconds"], at_most=LOAD_SECONDS),
        Result(name="real year: peak memory", unit="MiB", value=figures["peak_rss_mib"], at_most=LOAD_PEAK_MIB),
        Result(
            name="real year: second load",
            unit="rows written",
            value=second["rows_written"],
            at_most=0,
            beside={"seconds": float(second["seconds"])},
        ),
    ]


def _of_stage(part: dict[str, Any]) -> Result:
    copied = part.get("copy_seconds")
    return Result(
        name=f"real year: {part['name']}",
        unit="s",
        value=part["seconds"],
        peer="COPY of the same rows" if copied else "",
        peer_value=copied,
        ratio=part.get("times_copy"),
        beside={"rows": part["rows"], "rows/s": part["rows_per_second"], "peak MiB": part["peak_rss_mib"]},
    )


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
            name=f"content: {name}, {catalog_lists.CONNECTIONS} kept connections",
            unit="requests/s",
            value=float(figures[f"{name} requests/s"]),
            peer="bare Flask, same reads and writes",
            peer_value=float(figures[f"{name} bare requests/s"]),
            ratio=float(figures[f"{name} of bare"]),
            at_least=asked,
        )
        for name, asked in content.ASKED.items()
    ]


def measure_contract(stage: Stage) -> list[Result]:
    """What sign-in, scope, limits, audit and idempotency add to a request, one after the other."""
    figures = contract.measure(rounds=20 if stage.quick else 150)
    names = [name.removesuffix(" times bare") for name in figures if name.endswith(" times bare")]
    return [_of_contract(name, figures) for name in names]


def _of_contract(name: str, figures: contract.Figures) -> Result:
    return Result(
        name=f"contract: {name}",
        unit="ms",
        value=figures[f"{name} ms"],
        peer="the bare route",
        peer_value=figures[f"{name.partition(' ')[0]} bare ms"],
        ratio=figures[f"{name} times bare"],
        at_most=CONTRACT_TIMES_BARE,
        beside={"adds ms": float(figures[f"{name} adds ms"])},
    )


def measure_catalog(stage: Stage) -> list[Result]:
    """Imports, pushes and lists of a catalog of `stage.skus` SKUs."""
    skus = QUICK_SKUS if stage.quick else stage.skus
    figures = catalog.measure(skus=skus, turns=1 if stage.quick else 3)
    size = f"{skus:,} SKUs"
    return [
        *(_of_import(figures, kind, size) for kind in ("new", "changed", "unchanged")),
        *(_of_push(figures, kind, size) for kind, _ in catalog_pushes.STAGES),
        *(_of_list(figures, name, size) for name in catalog_lists.LISTS),
        Result(
            name=f"catalog, {size}: peak memory of an import over its base",
            unit="MB",
            value=max(float(figures[f"import {kind} peak MB over base"]) for kind in ("new", "changed", "unchanged")),
            at_most=IMPORT_PEAK_MB,
        ),
    ]


def _of_import(figures: catalog.Figures, kind: str, size: str) -> Result:
    return Result(
        name=f"catalog, {size}: import of a file, all {kind}",
        unit="SKUs/s",
        value=float(figures[f"import {kind} SKUs/s"]),
        peer="COPY + MERGE of ready rows into one plain table",
        peer_value=float(figures[f"import {kind} bare COPY+MERGE rows/s"]),
        ratio=float(figures[f"import {kind} of bare"]),
        at_least=None if kind == "new" else IMPORT_OF_BARE,
        beside={
            "CPU s": figures[f"import {kind} CPU s"],
            "bare CPU s": figures[f"import {kind} bare CPU s"],
            "ratio by CPU": figures[f"import {kind} of bare by CPU"],
            "dead tuples made": figures[f"import {kind} dead tuples made"],
        },
    )


def _of_push(figures: catalog.Figures, kind: str, size: str) -> Result:
    rates = {
        number: float(figures[f"push {kind} items/s, {number} connections"]) for number in catalog_pushes.CONNECTIONS
    }
    return Result(
        name=f"catalog, {size}: signed pushes of 1,000, all {kind}, {max(rates)} connections",
        unit="items/s",
        value=rates[max(rates)],
        at_least=PUSHED_ITEMS_PER_SECOND,
        beside={"on one connection": rates[min(rates)]},
    )


def _of_list(figures: catalog.Figures, name: str, size: str) -> Result:
    return Result(
        name=f"catalog, {size}: GET /v1/products, {name}, {catalog_lists.CONNECTIONS} kept connections",
        unit="requests/s",
        value=float(figures[f"list {name} requests/s"]),
        peer="bare Flask, same SQL, same bytes",
        peer_value=float(figures[f"list {name} bare requests/s"]),
        ratio=float(figures[f"list {name} of bare"]),
        at_least=LIST_OF_BARE,
    )
