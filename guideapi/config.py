"""Settings, and the only reader of the environment."""

import os
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from secrets import token_bytes

from kit import outbound
from kit.sealing import key_of_secret

MIN_SECRET_LENGTH = 32
# What may be asked about for a year is there for a year: the database refuses to lose it sooner (models/guards).
LEAST_MONTHS = 12
DATA_KEY_BYTES = 32
DATA_KEYS_FORM = "DATA_KEYS is written like `1:KEY 2:KEY`: numbers from 1, each with 32 bytes in base64"
# A store's people share one address, and sign in together in the morning.
RATES_PER_MINUTE = "staff=600 integrator=6000 address=1200 sign_in=120 look_up=30 search=120"
# How many customers a person may be shown plain: more is somebody who copies them out.
REVEALS = "hour=30 day=100"


class ConfigError(Exception):
    """A setting is missing or makes no sense; the message is one line for an operator."""


@dataclass(frozen=True, kw_only=True)
class Config:
    """What the application needs to know; docs/operations.md lists the variables."""

    database_url: str
    redis_url: str
    secret_key: str = field(repr=False)
    storage_url: str
    data_keys: Mapping[int, bytes] = field(default_factory=dict, repr=False)  # number -> 32 bytes; the highest seals
    storage_keys: tuple[str, str] | None = field(default=None, repr=False)  # a bucket's key id and secret
    max_video_bytes: int = 100 * 1024 * 1024
    board_names: int = 10  # who lead a region or the company, and are named to everybody
    mini_program: tuple[str, str] | None = None  # the id and page of the chain's own, which opens shared links
    public_url: str = "http://127.0.0.1:8000"
    log_level: str = "INFO"
    pool_size: int = 8
    database_pooler: bool = False  # whether a pooler that hands connections on with each transaction stands between
    argon2_memory_kib: int = 19 * 1024
    max_body_bytes: int = 8 * 1024 * 1024
    statement_seconds: int = 0  # of one statement; 0: as long as it takes, as jobs need
    idempotency_hours: int = 48
    store_price_factor: int = 2  # how far from the brand's a store's price may be unconfirmed
    rates_per_minute: Mapping[str, int] = field(default_factory=dict)  # none: not limited
    reveals: Mapping[str, int] = field(default_factory=dict)  # per hour and day, by a person; none: not limited
    retention_months: int = 0  # of nothing, after which people are forgotten; 0: never
    audit_months: int = 36  # of the audit log that are kept; at least 12
    contact_months: int = 24  # that a contact is kept; at least 12
    consent_months: int = 36  # that a consent is kept after a newer one of its channel; at least 12
    delivery_days: int = 30  # that a webhook's delivery is kept once it arrived or was given up
    return_window_days: int = 7  # how long a sale can be given back: its commission is settled after that
    trusted_proxies: int = 0
    outbound_networks: tuple[str, ...] = ()  # not public, and yet reached by webhooks
    money_second_factor: bool = True  # whether roles that touch money are of use only with a second factor
    oidc: "OidcConfig | WeComConfig | None" = None  # the chain's identity provider
    code_sender_url: str | None = None  # none: no sign-in codes; file:///folder or https://…
    demo_logins: bool = False  # whether /docs signs in as people of the demo chain
    metrics_token: str | None = field(default=None, repr=False)  # none: /metrics is for nobody
    metrics_folder: str | None = None  # prometheus_client itself reads PROMETHEUS_MULTIPROC_DIR

    def __post_init__(self) -> None:
        if len(self.secret_key) < MIN_SECRET_LENGTH:
            raise ConfigError(f"SECRET_KEY needs at least {MIN_SECRET_LENGTH} characters")
        if min(self.audit_months, self.contact_months, self.consent_months) < LEAST_MONTHS:
            raise ConfigError(f"AUDIT_MONTHS, CONTACT_MONTHS and CONSENT_MONTHS are at least {LEAST_MONTHS}")
        if self.delivery_days < 1:
            raise ConfigError("DELIVERY_DAYS is at least 1")
        if self.store_price_factor < 1:
            raise ConfigError("STORE_PRICE_FACTOR is at least 1")
        object.__setattr__(self, "database_url", with_driver(self.database_url))
        object.__setattr__(self, "data_keys", {0: key_of_secret(self.secret_key), **self.data_keys})

    @classmethod
    def from_env(cls, env: Mapping[str, str] = os.environ) -> "Config":
        """Read DATABASE_URL, REDIS_URL, SECRET_KEY and the optional variables; raises ConfigError."""
        return cls(
            database_url=_required(env, "DATABASE_URL"),
            redis_url=_required(env, "REDIS_URL"),
            secret_key=_required(env, "SECRET_KEY"),
            data_keys=_data_keys(env),
            storage_url=_storage_url(env),
            storage_keys=_storage_keys(env),
            board_names=_number(env, "BOARD_NAMES", 10),
            max_video_bytes=_number(env, "MAX_VIDEO_MB", 100) * 1024 * 1024,
            mini_program=_mini_program(env),
            public_url=env.get("PUBLIC_URL", cls.public_url).rstrip("/"),
            log_level=env.get("LOG_LEVEL", cls.log_level).upper(),
            idempotency_hours=_number(env, "IDEMPOTENCY_HOURS", cls.idempotency_hours),
            store_price_factor=_number(env, "STORE_PRICE_FACTOR", cls.store_price_factor),
            rates_per_minute=_rates(env, "RATES_PER_MINUTE", RATES_PER_MINUTE),
            reveals=_reveals(env),
            retention_months=_number(env, "RETENTION_MONTHS", cls.retention_months),
            audit_months=_number(env, "AUDIT_MONTHS", cls.audit_months),
            contact_months=_number(env, "CONTACT_MONTHS", cls.contact_months),
            consent_months=_number(env, "CONSENT_MONTHS", cls.consent_months),
            delivery_days=_number(env, "DELIVERY_DAYS", cls.delivery_days),
            return_window_days=_number(env, "RETURN_WINDOW_DAYS", cls.return_window_days),
            outbound_networks=tuple(env.get("OUTBOUND_NETWORKS", "").split()),
            trusted_proxies=_number(env, "TRUSTED_PROXIES", cls.trusted_proxies),
            money_second_factor=_choice(env, "MONEY_SECOND_FACTOR", "required", "optional"),
            oidc=_identity_provider(env),
            code_sender_url=_code_sender_url(env),
            demo_logins=not _choice(env, "DEMO_LOGINS", "hidden", "shown"),
            metrics_token=env.get("METRICS_TOKEN") or None,
            metrics_folder=env.get("PROMETHEUS_MULTIPROC_DIR"),
            pool_size=_number(env, "DATABASE_POOL_SIZE", cls.pool_size),
            database_pooler=not _choice(env, "DATABASE_POOLER", "none", "transaction"),
        )


@dataclass(frozen=True, kw_only=True)
class OidcConfig:
    """The chain's identity provider (OpenID Connect); `staff_claim` of its ID tokens is the staff number."""

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    staff_claim: str = "preferred_username"

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> "OidcConfig | None":
        """Read OIDC_ISSUER, OIDC_CLIENT_ID, OIDC_CLIENT_SECRET, OIDC_STAFF_CLAIM; None without an issuer."""
        if not env.get("OIDC_ISSUER"):
            return None
        return cls(
            issuer=env["OIDC_ISSUER"].rstrip("/"),
            client_id=_required(env, "OIDC_CLIENT_ID"),
            client_secret=_required(env, "OIDC_CLIENT_SECRET"),
            staff_claim=env.get("OIDC_STAFF_CLAIM", cls.staff_claim),
        )


@dataclass(frozen=True, kw_only=True)
class WeComConfig:
    """The chain's corporation in WeCom, and the application there that people sign in to."""

    corp_id: str
    agent_id: str
    secret: str = field(repr=False)

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> "WeComConfig | None":
        """Read WECOM_CORP_ID, WECOM_AGENT_ID, WECOM_SECRET; None without a corporation."""
        if not env.get("WECOM_CORP_ID"):
            return None
        return cls(
            corp_id=env["WECOM_CORP_ID"],
            agent_id=_required(env, "WECOM_AGENT_ID"),
            secret=_required(env, "WECOM_SECRET"),
        )


@dataclass(frozen=True, kw_only=True)
class RunConfig:
    """What `make run` is told: where to listen, and which servers to use instead of its own."""

    port: int
    database_url: str | None
    redis_url: str | None
    environment: Mapping[str, str] = field(repr=False)

    @classmethod
    def from_env(cls, env: Mapping[str, str] = os.environ) -> "RunConfig":
        """Read PORT, DATABASE_URL and REDIS_URL; raises ConfigError."""
        port = _number(env, "PORT", 8000)
        if not 0 < port < 65_536:
            raise ConfigError(f"PORT must be between 1 and 65535, not {port}")
        database_url = env.get("DATABASE_URL")
        return cls(
            port=port,
            database_url=with_driver(database_url) if database_url else None,
            redis_url=env.get("REDIS_URL") or None,
            environment=dict(env),
        )


def _identity_provider(env: Mapping[str, str]) -> OidcConfig | WeComConfig | None:
    oidc, wecom = OidcConfig.from_env(env), WeComConfig.from_env(env)
    if oidc and wecom:
        raise ConfigError("set one identity provider: OIDC_ISSUER or WECOM_CORP_ID")
    return oidc or wecom


def _required(env: Mapping[str, str], name: str) -> str:
    if not env.get(name):
        raise ConfigError(f"{name} is not set (`make run` sets it; see docs/operations.md)")
    return env[name]


def _storage_url(env: Mapping[str, str]) -> str:
    url = env.get("STORAGE_URL") or Path(".data/files").resolve().as_uri()
    if not url.startswith(("file:///", "s3://")):
        raise ConfigError("STORAGE_URL is file:///folder or s3://bucket/prefix?endpoint=https://…&region=…")
    return url


def _code_sender_url(env: Mapping[str, str]) -> str | None:
    url = env.get("CODE_SENDER_URL")
    if not url:
        return None
    try:
        readable = outbound.as_sent(url).startswith(("file:///", "https://", "http://"))
    except outbound.Unreachable:
        readable = False
    if not readable:
        raise ConfigError("CODE_SENDER_URL is https://… or file:///folder")  # it may hold a key: it is not repeated
    return url


def _mini_program(env: Mapping[str, str]) -> tuple[str, str] | None:
    words = env.get("MINI_PROGRAM", "").split()
    if len(words) not in (0, 2):
        raise ConfigError("MINI_PROGRAM is an app id and a page: wx0123456789abcdef pages/share/index")
    return (words[0], words[1]) if words else None


def _storage_keys(env: Mapping[str, str]) -> tuple[str, str] | None:
    if not env.get("AWS_ACCESS_KEY_ID"):
        return None
    return env["AWS_ACCESS_KEY_ID"], _required(env, "AWS_SECRET_ACCESS_KEY")


def _rates(env: Mapping[str, str], name: str, default: str) -> dict[str, int]:
    """`staff=600 address=60` as a mapping; the empty string is no limits."""
    words = env.get(name, default)
    try:
        return {kind: int(number) for kind, number in (pair.split("=") for pair in words.split())}
    except ValueError:
        raise ConfigError(f"{name} is written like {default!r}, not {words!r}") from None


def _reveals(env: Mapping[str, str]) -> dict[str, int]:
    """`hour=30 day=100` as a mapping; the empty string is no limits."""
    limits = _rates(env, "REVEALS", REVEALS)
    if any(window not in ("hour", "day") or limit < 1 for window, limit in limits.items()):
        raise ConfigError(f"REVEALS is written like {REVEALS!r}, not {env['REVEALS']!r}")
    return limits


def next_data_key(env: Mapping[str, str] = os.environ) -> str:
    """A fresh key as DATA_KEYS wants it, numbered after those that are there."""
    return f"{max(_data_keys(env), default=0) + 1}:{b64encode(token_bytes(DATA_KEY_BYTES)).decode()}"


def _data_keys(env: Mapping[str, str]) -> dict[int, bytes]:
    """`1:base64 2:base64` from DATA_KEYS, or from the file that DATA_KEYS_FILE names, as a mapping."""
    words = env.get("DATA_KEYS", "")
    if path := env.get("DATA_KEYS_FILE"):
        words = _text_of(path)
    try:
        keys = {int(number): b64decode(key, validate=True) for number, key in (one.split(":") for one in words.split())}
    except ValueError:
        raise ConfigError(DATA_KEYS_FORM) from None
    if any(not 0 < number < 65_536 or len(key) != DATA_KEY_BYTES for number, key in keys.items()):
        raise ConfigError(DATA_KEYS_FORM)
    return keys


def _text_of(path: str) -> str:
    try:
        return Path(path).read_text()
    except OSError as error:
        raise ConfigError(f"DATA_KEYS_FILE cannot be read: {error}") from None


def _number(env: Mapping[str, str], name: str, default: int) -> int:
    try:
        return int(env.get(name, default))
    except ValueError:
        raise ConfigError(f"{name} must be a whole number, not {env[name]!r}") from None


def _choice(env: Mapping[str, str], name: str, yes: str, no: str) -> bool:
    """Whether a setting of two words is at the first, its default."""
    word = env.get(name, yes)
    if word not in (yes, no):
        raise ConfigError(f"{name} is {yes} or {no}, not {word!r}")
    return word == yes


def with_driver(url: str) -> str:
    """The URL as operators write it (`postgres://`, `postgresql://`), for psycopg 3."""
    scheme, separator, rest = url.partition("://")
    if not separator or scheme.split("+")[0] not in ("postgres", "postgresql"):
        raise ConfigError("DATABASE_URL must begin with postgresql://")
    return f"postgresql+psycopg://{rest}"
