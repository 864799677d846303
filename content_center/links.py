"""Addresses that leave the house: the tracked page, the poster, public pictures."""

from flask import current_app


def share_url(token: str) -> str:
    """The tracked link of a forward."""
    return f"{_base()}/s/{token}"


def poster_url(token: str) -> str:
    """Where the poster of a forward is drawn and kept."""
    return f"{_base()}/posters/{token}.jpg"


def file_url(storage_key: str | None) -> str | None:
    """Where a public picture is served, or None without one."""
    return f"{_base()}/files/{storage_key}" if storage_key else None


def mini_program(token: str) -> dict[str, str] | None:
    """The chain's mini-program at the page of a forward (app_id, path), or None without one."""
    configured = current_app.config["MINI_PROGRAM"]
    return {"app_id": configured[0], "path": f"{configured[1]}?token={token}"} if configured else None


def _base() -> str:
    return str(current_app.config["PUBLIC_URL"])
