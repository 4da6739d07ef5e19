"""What the files that an office sends are: each table of them, and what it is taken for until somebody says otherwise."""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from geo.given import HEADINGS
from geo.headings import COUNT_FIELDS, normalised, synonyms
from geo.reading import RawTable, layer_names, read_table
from geo.schema import DataError
from geo.wording import LANGUAGES, say, speaking

LEDGER, EXISTING, UNUSED = "communities", "existing", ""
_PLAN_LAYERS = frozenset({LEDGER, "areas", "links"})  # what a plan of ours always holds
# What a file or a layer is called, where its content could be several things; the first that fits.
_CALLED = (
    ("clearance", re.compile("征收|拆迁|拆除|clearance", re.IGNORECASE)),
    ("boundary", re.compile("辖区|行政区|[区镇]界(?!线)", re.IGNORECASE)),
    ("grids", re.compile("网格|grid", re.IGNORECASE)),
    ("committees", re.compile("社区(?!.*小区)|居委|committee", re.IGNORECASE)),
    ("duties", re.compile("责任|派出所|警务|物业公司|police|dut|compan|^street$", re.IGNORECASE)),
    ("landmarks", re.compile("地标|单位|设施|公园|学校|landmark|facilit|park|poi", re.IGNORECASE)),
    ("buildings", re.compile("楼栋|楼幢|房屋|建筑|building|house", re.IGNORECASE)),
    ("outlines", re.compile("小区|轮廓|边界|院落|范围|outline|plot|boundar", re.IGNORECASE)),
    ("barriers", re.compile("路|街|河|水|桥|门|墙|坎|铁|road|street|river|water|rail|bridge|wall|gate|barrier", re.IGNORECASE)),
)  # fmt: skip
_OFFICE = re.compile(
    r"\w*?街道(?:办事处|办)?|\w+?镇(?!\w*(?:路|街))"
)  # whose file it is says nothing of what is in it
_DRAWN_ROLES = (
    "clearance",
    "boundary",
    "barriers",
    "landmarks",
    "duties",
    "grids",
    "committees",
    "buildings",
    "outlines",
)
_CALLED_LINES, _CALLED_POINTS = ("barriers",), ("barriers", "landmarks")


@dataclass(frozen=True)
class Part:
    """One table of a file: `layer` where the file holds several, `role` a field of Request or UNUSED, `rows` it has.

    `problem` says why it cannot be read, "" where it can.
    """

    path: Path
    layer: str | None
    role: str
    rows: int = 0
    problem: str = ""

    @property
    def label(self) -> str:
        """Return what people call it."""
        return self.path.name if self.layer is None else f"{self.path.name}[{self.layer}]"


def parts_of_files(paths: Collection[Path], *, ledger_there: bool) -> list[Part]:
    """Return the tables of files in order, each with the role its content and its name speak for.

    One table at most is taken for the ledger: none where `ledger_there` says that there is one already. A plan of ours
    is the one in use; where nothing else is a ledger, its communities are.
    """
    found = [part for path in paths for part in _parts(path)]
    if not (ledger_there or any(part.role == LEDGER for part in found)):
        found = [_as_ledger(part) for part in found]
    for number, part in enumerate(found):
        if part.role == LEDGER:
            if ledger_there:
                found[number] = replace(part, role=UNUSED)
            ledger_there = True
    return found


def _parts(path: Path) -> Iterator[Part]:
    """Yield the tables of one file; a workbook of which only one sheet holds a table is one."""
    try:
        yield _part(path, None, read_table(path))
    except DataError as error:
        if error.code != "reading.layer_several":
            yield Part(path, None, UNUSED, problem=str(error))
            return
        names = layer_names(path)
        of_plan = set(names) >= _PLAN_LAYERS
        for name in names:
            try:
                part = _part(path, name, read_table(path, layer=name))
            except DataError as inner:
                part = Part(path, name, UNUSED, problem=str(inner))
            yield _of_plan(part) if of_plan else part


def _of_plan(part: Part) -> Part:
    """Return a layer of a plan of ours as what it is for: its communities say which areas are in use."""
    return replace(part, role=EXISTING if part.layer == LEDGER else UNUSED)


def _as_ledger(part: Part) -> Part:
    """Return the communities of a plan of ours as the ledger."""
    return replace(part, role=LEDGER) if part.layer == LEDGER and part.role == EXISTING else part


def _part(path: Path, layer: str | None, raw: RawTable) -> Part:
    names = (layer or path.stem, path.stem)
    return Part(
        path, layer, _table_role(raw) if raw.geometry is None else _drawn_role(raw, names), len(raw.frame)
    )


def _table_role(raw: RawTable) -> str:
    """Return the role of a table without shapes, by its headings."""
    words = _words(raw)
    if all(words & {normalised(w) for w in HEADINGS[column]} for column in ("a", "b", "kind")):
        return "links"
    few = len(words) <= 4
    if few and all(words & {normalised(w) for w in HEADINGS[column]} for column in ("community_id", "scope")):
        return "scope"
    if few and all(
        words & {normalised(w) for w in HEADINGS[column]} for column in ("community_id", "area_id")
    ):
        return EXISTING
    if _is_survey(words):
        return "survey"
    if words & {*synonyms()["building"]} and not words & {*synonyms()["name"], *synonyms()["address"]}:
        return "buildings"
    return LEDGER


def _is_survey(words: set[str]) -> bool:
    for spoken in LANGUAGES:
        with speaking(spoken):
            asked = {
                normalised(say(f"report.column.{c}"))
                for c in ("community_id", "per_storey", "household_column")
            }
        if asked <= words:
            return True
    return False


def _drawn_role(raw: RawTable, names: Collection[str]) -> str:
    """Return the role of a layer: lines divide; of points and outlines the name speaks first, then the headings."""
    assert raw.geometry is not None
    kinds = raw.geometry.geom_type.dropna()
    if kinds.str.contains("Line").any():
        return _called(names, _CALLED_LINES) or "barriers"
    if 2 * kinds.str.contains("Polygon").sum() < len(kinds):
        return LEDGER if _counts(raw) else _called(names, _CALLED_POINTS) or "landmarks"
    named = _called(names, _DRAWN_ROLES)
    if named in ("", "outlines"):
        return LEDGER if _counts(raw) else _by_headings(raw) or "outlines"
    return named


def _by_headings(raw: RawTable) -> str:
    words = _words(raw)
    if words & {*synonyms()["storeys"], *synonyms()["building"]}:
        return "buildings"
    if words & {*synonyms()["name"], *synonyms()["address"]} - {"name", "名称"}:
        return "outlines"
    return next(
        (
            role
            for role, ours in (("grids", "grids"), ("committees", "committee"))
            if words & {*synonyms()[ours]}
        ),
        "",
    )


def _called(names: Collection[str], roles: Collection[str]) -> str:
    return next(
        (
            role
            for name in names
            for role, words in _CALLED
            if role in roles and words.search(_OFFICE.sub("", name))
        ),
        "",
    )


def _counts(raw: RawTable) -> bool:
    return bool(_words(raw) & {word for ours in COUNT_FIELDS for word in synonyms()[ours]})


def _words(raw: RawTable) -> set[str]:
    return {normalised(str(heading)) for heading in raw.frame.columns}
