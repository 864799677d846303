"""Looking before sharing: texts filled in, posters drawn, templates tried."""

from typing import Any
from uuid import UUID

from flask import Response, jsonify, request

from content_center import posters, service
from content_center.posters.cards import LinkTooLong
from content_center.posters.templates import TemplateInvalid, UnknownTemplate
from content_center.queries.content import ContentNotFound
from content_center.queries.forwards import GuideNotFound
from content_center.routes.blueprint import MAKERS, bp
from content_center.schemas.previews import PosterPreviewIn, PreviewIn, PreviewOut, TemplatePreviewIn
from customers.queries.sight import CustomerNotFound
from kit import clock
from kit.db import unit_of_work
from kit.images import ImageDisguised, ImageTooLarge, ImageTooManyScans, ImageTruncated, ImageUnknownFormat
from kit.memory import MemoryBusy
from kit.storage import FileNotStored, StorageUnavailable
from kit.web.auth import auth, principal
from kit.web.io import query, reply
from kit.web.refusals import refuses
from kit.web.units import own_units
from staff.rules import SELLERS

JPEG = {"type": "string", "format": "binary"}
TEMPLATE = {
    "required": True,
    "description": "The template; its JSON Schema is told by `GET /v1/poster-templates`.",
    "content": {"application/json": {"schema": {"type": "object"}}},
}


@bp.get("/content/<uuid:content_id>/preview")
@auth(roles=MAKERS | SELLERS)
@refuses(ContentNotFound, CustomerNotFound, GuideNotFound)
@query(PreviewIn)
@reply(PreviewOut)
def preview_content(
    content_id: UUID, guide_id: UUID | None, customer_name: str | None, customer_id: UUID | None, language: str
) -> dict[str, Any]:
    """The texts as a guide would send them, to a customer or to nobody in particular; nothing is sent or counted.

    Headquarters see the newest version for any guide, guides the live one for themselves.
    """
    return service.preview_content(
        content_id=content_id,
        guide_id=guide_id,
        customer_name=customer_name,
        customer_id=customer_id,
        language=language,
        by=principal(),
        now=clock.now(),
    )


@bp.get("/content/<uuid:content_id>/poster-preview")
@auth(roles=MAKERS | SELLERS)
@refuses(
    ContentNotFound,
    FileNotStored,
    GuideNotFound,
    ImageDisguised,
    ImageTooLarge,
    ImageTooManyScans,
    ImageTruncated,
    ImageUnknownFormat,
    LinkTooLong,
    MemoryBusy,
    StorageUnavailable,
    TemplateInvalid,
    UnknownTemplate,
)
@own_units
@query(PosterPreviewIn)
@bp.response(200, JPEG, content_type="image/jpeg", description="1080×1440")
def preview_poster(content_id: UUID, guide_id: UUID | None, language: str) -> Response:
    """The poster of the same version as a guide would send it; its code leads nowhere."""
    with unit_of_work(reading=True):
        sketch = service.sketch_content(
            content_id=content_id, guide_id=guide_id, language=language, by=principal(), now=clock.now()
        )
    return Response(service.draw_sketch(sketch), mimetype="image/jpeg")


@bp.get("/poster-templates")
@auth(roles=MAKERS)
@refuses(TemplateInvalid, UnknownTemplate)
@bp.response(200, {"type": "object"}, description="Titles by name, and the JSON Schema that templates fit.")
def list_templates() -> Response:
    """The posters there are, and what a template may hold."""
    titles = {name: posters.get_template(name).title for name in posters.template_names()}
    named = {name: {"zh": title.zh, "en": title.en} for name, title in titles.items()}
    return jsonify(templates=named, schema=posters.template_schema())


@bp.post("/poster-templates/preview")
@auth(roles=MAKERS)
@refuses(
    FileNotStored,
    ImageDisguised,
    ImageTooLarge,
    ImageTooManyScans,
    ImageTruncated,
    ImageUnknownFormat,
    LinkTooLong,
    MemoryBusy,
    StorageUnavailable,
    TemplateInvalid,
    UnknownTemplate,
)
@own_units
@bp.doc(requestBody=TEMPLATE)
@query(TemplatePreviewIn)
@bp.response(200, JPEG, content_type="image/jpeg", description="As large as the template's canvas.")
def preview_template(language: str) -> Response:
    """A template that is being designed, sent as the JSON body, drawn with sample words."""
    return Response(service.draw_template(request.get_data(), language=language), mimetype="image/jpeg")
