"""What is shown to customers, who shared it, and what came of it."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    DateTime,
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.ext.associationproxy import AssociationProxy, association_proxy
from sqlalchemy.orm import Mapped, mapped_column, relationship

from kit.db import Base
from models.columns import At, Code, CreatedAt, Id, Json, Name, Number, RowVersion, Texts, Uuids

CONTENT_KINDS = ("article", "image_set", "poster", "product_card", "video_link", "script")
CONTENT_STATES = ("draft", "in_review", "published", "withdrawn")
CONFIRMATION_KINDS = ("client", "channel")
HIDDEN_REASONS = ("recall", "unlawful", "infringing")
CHANNELS = ("wecom_chat", "wecom_moments", "wecom_group", "wechat", "link", "poster")


class Content(Base):
    """Something to forward, for the stores named or in the regions named; an empty audience list excludes nobody."""

    __tablename__ = "content"
    __table_args__ = (
        CheckConstraint(f"kind IN {CONTENT_KINDS}", name="kind"),
        CheckConstraint(f"state IN {CONTENT_STATES}", name="state"),
        CheckConstraint("state NOT IN ('published', 'withdrawn') OR live_number IS NOT NULL", name="live"),
        CheckConstraint("valid_until IS NULL OR valid_until > valid_from", name="validity"),
        CheckConstraint("(next_number IS NULL) = (next_at IS NULL)", name="next"),
        CheckConstraint(f"hidden_reason IN {HIDDEN_REASONS}", name="hidden_reason"),
        CheckConstraint(
            "(hidden_at IS NULL) = (hidden_reason IS NULL) AND (hidden_at IS NULL OR state = 'withdrawn')",
            name="hidden",
        ),
        Index(None, "published_at", "id"),
        # When the last one began, ended or changed by the time alone (queries.last_turn).
        Index(None, "valid_from"),
        Index(None, "valid_until", postgresql_where="valid_until IS NOT NULL"),
        Index(None, "next_at", postgresql_where="next_at IS NOT NULL"),
    )

    id: Mapped[Id]
    kind: Mapped[Code]
    state: Mapped[Code]
    category: Mapped[Name]
    tags: Mapped[Texts]
    live_number: Mapped[int | None]  # the version that is shown and forwarded
    next_number: Mapped[int | None]  # the version that is from `next_at` on
    next_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    audience_region_ids: Mapped[Uuids]
    audience_store_ids: Mapped[Uuids]
    audience_roles: Mapped[Texts]
    audience_store_tags: Mapped[Texts]
    valid_from: Mapped[At]
    valid_until: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    published_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    withdrawn_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    withdrawn_reason: Mapped[str | None] = mapped_column(String(200))
    hidden_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))  # taken down: nobody gets any of it
    hidden_reason: Mapped[Code | None]
    created_by: Mapped[UUID] = mapped_column(ForeignKey("staff.id"))
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[CreatedAt]
    version: Mapped[RowVersion]


class Asset(Base):
    """A picture that came in, or a film with its poster: without metadata, once, however often it is uploaded."""

    __tablename__ = "asset"
    __table_args__ = (
        CheckConstraint(
            "(video_key IS NULL) = (video_bytes IS NULL) AND (video_key IS NULL) = (duration_ms IS NULL)", name="video"
        ),
    )

    id: Mapped[Id]
    sha256: Mapped[str] = mapped_column(String(64), unique=True)  # of all that came, as it came
    width: Mapped[int]
    height: Mapped[int]
    storage_key: Mapped[str] = mapped_column(String(100), index=True)
    page_key: Mapped[str] = mapped_column(String(100), index=True)
    video_key: Mapped[str | None] = mapped_column(String(100), index=True)
    video_bytes: Mapped[int | None] = mapped_column(BigInteger)
    duration_ms: Mapped[int | None]
    hidden_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))  # taken out of everything
    created_by: Mapped[UUID] = mapped_column(ForeignKey("staff.id"))
    created_at: Mapped[CreatedAt]


class ContentVersion(Base):
    """What a content says; `Content.live_number` is the one shown, and a published one never changes.

    `published_at` may lie ahead: it was approved to go live then.
    """

    __tablename__ = "content_version"
    __table_args__ = (
        UniqueConstraint("content_id", "number"),
        CheckConstraint("published_by <> created_by AND published_by <> ALL (contributor_ids)", name="four_eyes"),
        Index(None, "asset_ids", postgresql_using="gin"),
        Index(None, "published_at"),
        CheckConstraint("(published_at IS NULL) = (published_by IS NULL)", name="published"),
        CheckConstraint(
            "published_at IS NULL OR review_comment IS NULL OR submitted_at IS NOT NULL", name="resubmitted"
        ),
    )

    id: Mapped[Id]
    content_id: Mapped[UUID] = mapped_column(ForeignKey("content.id"))
    number: Mapped[int]
    title: Mapped[Name]
    body: Mapped[str] = mapped_column(String(4000))
    texts: Mapped[Json]  # channel -> text with placeholders; `default` serves the rest
    poster_template: Mapped[Code]
    asset_ids: Mapped[Uuids]
    contributor_ids: Mapped[Uuids]  # who changed it after its author
    submitted_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    review_comment: Mapped[str | None] = mapped_column(String(1000))
    created_by: Mapped[UUID] = mapped_column(ForeignKey("staff.id"))
    created_at: Mapped[CreatedAt]
    published_by: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id"))
    published_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class ContentProduct(Base):
    """A product that a content version needs: off the shelf, and the content cannot be forwarded."""

    __tablename__ = "content_product"

    content_version_id: Mapped[UUID] = mapped_column(ForeignKey("content_version.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    product_id: Mapped[UUID] = mapped_column(ForeignKey("product.id"), index=True)


class ForwardKey(Base):
    """A forward's id and link, once in all months; `created_at` says in which month the forward itself is."""

    __tablename__ = "forward_key"

    id: Mapped[Id]
    token: Mapped[str] = mapped_column(String(32), unique=True)
    created_at: Mapped[At]


class ForwardText(Base):
    """What a guide shares of a content version on a day (UTC): all forwards that say the same have one.

    `digest` is of `texts` and `shown`: prices may change within a day. Partitioned by month.
    """

    __tablename__ = "forward_text"
    __table_args__ = ({"postgresql_partition_by": "RANGE (day)"},)

    day: Mapped[date] = mapped_column(primary_key=True)
    guide_id: Mapped[UUID] = mapped_column(primary_key=True)
    content_version_id: Mapped[UUID] = mapped_column(primary_key=True)
    digest: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    texts: Mapped[Json]  # channel -> text, filled in but for the customer's name; `default` serves the rest
    shown: Mapped[Json]  # names, products and prices as they were then: what the poster says


class Forward(Base):
    """One guide's act of sharing one content version through one channel; its id is chosen by the app.

    Partitioned by month: who looks one up by its id goes through ForwardKey.
    """

    __tablename__ = "forward"
    __table_args__ = (
        CheckConstraint(f"channel IN {CHANNELS}", name="channel"),
        Index(None, "guide_id", "created_at"),
        Index(None, "store_id", "created_at"),
        Index(None, "content_id", "created_at"),
        Index(None, "created_at"),
        {"postgresql_partition_by": "RANGE (created_at)"},
    )

    id: Mapped[UUID] = mapped_column(ForeignKey("forward_key.id"), primary_key=True)
    content_id: Mapped[UUID] = mapped_column(ForeignKey("content.id"))
    content_version_id: Mapped[UUID] = mapped_column(ForeignKey("content_version.id"))
    guide_id: Mapped[UUID] = mapped_column(ForeignKey("staff.id"))
    store_id: Mapped[UUID] = mapped_column(ForeignKey("store.id"))
    channel: Mapped[Code]
    target: Mapped[Json]
    text_digest: Mapped[int] = mapped_column(BigInteger)  # with guide, version and day in UTC it leads to the text
    created_at: Mapped[At] = mapped_column(primary_key=True)
    captured_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))  # the tap, by the phone's clock
    key: Mapped[ForwardKey] = relationship()
    token: AssociationProxy[str] = association_proxy("key", "token")
    __mapper_args__ = {"primary_key": [id]}  # noqa: RUF012 - read when the class is mapped


class ForwardConfirmation(Base):
    """A step that a forward has been seen to take: the app shared it, the channel delivered it."""

    __tablename__ = "forward_confirmation"
    __table_args__ = (
        UniqueConstraint("forward_id", "kind", "customer_id", postgresql_nulls_not_distinct=True),
        CheckConstraint(f"kind IN {CONFIRMATION_KINDS}", name="kind"),
        Index(None, "created_at"),
    )

    id: Mapped[Number]
    forward_id: Mapped[UUID] = mapped_column(ForeignKey("forward_key.id"))
    kind: Mapped[Code]
    customer_id: Mapped[UUID | None] = mapped_column(ForeignKey("customer.id"))
    created_at: Mapped[At]


class Touch(Base):
    """What happened on a share token; crawlers and the guide's own looks are kept, marked, and not counted.

    Nothing counts without a `sign` of a person: the page was asked for is one row, that somebody looked is the next.
    Partitioned by month. Ids commit out of order: readers go by `transaction_id` below the oldest transaction that
    still writes. `device` is a day's keyed hash of address and browser, for those who refuse cookies.
    """

    __tablename__ = "touch"
    __table_args__ = (
        CheckConstraint("sign IS NOT NULL OR NOT counted", name="sign"),
        Index(None, "forward_id", "created_at"),
        Index(None, "guide_id", "transaction_id", "id"),
        Index(None, "created_at"),
        {"postgresql_partition_by": "RANGE (created_at)"},
    )

    id: Mapped[Number]
    created_at: Mapped[At] = mapped_column(primary_key=True)
    forward_id: Mapped[UUID] = mapped_column(ForeignKey("forward_key.id"))
    guide_id: Mapped[UUID] = mapped_column(ForeignKey("staff.id"))  # the forward's, for the guide's feed
    kind: Mapped[Code]
    viewer: Mapped[str | None] = mapped_column(String(64))
    device: Mapped[str | None] = mapped_column(String(32))
    counted: Mapped[bool] = mapped_column(Boolean)
    excluded_reason: Mapped[Code | None]
    sign: Mapped[Code | None]
    dwell_ms: Mapped[int | None]
    product_id: Mapped[UUID | None] = mapped_column(ForeignKey("product.id"))
    transaction_id: Mapped[int] = mapped_column(
        BigInteger, server_default=text("((pg_current_xact_id())::text)::bigint")
    )
