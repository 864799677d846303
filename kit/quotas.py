"""How much somebody may send in a day of what is kept."""

from kit import counters
from kit.errors import TooMany
from kit.words import say

DAY_SECONDS = 24 * 60 * 60
MEGABYTE = 1024 * 1024


class UploadQuotaReached(TooMany):
    """As many files, or as many bytes, were sent as may be in a day."""

    code = "upload_quota_reached"


def spend(name: str, *, size_bytes: int, max_files: int, max_bytes: int) -> None:
    """Count a file that `name` sends; raises UploadQuotaReached. Not counted while Redis is down (kit.counters)."""
    files = counters.add(f"files:{name}", window_seconds=DAY_SECONDS)
    megabytes = counters.add(f"megabytes:{name}", window_seconds=DAY_SECONDS, amount=-(-size_bytes // MEGABYTE))
    if files > max_files or megabytes > max_bytes // MEGABYTE:
        said = say("upload_quota_reached", files=max_files, bytes=max_bytes)
        raise UploadQuotaReached(said, retry_after_seconds=DAY_SECONDS)
