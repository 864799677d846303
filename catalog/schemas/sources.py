"""What the routes of sources, files and pictures take and give."""

from marshmallow import fields

from catalog.formats import FORMATS
from catalog.service.weighing import DRIFTS
from kit.web import validate
from kit.web.batch import OUTCOMES
from kit.web.io import In, Out, QueryIn, paged, text_field, url_field
from kit.web.paging import PageIn
from models.catalog import SHELF_STATUSES
from models.catalog_sync import RUN_MODES, RUN_STATES

MAPPING = {
    "description": "For format `table`: `columns` (field to column), `statuses`, `defaults`, `minor_units`. For files "
    "of rows: `decimal_sign` (`.` or `,`: what 1.299 means), `encoding` (of text that does not show its own), "
    "`time_zone` (of dates that name none).",
    "example": {"columns": {"external_id": "货号", "price": "售价"}, "statuses": {"清仓": "discontinued"}},
}
UNSIGNED = {"description": "Whether an API key is enough for pushes although the source has a secret; false at first."}
RANK = {"description": "Of several sources that list a SKU the lowest number says what it is; 100 by default."}


class SourceIn(In):
    code = fields.String(
        required=True, validate=validate.Regexp(r"^[a-z0-9][a-z0-9_-]{0,62}\Z"), metadata={"example": "brand-feed"}
    )
    name = text_field(200, required=True)
    currency = fields.String(load_default="CNY", validate=validate.Regexp(r"^[A-Z]{3}\Z"))
    format = fields.String(load_default=None, validate=validate.OneOf(FORMATS))
    mapping = fields.Dict(load_default=None, metadata=MAPPING)
    guard_bp = fields.Integer(
        load_default=None,
        strict=True,
        validate=validate.Range(0, 10_000),
        metadata={"description": "Share of the shelf that a snapshot may take down unasked; at least 20 products."},
    )
    unsigned_pushes = fields.Boolean(load_default=None, metadata=UNSIGNED)
    rank = fields.Integer(load_default=None, strict=True, validate=validate.Range(1, 10_000), metadata=RANK)
    secret = text_field(
        200, min_length=16, load_default=None, load_only=True, metadata={"description": "For a platform that sets it."}
    )


class VersionResetIn(In):
    external_id = text_field(
        128, load_default=None, allow_none=True, metadata={"description": "One product; without it, all of the source."}
    )


class VersionResetOut(Out):
    products = fields.Integer(required=True, metadata={"description": "How many take whatever version comes next."})


class SourceChangeIn(In):
    unsigned_pushes = fields.Boolean(metadata=UNSIGNED)
    name = text_field(200)
    format = fields.String(validate=validate.OneOf(FORMATS))
    mapping = fields.Dict(metadata=MAPPING)
    guard_bp = fields.Integer(strict=True, validate=validate.Range(0, 10_000))
    rank = fields.Integer(strict=True, validate=validate.Range(1, 10_000), metadata=RANK)
    retired = fields.Boolean(metadata={"description": "It says nothing any more, and nobody may send for it."})


class SecretIn(In):
    secret = text_field(200, min_length=16, load_default=None, allow_none=True)


class SecretOut(Out):
    secret = fields.String(required=True, metadata={"description": "Shown this once."})


class SourceOut(Out):
    id = fields.UUID(required=True)
    code = fields.String(required=True)
    name = fields.String(required=True)
    currency = fields.String(required=True)
    format = fields.String(required=True, validate=validate.OneOf(FORMATS))
    mapping = fields.Dict(required=True)
    guard_bp = fields.Integer(required=True)
    unsigned_pushes = fields.Boolean(required=True, metadata=UNSIGNED)
    rank = fields.Integer(required=True)
    retired = fields.Boolean(required=True)
    secrets = fields.Integer(required=True, metadata={"description": "How many are live, 0 to 2."})


SourcePageOut = paged(SourceOut)


class ImportIn(QueryIn):
    mode = fields.String(
        load_default="upsert",
        validate=validate.OneOf(RUN_MODES),
        metadata={"description": "`snapshot`: this is everything, what is missing goes off the shelf."},
    )
    dry_run = fields.Boolean(load_default=False, metadata={"description": "Only count and compare; change nothing."})


class SyncRunsIn(PageIn):
    source = text_field(64, load_default=None, metadata={"description": "Code of the source; all by default."})
    state = fields.String(load_default=None, validate=validate.OneOf(RUN_STATES))
    mode = fields.String(load_default=None, validate=validate.OneOf(RUN_MODES))
    dry_run = fields.Boolean(load_default=None)


class SyncRunOut(Out):
    id = fields.UUID(required=True)
    source = fields.String(required=True, metadata={"description": "Code of the source."})
    mode = fields.String(required=True, validate=validate.OneOf(RUN_MODES))
    dry_run = fields.Boolean(required=True)
    state = fields.String(required=True, validate=validate.OneOf(RUN_STATES))
    file_bytes = fields.Integer(required=True)
    rows_read = fields.Integer(required=True)
    items = fields.Integer(required=True, metadata={"description": "Products in the file, once it is read."})
    applied = fields.Integer(required=True, metadata={"description": "How many of them are done with."})
    created = fields.Integer(required=True)
    updated = fields.Integer(required=True)
    unchanged = fields.Integer(required=True)
    stale = fields.Integer(required=True)
    rejected = fields.Integer(required=True)
    off_shelved = fields.Integer(required=True, metadata={"description": "Missing from a snapshot."})
    confirmed = fields.Boolean(required=True)
    problem_code = fields.String(
        required=True, allow_none=True, metadata={"description": "Stable; docs/catalog.md lists them."}
    )
    problem = fields.String(
        required=True, allow_none=True, metadata={"description": "Why it is held, was held, or failed."}
    )
    created_at = fields.DateTime(required=True)
    updated_at = fields.DateTime(required=True)
    finished_at = fields.DateTime(required=True, allow_none=True)


class RejectsIn(PageIn):
    format = fields.String(load_default="json", validate=validate.OneOf(["json", "csv"]))


class RejectOut(Out):
    id = fields.Integer(required=True)
    line_no = fields.Integer(
        required=True, allow_none=True, metadata={"description": "Line in the file, or place among its items."}
    )
    external_id = fields.String(required=True, allow_none=True)
    field = fields.String(required=True, allow_none=True)
    code = fields.String(required=True)
    detail = fields.String(required=True)
    raw = fields.String(required=True, allow_none=True)
    at = fields.DateTime(required=True)


class FailedPicturesIn(PageIn):
    given_up = fields.Boolean(
        load_default=None, metadata={"description": "Only those that are not tried again, or only those that are."}
    )


class FailedPictureOut(Out):
    product_id = fields.UUID(required=True)
    external_id = fields.String(required=True)
    position = fields.Integer(required=True, metadata={"description": "Among the product's pictures, from 0."})
    url = url_field("As the source gave it.")
    attempts = fields.Integer(required=True, metadata={"example": 5})
    problem = fields.String(required=True, metadata={"example": "It answered 404."})
    due_at = fields.DateTime(
        required=True, allow_none=True, metadata={"description": "When it is tried next; null once it is given up."}
    )


class PictureRetriesOut(Out):
    retried = fields.Integer(required=True, metadata={"description": "How many pictures are tried again."})


class BucketSumOut(Out):
    bucket = fields.String(required=True, metadata={"description": "First byte of SHA-256 of the external id, hex."})
    products = fields.Integer(required=True)
    checksum = fields.String(required=True)


class DriftOut(Out):
    external_id = fields.String(required=True)
    kind = fields.String(required=True, validate=validate.OneOf(DRIFTS))


class ReconciliationOut(Out):
    products = fields.Integer(required=True)
    on_shelf = fields.Integer(required=True)
    off_shelf = fields.Integer(required=True)
    presale = fields.Integer(required=True)
    discontinued = fields.Integer(required=True)
    skus = fields.Integer(required=True)
    checksum = fields.String(required=True, metadata={"description": "XOR of all digests, hex; see docs/catalog.md."})
    buckets = fields.List(fields.Nested(BucketSumOut), required=True)
    drift_run_id = fields.UUID(required=True, allow_none=True, metadata={"description": "The last dry run."})
    drift_at = fields.DateTime(required=True, allow_none=True)
    drift = fields.List(fields.Nested(DriftOut), required=True)


class BucketIn(QueryIn):
    bucket = fields.String(required=True, validate=validate.Regexp(r"^[0-9a-f]{2}\Z"))


class BucketItemOut(Out):
    external_id = fields.String(required=True)
    source_version = fields.Integer(required=True)
    shelf_status = fields.String(required=True, validate=validate.OneOf(SHELF_STATUSES))
    digest = fields.String(required=True, allow_none=True)


class BucketOut(Out):
    items = fields.List(fields.Nested(BucketItemOut), required=True)


class WebhookOut(Out):
    outcome = fields.String(
        required=True,
        validate=validate.OneOf((*OUTCOMES, "ignored")),
        metadata={"description": "As of a batch item; or `ignored`."},
    )


SyncRunPageOut = paged(SyncRunOut)
RejectPageOut = paged(RejectOut)
FailedPicturePageOut = paged(FailedPictureOut)
