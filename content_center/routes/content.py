"""Making content, and finding what may be forwarded."""

from datetime import datetime
from typing import Any
from uuid import UUID

from content_center import queries, service
from content_center.posters.templates import TemplateInvalid, UnknownTemplate
from content_center.queries.content import ContentNotFound
from content_center.routes.blueprint import MAKERS, bp
from content_center.schemas.content import (
    ContentIn,
    ContentListIn,
    ContentOut,
    ContentPageOut,
    ContentPatch,
    ContentVersionPageOut,
    PublishIn,
    ReturnIn,
    VersionIn,
    WithdrawalIn,
    WithdrawnOut,
)
from content_center.service import Audience, Draft
from content_center.service.content import (
    AssetsUnknown,
    AudienceUnknown,
    AuthorMayNotPublish,
    ContentIdTaken,
    ContentIncomplete,
    ContentStateForbids,
    ProductsUnknown,
    TextsInvalid,
)
from kit import clock
from kit.web.auth import auth, principal
from kit.web.etag import etagged, if_match, serve_shown, tag
from kit.web.io import body, query, reply
from kit.web.listed import listed
from kit.web.paging import PageIn, page
from kit.web.refusals import refuses
from staff.rules import ANY_STAFF

VERSION_FIELDS = ("title", "body", "texts", "product_ids", "poster_template", "asset_ids")


@bp.get("/content")
@auth(roles=ANY_STAFF)
@listed("content", "catalog", "availability", "people", turn=queries.last_turn)
@query(ContentListIn)
@reply(ContentPageOut)
def list_content(
    state: str, category: str | None, tag: str | None, q: str | None, cursor: str | None, limit: int
) -> dict[str, Any]:
    """What I may forward now, newest first, with live shelf status; headquarters see every state."""
    wanted = queries.ContentFilter(state=state, category=category, tag=tag, q=q)

    def fetch(after: list[Any] | None, count: int) -> list[dict[str, Any]]:
        return queries.list_content(wanted, principal=principal(), now=clock.now(), after=after, limit=count)

    found = page(fetch, name=f"content:{state}", cursor=cursor, limit=limit, key=_key)
    for item in found["items"]:
        del item["at"]
    return found


@bp.post("/content")
@auth(roles=MAKERS)
@refuses(
    AssetsUnknown,
    AudienceUnknown,
    ContentIdTaken,
    ContentIncomplete,
    ContentNotFound,
    ProductsUnknown,
    TemplateInvalid,
    TextsInvalid,
    UnknownTemplate,
)
@body(ContentIn)
@reply(ContentOut, 201)
def create_content(audience: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """Make a draft with its first version."""
    draft = Draft(**{name: fields.pop(name) for name in VERSION_FIELDS})
    content_id = service.create_content(
        content_id=fields.pop("id"), draft=draft, audience=Audience(**audience), author=principal(), **fields
    )
    return _content(content_id)


@bp.get("/content/<uuid:content_id>")
@auth(roles=ANY_STAFF)
@refuses(ContentNotFound)
@reply(ContentOut)
@etagged
def get_content(content_id: UUID) -> dict[str, Any]:
    """What a content says; headquarters see its newest version, others the live one."""
    content = queries.get_content(content_id, principal=principal(), now=clock.now())
    serve_shown(content.pop("row_version"), content)
    return content


@bp.patch("/content/<uuid:content_id>")
@auth(roles=MAKERS)
@refuses(
    AssetsUnknown,
    AudienceUnknown,
    ContentIncomplete,
    ContentNotFound,
    ContentStateForbids,
    ProductsUnknown,
    TemplateInvalid,
    TextsInvalid,
    UnknownTemplate,
)
@body(ContentPatch)
@reply(ContentOut)
@if_match
def change_content(content_id: UUID, expected_version: int, **changes: Any) -> dict[str, Any]:
    """Change whom and when it is for, and its wording while that is a draft."""
    service.change_content(
        content_id=content_id, changes=changes, expected_version=expected_version, by=principal(), now=clock.now()
    )
    return _content(content_id)


@bp.post("/content/<uuid:content_id>/submit")
@auth(roles=MAKERS)
@refuses(ContentNotFound, ContentStateForbids)
@reply(ContentOut)
def submit_content(content_id: UUID) -> dict[str, Any]:
    """Hand the newest version to review."""
    service.submit_content(content_id=content_id, now=clock.now())
    return _content(content_id)


@bp.post("/content/<uuid:content_id>/return")
@auth(roles=MAKERS)
@refuses(AuthorMayNotPublish, ContentNotFound, ContentStateForbids)
@body(ReturnIn)
@reply(ContentOut)
def return_content(content_id: UUID, comment: str) -> dict[str, Any]:
    """Give the newest version back, from review or before its time; from review, who wrote in it may not."""
    service.return_content(content_id=content_id, reviewer=principal(), comment=comment, now=clock.now())
    return _content(content_id)


@bp.get("/content/<uuid:content_id>/versions")
@auth(roles=MAKERS)
@refuses(ContentNotFound)
@query(PageIn)
@reply(ContentVersionPageOut)
def list_versions(content_id: UUID, limit: int, cursor: str | None) -> dict[str, Any]:
    """What each version says and who wrote, changed and reviewed it, the newest first."""

    def fetch(after: list[Any] | None, count: int) -> list[dict[str, Any]]:
        before = after[0] if after else None
        return queries.list_versions(content_id, now=clock.now(), before=before, limit=count)

    name = f"content-versions {content_id}"
    return page(fetch, name=name, cursor=cursor, limit=limit, key=lambda row: [row["version"]])


@bp.post("/content/<uuid:content_id>/versions")
@auth(roles=MAKERS)
@refuses(
    AssetsUnknown,
    ContentIncomplete,
    ContentNotFound,
    ContentStateForbids,
    ProductsUnknown,
    TemplateInvalid,
    TextsInvalid,
    UnknownTemplate,
)
@body(VersionIn)
@reply(ContentOut, 201)
def create_version(content_id: UUID, **fields: Any) -> dict[str, Any]:
    """Write a new version; the live one stays until someone else publishes this one."""
    service.add_version(content_id=content_id, draft=Draft(**fields), author=principal(), now=clock.now())
    return _content(content_id)


@bp.post("/content/<uuid:content_id>/publish")
@auth(roles=MAKERS)
@refuses(AuthorMayNotPublish, ContentNotFound, ContentStateForbids)
@body(PublishIn, required=False)
@reply(ContentOut)
def publish_content(content_id: UUID, publish_at: datetime | None) -> dict[str, Any]:
    """Publish the newest version, now or at a time ahead; its author may not. `return` takes back what waits."""
    service.publish_content(content_id=content_id, reviewer=principal(), now=clock.now(), publish_at=publish_at)
    return _content(content_id)


@bp.post("/content/<uuid:content_id>/withdraw")
@auth(roles=MAKERS)
@refuses(ContentNotFound, ContentStateForbids)
@body(WithdrawalIn)
@reply(WithdrawnOut)
def withdraw_content(content_id: UUID, reason: str, hide: str | None, hide_assets: bool) -> dict[str, Any]:
    """Take published content back for good; with `hide` out of everybody's sight, with `hide_assets` its files, too."""
    hidden = service.withdraw_content(
        content_id=content_id, reason=reason, hide=hide, hide_assets=hide_assets, now=clock.now()
    )
    return {**_content(content_id), "hidden_assets": hidden}


def _content(content_id: UUID) -> dict[str, Any]:
    content = queries.get_content(content_id, principal=principal(), now=clock.now())
    tag(content.pop("row_version"))
    return content


def _key(row: dict[str, Any]) -> list[Any]:
    return [row["at"].isoformat(), str(row["id"])]
