"""What guides wrote about customers: sealed, and opened for who may read it."""

from typing import NamedTuple
from uuid import UUID

from kit import sealing
from kit.principal import Principal

NOTE_PURPOSE = "follow-up note"
# Reads everything, but no personal data.
NO_NOTES_ROLE = "auditor"


class Note(NamedTuple):
    """`text` is None where there is no note, or one that may not be read: `masked` tells which."""

    text: str | None
    masked: bool


def read_note(sealed: bytes | None, follow_up_id: UUID, *, principal: Principal, in_sight: bool = True) -> Note:
    """The note for who may read it: people, not machines or auditors, who see the customer. Raises Unsealable."""
    if sealed is None:
        return Note(None, False)
    if in_sight and principal.kind == "staff" and NO_NOTES_ROLE not in principal.roles:
        return Note(open_note(sealed, follow_up_id), False)
    return Note(None, True)


def open_note(sealed: bytes, follow_up_id: UUID) -> str:
    """What a guide wrote, whoever asks; raises Unsealable."""
    return sealing.unseal(sealed, purpose=NOTE_PURPOSE, place=str(follow_up_id)).decode()
