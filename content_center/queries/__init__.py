"""All reads of the content center."""

from content_center.queries.assets import (
    AssetHidden,
    AssetNotFound,
    as_asset,
    find_asset_id,
    get_asset_id,
    list_assets,
    list_uses,
)
from content_center.queries.cards import cards_by_id
from content_center.queries.content import (
    ContentFilter,
    ContentNotFound,
    contents_by_id,
    get_content,
    get_latest_version,
    list_content,
    list_versions,
    lock_content,
)
from content_center.queries.forwarders import list_forwarders
from content_center.queries.forwards import (
    ForwardNotFound,
    GuideNotFound,
    as_shared,
    find_forward,
    find_forwards_by_token,
    find_only_customer,
    get_for_forwarding,
    get_forward,
    get_guide_card,
    get_own,
    get_recorded,
    list_forwards,
)
from content_center.queries.shared import FileUse, find_file_use, find_shared, list_shared_products
from content_center.queries.touches import LastOpen, find_last_opens, list_feed, list_touches

__all__ = [
    "AssetHidden",
    "AssetNotFound",
    "ContentFilter",
    "ContentNotFound",
    "FileUse",
    "ForwardNotFound",
    "GuideNotFound",
    "LastOpen",
    "as_asset",
    "as_shared",
    "cards_by_id",
    "contents_by_id",
    "find_asset_id",
    "find_file_use",
    "find_forward",
    "find_forwards_by_token",
    "find_last_opens",
    "find_only_customer",
    "find_shared",
    "get_asset_id",
    "get_content",
    "get_for_forwarding",
    "get_forward",
    "get_guide_card",
    "get_latest_version",
    "get_own",
    "get_recorded",
    "list_assets",
    "list_content",
    "list_feed",
    "list_forwarders",
    "list_forwards",
    "list_shared_products",
    "list_touches",
    "list_uses",
    "list_versions",
    "lock_content",
]
