"""A row of compounds, planned and read back: towns for what comes of counts that a survey brought."""

from pathlib import Path

import geopandas as gpd

from jobs.district import plan_district
from jobs.reopened import Reopened, reopened
from jobs.request import FileLayer, Request
from jobs.surveying import Counted
from report.reopening import read_results
from report.results import Results, write_results
from tests.ledgers import square

CRS = "EPSG:4544"
# A row of compounds 20 m apart, one after the other; a gap where there is none. "?" is not counted, "~" estimated.
ROW = {"a": 60, "b": 50, "c": None, "d": 40, "e": None, "f": 90, "g": 30}


def planned(
    folder: Path, counts: dict[str, int | str | None], *, grids: str = ""
) -> tuple[Results, Reopened]:
    """A street planned and read back: a compound a letter, and an empty place where the letter is a dot."""
    rows = [
        {"编号": c, "小区名称": f"{c}院", "户数": str(n or ""), "网格": grids, "geometry": square(60 * k, 0)}
        for k, (c, n) in enumerate(counts.items())
        if not c.startswith(".")
    ]
    gpd.GeoDataFrame(rows, crs=CRS).to_file(folder / "小区.gpkg")
    write_results(plan_district(Request(FileLayer(folder / "小区.gpkg"))), folder / "plan")
    base = read_results(folder / "plan")
    return base, reopened(base)


def told(community: str, count: int, status: str = "surveyed") -> Counted:
    return Counted(community, count, status, "居委会清点", "2026-11-20")
