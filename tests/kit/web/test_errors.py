"""Every error is a problem, whoever found it."""

from dataclasses import replace

import pytest
from sqlalchemy import text

from guideapi.app import GuideApp, create_app
from guideapi.config import Config
from kit.db import close_connections, db
from kit.web.auth import public
from models import Staff
from tests.client import Client, wrong
from tests.kit.web import notes


@pytest.mark.parametrize(
    ("method", "path", "options", "status", "code"),
    [
        ("GET", "/v1/nothing", {}, 404, "not_found"),
        ("GET", "/v1/notes/x", {}, 404, "not_found"),
        ("DELETE", "/v1/auth/token", {}, 405, "method_not_allowed"),
        ("POST", "/v1/auth/token", {"data": "{", "content_type": "application/json"}, 400, "malformed"),
        ("POST", "/v1/auth/token", {"data": "x=1", "content_type": "text/plain"}, 415, "unsupported_media_type"),
        ("POST", "/v1/auth/token", {"data": b"\xff\xfe", "content_type": "application/json"}, 400, "malformed"),
        ("POST", "/v1/auth/token", {"json": {"staff_no": "x" * 9_000_000}}, 413, "too_large"),
        ("POST", "/v1/auth/token", {"json": []}, 422, "invalid"),
        ("POST", "/v1/auth/token", {"data": b"[" * 100_000, "content_type": "application/json"}, 400, "malformed"),
        ("POST", "/v1/auth/token", {"data": b"1" * 5_000, "content_type": "application/json"}, 400, "malformed"),
        ("POST", "/v1/auth/token", {"data": b"NaN", "content_type": "application/json"}, 400, "malformed"),
        ("POST", "/v1/sources/a%00b/shopify-webhooks", {"json": {}}, 404, "not_found"),
        ("GET", "/v1/me", {}, 401, "unauthenticated"),
    ],
)
def test_every_error_is_a_problem(
    client: Client, method: str, path: str, options: dict[str, object], status: int, code: str
) -> None:
    answer = client.open(method, path, **options)
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")
    assert (answer.json["status"], answer.json["code"]) == (status, code)
    assert answer.json["request_id"] == answer.headers["X-Request-Id"]


@pytest.mark.parametrize(
    ("path", "field", "code", "says"),
    [
        ("/v1/stores?state=open", "state", "unknown_parameter", "Unknown query parameter."),
        (
            *("/v1/stores?region=R0001", "region"),
            *("unknown_parameter", "Unknown query parameter; did you mean `region_id`?"),
        ),
        ("/v1/me?verbose=1", "verbose", "unknown_parameter", "Unknown query parameter."),
        ("/v1/stores?limit=1&limit=2", "limit", "given_twice", "Given more than once."),
    ],
)
def test_a_parameter_that_would_be_passed_over_is_refused_and_named(
    as_guide: Client, path: str, field: str, code: str, says: str
) -> None:
    answer = as_guide.get(path)
    assert (answer.status_code, answer.json["code"]) == (422, "invalid")
    assert answer.json["errors"] == {field: [{"code": code, "message": says}]}


def test_every_operation_refuses_parameters_that_it_does_not_take(app: GuideApp) -> None:
    lenient = {name for name, view in app.view_functions.items() if getattr(view, "lenient", False)}
    assert lenient == {
        "catalog.take_shopify_webhook",
        "staff.finish_oidc",
        "front_door.to_docs",
        *(
            f"pages.{name}"
            for name in (
                "show_shared",
                "get_pixel",
                "record_touch",
                "decline",
                "get_poster",
                "get_file",
                "get_thumbnail",
                "get_poster_thumbnail",
            )
        ),
        *(f"health.{name}" for name in ("healthz", "readyz", "metrics")),
    }


def test_customers_and_platforms_may_send_what_is_not_known(client: Client) -> None:
    assert client.get("/healthz?probe=1").status_code == 200
    assert client.get("/s/none?utm_source=chat").status_code == 404
    assert client.get("/v1/auth/oidc/callback?state=x&iss=y").status_code == 401
    assert client.post("/v1/sources/none/shopify-webhooks?shop=a", json={}).status_code == 404


def test_fields_of_a_body_that_is_not_read_are_refused(as_guide: Client) -> None:
    answer = as_guide.post("/v1/auth/sign-out", json={"everywhere": True})
    assert (answer.status_code, wrong(answer)) == (422, {"everywhere": ["unknown_field"]})
    assert as_guide.post("/v1/auth/sign-out", json={}).status_code == 200


@pytest.mark.parametrize("query", ["/v1/stores?q=a%00b", "/v1/stores?tag=%00", "/v1/touches?limit=0"])
def test_queries_that_no_column_could_answer_are_refused(as_guide: Client, query: str) -> None:
    answer = as_guide.get(query)
    assert (answer.status_code, answer.json["code"]) == (422, "invalid")


def test_numbers_that_no_column_could_hold_are_refused(as_guide: Client) -> None:
    answer = as_guide.post("/v1/auth/second-factor", data=b'{"code": 1e300}', content_type="application/json")
    assert (answer.status_code, wrong(answer)) == (422, {"_schema": ["number_too_large"]})


def test_a_method_that_is_not_there_is_told_which_are(client: Client) -> None:
    assert client.delete("/v1/auth/token").headers["Allow"] == "OPTIONS, POST"


def test_an_accident_tells_nothing_but_the_id_of_its_log_lines(
    reader: Client, note: str, caplog: pytest.LogCaptureFixture
) -> None:
    notes.on_create["x"] = lambda: 1 // 0
    answer = reader.post("/v1/notes", json={"words": "x"})
    notes.on_create.clear()
    assert (answer.status_code, answer.json["code"]) == (500, "internal_error")
    assert "ZeroDivision" not in answer.text
    assert "ZeroDivisionError" in caplog.text
    assert db.session.scalar(text("SELECT count(*) FROM note WHERE words = 'x'")) == 0


def test_a_database_that_is_away_may_be_asked_again(config: Config, guide: Staff, client: Client) -> None:
    token = client.sign_in(guide).token
    away = create_app(replace(config, database_url="postgresql://nobody@127.0.0.1:1/none"))
    answer = Client(away, token).get("/v1/me")
    assert (answer.status_code, answer.json["code"], answer.headers["Retry-After"]) == (503, "unavailable", "5")


def test_a_statement_that_takes_too_long_is_ended_and_says_what_to_narrow(
    config: Config, guide: Staff, client: Client
) -> None:
    token = client.sign_in(guide).token
    hurried = create_app(replace(config, statement_seconds=1))
    hurried.add_url_rule("/sleep", view_func=public(lambda: str(db.session.scalar(text("SELECT pg_sleep(60)")))))
    answer = Client(hurried, token).get("/sleep")
    assert (answer.status_code, answer.json["code"]) == (503, "took_too_long")
    assert "shorter period" in answer.json["detail"]
    assert Client(hurried, token).get("/v1/me").status_code == 200
    with hurried.app_context():
        close_connections()


def test_a_row_that_stays_locked_may_be_asked_for_again(reader: Client, note: str, notes_app: GuideApp) -> None:
    with db.engine.begin() as holder:
        holder.execute(text("SELECT FROM note FOR UPDATE"))
        notes.lock_timeout_ms = 50
        answer = reader.put(note, json={"words": "x"}, headers={"If-Match": '"1"'})
        notes.lock_timeout_ms = 10_000
    assert (answer.status_code, answer.json["code"]) == (503, "unavailable")
