"""Writes the smallest .xls a reader accepts: BIFF8 records in one stream of an OLE2 compound file ([MS-XLS], [MS-CFB])."""

import struct
from pathlib import Path

_SECTOR = 512
_END, _FREE, _FAT = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD


def write_xls(
    path: Path, rows: list[list[str | float]], *, merged: tuple[int, int, int, int] | None = None
) -> None:
    """Write one sheet named 台账; `merged` = top, left, bottom, right, counted from 0."""
    begin = struct.pack("<HHHHII", 0x0600, 0x0005, 0x0DBB, 0x07CC, 0, 6)
    name = _text("台账", "<B")
    globals_size = len(_record(0x809, begin)) + len(_record(0x85, b"\0" * 6 + name)) + 4
    sheet = _record(0x85, struct.pack("<IH", globals_size, 0) + name)
    stream = _record(0x809, begin) + sheet + _record(0x0A, b"")
    stream += _record(0x809, begin[:2] + struct.pack("<H", 0x0010) + begin[4:])
    stream += _record(0x200, struct.pack("<IIHHH", 0, len(rows), 0, max(map(len, rows)), 0))
    for i, row in enumerate(rows):
        for j, value in enumerate(row):
            place = struct.pack("<HHH", i, j, 0)
            if isinstance(value, str):
                stream += _record(0x204, place + _text(value, "<H")) if value else b""
            else:
                stream += _record(0x203, place + struct.pack("<d", value))
    if merged:
        top, left, bottom, right = merged
        stream += _record(0xE5, struct.pack("<HHHHH", 1, top, bottom, left, right))
    path.write_bytes(_compound(stream + _record(0x0A, b"")))


def _record(kind: int, body: bytes) -> bytes:
    return struct.pack("<HH", kind, len(body)) + body


def _text(text: str, length: str) -> bytes:
    units = text.encode("utf-16-le")
    return struct.pack(length, len(units) // 2) + b"\x01" + units


def _compound(stream: bytes) -> bytes:
    stream = stream.ljust(4096, b"\0")  # shorter streams would need a second kind of sector
    stream += b"\0" * (-len(stream) % _SECTOR)
    sectors = len(stream) // _SECTOR
    chain = [_FAT, _END, *range(3, sectors + 2), _END]  # allocation table, directory, stream
    table = struct.pack(f"<{len(chain)}I", *chain).ljust(_SECTOR, b"\xff")
    assert len(table) == _SECTOR, "a larger sheet needs a second allocation table"
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 16 + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6)
    header += b"\0" * 6 + struct.pack("<IIIIIIIIII", 0, 1, 1, 0, 4096, _END, 0, _END, 0, 0)
    header += b"\xff" * 4 * 108
    directory = _entry("Root Entry", 5, child=1, start=_END, size=0)
    directory += _entry("Workbook", 2, child=_FREE, start=2, size=len(stream)) + bytes(256)
    return header + table + directory + stream


def _entry(name: str, kind: int, *, child: int, start: int, size: int) -> bytes:
    text = name.encode("utf-16-le")
    entry = text.ljust(64, b"\0") + struct.pack("<HBB", len(text) + 2, kind, 1)
    return entry + struct.pack("<III", _FREE, _FREE, child) + b"\0" * 36 + struct.pack("<IQ", start, size)
