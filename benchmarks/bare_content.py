"""The bare routes that the content center is compared to: plain Flask, plain psycopg, the same reads and writes.

They check no token, validate nothing, know one guide, and log nothing.
"""

import secrets
from hashlib import sha256
from typing import Any
from uuid import UUID

import orjson
import psycopg
from flask import Flask, Response, render_template_string, request
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from benchmarks.bare_caller import CALLER

CARDS = """
SELECT p.id, p.title, b.name AS brand, c.path AS category, p.shelf_status, p.shelf_reason,
       p.shelf_status = 'on_shelf' AND coalesce(o.available, false) AS sellable,
       CASE WHEN p.shelf_status <> 'on_shelf' THEN 'brand' WHEN NOT coalesce(o.available, false) THEN 'store' END
         AS blocked_by,
       o.price_fen, o.list_price_fen, o.currency, i.storage_key AS image_key
FROM unnest(%(ids)s::uuid[]) WITH ORDINALITY AS asked (id, position)
JOIN product p ON p.id = asked.id JOIN brand b ON b.id = p.brand_id JOIN category c ON c.id = p.category_id
LEFT JOIN LATERAL (
  SELECT k.currency, coalesce(a.price_fen, k.price_fen) AS price_fen, k.list_price_fen,
         coalesce(a.sellable AND coalesce(a.stock > 0, true), k.in_stock) AS available
  FROM sku k LEFT JOIN store_availability a ON a.sku_id = k.id AND a.store_id = %(store_id)s
  WHERE k.product_id = p.id AND k.listed ORDER BY available DESC, price_fen, k.code LIMIT 1
) o ON true
LEFT JOIN LATERAL (
  SELECT storage_key FROM product_image WHERE product_id = p.id ORDER BY position LIMIT 1
) i ON true
ORDER BY asked.position"""
SIGHT = """WITH sight AS MATERIALIZED (
  SELECT s.tags, r.ancestor_ids, s.id FROM store s JOIN region r ON r.id = s.region_id WHERE s.id = ANY(%(stores)s)
)"""
MEANT = """(
  (c.audience_roles = '{}' OR c.audience_roles && %(roles)s::text[]) AND EXISTS (
    SELECT FROM sight WHERE (c.audience_store_tags = '{}' OR c.audience_store_tags && sight.tags)
      AND (c.audience_store_ids = '{}' AND c.audience_region_ids = '{}'
           OR sight.id = ANY(c.audience_store_ids) OR c.audience_region_ids && sight.ancestor_ids)))"""
PRODUCTS = "ARRAY(SELECT product_id FROM content_product WHERE content_version_id = v.id ORDER BY position) AS products"
LIST = f"""{SIGHT}
SELECT c.id, c.kind, c.state, c.category, c.tags, c.valid_from, c.valid_until, c.published_at, c.created_at,
       v.number AS version, v.title, {PRODUCTS}
FROM content c JOIN content_version v ON v.content_id = c.id AND v.number = c.live_number
WHERE c.state = 'published' AND c.valid_from <= now() AND (c.valid_until IS NULL OR c.valid_until > now()) AND {MEANT}
ORDER BY c.published_at DESC, c.id DESC LIMIT 51"""  # noqa: S608 - built from constants
ONE = f"""{SIGHT}
SELECT c.id, c.state, c.valid_from, c.valid_until, v.id AS version_id, v.number AS version, v.title, v.texts,
       {PRODUCTS}, {MEANT} AS meant, s.name AS store_name, g.portrait_key
FROM content c JOIN content_version v ON v.content_id = c.id AND v.number = c.live_number
JOIN staff g ON g.id = %(guide)s JOIN store s ON s.id = g.store_id WHERE c.id = %(content)s FOR SHARE OF c"""  # noqa: S608
LOCK = "SELECT id FROM product WHERE id = ANY(%s) ORDER BY id FOR SHARE"
FORWARD = """forward_key k JOIN forward f ON f.id = k.id AND f.created_at = k.created_at
JOIN forward_text said ON said.day = (f.created_at AT TIME ZONE 'UTC')::date AND said.guide_id = f.guide_id
  AND said.content_version_id = f.content_version_id AND said.digest = f.text_digest"""
EARLIER = f"""SELECT f.*, k.token, said.texts, said.shown, v.number AS version, v.title FROM {FORWARD}
JOIN content_version v ON v.id = f.content_version_id WHERE k.id = %s"""  # noqa: S608 - built from constants
INSERT = """
WITH key AS (
  INSERT INTO forward_key (id, token, created_at) VALUES (%(id)s, %(token)s, now())
  ON CONFLICT (id) DO NOTHING RETURNING id, created_at, (created_at AT TIME ZONE 'UTC')::date AS day
), said AS (
  INSERT INTO forward_text (day, guide_id, content_version_id, digest, texts, shown)
  SELECT day, %(guide)s, %(version)s, %(digest)s, %(texts)s, %(shown)s FROM key ON CONFLICT DO NOTHING
)
INSERT INTO forward (id, content_id, content_version_id, guide_id, store_id, channel, target, text_digest, created_at)
SELECT id, %(content)s, %(version)s, %(guide)s, %(store)s, %(channel)s, %(target)s, %(digest)s::bigint, created_at
FROM key RETURNING id"""
SHARED = f"""
SELECT f.id AS forward_id, k.token, f.guide_id, f.store_id, said.shown, f.created_at, c.state, c.valid_until,
       v.title, v.body, v.poster_template, v.asset_ids, {PRODUCTS}
FROM {FORWARD} JOIN content c ON c.id = f.content_id JOIN content_version v ON v.id = f.content_version_id
WHERE k.token = %s"""  # noqa: S608 - built from constants
TOUCH = """
INSERT INTO touch (forward_id, guide_id, kind, viewer, device, counted, excluded_reason, created_at)
VALUES (%(forward)s, %(guide)s, 'open', %(viewer)s, %(device)s, false, 'no_human_sign', now())"""
PAGE = """<!doctype html><title>{{ s.title }}</title><header>{{ s.shown.guide_name }} {{ s.shown.store_name }}</header>
<h1>{{ s.title }}</h1><p>{{ s.body }}</p>{% for c in cards %}<h2>{{ c.title }}</h2>{{ c.brand }} {{ c.price_fen }}
{{ c.sellable }}<img src="/files/{{ c.image_key }}">{% endfor %}"""


def bare_app(database_url: str, guide_id: UUID) -> Flask:
    """The bare application over one connection, for one guide."""
    app = Flask("bare")
    connection = psycopg.connect(database_url.replace("+psycopg", ""), row_factory=dict_row)

    def rows(statement: str, parameters: Any) -> list[dict[str, Any]]:
        return connection.execute(statement, parameters, prepare=True).fetchall()

    def caller() -> dict[str, Any]:
        return rows(CALLER, (guide_id,))[0]

    @app.get("/content")
    def list_content() -> Response:
        with connection.transaction():
            guide = caller()
            found = rows(LIST, {"stores": [guide["store_id"]], "roles": guide["roles"]})[:50]
            ids = list({id_ for row in found for id_ in row["products"]})
            cards = {card["id"]: card for card in rows(CARDS, {"ids": ids, "store_id": guide["store_id"]})}
        for row in found:
            row["products"] = [cards[id_] for id_ in row["products"]]
        return Response(orjson.dumps({"items": found}), mimetype="application/json")

    @app.post("/content/<uuid:content_id>/forwards")
    def forward(content_id: UUID) -> Response:
        asked = request.get_json()
        with connection.transaction():
            guide = caller()
            rows(EARLIER, (asked["id"],))
            wanted = {"stores": [guide["store_id"]], "roles": guide["roles"], "guide": guide_id, "content": content_id}
            content = rows(ONE, wanted)[0]
            rows(LOCK, (content["products"],))
            cards = rows(CARDS, {"ids": content["products"], "store_id": guide["store_id"]})
            text = content["texts"]["default"].replace("{guide_name}", guide["name"])
            shown = {"guide_name": guide["name"], "products": [{**card, "id": str(card["id"])} for card in cards]}
            keys = {"id": asked["id"], "channel": asked["channel"], "token": secrets.token_urlsafe(12)}
            ids = {"content": content_id, "version": content["version_id"], "guide": guide_id}
            said = {"texts": Jsonb({"default": text}), "shown": Jsonb(shown), "digest": hash(text)}
            rows(INSERT, {**keys, **ids, **said, "store": guide["store_id"], "target": Jsonb(asked["target"])})
        return Response(orjson.dumps({**asked, "text": text, "products": cards}), mimetype="application/json")

    @app.get("/s/<token>")
    def share(token: str) -> str:
        with connection.transaction():
            shared = rows(SHARED, (token,))[0]
            cards = rows(CARDS, {"ids": shared["products"], "store_id": shared["store_id"]})
            touch = {
                "forward": shared["forward_id"],
                "guide": shared["guide_id"],
                "viewer": secrets.token_urlsafe(12),
                "device": sha256(f"{request.remote_addr} {request.user_agent}".encode()).hexdigest()[:32],
            }
            connection.execute(TOUCH, touch, prepare=True)
        return render_template_string(PAGE, s=shared, cards=cards)

    return app
