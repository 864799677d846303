"""Addresses of files, as paths: a phone completes them with the address under which it reaches us, whatever that is.

In a local network that is not PUBLIC_URL, which is for what leaves the house; and none of our answers repeats the Host
that a request names. A path in PUBLIC_URL, under which a proxy serves us, is kept.
"""

from urllib.parse import urlsplit

from flask import current_app


def file_url(storage_key: str | None) -> str | None:
    """Where a picture or film is served, or None without one."""
    return path_of(f"/files/{storage_key}") if storage_key else None


def thumbnail_url(storage_key: str | None) -> str | None:
    """Where a picture is served at 320 pixels at most, as WebP or JPEG by `Accept`, or None without one."""
    return path_of(f"/thumbnails/{storage_key}") if storage_key else None


def path_of(route: str) -> str:
    """The path under which one of our routes is reached."""
    return f"{urlsplit(current_app.config['PUBLIC_URL']).path}{route}"


def public_url(path: str) -> str:
    """A path of ours as a whole address under PUBLIC_URL: for what leaves the house."""
    public = urlsplit(current_app.config["PUBLIC_URL"])
    return f"{public.scheme}://{public.netloc}{path}"
