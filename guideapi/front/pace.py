"""How long a client may take, and how much is kept for it meanwhile."""

# For the head of a request, and for a body up to WHOLE_BYTES.
WHOLE_SECONDS = 10
WHOLE_BYTES = 1024 * 1024
# Longer bodies, and answers, have as long, and then must get on by so many bytes a second.
SLOWEST_BYTES_PER_SECOND = 4_000
# A body is kept on disk beyond this.
IN_MEMORY_BYTES = 256 * 1024
# Longer bodies taken in at once by one worker; each may fill the disk with what its route takes.
LONG_BODIES = 16
MAX_HEAD_BYTES = 64 * 1024
# The application is asked for so much of its answer at a time, and gives its thread back in between.
ANSWER_BYTES = 256 * 1024


def seconds_for(number_of_bytes: int) -> float:
    """How long the slowest client that is served takes for so many bytes."""
    return WHOLE_SECONDS + number_of_bytes / SLOWEST_BYTES_PER_SECOND
