"""What was read, before anybody plans: which column is what, what became of each row, where the communities lie."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.coordinates import representative_points
from geo.drawn import drawn_layer
from geo.headings import Fields, find_columns, find_count_columns, normalised, read_fields
from geo.places import far_away_m, places_of
from geo.reading import RawTable
from geo.schema import DataError, findings_table
from jobs.policy import read_policy
from jobs.request import Request
from jobs.sources import RawSources, Sources, clean_sources, read_sources
from report.fixlist import valued
from report.sketches import LARGE_PX, Drawn, sketch, window_around

SAMPLES = 3
SAMPLE_SIGNS = 40  # of a cell that is shown
SYSTEMS = ("EPSG:4490", "gcj02", "bd09")
AROUND_M = 1_200.0  # shown to each side of the middle where readings are told apart: a shift is about 500 m
APART_M, MOST_NAMED = 500.0, 6  # places that bear their names there
REFUSED_ROWS = "cleaning.row_"  # findings of rows that are no community begin like this
PERSONAL = ("reading.personal_column", "reading.personal_content")


@dataclass(frozen=True)
class Head:
    """The head of the ledger: `columns` the heading by our field, `counts` those that could be judged.

    `samples` are filled cells by heading; `personal` headings were left out at reading.
    """

    headings: Sequence[str]
    columns: Mapping[str, str]
    counts: Sequence[str]
    samples: Mapping[str, Sequence[str]]
    personal: Sequence[str]

    @property
    def key(self) -> str:
        """Return what tables with the same columns have in common, in whatever order they stand."""
        return "\t".join(sorted(map(normalised, self.headings)))


@dataclass(frozen=True)
class Rows:
    """What became of the rows of the ledger: `refused` by the code of its finding; `held` and `unplaced` are names by id."""

    rows_in: int
    used: int
    refused: Mapping[str, int]
    communities: int
    held: Mapping[str, str]
    unplaced: Mapping[str, str]


@dataclass(frozen=True)
class Reading:
    """The places of the ledger under one coordinate system: a `picture`, the shift from the first reading in metres.

    `inside` of `places` lie in the outlines (or else the areas) of the file `against`, "" where there is none.
    """

    system: str
    picture: str
    east_m: float
    north_m: float
    inside: int = 0
    places: int = 0
    against: str = ""


@dataclass(frozen=True)
class Preview:
    """All there is to show of a request before it is planned.

    `refusal` is the error that stands in the way: then there is a head, readings where the coordinate system is not known,
    and no more. `findings` are rows of FINDING_COLUMNS with the cell's value (report.fixlist).
    """

    head: Head | None = None
    rows: Rows | None = None
    findings: Sequence[Mapping[str, str]] = ()
    picture: str = ""
    looks: Sequence[str] = ()
    readings: Sequence[Reading] = ()
    refusal: DataError | None = field(default=None, compare=False)


def preview(request: Request) -> Preview:
    """Return what a run of this request would read; what it would refuse is told in `refusal`, not raised."""
    try:
        raw = read_sources(request)
    except DataError as error:
        return Preview(refusal=error)
    head = _head(raw.communities, request)
    try:
        sources = clean_sources(raw, request, read_policy(request))
    except DataError as error:
        readings = _readings(raw, head) if error.code == "coordinates.ask" else ()
        return Preview(head=head, readings=readings, refusal=error)
    layers = _layers(sources)
    return Preview(
        head=_head(raw.communities, request, sources=sources),
        rows=_rows(sources),
        findings=valued(findings_table(sources.findings), {t.file: t.frame for t in raw.tables()}),
        picture=_picture(sources, layers),
        looks=tuple(layer.look for layer in layers if len(layer.shapes)),
    )


# --- the head --------------------------------------------------------------------------------------


def _head(raw: RawTable, request: Request, *, sources: Sources | None = None) -> Head:
    """Return the head as it is matched, as far as it can be without an error."""
    headings = [str(heading) for heading in raw.frame.columns]
    columns = dict(sources.cleaned.columns) if sources is not None else _columns(headings, request, raw.file)
    others = {heading for ours, heading in columns.items() if ours != "count"}
    counts = tuple(find_count_columns(headings, taken=others))
    if sources is not None and sources.cleaned.count_heading in headings:
        columns["count"] = sources.cleaned.count_heading
    elif len(counts) == 1:
        columns.setdefault("count", counts[0])
    personal = tuple(f.column for f in raw.findings if f.code in PERSONAL)
    return Head(tuple(headings), columns, counts, {h: _samples(raw.frame[h]) for h in headings}, personal)


def _columns(headings: list[str], request: Request, file: str) -> dict[str, str]:
    named = {"id": request.id_column, "name": request.name_column, "count": request.count_column}
    try:
        return find_columns(headings, read_fields(request.fields, **named), file=file)
    except DataError:  # what was said does not fit; the head is shown as it is found without it
        return find_columns(headings, Fields(), file=file)


def _samples(column: "pd.Series[str]") -> tuple[str, ...]:
    filled = column[column.str.strip() != ""].drop_duplicates().head(SAMPLES)
    return tuple(text if len(text) <= SAMPLE_SIGNS else f"{text[:SAMPLE_SIGNS]}…" for text in filled)


# --- the rows --------------------------------------------------------------------------------------


def _rows(sources: Sources) -> Rows:
    table, cleaned = sources.communities, sources.cleaned
    told = Counter(
        f.code
        for f in cleaned.findings
        if f.code.startswith(REFUSED_ROWS) and f.code != "cleaning.row_nameless"
    )
    unknown = table["count_status"] == "unknown"
    return Rows(
        rows_in=cleaned.rows_in,
        used=cleaned.rows_used,
        refused=dict(sorted(told.items())),
        communities=len(table),
        held={str(i): str(n) for i, n in table.loc[unknown, "name"].items()},
        unplaced={str(i): str(n) for i, n in table.loc[table.geometry.isna(), "name"].items()},
    )


# --- the map ---------------------------------------------------------------------------------------


def _layers(sources: Sources) -> list[Drawn]:
    table = sources.communities[sources.communities.geometry.notna()]
    if table.empty:
        return []
    below = [
        Drawn(look, sources.layers[look].geometry)
        for look in ("committees", "grids", "duties", "landmarks")
        if look in sources.layers
    ]
    if sources.barriers is not None:
        below.append(Drawn("barriers", sources.barriers.features.geometry))
    unknown = table["count_status"] == "unknown"
    names = table["name"].tolist()
    return [
        *below,
        Drawn("known", table.geometry[~unknown], [n for n, u in zip(names, unknown, strict=True) if not u]),
        Drawn("unknown", table.geometry[unknown], [n for n, u in zip(names, unknown, strict=True) if u]),
    ]


def _picture(sources: Sources, layers: Sequence[Drawn]) -> str:
    """Return the communities on what lies around them, "" without any place; those far off all others do not widen it."""
    shapes = sources.communities.geometry.dropna()
    if shapes.empty:
        return ""
    places = shapes.centroid.to_crs("EPSG:4490")
    far, _ = far_away_m(places.x.to_numpy(), places.y.to_numpy())
    return sketch(layers, window=window_around(shapes[~far]))


# --- readings of the coordinates -------------------------------------------------------------------


def _readings(raw: RawSources, head: Head) -> tuple[Reading, ...]:
    """Return the places under each system that the numbers may be in, all three on the same piece of ground."""
    columns = {ours: heading for ours, heading in head.columns.items() if ours != "count"}
    found: dict[str, gpd.GeoSeries] = {}
    for system in SYSTEMS:
        places = places_of(raw.communities, columns, crs=system).geometry
        there = places[places.notna()]
        found[system] = there.to_crs(found[SYSTEMS[0]].crs if found else there.estimate_utm_crs())
    around = dict(_around(raw, found[SYSTEMS[0]].crs))
    first = representative_points(found[SYSTEMS[0]])
    window = _window(found, around)
    names = _landmarks(raw, columns, found[SYSTEMS[0]], window)
    against, outline = _outline(around, raw)
    return tuple(
        Reading(
            system=system,
            picture=sketch(
                [*around.values(), Drawn("known", places, names)], window=window, name_px=LARGE_PX
            ),
            east_m=float(np.median(representative_points(places)[:, 0] - first[:, 0])),
            north_m=float(np.median(representative_points(places)[:, 1] - first[:, 1])),
            inside=_inside(places, outline),
            places=len(places),
            against=against,
        )
        for system, places in found.items()
    )


def _landmarks(
    raw: RawSources,
    columns: Mapping[str, str],
    places: gpd.GeoSeries,
    window: tuple[float, float, float, float],
) -> list[str]:
    """Return a name for a few places in the window that stand apart, "" for the others: what the eye can follow."""
    names = [""] * len(places)
    if "name" not in columns:
        return names
    told = raw.communities.frame[columns["name"]][places.index].tolist()
    west, south, east, north = window
    points = representative_points(places)
    off_m = np.hypot(*(points - ((west + east) / 2, (south + north) / 2)).T)
    taken: list[int] = []
    for n in np.argsort(off_m, kind="stable"):
        apart = all(np.hypot(*(points[n] - points[m])) > APART_M for m in taken)
        if off_m[n] < AROUND_M and apart and len(taken) < MOST_NAMED:
            taken.append(int(n))
            names[n] = told[n]
    return names


def _around(raw: RawSources, crs: Any) -> Iterator[tuple[str, Drawn]]:
    """Yield what else was handed over and says itself where it lies, bottom first."""
    tables = {
        "committees": raw.layers.get("committees", ()),
        "grids": raw.layers.get("grids", ()),
        "landmarks": raw.layers.get("landmarks", ()),
        "barriers": raw.barriers,
        "outlines": () if raw.outlines is None else (raw.outlines,),
    }
    for look, group in tables.items():
        parts = []
        for table in group:
            try:
                parts.append(drawn_layer(table, crs=crs)[0].geometry)
            except DataError:  # it does not say where it lies either
                continue
        if parts:
            yield look, Drawn(look, pd.concat(parts, ignore_index=True))


def _outline(around: Mapping[str, Drawn], raw: RawSources) -> tuple[str, Any]:
    """Return the file whose outlines prove most, and their union: of the communities themselves, else of what holds them."""
    files = {
        "outlines": [] if raw.outlines is None else [raw.outlines.file],
        "grids": [table.file for table in raw.layers.get("grids", ())],
        "committees": [table.file for table in raw.layers.get("committees", ())],
    }
    for look, names in files.items():
        if look in around:
            shapes = around[look].shapes
            flat = shapes[shapes.geom_type.str.contains("Polygon")]
            if len(flat):
                return names[0], flat.make_valid().union_all()
    return "", None


def _inside(places: gpd.GeoSeries, outline: Any) -> int:
    return 0 if outline is None else int(places.representative_point().intersects(outline).sum())


def _window(
    found: Mapping[str, gpd.GeoSeries], around: Mapping[str, Drawn]
) -> tuple[float, float, float, float]:
    """Return a piece of ground around the place in the middle, small enough for a shift to be seen."""
    points = np.vstack([representative_points(places) for places in found.values()])
    middle = np.median(points, axis=0)
    x, y = points[np.argmin(np.hypot(*(points - middle).T))]
    if "outlines" in around or "grids" in around:  # where there is something to compare with
        shapes = around.get("outlines", around.get("grids"))
        assert shapes is not None
        x, y = np.median(representative_points(shapes.shapes), axis=0)
    return float(x) - AROUND_M, float(y) - AROUND_M, float(x) + AROUND_M, float(y) + AROUND_M
