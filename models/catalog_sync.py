"""Files of products on their way into the catalog, and what of them was not taken."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, DateTime, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from kit.db import Base
from models.columns import At, Code, CreatedAt, Id, Json, Number, Version, Words

RUN_MODES = ("upsert", "snapshot")
RUN_STATES = ("queued", "reading", "held", "applying", "done", "failed", "cancelled")


class SyncRun(Base):
    """One file import: what it is to do, how far it is, and what came of it."""

    __tablename__ = "sync_run"
    __table_args__ = (
        CheckConstraint(f"state IN {RUN_STATES}", name="state"),
        CheckConstraint(f"mode IN {RUN_MODES}", name="mode"),
        Index(None, "source_id", "created_at"),
        Index(None, "updated_at", postgresql_where="state IN ('queued', 'reading', 'applying')"),
    )

    id: Mapped[Id]
    source_id: Mapped[UUID] = mapped_column(ForeignKey("source.id"))
    mode: Mapped[Code]
    dry_run: Mapped[bool]
    state: Mapped[Code]
    file_key: Mapped[str] = mapped_column(String(100))
    file_bytes: Mapped[int] = mapped_column(BigInteger)
    # Of the items that carry none: when the file came, in milliseconds.
    version: Mapped[Version]
    # Raised by whoever takes the run on: an earlier runner that still lives then stops.
    attempt: Mapped[int] = mapped_column(server_default="0")
    rows_read: Mapped[int] = mapped_column(server_default="0")
    items: Mapped[int] = mapped_column(server_default="0")
    unversioned: Mapped[int] = mapped_column(server_default="0")  # of the items
    applied_to: Mapped[int] = mapped_column(server_default="0")
    # Products on the shelf or in presale that a snapshot does not name, once it was weighed.
    missing: Mapped[int | None]
    created: Mapped[int] = mapped_column(server_default="0")
    updated: Mapped[int] = mapped_column(server_default="0")
    unchanged: Mapped[int] = mapped_column(server_default="0")
    stale: Mapped[int] = mapped_column(server_default="0")
    rejected: Mapped[int] = mapped_column(server_default="0")
    off_shelved: Mapped[int] = mapped_column(server_default="0")
    confirmed: Mapped[bool] = mapped_column(server_default=text("false"))
    problem_code: Mapped[str | None] = mapped_column(String(64))
    problem: Mapped[Words | None]
    created_at: Mapped[At]
    updated_at: Mapped[At]
    finished_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class SyncItem(Base):
    """What a file said, between reading and applying. Unlogged: a crash of the database means reading again."""

    __tablename__ = "sync_item"
    __table_args__ = ({"prefixes": ["UNLOGGED"]},)

    run_id: Mapped[UUID] = mapped_column(primary_key=True)
    item_no: Mapped[int] = mapped_column(primary_key=True)  # its first line in the file, or its place
    external_id: Mapped[str] = mapped_column(String(255))
    platform_id: Mapped[str | None] = mapped_column(String(128))
    version: Mapped[Version]
    digest: Mapped[int] = mapped_column(BigInteger)
    partial: Mapped[bool]  # a piece that is to be put together with others
    on_shelf: Mapped[bool]
    payload: Mapped[Json]


class SyncReject(Base):
    """One row or item that was not taken, for an operator to see; `run_id` is of an import, None of a push."""

    __tablename__ = "sync_reject"
    __table_args__ = (Index(None, "run_id", "id"), Index(None, "source_id", "id"))

    id: Mapped[Number]
    source_id: Mapped[UUID] = mapped_column(ForeignKey("source.id"))
    run_id: Mapped[UUID | None] = mapped_column(ForeignKey("sync_run.id"))
    line_no: Mapped[int | None]
    external_id: Mapped[str | None] = mapped_column(String(255))
    platform_id: Mapped[str | None] = mapped_column(String(128))
    field: Mapped[str | None] = mapped_column(String(100))
    code: Mapped[Code]
    said: Mapped[Words]
    raw: Mapped[str | None] = mapped_column(String(2000))
    created_at: Mapped[CreatedAt]


class SyncDrift(Base):
    """What a dry run found to differ between a file and the catalog, product by product."""

    __tablename__ = "sync_drift"

    run_id: Mapped[UUID] = mapped_column(ForeignKey("sync_run.id"), primary_key=True)
    external_id: Mapped[str] = mapped_column(String(255), primary_key=True)
    kind: Mapped[Code]
