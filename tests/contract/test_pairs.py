"""What can be sent one by one and as a batch has one schema: what one way refuses, the other refuses too."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from guideapi.app import GuideApp
from tests import make
from tests.client import Client, document
from tests.contract.document import operations

# Batches of machines, which have no single request beside them, and the outbox, whose items have several.
ONLY_BATCHES = {
    "catalog_push_products",
    "orders_create_footfall",
    "orders_create_orders",
    "orders_create_refunds",
    "staff_set_roster_days",
    "tasks_settle_outbox",
}
PAIRS = ("clienteling_create_follow_ups", "content_center_create_forwards", "customers_transfer_customers")
NOWHERE = "01930b6e-7d3c-7e2a-9c41-5f0c8a6d2b17"


def views(app: GuideApp) -> dict[str, Any]:
    return {endpoint.replace(".", "_"): view for endpoint, view in app.view_functions.items()}


def pairs(app: GuideApp) -> dict[str, tuple[str, str]]:
    """By the name of a batch: the path of the batch, and of the route for a single one."""
    known, found = views(app), {}
    takes = {one.path: getattr(known[one.name], "body_schema", None) for one in operations(app) if one.method == "POST"}
    for one in operations(app):
        schema = getattr(known[one.name], "batch_schema", None)
        if schema is not None:
            [single] = [path for path, taken in takes.items() if taken and issubclass(schema, taken)]
            found[one.name] = (one.path, re.sub("{[^}]+}", NOWHERE, single))
    return found


def takes_items(operation: dict[str, Any], schemas: dict[str, Any]) -> bool:
    content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    schema = content.get("schema", {})
    shape = schemas[schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema
    return list(shape.get("properties", {})) == ["items"]


def test_every_batch_has_its_single_request(app: GuideApp) -> None:
    schemas = document(app)["components"]["schemas"]
    batches = {one.name for one in operations(app) if takes_items(one.content, schemas)}
    assert batches == pairs(app).keys() | ONLY_BATCHES
    assert sorted(pairs(app)) == list(PAIRS)


def broken(schema: dict[str, Any], schemas: dict[str, Any], sound: Any) -> Iterator[Any]:
    """Values like `sound`, each wrong at one place, or at the edge of what may be."""
    if "$ref" in schema:
        schema = schemas[schema["$ref"].rpartition("/")[2]]
    yield from (None, 5, "x" * 100_001, " ", "\x00", [], {}, [sound] * 5001, True, 0.5)
    for choice in schema.get("oneOf", ()):
        shape = schemas[choice["$ref"].rpartition("/")[2]]
        yield from broken(shape, schemas, whole(shape, schemas))
    if isinstance(sound, str):
        length = schema.get("maxLength", 0)
        yield from ("字" * length, "字" * (length + 1), sound + " ", sound.upper())
    if isinstance(sound, dict):
        yield {**sound, "surprise": 1}
        for name, inner in schema.get("properties", {}).items():
            yield {key: value for key, value in sound.items() if key != name}
            yield from ({**sound, name: value} for value in broken(inner, schemas, sound.get(name)))
    if isinstance(sound, list):
        most = schema.get("maxItems", 0)
        yield from (sound * most, sound * (most + 1))


def whole(schema: dict[str, Any], schemas: dict[str, Any]) -> Any:
    """A sound value with every field."""
    if "$ref" in schema:
        return whole(schemas[schema["$ref"].rpartition("/")[2]], schemas)
    if "oneOf" in schema:
        return whole(schema["oneOf"][-1], schemas)
    if "properties" in schema:
        return {name: whole(inner, schemas) for name, inner in schema["properties"].items()}
    if schema["type"] == "array":
        return [whole(schema["items"], schemas)]
    by_format = {"uuid": NOWHERE, "date": "2026-11-21", "date-time": "2026-11-21T08:30:00Z"}
    return schema["enum"][0] if "enum" in schema else by_format.get(schema.get("format", ""), "调班")


def send(caller: Client, path: str, body: Any) -> Any:
    # json writes numbers of any size, which the product's own encoder refuses.
    return caller.post(path, data=json.dumps(body), content_type="application/json").json


@pytest.mark.parametrize(
    "name", ["content_center_create_forwards", "clienteling_create_follow_ups", "customers_transfer_customers"]
)
def test_both_ways_refuse_the_same_fields(client: Client, app: GuideApp, name: str) -> None:
    batch_path, single_path = pairs(app)[name]
    store_manager = make.staff(roles=["guide", "store_manager"], store_id=make.store().id)
    caller = client.sign_in(store_manager)
    schemas = document(app)["components"]["schemas"]
    schema = views(app)[name].batch_schema.__name__
    sound = whole({"$ref": f"#/components/schemas/{schema}"}, schemas)
    in_path = {"content_id"} if "/content/" in single_path else set()
    bodies = [sound, *broken(schemas[schema], schemas, sound)]
    bodies = [body for body in bodies if isinstance(body, dict) and all(body.get(n) == NOWHERE for n in in_path)]
    refused = 0
    for start in range(0, len(bodies), 20):
        some = bodies[start : start + 20]
        outcomes = send(caller, batch_path, {"items": some})["items"]
        for body, outcome in zip(some, outcomes, strict=True):
            alone = send(caller, single_path, {key: body[key] for key in body.keys() - in_path})
            assert (alone["code"] == "invalid") == (outcome["code"] == "invalid_item"), json.dumps(body)[:300]
            assert alone.get("errors") == outcome.get("errors"), json.dumps(body)[:300]
            refused += alone["code"] == "invalid"
    # Most are refused for their fields; the sound one for what there is not.
    assert len(bodies) / 2 < refused < len(bodies)
