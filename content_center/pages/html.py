"""Pages as HTML: one style and one script inside, both named by hash in the policy, and nothing else to load."""

from base64 import b64encode
from hashlib import sha256
from pathlib import Path
from typing import Any

from flask import Response, make_response, render_template, request

from content_center.posters.prices import is_reduced, price_parts
from content_center.wording import WORDS, badge
from kit.web.language import TAGS, choose_language
from kit.words import CHINESE

TEMPLATES = Path(__file__).parent.parent / "templates"
STYLE = (TEMPLATES / "share.css").read_text()
SCRIPT = (TEMPLATES / "share.js").read_text()


def _source(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


POLICY = (
    f"default-src 'none'; img-src 'self'; media-src 'self'; style-src {_source(STYLE)}; script-src {_source(SCRIPT)}; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


def page(template: str, *, status: int = 200, **values: Any) -> Response:
    """A page in the reader's language."""
    language = choose_language(request.accept_languages, default=CHINESE)
    html = render_template(
        template,
        language=language,
        words=WORDS[language],
        style=STYLE,
        script=SCRIPT,
        badge=badge,
        price_parts=price_parts,
        is_reduced=is_reduced,
        **values,
    )
    response = make_response(html, status)
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["Content-Language"] = TAGS[language]
    response.headers["Vary"] = "Accept-Language, Cookie"
    return response
