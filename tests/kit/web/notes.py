"""A room of one table, to try the contract on: notes that people read, write and change."""

from collections.abc import Callable
from typing import Any

from flask_smorest import Blueprint
from marshmallow import fields
from sqlalchemy import text

from kit import versions
from kit.db import db, fetch_one
from kit.errors import NotFound
from kit.ids import new_token
from kit.web import etag, idempotency
from kit.web.auth import auth
from kit.web.etag import etagged, if_match
from kit.web.io import In, Out, body, reply, text_field

TABLE = """
CREATE TABLE note (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, words text NOT NULL,
                   version bigint NOT NULL DEFAULT 1);
CREATE TRIGGER bump BEFORE UPDATE ON note FOR EACH ROW EXECUTE FUNCTION bump_version()
"""
ROLES = {"guide", "store_manager"}

bp = Blueprint("notes", __name__, url_prefix="/v1/notes")


class NoteIn(In):
    words = text_field(100, required=True, metadata={"example": "卖完补货"})


class NoteOut(Out):
    id = fields.Integer(required=True)
    words = fields.String(required=True)


lock_timeout_ms = 10_000
bodies_built: list[int] = []
# What happens while a note of these words is being written.
on_create: dict[str, Callable[[], object]] = {}


@bp.get("/<int:note_id>")
@auth(roles=ROLES)
@etagged
@reply(NoteOut)
def get_note(note_id: int) -> dict[str, Any]:
    """One note."""
    etag.serve(_note(note_id)["version"])
    bodies_built.append(note_id)
    return _shown(note_id)


@bp.put("/<int:note_id>")
@auth(roles=ROLES)
@if_match
@body(NoteIn)
@reply(NoteOut)
def change_note(note_id: int, *, expected_version: int, words: str) -> dict[str, Any]:
    """Change the words of a note."""
    db.session.execute(text(f"SET LOCAL lock_timeout = {lock_timeout_ms}"))
    versions.expect(_note(note_id, "FOR UPDATE")["version"], expected=expected_version)
    db.session.execute(text("UPDATE note SET words = :words WHERE id = :id"), {"words": words, "id": note_id})
    etag.tag(_note(note_id)["version"])
    return _shown(note_id)


@bp.post("")
@auth(roles=ROLES)
@etagged
@body(NoteIn)
@reply(NoteOut, 201)
def create_note(words: str) -> dict[str, Any]:
    """Write a note."""
    number = db.session.scalar(text("INSERT INTO note (words) VALUES (:words) RETURNING id"), {"words": words})
    for_this_note = on_create.get(words, lambda: None)
    for_this_note()
    etag.tag(1)
    return {"id": number, "words": words}


@bp.post("/<int:note_id>/sendings")
@auth(roles=ROLES)
@idempotency.required
@reply(NoteOut, 201)
def send_note(note_id: int) -> dict[str, Any]:
    """Send a note away."""
    return _shown(note_id)


@bp.post("/<int:note_id>/secrets")
@auth(roles=ROLES)
@idempotency.unkept
@reply(NoteOut, 201)
def create_secret(note_id: int) -> dict[str, Any]:
    """A secret that is shown once."""
    return {"id": note_id, "words": new_token()}


def _note(note_id: int, lock: str = "") -> dict[str, Any]:
    note = fetch_one(text(f"SELECT * FROM note WHERE id = :id {lock}"), {"id": note_id})
    if note is None:
        raise NotFound
    return note


def _shown(note_id: int) -> dict[str, Any]:
    note = _note(note_id)
    return {"id": note["id"], "words": note["words"]}
