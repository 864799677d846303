"""Posters: a spec and a template (data) become a JPEG with the guide's card and a QR code.

Pure: no database, no files but the templates and fonts, no clock. The public face is what is named here.
"""

from content_center.posters.cards import LinkTooLong
from content_center.posters.draw import draw_poster, fit_photo, fitted_key, poster_key
from content_center.posters.spec import DRAWING_VERSION, PosterSpec
from content_center.posters.templates import (
    Template,
    TemplateInvalid,
    UnknownTemplate,
    get_template,
    parse_template,
    template_names,
    template_schema,
)

__all__ = [
    "DRAWING_VERSION",
    "LinkTooLong",
    "PosterSpec",
    "Template",
    "TemplateInvalid",
    "UnknownTemplate",
    "draw_poster",
    "fit_photo",
    "fitted_key",
    "get_template",
    "parse_template",
    "poster_key",
    "template_names",
    "template_schema",
]
