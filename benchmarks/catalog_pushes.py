"""Signed pushes of 1,000 products to the real server, by an integrator on one connection, and on several."""

import json
import sys
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from itertools import islice
from time import perf_counter

from benchmarks.catalog_feed import products
from benchmarks.house import PYTHON_M, Api, House, free_port, serve
from catalog import queries, service
from guideapi import api_server
from guideapi.app import GuideApp
from kit import clock, signing
from kit.db import unit_of_work
from staff import service as staff_service

SOURCE = "push"
# Each with the version it is sent under.
STAGES = (("new", 1), ("changed", 2), ("unchanged", 2))
BATCHES = 40
ITEMS = 1000
CONNECTIONS = (1, 4)

Batch = tuple[bytes, dict[str, str]]


def measure(house: House, app: GuideApp) -> dict[str, float]:
    """Items a second, each batch its own transaction: new, then changed, then unchanged."""
    with app.app_context(), unit_of_work():
        key = staff_service.create_api_key(name="bench", scopes=["products:write"])
        secret = service.add_secret(source=queries.get_source(SOURCE), secret=None)
    port = free_port()
    figures: dict[str, float] = {}
    with serve(house, name="api", command=(*PYTHON_M, *api_server.command(port=port)), port=port) as api:
        for connections in CONNECTIONS:
            for stage, version in STAGES:
                batches = [_signed(body, key, secret) for body in _bodies(connections, version)]
                name = f"push {stage} items/s, {connections} connections"
                figures[name] = round(BATCHES * ITEMS / _seconds(api, batches, connections))
                sys.stderr.write(f"{name}: {figures[name]:,}\n")
    return figures


def _bodies(connections: int, version: int) -> list[bytes]:
    """Products of one SKU, others for each number of connections."""
    first = CONNECTIONS.index(connections) * BATCHES * ITEMS
    found = islice(products((first + BATCHES * ITEMS) * 4, version=version), first, None)
    items = [
        {**item, "skus": [{**item["skus"][0], "code": f"push {item['external_id']}"}]}  # type: ignore[index]
        for item in found
    ]
    return [json.dumps({"items": items[n : n + ITEMS]}).encode() for n in range(0, len(items), ITEMS)]


def _signed(body: bytes, key: str, secret: str) -> Batch:
    at = clock.now()
    return body, {
        "Authorization": f"Bearer {key}",
        "Content-Type": "application/json",
        "webhook-id": "m",
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": signing.sign(secret=secret, message_id="m", at=at, body=body),
    }


def _seconds(api: Api, batches: list[Batch], connections: int) -> float:
    shares = [batches[number::connections] for number in range(connections)]
    started = perf_counter()
    with ThreadPoolExecutor(connections) as pool:
        for _ in pool.map(lambda share: _push(api, share), shares):
            pass
    return perf_counter() - started


def _push(api: Api, batches: list[Batch]) -> None:
    connection = HTTPConnection("127.0.0.1", api.port, timeout=60)
    for body, headers in batches:
        connection.request("POST", f"/v1/sources/{SOURCE}/products", body=body, headers=headers)
        answer = connection.getresponse()
        content = answer.read()
        if answer.status != 200 or b'"rejected"' in content:
            raise RuntimeError(f"a push was refused: {answer.status} {content[:300]!r}")
    connection.close()
