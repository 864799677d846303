"""What the ground itself keeps. Written by `kit` alone, in SQL: it stands below the models."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import DateTime, Index, LargeBinary, String
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
