"""What the ground itself keeps. Written by `kit` alone, in SQL: it stands below the models."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, DateTime, Index, LargeBinary, SmallInteger, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from kit.db import Base
from models.columns import Json


class IdempotencyKey(Base):
    """The answer to one POST, to be given again; the body is sealed (kit/web/idempotency.py)."""

    __tablename__ = "idempotency_key"
    __table_args__ = (Index(None, "created_at"),)

    principal_id: Mapped[UUID] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(200), primary_key=True)
    target_hash: Mapped[str] = mapped_column(String(64))
    body_hash: Mapped[str] = mapped_column(String(64))
    status: Mapped[int]
    headers: Mapped[Json]
    body: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class DeadLetter(Base):
    """A job that failed at its last attempt, once or again and again (kit/dead_letters.py)."""

    __tablename__ = "dead_letter"
    __table_args__ = (
        UniqueConstraint("job", "arguments"),
        Index(None, "last_failed_at", "id"),
        CheckConstraint("jsonb_typeof(arguments) = 'object' AND length(arguments::text) <= 2000", name="arguments"),
        CheckConstraint("attempts >= 1 AND failures >= 1", name="counts"),
        CheckConstraint("first_failed_at <= last_failed_at", name="times"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    job: Mapped[str] = mapped_column(String(100))
    arguments: Mapped[Json]
    attempts: Mapped[int]
    failures: Mapped[int]
    error: Mapped[str] = mapped_column(String(300))
    first_failed_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    last_failed_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    retried_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class ListChange(Base):
    """The transaction that last changed what the lists of a topic show; triggers write it (docs/adr/0014).

    The bucket is the last byte of the id of the guide or store in whose lists the row stands, -1 for anybody's.
    """

    __tablename__ = "list_change"
    __table_args__ = (CheckConstraint("bucket BETWEEN -1 AND 255", name="bucket"),)

    topic: Mapped[str] = mapped_column(String(20), primary_key=True)
    bucket: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    transaction_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
