"""Who acts: regions, stores, staff, and the keys of machines."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    DateTime,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from kit.db import Base
from models.columns import At, Code, CreatedAt, Currency, Id, Name, RowVersion, Texts, Uuids, key_of

ROLES = (
    "guide",
    "store_manager",
    "regional_manager",
    "hq_content",
    "hq_catalog",
    "hq_commission",
    "hq_finance",
    "hq_admin",
    "auditor",
)
_ROLE_ARRAY = "ARRAY[" + ",".join(f"'{role}'" for role in ROLES) + "]::text[]"


class Region(Base):
    """A node of the chain's tree; `ancestor_ids` runs from the root to the region itself."""

    __tablename__ = "region"
    __table_args__ = (
        CheckConstraint("code_key <> ''", name="code"),
        Index(None, "ancestor_ids", postgresql_using="gin"),
    )

    id: Mapped[Id]
    code: Mapped[Code] = mapped_column(unique=True)
    code_key: Mapped[str] = key_of("code")
    name: Mapped[Name]
    parent_id: Mapped[UUID | None] = mapped_column(ForeignKey("region.id"))
    ancestor_ids: Mapped[Uuids]
    version: Mapped[RowVersion]


class Store(Base):
    """A shop; its time zone decides what day it is there."""

    __tablename__ = "store"
    __table_args__ = (
        CheckConstraint("code_key <> ''", name="code"),
        CheckConstraint("closed_on IS NULL OR closed_on >= opened_on", name="dates"),
        CheckConstraint("country ~ '^[A-Z]{2}$'", name="country"),
        CheckConstraint("normal_minutes BETWEEN 1 AND 1440", name="normal_minutes"),
    )

    id: Mapped[Id]
    code: Mapped[Code] = mapped_column(unique=True)
    code_key: Mapped[str] = key_of("code")
    name: Mapped[Name]
    region_id: Mapped[UUID] = mapped_column(ForeignKey("region.id"), index=True)
    time_zone: Mapped[Code] = mapped_column(server_default="Asia/Shanghai")
    currency: Mapped[Currency] = mapped_column(server_default="CNY")
    # Whose calendar says which days are holidays there.
    country: Mapped[str] = mapped_column(String(2), server_default="CN")
    city: Mapped[str | None] = mapped_column(String(100))
    # Of a day of full-time work, where no roster says otherwise.
    normal_minutes: Mapped[int] = mapped_column(server_default="480")
    tags: Mapped[Texts]
    opened_on: Mapped[date]
    closed_on: Mapped[date | None]
    version: Mapped[RowVersion]


class StoreArea(Base):
    """The selling area of a store, in square metres, from a day until the next one begins."""

    __tablename__ = "store_area"
    __table_args__ = (
        UniqueConstraint("store_id", "valid_from"),
        CheckConstraint("area_m2 BETWEEN 1 AND 1000000", name="area_m2"),
    )

    id: Mapped[Id]
    store_id: Mapped[UUID] = mapped_column(ForeignKey("store.id"))
    valid_from: Mapped[date]
    area_m2: Mapped[int]


class Staff(Base):
    """A person who works for the chain; tills know them by `staff_no`."""

    __tablename__ = "staff"
    __table_args__ = (
        CheckConstraint("staff_no_key <> ''", name="staff_no"),
        CheckConstraint(f"roles <@ {_ROLE_ARRAY}", name="roles"),
        CheckConstraint("left_on IS NULL OR left_on >= hired_on", name="dates"),
        CheckConstraint("NOT roles && ARRAY['guide','store_manager'] OR store_id IS NOT NULL", name="store"),
        CheckConstraint("NOT 'regional_manager' = ANY (roles) OR region_id IS NOT NULL", name="region"),
        # WeCom tells user ids apart by their letters, whatever the case.
        Index("uq_staff_wecom_user_id", text("lower(wecom_user_id)"), unique=True),
    )

    id: Mapped[Id]
    staff_no: Mapped[Code] = mapped_column(unique=True)
    staff_no_key: Mapped[str] = key_of("staff_no")
    name: Mapped[Name]
    # The store of the home placement of today, there, and among the roles those of it: the database keeps them so
    # (models/guards/placement.sql). Of another day ask staff.queries.placements.
    roles: Mapped[Texts]
    store_id: Mapped[UUID | None] = mapped_column(ForeignKey("store.id"), index=True)
    region_id: Mapped[UUID | None] = mapped_column(ForeignKey("region.id"))
    hired_on: Mapped[date]
    left_on: Mapped[date | None]
    password_hash: Mapped[str | None] = mapped_column(String(200))
    portrait_key: Mapped[str | None] = mapped_column(String(100))
    phone: Mapped[str | None] = mapped_column(String(20))  # E.164
    wecom_user_id: Mapped[Code | None]  # by what the chain's WeCom knows them
    version: Mapped[RowVersion]


class DeviceSession(Base):
    """A sign-in on one device, until it ends or is signed out; `refresh_hash` is of its newest refresh token."""

    __tablename__ = "device_session"

    id: Mapped[Id]
    staff_id: Mapped[UUID] = mapped_column(ForeignKey("staff.id"), index=True)
    device_name: Mapped[Name]
    client_address: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[At]
    refreshed_at: Mapped[At]
    expires_at: Mapped[At]
    refresh_hash: Mapped[str] = mapped_column(String(64))
    refresh_generation: Mapped[int]
    second_factor_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    revoked_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class Totp(Base):
    """Someone's authenticator app (RFC 6238), confirmed; its secret is sealed, and a time step counts once."""

    __tablename__ = "totp"

    staff_id: Mapped[UUID] = mapped_column(ForeignKey("staff.id"), primary_key=True)
    sealed_secret: Mapped[bytes] = mapped_column(LargeBinary)
    confirmed_at: Mapped[At]
    last_step: Mapped[int] = mapped_column(BigInteger, server_default="0")


class TotpEnrolment(Base):
    """An authenticator app that is to become someone's, or to replace theirs, once it has shown a code."""

    __tablename__ = "totp_enrolment"

    staff_id: Mapped[UUID] = mapped_column(ForeignKey("staff.id"), primary_key=True)
    sealed_secret: Mapped[bytes] = mapped_column(LargeBinary)
    expires_at: Mapped[At]


class SecondFactorGrant(Base):
    """A fresh code, shown for one act on one thing: spent by the act, or gone after a few minutes."""

    __tablename__ = "second_factor_grant"
    __table_args__ = (
        CheckConstraint("expires_at <= created_at + interval '5 minutes'", name="short"),
        CheckConstraint("used_at <= expires_at", name="in_time"),
    )

    id: Mapped[Id]
    staff_id: Mapped[UUID] = mapped_column(ForeignKey("staff.id"))
    session_id: Mapped[UUID] = mapped_column(ForeignKey("device_session.id", ondelete="CASCADE"), index=True)
    act: Mapped[Code]
    subject_id: Mapped[UUID]
    created_at: Mapped[At]
    expires_at: Mapped[At]
    used_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class RecoveryCode(Base):
    """One of the codes that stand in for a lost authenticator app, each once."""

    __tablename__ = "recovery_code"

    staff_id: Mapped[UUID] = mapped_column(ForeignKey("staff.id"), primary_key=True)
    code_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    used_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class SignInCode(Base):
    """A code that was asked for by a staff number, anybody's or nobody's; its id goes to who asked.

    A job finds out whose it is, makes the code and sends it: until then, and for strangers for ever, there is none.
    """

    __tablename__ = "sign_in_code"
    __table_args__ = (
        CheckConstraint("(staff_id IS NULL) = (code_hash IS NULL)", name="whose"),
        Index(None, "created_at", postgresql_where="settled_at IS NULL"),
    )

    id: Mapped[Id]
    staff_no: Mapped[Code]
    staff_id: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id"))
    code_hash: Mapped[str | None] = mapped_column(String(64))
    created_at: Mapped[At]
    expires_at: Mapped[At]
    # Sent, or found to be nobody's.
    settled_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    attempts_left: Mapped[int]


class PasswordReset(Base):
    """A one-time code that an administrator handed to someone who forgot their password, or has none yet."""

    __tablename__ = "password_reset"

    id: Mapped[Id]
    staff_id: Mapped[UUID] = mapped_column(ForeignKey("staff.id"), index=True)
    code_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_by: Mapped[UUID] = mapped_column(ForeignKey("staff.id"))
    created_at: Mapped[At]
    expires_at: Mapped[At]
    used_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class ApiKey(Base):
    """What an integrator's server signs in with; only hashes are kept, two while one secret replaces the other."""

    __tablename__ = "api_key"

    id: Mapped[Id]
    name: Mapped[Name]
    secret_hash: Mapped[str] = mapped_column(String(64), unique=True)
    previous_hash: Mapped[str | None] = mapped_column(String(64), unique=True)
    previous_until: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    scopes: Mapped[Texts]
    created_at: Mapped[CreatedAt]
    expires_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    revoked_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    last_used_on: Mapped[date | None]
