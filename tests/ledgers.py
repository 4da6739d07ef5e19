"""Raw tables written as small csv texts, for tests of what comes after reading."""

import io

import geopandas as gpd
import pandas as pd
import pyproj
import shapely

from geo.reading import RawTable

WGS84 = pyproj.CRS.from_epsg(4326)
METRES = pyproj.CRS.from_epsg(4544)


def ledger(text, file="台账.csv"):
    """A ledger whose head is line 1 and whose rows are numbered from 2, as a planner sees them."""
    frame = pd.read_csv(
        io.StringIO(text.strip()),
        dtype="str",
        keep_default_na=False,
        skip_blank_lines=False,
        skipinitialspace=True,
    )
    frame.index = pd.RangeIndex(2, 2 + len(frame), name="row")
    return RawTable(file, frame, None, None, False, ())


def layer(text, shapes, crs=METRES, file="边界.gpkg", *, declared=True):
    """A layer whose features are numbered from 1; shapes in the numbers of `crs`, as WKT or as geometry."""
    table = ledger(text, file)
    frame = table.frame.set_axis(pd.RangeIndex(1, 1 + len(table.frame), name="row"))
    geometry = [shapely.from_wkt(s) if isinstance(s, str) else s for s in shapes]
    return RawTable(file, frame, gpd.GeoSeries(geometry, index=frame.index), crs, declared, ())


def square(x, y, side=40):
    """A square outline near 永川 in EPSG:4544, `x` and `y` metres from a corner of the town."""
    return shapely.box(587_000 + x, 3_248_000 + y, 587_000 + x + side, 3_248_000 + y + side)


SURVEY_HEADINGS = (
    "编号",
    "小区名称",
    "地址",
    "社区",
    "栋数",
    "单元数",
    "层数",
    "每层户数",
    "户数（实数）",
    "来源",
    "日期",
    "备注",
)
