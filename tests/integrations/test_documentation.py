"""What docs/integrators.md says is so."""

import re
from datetime import UTC, datetime
from pathlib import Path

from standardwebhooks import Webhook

from integrations import rules
from kit import signing
from staff.rules import API_SCOPES

PAGE = (Path(__file__).parents[2] / "docs/integrators.md").read_text()


def test_the_worked_example_is_right() -> None:
    given = dict(re.findall(r"^(secret|id|timestamp|body|signature) +(\S+)$", PAGE, re.MULTILINE))
    at = datetime.fromtimestamp(int(given["timestamp"]), UTC)
    signature = signing.sign(secret=given["secret"], message_id=given["id"], at=at, body=given["body"].encode())
    assert signature == given["signature"]
    assert signature == Webhook(given["secret"]).sign(given["id"], at, given["body"])


def test_every_kind_of_event_and_every_scope_is_there() -> None:
    for word in (*rules.KINDS, *API_SCOPES):
        assert f"`{word}`" in PAGE, word
