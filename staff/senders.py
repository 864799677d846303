"""How a sign-in code reaches a person: through a folder (demo, tests) or whatever takes an HTTPS POST.

An SMS gateway, a WeCom application message or a mail service stands behind that POST; see docs/security.md.
"""

from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

import httpx
import orjson

from kit.ids import new_id

TIMEOUT_SECONDS = 5


class CodeSender(Protocol):
    """Delivers codes, and writes them into no log."""

    def send(self, **message: str | None) -> None:
        """Deliver `code` to the person, who is `staff_no` and `name`, with a `phone` and `wecom_user_id` or without.

        Raises when it could not be handed over.
        """


class FolderSender:
    """Leaves each message as a file that only its owner can read."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def send(self, **message: str | None) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        file = self.folder / f"{new_id()}.json"
        file.touch(mode=0o600)
        file.write_bytes(orjson.dumps(message))


class CodeNotSent(Exception):
    """The address did not take the message; says how it failed, and nothing of the address, which may hold a key."""


class HttpSender:
    """Posts each message as JSON to one address."""

    def __init__(self, url: str) -> None:
        self.url = url

    def send(self, **message: str | None) -> None:
        try:
            httpx.post(self.url, json=message, timeout=TIMEOUT_SECONDS).raise_for_status()
        except httpx.HTTPStatusError as error:
            raise CodeNotSent(f"It answered {error.response.status_code}.") from None
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise CodeNotSent(type(error).__name__) from None


def open_sender(url: str | None) -> CodeSender | None:
    """The sender a URL names: `file:///folder`, `https://…`, or none."""
    if url is None:
        return None
    parts = urlsplit(url)
    return FolderSender(Path(unquote(parts.path))) if parts.scheme == "file" else HttpSender(url)
