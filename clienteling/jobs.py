"""What the clienteling room does in the background."""

from clienteling import service


def forget_notes() -> None:
    """Take away the follow-up notes about those who were erased; safe to run again."""
    service.forget_notes()


def reseal_notes() -> None:
    """Seal anew, with the newest key, the notes that an older one sealed; safe to run again."""
    service.reseal_notes()
