"""How often a decoder has to go over a JPEG, found by walking its markers without decoding (ITU-T T.81, annex B)."""

import re

# Behind the head of a scan: stuffed bytes, restarts and fillers belong to its data.
_NEXT_MARKER = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]")
_START_OF_SCAN, _END = 0xDA, 0xD9


def count_scans(data: bytes, *, most: int) -> int:
    """The scans of the first picture in `data`; stops counting beyond `most`."""
    scans, place = 0, 2
    while scans <= most and (found := _NEXT_MARKER.search(data, place)):
        marker = data[found.start() + 1]
        if marker == _END:
            break
        scans += marker == _START_OF_SCAN
        # Every other marker has a length, which counts itself.
        place = found.end() + max(2, int.from_bytes(data[found.end() : found.end() + 2], "big"))
    return scans
