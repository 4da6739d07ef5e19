"""The sample town as its street office delivers it: a ledger, a zipped shapefile, GeoPackages, GeoJSON, csv."""

import csv
import io
import json
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import geopandas as gpd
import pandas as pd
import pyogrio
import shapely
from ledger import DELIVERED, STREET_TOWN, ledger, ledger_ids
from shapely.ops import nearest_points
from town import Town, moved

ZIP_DATE = (2026, 9, 30, 17, 0, 0)
DEGREES = "EPSG:4490"  # CGCS2000 in degrees, 7 decimals are a centimetre
JUNCTION_M = 12.0
UNCLASSED_STREET = ("规划二号路", "规划路", [[800, 60], [900, 40], [1010, 62]])


def deliver(town: Town, faults: Mapping[str, Any], origin: tuple[float, float], folder: Path) -> None:
    """Write all files of the delivery into `folder`; the same town gives the same bytes."""
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": f"{DELIVERED:%Y-%m-%dT%H:%M:%S}.000Z"})
    (folder / "ledger.xlsx").write_bytes(ledger(town, faults))
    (folder / "outlines.zip").write_bytes(outlines_zip(town, faults, origin))
    _write_gpkg(folder / "base.gpkg", base_layers(town), origin)
    _write_gpkg(folder / "duties.gpkg", duty_layers(town, faults), origin)
    _write_geojson(
        folder / "grids.geojson",
        _titled(town.grids[["name", "committee", "geometry"]], "网格名称", "社区"),
        origin,
    )
    _write_geojson(
        folder / "committees.geojson", _titled(_joined(town.grids, "committee"), "社区名称"), origin
    )
    _write_geojson(folder / "buildings.geojson", buildings_layer(town, faults), origin)
    ids = ledger_ids(town, faults)
    rows = [
        (i, *faults["scope"][n])
        for i, n in zip(ids, town.communities["name"], strict=True)
        if n in faults["scope"]
    ]
    _write_csv(folder / "scope.csv", ("community_id", "scope", "reason"), rows)
    id_of = dict(zip(town.communities["name"], ids, strict=True))
    links = [(id_of[k["a"]], id_of[k["b"]], k["kind"], k["reason"]) for k in faults["link"]]
    _write_csv(folder / "links.csv", ("a", "b", "kind", "reason"), links)


# --- layers --------------------------------------------------------------------------------------------


def base_layers(town: Town) -> dict[str, gpd.GeoDataFrame]:
    """Return the layers of the base map, each with the headings an office gives it."""
    bones = town.skeleton
    land = bones.bound.buffer(45)
    spans = bones.river.buffer(7)
    new = gpd.GeoDataFrame(
        {"name": [UNCLASSED_STREET[0]], "class": [UNCLASSED_STREET[1]]},
        geometry=[shapely.LineString(UNCLASSED_STREET[2])],
    )
    met = bones.streets.set_geometry(_met(list(bones.streets.geometry)))
    streets = pd.concat([met, new], ignore_index=True).clip(land).sort_index()
    bridges = streets[streets.crosses(bones.river)]
    under = shapely.union_all(
        bones.streets.geometry[bones.streets["class"].isin(["主干路", "次干路"])].buffer(14)
    )
    return {
        "streets": _titled(_spanned(streets, spans), "名称", "类别", "桥梁"),
        "water": _named(["桂溪河"], [bones.river.intersection(land)], "河流"),
        "railway": _titled(
            _spanned(_named(["桂溪支线"], [bones.railway.intersection(land)], "铁路"), under),
            "名称",
            "类别",
            "桥梁",
        ),
        "bridges": _named(
            [f"{n}桂溪桥" for n in bridges["name"]], [g.intersection(spans) for g in bridges.geometry], "桥梁"
        ),
        "walls": _named(town.walls["name"], town.walls.geometry, "围墙"),
        "gates": _titled(town.gates, "名称"),
        "retaining_walls": _named(town.retaining_walls["name"], town.retaining_walls.geometry, "堡坎"),
        "landmarks": _titled(town.landmarks, "名称"),
        "facilities": _titled(town.facilities, "名称", "类别", "服务小区"),
    }


def _met(lines: list[shapely.LineString]) -> list[shapely.LineString]:
    """Return lines whose ends lie on the street that they were drawn up to."""
    out = []
    for k, line in enumerate(lines):
        others = shapely.union_all([*lines[:k], *lines[k + 1 :]])
        ends = [shapely.get_point(line, 0), shapely.get_point(line, -1)]
        ends = [nearest_points(others, e)[0] if e.distance(others) < JUNCTION_M else e for e in ends]
        out.append(shapely.LineString([ends[0], *line.coords[1:-1], ends[1]]))
    return out


def duty_layers(town: Town, faults: Mapping[str, Any]) -> dict[str, gpd.GeoDataFrame]:
    """Return who answers for which ground: the street office, police stations, managing companies."""
    company = town.communities["name"].map(faults["company"])
    managed = town.communities[company.notna()].assign(company=company)
    street = gpd.GeoDataFrame(
        {"name": [STREET_TOWN]}, geometry=[shapely.union_all(town.grids.geometry.array)]
    )
    return {
        "police": _titled(_joined(town.grids, "police"), "名称"),
        "street": _titled(street, "街道名称"),
        "companies": _titled(_joined(managed, "company"), "物业公司"),
    }


def buildings_layer(town: Town, faults: Mapping[str, Any]) -> gpd.GeoDataFrame:
    """Return footprints with the households the office knows, and one building that belongs to nobody."""
    table = town.buildings
    of = town.communities.iloc[table["community"]].reset_index(drop=True)
    unknown = of["name"].isin([n for n, text in faults["count"].items() if text in ("", "0") or "-" in text])
    layer = gpd.GeoDataFrame(
        {
            "小区编号": of["id"],
            "楼栋号": table["number"],
            "层数": table["storeys"].astype("str"),
            "户数": table["households"].astype("str").mask(unknown, ""),
        },
        geometry=table.geometry.to_numpy(),
    )
    square = town.landmarks.geometry[town.landmarks["name"] == "人民广场"].iloc[0]
    kiosk = gpd.GeoDataFrame(
        {"小区编号": [""], "楼栋号": ["公厕"], "层数": ["1"], "户数": [""]},
        geometry=[shapely.oriented_envelope(square.representative_point().buffer(6))],
    )
    return pd.concat([layer, kiosk], ignore_index=True)


def outlines_layer(town: Town, faults: Mapping[str, Any]) -> gpd.GeoDataFrame:
    """Return the outlines with headings of at most five characters, and with the faults of hand-drawn ones."""
    c = town.communities
    layer = c[["id", "name", "address", "geometry"]].set_geometry(c.geometry.map(shapely.normalize))
    shapes = layer.geometry.to_list()
    position = dict(zip(c["name"], c.index, strict=True))
    drawn = faults["outline"]
    shapes[position[drawn["crossed"]]] = _crossed(shapes[position[drawn["crossed"]]])
    one, other = (position[n] for n in drawn["overlap"])
    shapes[one] = shapely.union(shapes[one], _tongue(shapes[one], shapes[other]))
    gone = town.landmarks.geometry[town.landmarks["name"] == drawn["gone_at"]].iloc[0]
    rows = pd.DataFrame([*layer[["id", "name", "address"]].to_numpy(), ("GH199", drawn["gone"], "")])
    return gpd.GeoDataFrame(rows.set_axis(["编号", "小区名称", "地址"], axis=1), geometry=[*shapes, gone])


def _crossed(shape: shapely.Polygon) -> shapely.Polygon:
    """Return an outline in which two corners were taken in the wrong order, so that it crosses itself."""
    xy = list(shape.exterior.coords)
    sides = [shapely.Point(a).distance(shapely.Point(b)) for a, b in pairwise(xy[1:-1])]
    k = 1 + sides.index(min(sides))
    return shapely.Polygon([*xy[:k], xy[k + 1], xy[k], *xy[k + 2 :]])


def _tongue(one: shapely.Polygon, other: shapely.Polygon) -> shapely.Polygon:
    """Return the ground by which one outline was drawn into the other: 24 m wide, 2.5 m deep."""
    (x0, y0), (x1, y1) = shapely.shortest_line(one, other).coords
    beyond = 1 + 2.5 / shapely.distance(one, other)
    way = shapely.LineString(
        [
            (x1 - beyond * (x1 - x0), y1 - beyond * (y1 - y0)),
            (x0 + beyond * (x1 - x0), y0 + beyond * (y1 - y0)),
        ]
    )
    return way.buffer(12, cap_style="flat")


def outlines_zip(town: Town, faults: Mapping[str, Any], origin: tuple[float, float]) -> bytes:
    """Return the shapefile in GBK without a .cpg and without a language byte, zipped."""
    layer = moved(outlines_layer(town, faults), origin)
    stream = io.BytesIO()
    with TemporaryDirectory() as folder:
        path = Path(folder) / "outlines.shp"
        pyogrio.write_dataframe(
            layer, path, encoding="GBK", layer_options={"DBF_DATE_LAST_UPDATE": f"{DELIVERED:%Y-%m-%d}"}
        )
        with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
            for suffix in (".dbf", ".prj", ".shp", ".shx"):
                part = path.with_suffix(suffix)
                archive.writestr(
                    zipfile.ZipInfo(f"小区边界/{part.name}", ZIP_DATE),
                    part.read_bytes(),
                    zipfile.ZIP_DEFLATED,
                )
    return stream.getvalue()


# --- writing ---------------------------------------------------------------------------------------------


def _titled(table: gpd.GeoDataFrame, *headings: str) -> gpd.GeoDataFrame:
    return table.set_axis([*headings, "geometry"], axis=1).set_geometry("geometry")


def _named(names: Iterable[str], shapes: Iterable[Any], kind: str) -> gpd.GeoDataFrame:
    names = list(names)
    return gpd.GeoDataFrame({"名称": names, "类别": [kind] * len(names)}, geometry=list(shapes))


def _joined(table: gpd.GeoDataFrame, column: str) -> gpd.GeoDataFrame:
    return table[[column, "geometry"]].dissolve(column, sort=False).reset_index()[[column, "geometry"]]


def _spanned(lines: gpd.GeoDataFrame, spans: Any) -> gpd.GeoDataFrame:
    """Return lines cut where they lead over or under something, these pieces marked as bridges."""
    rest = lines.set_geometry(lines.difference(spans)).assign(bridge="否")
    over = lines.set_geometry(lines.intersection(spans)).assign(bridge="是")
    both = pd.concat([rest, over]).explode().loc[lambda t: ~t.geometry.is_empty]
    names = [c for c in lines.columns if c != "geometry"]
    return both.sort_index(kind="stable")[[*names, "bridge", "geometry"]].reset_index(drop=True)


def _write_gpkg(path: Path, layers: Mapping[str, gpd.GeoDataFrame], origin: tuple[float, float]) -> None:
    path.unlink(missing_ok=True)
    for name, table in layers.items():
        pyogrio.write_dataframe(
            moved(table, origin),
            path,
            layer=name,
            append=path.exists(),
            layer_options={"SPATIAL_INDEX": "NO"},
        )


def _write_geojson(path: Path, table: gpd.GeoDataFrame, origin: tuple[float, float]) -> None:
    placed = moved(table, origin).to_crs(DEGREES)
    shapes = [shapely.transform(s, lambda xy: xy.round(7)) for s in placed.geometry]
    texts = placed.drop(columns="geometry").to_dict("records")
    features = [
        {"type": "Feature", "properties": p, "geometry": shapely.geometry.mapping(s)}
        for p, s in zip(texts, shapes, strict=True)
    ]
    crs = {"type": "name", "properties": {"name": f"urn:ogc:def:crs:EPSG::{DEGREES.rpartition(':')[2]}"}}
    data = {"type": "FeatureCollection", "crs": crs, "features": features}
    path.write_text(json.dumps(data, ensure_ascii=False, separators=(",", ":")), encoding="utf-8")


def _write_csv(path: Path, heads: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        csv.writer(stream).writerows([heads, *rows])
