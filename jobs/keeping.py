"""What an updated ledger is not given again: outlines, buildings, layers and hand-given links come from the plan that it updates."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import pandas as pd

from geo.barriers import Barriers
from geo.headings import Fields, find_columns
from geo.reading import RawTable
from geo.wording import say
from jobs.request import Request
from report.results import Results

OVERLAYS = ("grids", "committees", "duties", "landmarks")
OUTLINES = ("Polygon", "MultiPolygon")


@dataclass(frozen=True)
class Kept:
    """Parts of a plan that stand in for files; None, empty where the files give them or the plan had none.

    `outlines` and `buildings` as if read from a file; `layers` by key of report.results.LAYER_KEYS; `links` as
    geo.given.read_links gives them; `scope` by community.
    """

    outlines: RawTable | None = None
    buildings: RawTable | None = None
    barriers: Barriers | None = None
    layers: Mapping[str, gpd.GeoDataFrame] = field(default_factory=dict)
    links: pd.DataFrame | None = None
    scope: "pd.Series[str] | None" = None

    def layers_in(self, crs: Any) -> dict[str, gpd.GeoDataFrame]:
        """Return the layers in this CRS."""
        return {key: layer.to_crs(crs) for key, layer in self.layers.items()}

    def barriers_in(self, crs: Any) -> Barriers | None:
        """Return the barriers in this CRS."""
        if self.barriers is None:
            return None
        return Barriers(self.barriers.features.to_crs(crs), self.barriers.crossings.to_crs(crs))

    def links_among(self, known: pd.Index) -> pd.DataFrame | None:
        """Return the given links between communities that are still there."""
        if self.links is None:
            return None
        return self.links[self.links["a"].isin(known) & self.links["b"].isin(known)].reset_index(drop=True)


NOTHING = Kept()


def kept_of(base: Results, request: Request, ledger: RawTable) -> Kept:
    """Return what of the plan `base` stands in for what the request does not name; `ledger` is its table of communities."""
    drawn = (request.grids, request.committees, request.duties, request.landmarks)
    given = {key for key, files in zip(OVERLAYS, drawn, strict=True) if files}
    barriers = None if request.barriers or "barriers" not in base.layers else _barriers(base)
    return Kept(
        outlines=None if request.outlines is not None else _outlines(base, ledger),
        buildings=None if request.buildings is not None else _buildings(base),
        barriers=barriers,
        layers={key: base.layers[key] for key in OVERLAYS if key in base.layers and key not in given},
        links=None if request.links is not None else _links(base),
        scope=None if request.scope is not None else _scope(base),
    )


def _outlines(base: Results, ledger: RawTable) -> RawTable | None:
    """Return the outlines, by id and name; without a place in the ledger the points as well."""
    if ledger.geometry is not None:
        return None
    columns = find_columns(list(ledger.frame.columns), Fields(), file=ledger.file)
    placed = {"lon", "lat", "lonlat", "wkt"} & set(columns)
    shapes = base.communities.geometry
    there = ~(shapes.isna() | shapes.is_empty)
    if placed:
        there &= shapes.geom_type.isin(OUTLINES)
    table = base.communities[there]
    if table.empty:
        return None
    return _raw(table.reset_index(), ["community_id", "name"], "keeping.outlines")


def _buildings(base: Results) -> RawTable | None:
    if base.buildings is None or base.buildings.empty:
        return None
    return _raw(base.buildings, ["community_id", "name", "count", "storeys"], "keeping.buildings")


def _raw(table: gpd.GeoDataFrame, columns: list[str], name: str) -> RawTable:
    """Return a table of ours as if it had been read from a file of this name."""
    frame = pd.DataFrame(table)[columns]
    texts = frame.astype("object").where(frame.notna(), "").astype("str")
    rows = pd.RangeIndex(1, len(frame) + 1, name="row")
    geometry = gpd.GeoSeries(table.geometry.to_numpy(), index=rows)
    return RawTable(say(name), texts.set_axis(rows), geometry, table.crs, True, ())


def _barriers(base: Results) -> Barriers:
    features = base.layers["barriers"]
    crossings = base.layers.get(
        "crossings", gpd.GeoDataFrame({"kind": [], "barrier_class": []}, geometry=[], crs=features.crs)
    )
    return Barriers(_texts(features), _texts(crossings))


def _texts(layer: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    texts = [c for c in ("name", "kind", "barrier_class") if c in layer.columns]
    return layer.assign(**{c: layer[c].fillna("").astype("str") for c in texts})


def _links(base: Results) -> pd.DataFrame | None:
    """Return the pairs that were given by hand, as a file of links would say them."""
    given = base.links.loc[base.links["kind"] == "given", ["a", "b"]].assign(kind="adjacent")
    refused = base.refused_links.loc[base.refused_links["cause"] == "not_adjacent", ["a", "b"]]
    pairs = [
        pd.DataFrame(given),
        pd.DataFrame(refused).assign(kind="not_adjacent"),
        base.pairs[["a", "b", "kind"]],
    ]
    table = pd.concat(pairs, ignore_index=True).drop_duplicates(ignore_index=True)
    return table.assign(reason="", row=table.index + 1).astype({"reason": "str"}) if len(table) else None


def _scope(base: Results) -> "pd.Series[str] | None":
    known = "scope_unknown" not in base.summary.get("caveats", ())
    return base.communities["scope"] if known else None
