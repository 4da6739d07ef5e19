"""The sample town as its street office delivers it: a ledger, a zipped shapefile, GeoPackages, GeoJSON, csv."""

import csv
import datetime as dt
import io
import json
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import geopandas as gpd
import pandas as pd
import pyogrio
import shapely
import xlsxwriter
from town import CRS, Town, moved

STREET_TOWN = "桂花街道"
DELIVERED = dt.datetime(2026, 9, 30, 17, 0, tzinfo=dt.UTC)
ZIP_DATE = (2026, 9, 30, 17, 0, 0)
DEGREES = "EPSG:4490"  # CGCS2000 in degrees, 7 decimals are a centimetre
UNCLASSED_STREET = ("规划二号路", "规划路", [[800, 60], [900, 40], [1010, 62]])

HEADS = ("序号", "街道", "社区", "编号", "小区名称", "地址", "规模", "", "", "", "建成年代", "物业公司", "联系人", "联系电话", "备注")
SCALE_HEADS = ("栋数", "户数", "建筑面积(万㎡)", "占地面积(㎡)")
SCALE_AT = HEADS.index("规模")
WIDTHS = (6, 11, 11, 10, 20, 20, 7, 16, 16, 14, 12, 26, 10, 14, 30)
CONTACTS = ("张某某", "李某某", "王某某", "刘某某", "陈某某")


def deliver(town: Town, faults: Mapping[str, Any], origin: tuple[float, float], folder: Path) -> None:
    """Write all files of the delivery into `folder`; the same town gives the same bytes."""
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": f"{DELIVERED:%Y-%m-%dT%H:%M:%S}.000Z"})
    (folder / "ledger.xlsx").write_bytes(ledger(town, faults))
    (folder / "outlines.zip").write_bytes(outlines_zip(town, faults, origin))
    _write_gpkg(folder / "base.gpkg", base_layers(town), origin)
    _write_gpkg(folder / "duties.gpkg", duty_layers(town, faults), origin)
    _write_geojson(folder / "grids.geojson", _titled(town.grids[["name", "committee", "geometry"]], "网格名称", "社区"), origin)
    _write_geojson(folder / "committees.geojson", _titled(_joined(town.grids, "committee"), "社区名称"), origin)
    _write_geojson(folder / "buildings.geojson", buildings_layer(town, faults), origin)
    ids = ledger_ids(town, faults)
    rows = [(i, *faults["scope"][n]) for i, n in zip(ids, town.communities["name"], strict=True) if n in faults["scope"]]
    _write_csv(folder / "scope.csv", ("community_id", "scope", "reason"), rows)
    id_of = dict(zip(town.communities["name"], ids, strict=True))
    links = [(id_of[k["a"]], id_of[k["b"]], k["kind"], k["reason"]) for k in faults["link"]]
    _write_csv(folder / "links.csv", ("a", "b", "kind", "reason"), links)


def ledger_ids(town: Town, faults: Mapping[str, Any]) -> list[str]:
    """Return the number under which the ledger holds each community, its name in the ledger where it lacks one."""
    none = set(faults["no_id"]["names"])
    pairs = zip(town.communities["id"], town.communities["name"], strict=True)
    return [faults["ledger_name"].get(name, name) if name in none else i for i, name in pairs]


# --- the ledger --------------------------------------------------------------------------------------


def ledger(town: Town, faults: Mapping[str, Any]) -> bytes:
    """Return the workbook: merged title, two-level head, merged cells, sums, notes, a hidden sheet of choices."""
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream, {"in_memory": True})
    book.set_properties({"title": "老旧小区台账", "created": DELIVERED.replace(tzinfo=None)})
    sheet = book.add_worksheet("台账")
    choices = book.add_worksheet("选项")
    choices.write_column(0, 0, ["物业管理方式", "专业化物业", "居民自治", "社区代管"])
    choices.hide()
    cell = book.add_format({"border": 1, "valign": "vcenter", "text_wrap": True})
    bold = book.add_format({"border": 1, "valign": "vcenter", "align": "center", "bold": True, "text_wrap": True})
    title = book.add_format({"bold": True, "align": "center", "font_size": 16})
    last = len(HEADS) - 1
    sheet.merge_range(0, 0, 0, last, f"{STREET_TOWN}老旧小区台账", title)
    sheet.merge_range(1, 0, 1, last, f"填报单位:{STREET_TOWN}办事处    填报日期:{DELIVERED:%Y年%m月%d日}")
    _write_heads(sheet, bold)
    row = _write_rows(sheet, town, faults, cell, bold)
    for note in faults["notes"]["lines"]:
        sheet.merge_range(row, 0, row, last, note)
        row += 1
    for column, width in enumerate(WIDTHS):
        sheet.set_column(column, column, width)
    sheet.freeze_panes(4, 5)
    book.close()
    return stream.getvalue()


def _write_heads(sheet: Any, bold: Any) -> None:
    sheet.merge_range(2, SCALE_AT, 2, SCALE_AT + len(SCALE_HEADS) - 1, "规模", bold)
    for k, head in enumerate(SCALE_HEADS):
        sheet.write(3, SCALE_AT + k, head, bold)
    for column, head in enumerate(HEADS):
        if not SCALE_AT <= column < SCALE_AT + len(SCALE_HEADS):
            sheet.merge_range(2, column, 3, column, head, bold)


def _write_rows(sheet: Any, town: Town, faults: Mapping[str, Any], cell: Any, bold: Any) -> int:
    """Write the rows of each committee and its sum, then the total; return the next free line."""
    table, last, row, running = _rows(town, faults), len(HEADS) - 1, 4, 0
    for committee, group in table.groupby("社区", sort=False):
        top = row
        blank = [dict.fromkeys(HEADS, "")] if committee == table["社区"].iloc[-1] else []  # numbered, not filled in
        for record in [*group.to_dict("records"), *blank]:
            running += 1
            values = [*(record[h] for h in HEADS[3:SCALE_AT]), *(record.get(h, "") for h in SCALE_HEADS)]
            values += [record[h] for h in HEADS[SCALE_AT + len(SCALE_HEADS) :]]
            sheet.write(row, 0, running, cell)
            for column, value in enumerate(values, 3):
                sheet.write(row, column, value, cell)
            row += 1
        sheet.merge_range(top, 1, row - 1, 1, STREET_TOWN, cell)
        sheet.merge_range(top, 2, row - 1, 2, committee, cell)
        _write_sum(sheet, row, f"{committee}合计", group, bold)
        row += 1
    _write_sum(sheet, row, "总计", table, bold)
    both = table.index[table["小区名称"].isin(faults["two_rows"])]
    lines = [4 + i + table["社区"].iloc[: i + 1].nunique() - 1 for i in both]
    site = SCALE_AT + SCALE_HEADS.index("占地面积(㎡)")
    sheet.merge_range(lines[0], site, lines[-1], site, table["占地面积(㎡)"][both[0]], cell)
    sheet.write(row, last, "", bold)
    return row + 1


def _write_sum(sheet: Any, row: int, label: str, rows: pd.DataFrame, bold: Any) -> None:
    sheet.merge_range(row, 0, row, SCALE_AT - 1, label, bold)
    sums = [int(rows["栋数"].sum()), int(rows["真户数"].sum()), round(float(rows["万㎡"].sum()), 2)]
    for k, value in enumerate(sums):
        sheet.write(row, SCALE_AT + k, value, bold)


def _rows(town: Town, faults: Mapping[str, Any]) -> pd.DataFrame:
    """Return the rows as typed, and 真户数, 万㎡ for the sums."""
    per = town.buildings.assign(m2=town.buildings.area * town.buildings["storeys"]).groupby("community")
    table = town.communities.assign(m2=per["m2"].sum(), blocks=per.size(), number=ledger_ids(town, faults))
    rows: list[dict[str, Any]] = []
    for n, c in enumerate(table.itertuples()):
        name = faults["ledger_name"].get(c.name, c.name)
        area = round(c.m2 / 10_000, 2)
        counts: Sequence[int] = faults["two_rows"].get(c.name, [c.households])
        for k, households in enumerate(counts):
            rows.append(
                {
                    "社区": c.committee,
                    "编号": "" if c.name in faults["no_id"]["names"] else c.id,
                    "小区名称": name,
                    "地址": c.address,
                    "栋数": 1 if k < len(counts) - 1 else c.blocks - k,
                    "户数": faults["count"].get(c.name, households),
                    "建筑面积(万㎡)": faults["floor_area"].get(c.name, round(area / len(counts), 2)),
                    "占地面积(㎡)": round(c.geometry.area) if k == 0 else "",
                    "建成年代": c.year,
                    "物业公司": faults["company"].get(c.name, "无"),
                    "联系人": CONTACTS[n % len(CONTACTS)],
                    "联系电话": "1380000xxxx",
                    "备注": faults["scope"].get(c.name, ["", ""])[1] or ("" if len(counts) == 1 else "其余各栋" if k else "1栋"),
                    "真户数": 0 if faults["count"].get(c.name, "1") in ("", "0") else households,
                    "万㎡": area / len(counts),
                }
            )
        if c.name in faults["again"]["names"]:
            rows.append(rows[-1])
    return pd.DataFrame(rows)


# --- layers --------------------------------------------------------------------------------------------


def base_layers(town: Town) -> dict[str, gpd.GeoDataFrame]:
    """Return the layers of the base map, each with the headings an office gives it."""
    bones = town.skeleton
    land = bones.bound.buffer(45)
    spans = bones.river.buffer(7)
    new = gpd.GeoDataFrame(
        {"name": [UNCLASSED_STREET[0]], "class": [UNCLASSED_STREET[1]]}, geometry=[shapely.LineString(UNCLASSED_STREET[2])]
    )
    streets = pd.concat([bones.streets, new], ignore_index=True).clip(land).sort_index()
    bridges = streets[streets.crosses(bones.river)]
    under = shapely.union_all(bones.streets.geometry[bones.streets["class"].isin(["主干路", "次干路"])].buffer(14))
    return {
        "streets": _titled(_spanned(streets, spans), "名称", "类别", "桥梁"),
        "water": _named(["桂溪河"], [bones.river.intersection(land)], "河流"),
        "railway": _titled(
            _spanned(_named(["桂溪支线"], [bones.railway.intersection(land)], "铁路"), under), "名称", "类别", "桥梁"
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


def duty_layers(town: Town, faults: Mapping[str, Any]) -> dict[str, gpd.GeoDataFrame]:
    """Return who answers for which ground: the street office, police stations, managing companies."""
    company = town.communities["name"].map(faults["company"])
    managed = town.communities[company.notna()].assign(company=company)
    street = gpd.GeoDataFrame({"name": [STREET_TOWN]}, geometry=[shapely.union_all(town.grids.geometry.array)])
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
    sides = [shapely.Point(a).distance(shapely.Point(b)) for a, b in zip(xy[1:-2], xy[2:-1], strict=True)]
    k = 1 + sides.index(min(sides))
    return shapely.Polygon([*xy[:k], xy[k + 1], xy[k], *xy[k + 2 :]])


def _tongue(one: shapely.Polygon, other: shapely.Polygon) -> shapely.Polygon:
    """Return the ground by which one outline was drawn into the other: 24 m wide, 2.5 m deep."""
    (x0, y0), (x1, y1) = shapely.shortest_line(one, other).coords
    beyond = 1 + 2.5 / shapely.distance(one, other)
    way = shapely.LineString([(x1 - beyond * (x1 - x0), y1 - beyond * (y1 - y0)), (x0 + beyond * (x1 - x0), y0 + beyond * (y1 - y0))])
    return way.buffer(12, cap_style="flat")


def outlines_zip(town: Town, faults: Mapping[str, Any], origin: tuple[float, float]) -> bytes:
    """Return the shapefile in GBK without a .cpg and without a language byte, zipped."""
    layer = moved(outlines_layer(town, faults), origin)
    stream = io.BytesIO()
    with TemporaryDirectory() as folder:
        path = Path(folder) / "outlines.shp"
        pyogrio.write_dataframe(layer, path, encoding="GBK", layer_options={"DBF_DATE_LAST_UPDATE": f"{DELIVERED:%Y-%m-%d}"})
        with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
            for suffix in (".dbf", ".prj", ".shp", ".shx"):
                part = path.with_suffix(suffix)
                archive.writestr(zipfile.ZipInfo(f"小区边界/{part.name}", ZIP_DATE), part.read_bytes(), zipfile.ZIP_DEFLATED)
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
        pyogrio.write_dataframe(moved(table, origin), path, layer=name, append=path.exists(), layer_options={"SPATIAL_INDEX": "NO"})


def _write_geojson(path: Path, table: gpd.GeoDataFrame, origin: tuple[float, float]) -> None:
    placed = moved(table, origin).to_crs(DEGREES)
    shapes = [shapely.transform(s, lambda xy: xy.round(7)) for s in placed.geometry]
    texts = placed.drop(columns="geometry").to_dict("records")
    features = [
        {"type": "Feature", "properties": p, "geometry": shapely.geometry.mapping(s)} for p, s in zip(texts, shapes, strict=True)
    ]
    crs = {"type": "name", "properties": {"name": f"urn:ogc:def:crs:EPSG::{DEGREES.rpartition(':')[2]}"}}
    data = {"type": "FeatureCollection", "crs": crs, "features": features}
    path.write_text(json.dumps(data, ensure_ascii=False, separators=(",", ":")), encoding="utf-8")


def _write_csv(path: Path, heads: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        csv.writer(stream).writerows([heads, *rows])
