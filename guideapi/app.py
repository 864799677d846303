"""The application: one request is one unit of work."""

from collections.abc import Callable
from dataclasses import asdict
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, Request, Response
from flask.sessions import SessionInterface
from redis import Redis
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import MapAdapter

import models  # noqa: F401 - registers the tables
from audit.routes import bp as audit_bp
from catalog.routes import bp as catalog_bp
from clienteling.queries import OWN_FACTS
from clienteling.routes import bp as clienteling_bp
from commissions.queries.open_days import find_first_open_day
from commissions.routes import bp as commissions_bp
from content_center.pages import bp as pages_bp
from content_center.routes import bp as content_bp
from customers.routes import bp as customers_bp
from guideapi import api_page, health, observe, openapi
from guideapi.config import Config, WeComConfig
from guideapi.dead_letters import bp as dead_letters_bp
from integrations.routes import bp as integrations_bp
from kit import connections, driver, pool, rates, storage
from kit.db import READING, REPORTING, db
from kit.web import compression, errors, language, limits
from kit.web.io import OrjsonProvider
from kit.web.text import refuse_unstorable_path
from kit.web.units import around_request
from orders.queries import was_served
from orders.routes import bp as orders_bp
from performance.routes import bp as performance_bp
from settlements.routes import bp as settlements_bp
from staff import service as staff_service
from staff.oidc import OidcProvider
from staff.routes import bp as staff_bp
from staff.senders import open_sender
from staff.wecom import WeComProvider
from targets.routes import bp as targets_bp
from tasks.routes import bp as tasks_bp

# What an answer says unless its view says otherwise.
HARDENING = {"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Cache-Control": "no-store"}
API_BLUEPRINTS = (
    staff_bp,
    catalog_bp,
    customers_bp,
    content_bp,
    orders_bp,
    targets_bp,
    clienteling_bp,
    commissions_bp,
    settlements_bp,
    tasks_bp,
    performance_bp,
    integrations_bp,
    audit_bp,
    dead_letters_bp,
)
# What a customer's timeline shows; rooms above clienteling add theirs here.
TIMELINE_FACTS = (*OWN_FACTS,)


class NoCookies(SessionInterface):
    """Flask's sessions are of no use here: a request is known by its token, a viewer by a cookie of their own."""

    def open_session(self, *_: Any) -> None:
        return None


class GuideApp(Flask):
    """Flask whose views run inside a unit of work (kit/web/units.py): an error at commit still becomes an answer."""

    json_provider_class = OrjsonProvider
    session_interface = NoCookies()

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """`func` itself: Flask and its extensions ask at every call, and nothing here is asynchronous."""
        return func

    def create_url_adapter(self, request: Request | None) -> MapAdapter | None:
        """Routes as PUBLIC_URL has them: redirects and built URLs begin with it, whatever a request's Host says."""
        if request is None:
            return super().create_url_adapter(None)
        public = urlsplit(self.config["PUBLIC_URL"])
        return self.url_map.bind(
            public.netloc,
            script_name=public.path or "/",
            url_scheme=public.scheme,
            default_method=request.method,
            path_info=request.path,
            query_args=request.query_string.decode("latin-1"),
        )

    def dispatch_request(self) -> Any:
        with around_request():
            return super().dispatch_request()


def create_app(config: Config) -> GuideApp:
    """The whole application over one database and one Redis; opens no connection yet."""
    app = GuideApp("guideapi", root_path=None, static_folder=None)
    app.config.update(_flask_settings(config))
    observe.init_app(app, level=config.log_level)
    db.init_app(app)
    with app.app_context():
        for key, engine in db.engines.items():
            pool.watch(engine)
            driver.conceal_values(engine)
            settings = connections.settings(key, statement_seconds=config.statement_seconds)
            connections.watch(key, engine, settings, pooler=config.database_pooler)
    # Without the client's name: each process of a job would look its version up among the installed packages.
    app.extensions["redis"] = Redis.from_url(config.redis_url, driver_info=None)
    app.extensions["queues"] = rates.impatient(config.redis_url, seconds=2)
    app.extensions["rates"] = rates.connect(config.redis_url)
    app.extensions["counters"] = rates.connect(config.redis_url)
    app.extensions["storage"] = storage.open_store(config.storage_url, keys=config.storage_keys)
    app.extensions["code_sender"] = open_sender(config.code_sender_url)
    app.extensions["oidc"] = _identity_provider(config)
    app.extensions["authenticate"] = staff_service.authenticate
    app.extensions["spend_grant"] = staff_service.spend_grant
    app.extensions["timeline_facts"] = TIMELINE_FACTS
    app.extensions["was_served"] = was_served
    app.extensions["first_open_day"] = find_first_open_day
    errors.init_app(app)
    limits.init_app(app)
    openapi.init_app(app, API_BLUEPRINTS)
    api_page.init_app(app, public_url=config.public_url, demo_logins=config.demo_logins)
    app.register_blueprint(pages_bp)
    app.register_blueprint(health.bp)
    app.before_request(refuse_unstorable_path)
    compression.init_app(app)
    language.init_app(app)
    app.after_request(_harden)
    if hops := config.trusted_proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops)  # type: ignore[method-assign]
    return app


def _identity_provider(config: Config) -> OidcProvider | WeComProvider | None:
    redirect_uri = f"{config.public_url}/v1/auth/oidc/callback"
    if config.oidc is None:
        return None
    kind = WeComProvider if isinstance(config.oidc, WeComConfig) else OidcProvider
    return kind(**asdict(config.oidc), redirect_uri=redirect_uri)


def _flask_settings(config: Config) -> dict[str, Any]:
    return {
        "SECRET_KEY": config.secret_key,
        "DATA_KEYS": config.data_keys,
        "PUBLIC_URL": config.public_url,
        "ARGON2_MEMORY_KIB": config.argon2_memory_kib,
        "MAX_VIDEO_BYTES": config.max_video_bytes,
        "BOARD_NAMES": config.board_names,
        "MINI_PROGRAM": config.mini_program,
        "STORE_PRICE_FACTOR": config.store_price_factor,
        "IDEMPOTENCY_HOURS": config.idempotency_hours,
        "RATES_PER_MINUTE": config.rates_per_minute,
        "RETENTION_MONTHS": config.retention_months,
        "AUDIT_MONTHS": config.audit_months,
        "CONTACT_MONTHS": config.contact_months,
        "CONSENT_MONTHS": config.consent_months,
        "DELIVERY_DAYS": config.delivery_days,
        "RETURN_WINDOW_DAYS": config.return_window_days,
        "REVEALS": config.reveals,
        "OUTBOUND_NETWORKS": config.outbound_networks,
        "MONEY_SECOND_FACTOR": config.money_second_factor,
        "METRICS_TOKEN": config.metrics_token,
        "METRICS_FOLDER": config.metrics_folder,
        "MAX_CONTENT_LENGTH": config.max_body_bytes,
        "SQLALCHEMY_BINDS": {key: _engine(config, key) for key in (None, READING, REPORTING)},
    }


def _engine(config: Config, key: str | None) -> dict[str, Any]:
    settings = connections.settings(key, statement_seconds=config.statement_seconds)
    pooler, size = config.database_pooler, config.pool_size
    return {
        "url": config.database_url,
        **connections.engine_options(key, settings, pool_size=size, pooler=pooler),
    }


def _harden(response: Response) -> Response:
    given = {name.lower() for name, _ in response.headers}
    for name, value in HARDENING.items():
        if name.lower() not in given:
            response.headers.add(name, value)
    return response
