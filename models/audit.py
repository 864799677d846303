"""What was changed by whom; written by triggers, kept by month."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, DateTime, Identity, Index, String, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from kit.db import Base
from models.columns import Code


class AuditEntry(Base):
    """One row created, changed or deleted; `before` and `after` hold what changed, personal fields masked."""

    __tablename__ = "audit_entry"
    __table_args__ = (
        Index(None, "table_name", "row_id", "created_at"),
        Index(None, "principal_id", "created_at"),
        Index(None, "transaction_id", "id"),
        {"postgresql_partition_by": "RANGE (created_at)"},
    )

    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now(), primary_key=True)
    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    principal_id: Mapped[UUID | None]
    actor_kind: Mapped[str] = mapped_column(String(100))  # staff, integrator, a job's name, or system
    address: Mapped[str | None] = mapped_column(String(64))
    request_id: Mapped[str | None] = mapped_column(String(64))
    table_name: Mapped[Code]
    row_id: Mapped[str] = mapped_column(String(100))
    action: Mapped[Code]
    before: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    after: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    transaction_id: Mapped[int] = mapped_column(
        BigInteger, server_default=text("((pg_current_xact_id())::text)::bigint")
    )
