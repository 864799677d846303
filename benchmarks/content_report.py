"""The content figures over many touches, beside the plain SQL that counts the same.

`python -m benchmarks.content_report [--json] [--touches N] [--rounds N]`. Forwards and touches are written set-wise,
over three months of partitions; the report comes over HTTP, and both must agree to the last figure.
"""

import argparse
import json
import sys
from datetime import timedelta
from io import BytesIO
from statistics import median
from time import perf_counter
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import text

from benchmarks.content import Application, applications
from benchmarks.content_rows import Rows
from kit import clock
from kit.db import db, unit_of_work

TOUCHES_PER_FORWARD = 10
DAYS = 80

FORWARDS = text("""
WITH key AS (
  INSERT INTO forward_key (id, token, created_at)
  SELECT uuidv7(), 'bench' || n, CAST(:now AS timestamptz) - make_interval(secs => n % (86400 * :days))
  FROM generate_series(1, :forwards) n
  RETURNING id, created_at, CAST(created_at AT TIME ZONE 'UTC' AS date) AS day, substr(token, 6)::int AS n
), said AS (
  INSERT INTO forward_text (day, guide_id, content_version_id, digest, texts, shown)
  SELECT days.day, said.guide_id, v.id, 0, said.texts, said.shown
  FROM (SELECT DISTINCT day FROM key) days CROSS JOIN content_version v
  CROSS JOIN (SELECT * FROM forward_text LIMIT 1) said
)
INSERT INTO forward (id, content_id, content_version_id, guide_id, store_id, channel, target, text_digest, created_at)
SELECT k.id, v.content_id, v.id, f.guide_id, f.store_id, f.channel, f.target, 0, k.created_at
FROM key k
JOIN (SELECT id, content_id, row_number() OVER (ORDER BY id) - 1 AS place FROM content_version) v
  ON v.place = k.n % (SELECT count(*) FROM content_version)
CROSS JOIN (SELECT * FROM forward LIMIT 1) f""")
TOUCHES = text("""
INSERT INTO touch (forward_id, guide_id, kind, viewer, counted, excluded_reason, sign, dwell_ms, created_at)
SELECT f.id, f.guide_id, (ARRAY['open', 'open', 'open', 'dwell', 'click'])[1 + n % 5],
       'viewer' || (hashtext(f.id::text) + n) % 500000, n % 7 <> 0, CASE WHEN n % 7 = 0 THEN 'crawler' END,
       CASE WHEN n % 7 <> 0 THEN 'cookie' END,
       CASE WHEN n % 5 = 3 THEN 1000 * n END, f.created_at + make_interval(mins => n)
FROM forward f CROSS JOIN generate_series(1, :each) n""")
PLAIN = text("""
SELECT f.content_id, count(DISTINCT f.id) AS forwards,
       count(DISTINCT f.id) FILTER (WHERE d.forward_id IS NOT NULL) AS delivered,
       count(DISTINCT t.forward_id) FILTER (WHERE t.counted AND t.kind = 'open') AS opened,
       count(DISTINCT t.viewer) FILTER (WHERE t.counted AND t.kind = 'open') AS viewers,
       count(*) FILTER (WHERE t.counted AND t.kind = 'click') AS clicks,
       coalesce(round(avg(t.dwell_ms) FILTER (WHERE t.counted AND t.kind = 'dwell')), 0)::bigint AS dwell_ms,
       count(*) FILTER (WHERE NOT t.counted) AS excluded,
       count(DISTINCT o.id) AS orders
FROM forward f
LEFT JOIN touch t ON t.forward_id = f.id AND t.created_at >= :since
LEFT JOIN (SELECT DISTINCT forward_id FROM forward_confirmation) d ON d.forward_id = f.id
JOIN forward_key k ON k.id = f.id
LEFT JOIN sales_order o ON o.share_token = k.token
WHERE f.created_at >= :since AND f.created_at < :until
GROUP BY f.content_id""")

Figures = dict[str, float | int]


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--touches", type=int, default=10_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    figures = measure(touches=options.touches, rounds=options.rounds)
    out = json.dumps(figures) if options.json else "\n".join(f"{name:>28} {value}" for name, value in figures.items())
    sys.stdout.write(out + "\n")


def measure(*, touches: int, rounds: int) -> Figures:
    """Seconds to write the touches, seconds of the report and of plain SQL, and the median ratio of `rounds` pairs."""
    with applications() as (house, _, rows):
        with house.app_context():
            writing = _write(touches)
            times = [_pair(house.wsgi_app, rows) for _ in range(rounds + 1)][1:]
        return {
            "touches": touches,
            "writing_s": round(writing, 1),
            "touches_per_s": round(touches / writing),
            "report_s": round(median(report for report, _ in times), 2),
            "plain_sql_s": round(median(plain for _, plain in times), 2),
            "report_to_plain": round(median(report / plain for report, plain in times), 3),
        }


def _write(touches: int) -> float:
    started = perf_counter()
    with unit_of_work():
        forwards = touches // TOUCHES_PER_FORWARD
        db.session.execute(FORWARDS, {"now": clock.now() - timedelta(hours=3), "forwards": forwards, "days": DAYS})
        db.session.execute(TOUCHES, {"each": TOUCHES_PER_FORWARD})
    seconds = perf_counter() - started
    with unit_of_work():
        for table in ("forward", "forward_key", "forward_text", "touch"):
            db.session.execute(text(f"ANALYZE {table}"))
    return seconds


def _pair(house: Application, rows: Rows) -> tuple[float, float]:
    period = {"since": clock.now() - timedelta(days=DAYS + 10), "until": clock.now()}
    started = perf_counter()
    reported = _report(house, rows, period)
    between = perf_counter()
    with unit_of_work():
        counted = db.session.execute(PLAIN, period).mappings().all()
    ended = perf_counter()
    names = ("forwards", "delivered", "opened", "viewers", "clicks", "dwell_ms", "excluded", "orders")
    ours = {item["key"]: tuple(item[name] for name in names) for item in reported}
    if ours != {str(row["content_id"]): tuple(row[name] for name in names) for row in counted}:
        raise RuntimeError("the report and plain SQL disagree")
    return between - started, ended - between


def _report(house: Application, rows: Rows, period: dict[str, Any]) -> list[dict[str, Any]]:
    query = urlencode({name: at.isoformat() for name, at in period.items()})
    environ = {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": "/v1/content-figures",
        "QUERY_STRING": query,
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.url_scheme": "http",
        "wsgi.input": BytesIO(),
        "HTTP_AUTHORIZATION": f"Bearer {rows.editor_token}",
    }
    items: list[dict[str, Any]] = json.loads(b"".join(house(environ, lambda *_: None)))["items"]
    return items


if __name__ == "__main__":
    main()
