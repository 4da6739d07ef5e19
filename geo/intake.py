"""What a file really is, and whether it may be opened: no reader sees a byte that has not passed here."""

import re
import shutil
import sqlite3
import stat
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from geo import archives
from geo.schema import DataError
from geo.wording import say

# --- kinds -----------------------------------------------------------------------------------------

# By the first bytes. Names on the right are kinds; those of _NEVER are recognised only to say what to do instead.
_MAGIC = (
    (b"PK\x03\x04", "zip"),
    (b"PK\x05\x06", "zip"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "ole"),
    (b"SQLite format 3\x00", "sqlite"),
    (b"\x00\x00\x27\x0a", "shp"),
    (b"\x1f\x8b", "gzip"),
    (b"%PDF", "pdf"),
    (b"AC10", "dwg"),
    (b"Rar!", "rar"),
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"\xff\xd8\xff", "jpg"),
    (b"\x89PNG", "png"),
    (b"GIF8", "gif"),
    (b"II*\x00", "tif"),
    (b"MM\x00*", "tif"),
    (b"BM", "bmp"),
)
_XML_ROOTS = {
    "kml": "kml",
    "html": "html",
    "table": "html",
    "ogrvrtdatasource": "vrt",
    "workbook": "xml_workbook",
}
_ROOT = re.compile(rb"<(?:[\w.-]+:)?([A-Za-z][\w.-]*)")
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_HEAD_BYTES = 1 << 16
_ROOT_BYTES = 1 << 12

# Which kinds a name may promise. A ledger under the name of another kind of ledger is common and harmless.
_LEDGERS = frozenset({"text", "xlsx", "xls"})
_PROMISES: Mapping[str, frozenset[str]] = {
    **dict.fromkeys((".csv", ".txt", ".tsv", ".xls", ".xlsx", ".xlsm"), _LEDGERS),
    **dict.fromkeys((".zip", ".kmz"), frozenset({"zip"})),
    **dict.fromkeys((".geojson", ".json"), frozenset({"geojson"})),
    ".gpkg": frozenset({"gpkg"}),
    ".shp": frozenset({"shp"}),
    ".kml": frozenset({"kml"}),
}
# Endings and kinds that are never read → the key of the sentence that says what to save instead.
_NEVER: Mapping[str, str] = {
    **dict.fromkeys(
        ("et", "ett", "ods", "xlsb", "numbers", "html", "htm", "mht", "xml_workbook"), "save_as_xlsx"
    ),
    **dict.fromkeys(("doc", "docx", "wps", "pdf", "ppt", "pptx", "rtf", "ofd"), "copy_to_xlsx"),
    **dict.fromkeys(("jpg", "jpeg", "png", "gif", "tif", "tiff", "bmp", "webp", "heic"), "picture"),
    **dict.fromkeys(("dwg", "dxf", "dgn"), "drawing"),
    **dict.fromkeys(("rar", "7z", "tar", "tgz", "bz2", "xz"), "repack"),
    **dict.fromkeys(
        ("tab", "mif", "mdb", "gml", "wl", "wt", "wp", "mpk", "ovobj", "ovkml", "ovkmz"), "save_as_gpkg"
    ),
}


@dataclass(frozen=True)
class Admitted:
    """A file that may be read: private copies of its parts under generated names.

    `kind` is one of text, xlsx, xls, gpkg, shp, gdb, geojson, kml. `layers` gives the path of each layer by the name
    people know; files that name their layers inside (gpkg, gdb, workbooks) have one entry, the file's own stem.
    """

    file: str
    kind: str
    layers: Mapping[str, Path]

    @property
    def path(self) -> Path:
        """Return the path of the only part of a file that is not a set of shapefiles."""
        (path,) = self.layers.values()
        return path


@contextmanager
def admitted(path: Path, /) -> Iterator[Admitted]:
    """Copy a file into a private folder, judge the copy, and hand it over for as long as the block lasts.

    Raises DataError naming the file and the remedy where there is no such file, where it cannot be read, is empty, is of
    a kind that is never read, is not what its name says, or is hostile (design.md §6, promise 6).
    """
    _check_path(path)
    with tempfile.TemporaryDirectory(prefix="zutuan-") as name:
        folder = Path(name)
        try:
            copy = folder / "source"  # the name says nothing, so that only the content counts
            shutil.copyfile(path, copy)
        except OSError as error:
            raise DataError("reading.unreadable", file=path.name) from error
        yield _judge(path, copy, folder)


def _check_path(path: Path) -> None:
    if re.match(r"[A-Za-z][A-Za-z0-9+.-]+:/|[/\\]vsi", str(path)):
        raise DataError("reading.address", file=path)
    try:
        status = path.stat()
    except (OSError, ValueError) as error:
        raise DataError("reading.missing", file=path) from error
    if stat.S_ISDIR(status.st_mode):
        raise DataError(
            "reading.folder_gdb" if path.suffix.lower() == ".gdb" else "reading.folder", file=path
        )
    if not stat.S_ISREG(status.st_mode):
        raise DataError("reading.not_a_file", file=path)
    if status.st_size == 0:
        raise DataError("reading.empty", file=path.name)


def _judge(path: Path, copy: Path, folder: Path) -> Admitted:
    """Return the copy as what it is, unpacked where it was packed."""
    file, name = path.name, path
    if path.suffix.lower() == ".gz":
        unpacked, name = folder / "unpacked", Path(path.stem)
        archives.unpack_gzip(copy, unpacked, file=file)
        copy = unpacked
        if copy.stat().st_size == 0:
            raise DataError("reading.empty", file=file)
    kind = _kept_promise(name, copy, file=file)
    if kind == "zip":
        return _from_archive(file, copy, folder)
    if kind == "shp":
        return Admitted(file, kind, {path.stem: _with_siblings(path, copy, folder)})
    copy = copy.rename(folder / f"0.{kind}")  # readers go by the ending: it is the kind that was judged
    if kind == "gpkg":
        _copy_write_ahead_log(path, copy)
    return Admitted(file, kind, {name.stem: copy})


def _kept_promise(name: Path, copy: Path, *, file: str) -> str:
    """Return the kind of a file; raises DataError where it is never read or not what its name says."""
    suffix = name.suffix.lower()
    kind = kind_of(copy, suffix=suffix, file=file)
    if kind == "password":
        raise DataError("reading.password", file=file)
    words = [suffix.removeprefix(".")]
    if _PROMISES.get(suffix, _LEDGERS) == _LEDGERS:
        words.append(
            kind
        )  # a page saved under the name of a workbook; a layer's name promises more than that
    for word in words:
        if word in _NEVER:
            raise DataError(f"reading.{_NEVER[word]}", file=file, format=word.upper().replace("_", " "))
    if suffix not in _PROMISES:
        raise DataError("reading.unknown_format", file=file, suffix=suffix)
    if kind not in _PROMISES[suffix]:
        raise DataError(
            "reading.disguised", file=file, suffix=suffix, looks=say(f"errors.reading.kinds.{kind}")
        )
    return kind


def kind_of(path: Path, /, *, suffix: str, file: str) -> str:
    """Return what the bytes of a file are; `suffix` only decides where text could be both a table and JSON.

    Raises DataError naming `file` where it is a broken archive.
    """
    with path.open("rb") as stream:
        head = stream.read(_HEAD_BYTES)
    kind = next((k for magic, k in _MAGIC if head.startswith(magic)), "")
    if kind in ("bmp", "dwg") and b"\0" not in head[:64]:
        kind = ""  # two or four letters also begin honest text
    match kind:
        case "zip":
            return _kind_of_zip(path, file=file)
        case "ole":
            return _kind_of_ole(path.read_bytes())
        case "sqlite":
            return "gpkg" if _is_geopackage(path) else "sqlite"
        case "":
            return _kind_of_text(head, suffix)
    return kind


def _kind_of_zip(path: Path, *, file: str) -> str:
    with archives.opened(path, file=file) as handle:
        names = set(handle.namelist())
    if "[Content_Types].xml" in names:
        tops = {n.split("/")[0] for n in names}
        office = {"xl": "xlsx", "word": "docx", "ppt": "pptx"}
        kind = next((k for top, k in office.items() if top in tops), "zip")
        return "xlsb" if "xl/workbook.bin" in names else kind
    return "ods" if {"mimetype", "content.xml"} <= names else "zip"


def _kind_of_ole(data: bytes) -> str:
    def holds(stream: str) -> bool:
        return stream.encode("utf-16-le") in data

    if holds("EncryptedPackage"):
        return "password"
    if holds("Workbook") or holds("Book"):
        return "xls"
    return "doc" if holds("WordDocument") else "ole"


def _is_geopackage(path: Path) -> bool:
    try:
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro&immutable=1", uri=True)) as base:
            found = base.execute("SELECT count(*) FROM sqlite_master WHERE name = 'gpkg_contents'").fetchone()
    except (sqlite3.Error, UnicodeDecodeError):
        return False
    return bool(found[0])


def _kind_of_text(head: bytes, suffix: str) -> str:
    if head.startswith(_UTF16):
        return "text"
    if b"\0" in head:
        return "binary"
    body = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if body.startswith(b"<"):
        root = _ROOT.search(body[:_ROOT_BYTES])
        return _XML_ROOTS.get(root[1].decode("ascii", "replace").lower(), "xml") if root else "xml"
    if body.startswith((b"{", b"[")) and _PROMISES.get(suffix) != _LEDGERS:
        return "geojson"
    return "text"


# --- parts -----------------------------------------------------------------------------------------


def _from_archive(file: str, archive: Path, folder: Path) -> Admitted:
    """Unpack what an archive holds: shapefiles, one geodatabase, or one file of another kind."""
    with archives.opened(archive, file=file) as handle:
        members = archives.contents(handle, file=file)
        archives.refuse_nested(members, file=file)
        shapes = [m for m in members if m.suffix == ".shp"]
        tables = {m.path.parent for m in members if m.suffix == ".gdbtable"}
        singles = [m for m in members if m.suffix in (".gpkg", ".geojson", ".json", ".kml")]
        sources = bool(shapes) + len(tables) + len(singles)
        if sources == 0:
            raise DataError("reading.archive_contents", file=file)
        if sources > 1:
            names = [str(x) for x in (*(m.path for m in shapes), *sorted(tables), *(m.path for m in singles))]
            raise DataError("reading.archive_sources", file=file, members=tuple(names))
        if shapes:
            return Admitted(file, "shp", _unpack_shapefiles(handle, members, folder, file=file))
        if tables:
            return Admitted(
                file, "gdb", {Path(file).stem: _unpack_geodatabase(handle, members, folder, file=file)}
            )
        copy = folder / f"0{singles[0].suffix}"
        archives.unpack(handle, singles[0], copy)
    kind = _kept_promise(Path(singles[0].path.name), copy, file=f"{file}/{singles[0].path.name}")
    return Admitted(file, kind, {singles[0].path.stem: copy})


_SHAPE_PARTS = (".shp", ".dbf", ".shx", ".prj", ".cpg")


def _unpack_shapefiles(
    handle: zipfile.ZipFile, members: list[archives.Member], folder: Path, *, file: str
) -> dict[str, Path]:
    by_name = {(str(m.path.with_suffix("")).lower(), m.suffix): m for m in members}
    layers: dict[str, Path] = {}
    for number, shape in enumerate(m for m in members if m.suffix == ".shp"):
        stem = str(shape.path.with_suffix(""))
        parts = {s: by_name[stem.lower(), s] for s in _SHAPE_PARTS if (stem.lower(), s) in by_name}
        for suffix, part in parts.items():
            archives.unpack(handle, part, folder / f"{number}{suffix}")
        copy = folder / f"{number}.shp"
        if kind_of(copy, suffix=".shp", file=file) != "shp" or ".dbf" not in parts:
            raise DataError("reading.shape_parts", file=f"{file}/{shape.path.name}")
        layers[stem if shape.path.stem in layers else shape.path.stem] = copy
    return layers


def _unpack_geodatabase(
    handle: zipfile.ZipFile, members: list[archives.Member], folder: Path, *, file: str
) -> Path:
    """Unpack an Esri geodatabase, whose files must keep their names: only plain ones are let through."""
    base = folder / "0.gdb"
    base.mkdir()
    home = next(m.path.parent for m in members if m.suffix == ".gdbtable")
    for member in members:
        if member.path.parent == home and member.suffix != ".lock":
            if not re.fullmatch(r"[A-Za-z0-9_.-]+", member.path.name):
                raise DataError("reading.archive_member", file=file, member=member.path)
            archives.unpack(handle, member, base / member.path.name)
    return base


def parts_of(path: Path, /) -> tuple[Path, ...]:
    """Return a file and, for a .shp, the files beside it that belong to it, in order of their names."""
    if path.suffix.lower() != ".shp":
        return (path,)
    beside = (p for p in path.parent.iterdir() if p.stem.lower() == path.stem.lower())
    return (path, *sorted(p for p in beside if p.suffix.lower() in _SHAPE_PARTS[1:] and p.is_file()))


def _with_siblings(path: Path, copy: Path, folder: Path) -> Path:
    """Put the files that belong to a .shp beside its copy, whatever the case of their names."""
    shape = copy.rename(folder / "0.shp")
    for sibling in parts_of(path)[1:]:
        try:
            shutil.copyfile(sibling, folder / f"0{sibling.suffix.lower()}")
        except OSError as error:
            raise DataError("reading.unreadable", file=sibling.name) from error
    if not (folder / "0.dbf").exists():
        raise DataError("reading.shape_parts", file=path.name)
    return shape


def _copy_write_ahead_log(path: Path, copy: Path) -> None:
    """Take along what an open GIS program has saved but not yet merged into its GeoPackage."""
    log = path.with_name(f"{path.name}-wal")
    if log.is_file():
        shutil.copyfile(log, copy.with_name(f"{copy.name}-wal"))
