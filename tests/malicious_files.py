"""Small files that ask for endless work, each made by hand as no program would write it."""

import io
import struct
import zlib
from collections.abc import Callable
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

from PIL import Image

SHEET = "xl/worksheets/sheet1.xml"
SPREADSHEET = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
RELATIONS = 'xmlns="http://schemas.openxmlformats.org/package/2006/relationships"'
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def workbook(sheet: str | bytes, *, strings: str = "", styles: str = "", compression: int = ZIP_DEFLATED) -> bytes:
    """An XLSX whose first sheet holds the given rows, as XML."""
    body = sheet if isinstance(sheet, bytes) else f"<worksheet {SPREADSHEET}>{sheet}</worksheet>".encode()
    parts: dict[str, str | bytes] = {
        "[Content_Types].xml": "<Types/>",
        "_rels/.rels": f'<Relationships {RELATIONS}><Relationship Id="r1" Type="{OFFICE}/officeDocument"'
        ' Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook {SPREADSHEET} xmlns:r="{OFFICE}"><sheets><sheet name="a" sheetId="1" r:id="r1"/>'
        "</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f'<Relationships {RELATIONS}><Relationship Id="r1" Type="{OFFICE}/worksheet"'
        ' Target="worksheets/sheet1.xml"/></Relationships>',
        SHEET: body,
    }
    if strings:
        parts["xl/sharedStrings.xml"] = f"<sst {SPREADSHEET}>{strings}</sst>"
    if styles:
        parts["xl/styles.xml"] = f"<styleSheet {SPREADSHEET}>{styles}</styleSheet>"
    file = io.BytesIO()
    with ZipFile(file, "w", compression) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return file.getvalue()


def row(number: int | None, *cells: str) -> str:
    """A row of texts."""
    place = "" if number is None else f' r="{number}"'
    return f"<row{place}>" + "".join(f'<c t="inlineStr"><is><t>{cell}</t></is></c>' for cell in cells) + "</row>"


def rows(header: str, *more: str) -> str:
    """Rows below a header."""
    return f"<sheetData>{row(1, *header.split(','))}{''.join(more)}</sheetData>"


def _entities(head: str) -> bytes:
    kinds = '<!DOCTYPE w [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>'
    return workbook(f"{kinds}<worksheet>{rows(head, row(2, '&b;'))}</worksheet>".encode())


# What is wrong -> a workbook under the given header.
WORKBOOKS: dict[str, Callable[[str], bytes]] = {
    "row 2000000000": lambda head: workbook(rows(head, row(2_000_000_000, "x"))),
    "row 1048577": lambda head: workbook(rows(head, row(1_048_577, "x"))),
    "row of 5000 digits": lambda head: workbook(rows(head, f'<row r="{"9" * 5000}"><c><v>1</v></c></row>')),
    "a gap of 900000 rows": lambda head: workbook(rows(head, row(900_000, "x"))),
    "column ZZZZZ": lambda head: workbook(rows(head, '<row r="2"><c r="ZZZZZ2"><v>1</v></c></row>')),
    "column 16385": lambda head: workbook(rows(head, '<row r="2"><c r="XFE2"><v>1</v></c></row>')),
    "20000 cells in a row": lambda head: workbook(rows(head, f"<row>{'<c/>' * 20_000}</row>")),
    "a cell of 20 MB": lambda head: workbook(rows(head, row(2, "x" * 20_000_000))),
    "a shared text of 20 MB": lambda head: workbook(rows(head), strings=f"<si><t>{'x' * 20_000_000}</t></si>"),
    "17 million characters": lambda head: workbook(rows(head), strings=f"<si><t>{'x' * 30_000}</t></si>" * 600),
    "1000001 shared texts": lambda head: workbook(rows(head), strings="<si/>" * 1_000_001),
    "a bomb": lambda head: workbook(rows(head, " " * 300_000_000)),
    "entities": _entities,
    "an attribute of 20 MB": lambda head: workbook(rows(head, f'<row x="{"y" * 20_000_000}"/>')),
    "500000 deep": lambda head: workbook(rows(head, "<a>" * 500_000)),
    "100000 names": lambda head: workbook(rows(head, "".join(f"<a{n}/>" for n in range(100_000)))),
    "a number of 4000 digits": lambda head: workbook(rows(head, f"<row><c><v>{'9' * 4000}</v></c></row>")),
    "a number to the power of 999999999": lambda head: workbook(rows(head, "<row><c><v>1E999999999</v></c></row>")),
    "a text that is not there": lambda head: workbook(rows(head, '<row><c t="s"><v>99</v></c></row>')),
    "merged 200000 times": lambda head: workbook(rows(head) + '<mergeCell ref="A2:A9"/>' * 200_000),
    "styles of 8 MB": lambda head: workbook(rows(head), styles="<x/>" * 2_000_000),
    "40000 parts": lambda head: many_parts(workbook(rows(head)), 40_000),
    "cut short": lambda head: workbook(rows(head))[:-100],
    "not whole XML": lambda head: workbook(b"<worksheet><sheetData><row>"),
    "lzma": lambda head: workbook(rows(head), compression=14),
    "no sheets": lambda head: ZIP_OF_NOTHING,
    "an old workbook": lambda _: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 512,
}


def many_parts(content: bytes, count: int) -> bytes:
    """The archive with so many empty parts more."""
    file = io.BytesIO(content)
    with ZipFile(file, "a", ZIP_STORED) as archive:
        for number in range(count):
            archive.writestr(f"xl/media/{number}", b"")
    return file.getvalue()


def _nothing() -> bytes:
    file = io.BytesIO()
    with ZipFile(file, "w") as archive:
        archive.writestr("a.txt", b"")
    return file.getvalue()


ZIP_OF_NOTHING = _nothing()

DEEP = 500_000
DEEP_BATCHES = {
    "a list": b'{"items":' + b"[" * DEEP + b"]" * DEEP + b"}",
    "an item": b'{"items":[' + b'{"a":' * DEEP + b"1" + b"}" * DEEP + b"]}",
    "beside": b'{"x":' + b"[" * DEEP + b"]" * DEEP + b',"items":[]}',
    "a field of an item": b'{"items":[{"external_id":' + b"[" * DEEP + b"]" * DEEP + b"}]}",
    "unclosed": b"[" * DEEP,
}


def scans_repeated(times: int, *, side: int = 256) -> bytes:
    """A progressive JPEG whose last scan stands there so often."""
    file = io.BytesIO()
    Image.effect_noise((side, side), 80).convert("RGB").save(file, "JPEG", progressive=True, quality=60)
    content = file.getvalue()
    last = content.rindex(b"\xff\xda")
    return content[:last] + content[last:-2] * times + content[-2:]


def png_of(width: int, height: int) -> bytes:
    """A legal PNG of one colour, at a thousandth of what it takes to decode it."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    packer = zlib.compressobj(9)
    line = b"\x00" + b"\x80" * (width * 4)
    packed = b"".join([*(packer.compress(line) for _ in range(height)), packer.flush()])
    head = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")
