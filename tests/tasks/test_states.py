"""Who may move a task, as the documentation says it."""

import re
from pathlib import Path

from tasks.rules.states import COMMANDS, TASK_MOVES, WHO

PAGE = Path(__file__).parent.parent.parent / "docs/tasks.md"


def test_the_documentation_says_who_gives_which_command() -> None:
    rows = re.findall(r"^\| `(\w+)` \| ((?:`\w+`(?:, )?)+) \|$", PAGE.read_text(), re.MULTILINE)
    assert {command: set(re.findall(r"\w+", by)) for command, by in rows} == WHO


def test_each_move_is_somebodys_and_each_command_leads_somewhere() -> None:
    assert {command for _, command in TASK_MOVES} == WHO.keys()
    assert set(COMMANDS) < WHO.keys()
