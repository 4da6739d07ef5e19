"""Ledger joined to outlines and to buildings: by id, by name with address and committee, by containment; never by likeness."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.coordinates import representative_points
from geo.numbers import is_missing, squeeze
from geo.reading import RawTable
from geo.schema import Finding, finding
from geo.wording import say

NEAR_LIKENESS = 0.6  # share of two-character pieces in common above which names are shown side by side
NEAR_SHOWN = 3


@dataclass(frozen=True)
class Side:
    """One of two tables that are joined, with its headings by our field."""

    raw: RawTable
    columns: Mapping[str, str]

    def keys(self, ours: str) -> pd.Series:
        """Return the cells of our field as they are compared, "" where missing."""
        frame = self.raw.frame
        if ours not in self.columns:
            return pd.Series("", index=frame.index, dtype="str")
        cells = frame[self.columns[ours]]
        return cells.mask(is_missing(cells), "").map(squeeze).astype("str")

    def label(self, row: int) -> str:
        """Return the name of a row for people, its id where it has no name."""
        heading = self.columns.get("name") or self.columns.get("id")
        return str(self.raw.frame.loc[row, heading]) if heading else ""


def join_outlines(
    ledger: Side, outlines: Side, *, ids: pd.Series, geometry: gpd.GeoSeries
) -> tuple[gpd.GeoSeries, tuple[Finding, ...]]:
    """Return the outline of each ledger row (None where none is certain), and what could not be joined.

    `ids` are the community ids of the ledger's rows; `geometry` is that of the outlines in a true CRS. Equal ids join;
    of the rest, normalised name, and address and committee where both sides give them (and id, where the tables have
    some in common), and then a pair counts only if neither side has another partner. Like names are listed, never joined.
    """
    by_id = _pairs_by_id(ledger, outlines, ids)
    by_name = _pairs_by_name(ledger, outlines)
    by_name = by_name[~by_name["row"].isin(by_id["row"]) & ~by_name["outline"].isin(by_id["outline"])]
    fitting = by_name[~_other_ids(ledger, outlines, by_name)] if len(by_id) else by_name
    certain = fitting[~fitting["row"].duplicated(keep=False) & ~fitting["outline"].duplicated(keep=False)]
    alone = sorted(set(ledger.raw.frame.index) - set(by_id["row"]) - set(by_name["row"]))
    left = sorted(set(outlines.raw.frame.index) - set(by_id["outline"]) - set(by_name["outline"]))
    findings = [finding("cleaning.outline_alone", outlines.raw.file, o, name=outlines.label(o)) for o in left]
    findings += _doubtful(ledger, outlines, by_name[~by_name["row"].isin(certain["row"])])
    near = _near(ledger, alone, outlines, left)
    findings += [_no_outline(ledger, row, outlines, near.get(row, [])) for row in alone]
    certain = pd.concat([by_id, certain], ignore_index=True)
    shapes = geometry.loc[certain["outline"]].groupby(certain["row"].to_numpy())
    joined = pd.Series(None, index=ledger.raw.frame.index, dtype=object)
    for row, parts in shapes:
        there = parts[parts.notna()].to_numpy()
        joined.loc[row] = shapely.union_all(there) if len(there) > 1 else next(iter(there), None)
    return gpd.GeoSeries(joined, index=joined.index, crs=geometry.crs), tuple(findings)


def owner_by_place(points: gpd.GeoSeries, outlines: gpd.GeoSeries) -> pd.Series:
    """Return, for each point, the label of the outline it lies in; "" where it lies in none or in several."""
    owners = pd.Series("", index=points.index, dtype="str")
    shapes = outlines.to_numpy()
    which, inside = shapely.STRtree(shapes).query(points.to_numpy(), predicate="within")
    once = np.bincount(which, minlength=len(points))[which] == 1
    owners.iloc[which[once]] = outlines.index.to_numpy()[inside[once]]
    return owners


def centres(geometry: gpd.GeoSeries) -> gpd.GeoSeries:
    """Return the representative point of each geometry, None without a place."""
    xy = representative_points(geometry)
    there = np.isfinite(xy).all(axis=1)
    points = np.full(len(xy), None, dtype=object)
    points[there] = shapely.points(xy[there])
    return gpd.GeoSeries(points, index=geometry.index, crs=geometry.crs)


def _pairs_by_id(ledger: Side, outlines: Side, ids: pd.Series) -> pd.DataFrame:
    if "id" not in ledger.columns or "id" not in outlines.columns:
        return pd.DataFrame({"row": [], "outline": []})
    theirs = outlines.raw.frame[outlines.columns["id"]].str.normalize("NFKC").str.strip()
    ours = pd.DataFrame({"key": ids, "row": ids.index})
    return ours.merge(pd.DataFrame({"key": theirs, "outline": theirs.index}), on="key")[["row", "outline"]]


def _pairs_by_name(ledger: Side, outlines: Side) -> pd.DataFrame:
    ours, theirs = (
        pd.DataFrame({key: side.keys(key) for key in ("name", "address", "committee")}).assign(
            **{label: side.raw.frame.index}
        )
        for side, label in ((ledger, "row"), (outlines, "outline"))
    )
    pairs = ours[ours["name"] != ""].merge(theirs[theirs["name"] != ""], on="name", suffixes=("", "_there"))
    for key in ("address", "committee"):
        given = (pairs[key] != "") & (pairs[f"{key}_there"] != "")
        pairs = pairs[~given | (pairs[key] == pairs[f"{key}_there"])]
    return pairs[["row", "outline"]].reset_index(drop=True)


def _other_ids(ledger: Side, outlines: Side, pairs: pd.DataFrame) -> "pd.Series[bool]":
    """Return which pairs have two ids that differ: where ids are in common use, equal names do not make them one."""
    ours = ledger.keys("id").loc[pairs["row"]].set_axis(pairs.index)
    theirs = outlines.keys("id").loc[pairs["outline"]].set_axis(pairs.index)
    return (ours != "") & (theirs != "") & (ours != theirs)


def _doubtful(ledger: Side, outlines: Side, pairs: pd.DataFrame) -> list[Finding]:
    column, file, there = ledger.columns.get("name", ""), ledger.raw.file, outlines.raw.file
    return [
        finding(
            "cleaning.join_doubtful",
            file,
            row,
            column,
            name=ledger.label(row),
            there=there,
            outlines=tuple(str(o) for o in sorted(pairs["outline"][pairs["row"] == row])),
        )
        for row in sorted(pairs["row"].unique().tolist())
    ]


def _near(ledger: Side, rows: list[int], outlines: Side, left: list[int]) -> dict[int, list[int]]:
    """Return, by ledger row, the outlines with the likest names (Dice coefficient of two-character pieces)."""
    pieces = {o: _pieces(outlines.label(o)) for o in left}
    having = defaultdict(list)
    for outline, its in pieces.items():
        for piece in its:
            having[piece].append(outline)
    near = {}
    for row in rows:
        mine = _pieces(ledger.label(row))
        shared = Counter(outline for piece in mine for outline in having[piece])
        likeness = {o: 2 * n / (len(mine) + len(pieces[o])) for o, n in shared.items()}
        near[row] = [o for _, o in sorted((-s, o) for o, s in likeness.items() if s >= NEAR_LIKENESS)][
            :NEAR_SHOWN
        ]
    return near


def _pieces(name: str) -> set[str]:
    squeezed = squeeze(name)
    return {squeezed[i : i + 2] for i in range(len(squeezed) - 1)}


def _no_outline(ledger: Side, row: int, outlines: Side, near: list[int]) -> Finding:
    code = "cleaning.join_near" if near else "cleaning.join_nothing"
    names = tuple(say("findings.cleaning.near", name=outlines.label(o), row=o) for o in near)
    column, there = ledger.columns.get("name", ""), outlines.raw.file
    return finding(code, ledger.raw.file, row, column, name=ledger.label(row), there=there, names=names)
