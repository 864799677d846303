"""Addresses of what is shared: the tracked page, which leaves the house, and the poster."""

from flask import current_app

from kit.links import path_of


def share_url(token: str) -> str:
    """The tracked link of a forward."""
    return f"{current_app.config['PUBLIC_URL']}/s/{token}"


def poster_url(token: str) -> str:
    """Where the poster of a forward is drawn and kept."""
    return path_of(f"/posters/{token}.jpg")


def poster_thumbnail_url(token: str) -> str:
    """Where that poster is served at 320 pixels at most."""
    return path_of(f"/posters/{token}/thumbnail")


def mini_program(token: str) -> dict[str, str] | None:
    """The chain's mini-program at the page of a forward (app_id, path), or None without one."""
    configured = current_app.config["MINI_PROGRAM"]
    return {"app_id": configured[0], "path": f"{configured[1]}?token={token}"} if configured else None
