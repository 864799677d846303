"""The use cases of the content center."""

from content_center.service.assets import MAX_BYTES, PosterMissing, Upload, add_asset, store_upload
from content_center.service.confirmations import ConfirmationNotYours, confirm_forward
from content_center.service.content import (
    AssetsUnknown,
    Audience,
    AudienceUnknown,
    AuthorMayNotPublish,
    ContentIncomplete,
    ContentStateForbids,
    Draft,
    ProductsUnknown,
    add_version,
    create_content,
    publish_content,
)
from content_center.service.forwards import (
    ContentNotForwardable,
    ForwardIdTaken,
    TargetUnknown,
    forward_batch,
    forward_content,
    show_forward,
)
from content_center.service.pictures import poster_of, poster_path
from content_center.service.previews import draw_sketch, draw_template, preview_content, sketch_content
from content_center.service.review import change_content, return_content, submit_content
from content_center.service.shares import LinkNotOpened, bind_by_share, decline_contact
from content_center.service.takedown import ContentHidden, expect_shown, withdraw_content
from content_center.service.targets import (
    ConfirmationTargetUnknown,
    NobodyToContact,
    list_skipped,
    release_targets,
    reserve_targets,
)
from content_center.service.touches import add_months, record_sign, record_touch

__all__ = [
    "MAX_BYTES",
    "AssetsUnknown",
    "Audience",
    "AudienceUnknown",
    "AuthorMayNotPublish",
    "ConfirmationNotYours",
    "ConfirmationTargetUnknown",
    "ContentHidden",
    "ContentIncomplete",
    "ContentNotForwardable",
    "ContentStateForbids",
    "Draft",
    "ForwardIdTaken",
    "LinkNotOpened",
    "NobodyToContact",
    "PosterMissing",
    "ProductsUnknown",
    "TargetUnknown",
    "Upload",
    "add_asset",
    "add_months",
    "add_version",
    "bind_by_share",
    "change_content",
    "confirm_forward",
    "create_content",
    "decline_contact",
    "draw_sketch",
    "draw_template",
    "expect_shown",
    "forward_batch",
    "forward_content",
    "list_skipped",
    "poster_of",
    "poster_path",
    "preview_content",
    "publish_content",
    "record_sign",
    "record_touch",
    "release_targets",
    "reserve_targets",
    "return_content",
    "show_forward",
    "sketch_content",
    "store_upload",
    "submit_content",
    "withdraw_content",
]
