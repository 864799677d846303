"""A process that finds this on PYTHONPATH lives CLOCK_SHIFT seconds from now: kit.clock is the product's one clock."""

import os
from datetime import UTC, datetime, timedelta
from unittest import mock

from kit import clock

SHIFT = timedelta(seconds=int(os.environ["CLOCK_SHIFT"]))


def shifted() -> datetime:
    """What `kit.clock.now` answers here."""
    return datetime.now(UTC) + SHIFT


mock.patch.object(clock, "now", shifted).start()
