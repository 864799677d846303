"""Secrets made up on the spot, for one machine."""

import os
import secrets
from pathlib import Path


def kept_secret(path: Path, owner: tuple[int, int] | None = None) -> str:
    """The secret in `path`, made up at the first call; only its owner (uid, gid; ourselves by default) can read it."""
    if not path.exists():
        # A rename, because a half-written secret would stay.
        draft = path.with_suffix(".new")
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_urlsafe(48))
        if owner:
            os.chown(draft, *owner)
        draft.rename(path)
    return path.read_text()
