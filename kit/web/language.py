"""The language of an answer: Chinese or English, by Accept-Language."""

from collections.abc import Iterable

from flask import Flask, Response, g, has_request_context, request
from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header

from kit.words import CHINESE, ENGLISH, Said, spell

# As Content-Language names them (RFC 5646).
TAGS = {ENGLISH: "en", CHINESE: "zh-CN"}


def init_app(app: Flask) -> None:
    """Say of every answer with words for people which language they are in."""
    app.after_request(_name_language)


def choose_language(accepted: Iterable[tuple[str, float]], *, default: str = ENGLISH) -> str:
    """The first language that is ours: any Chinese counts as Chinese. Programs, which ask for nothing, get English."""
    for tag, quality in accepted:
        primary = tag.lower().partition("-")[0]
        if quality > 0 and primary in TAGS:
            return primary
    return default


def choose_by_header(header: str) -> str:
    """The language that an Accept-Language header asks for, its ranges by their weights (RFC 9110, 12.5.4)."""
    return choose_language(parse_accept_header(header, LanguageAccept))


def asked_language() -> str:
    """The language that the current request asks for; English outside of one."""
    return choose_language(request.accept_languages) if has_request_context() else ENGLISH


def spoken(said: Said) -> str:
    """The sentence for who sent the current request."""
    g.has_words = True
    return spell(said, asked_language())


def _name_language(response: Response) -> Response:
    if g.pop("has_words", False):
        response.headers["Content-Language"] = TAGS[asked_language()]
        if "accept-language" not in response.headers.get("Vary", "").lower():
            add_vary(response, "Accept-Language")
    return response


def add_vary(response: Response, header: str) -> None:
    """Say that the answer depends on a header of the request."""
    present = response.headers.get("Vary")
    response.headers["Vary"] = f"{present}, {header}" if present else header
