"""XML of strangers, walked by expat in bounded memory: no document types, no deep nesting, no endless names."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any
from xml.parsers import expat

from kit.words import ENGLISH, Said, say, spell

MAX_DEPTH = 100
# The longest tag, comment or instruction: expat holds each of them whole.
MAX_TOKEN_BYTES = 1024 * 1024
# Expat keeps every name that it has met.
MAX_NAMES = 10_000


class MarkupRefused(Exception):
    """The text is not whole XML, or asks for more than any of ours needs; `cut` where it only ends too early."""

    def __init__(self, said: Said, *, cut: bool = False) -> None:
        super().__init__(spell(said, ENGLISH))
        self.said = said
        self.cut = cut


def walk(
    pieces: Iterable[bytes | str],
    *,
    on_start: Callable[[str, dict[str, str]], object],
    on_end: Callable[[str], object],
    on_text: Callable[[str], object],
) -> Iterator[None]:
    """Call the handlers as the pieces are parsed, giving way after each one; raises MarkupRefused.

    Names come as they are written, with their prefixes. Text pieces count as what they are, whatever the document
    declares.
    """
    names: dict[str, str] = {}
    parser = expat.ParserCreate(None, None, names)  # type: ignore[call-arg, unused-ignore]
    _attach(parser, on_start, on_end)
    parser.CharacterDataHandler = on_text
    fed = 0
    try:
        for piece in pieces:
            parser.Parse(piece, False)
            fed += len(piece) if isinstance(piece, bytes) else len(piece.encode())
            if fed - max(parser.CurrentByteIndex, 0) > MAX_TOKEN_BYTES:
                raise MarkupRefused(say("markup.long_tag", max=MAX_TOKEN_BYTES))
            if len(names) > MAX_NAMES:
                raise MarkupRefused(say("markup.names", max=MAX_NAMES))
            yield
        parser.Parse(b"", True)
    except expat.ExpatError as error:
        raise MarkupRefused(say("markup.not_whole", line=error.lineno, column=error.offset + 1), cut=True) from None
    except UnicodeDecodeError:
        raise  # of who made the pieces
    except (UnicodeError, ValueError):
        raise MarkupRefused(say("markup.unreadable")) from None
    yield


def _attach(parser: Any, on_start: Callable[[str, dict[str, str]], object], on_end: Callable[[str], object]) -> None:
    depth = 0

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > MAX_DEPTH:
            raise MarkupRefused(say("markup.depth", max=MAX_DEPTH))
        on_start(name, attributes)

    def end(name: str) -> None:
        nonlocal depth
        depth -= 1
        on_end(name)

    def document_type(*_: object) -> None:
        # Entities could blow up memory, and no file of ours needs a document type.
        raise MarkupRefused(say("markup.document_type"))

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.StartDoctypeDeclHandler = document_type
