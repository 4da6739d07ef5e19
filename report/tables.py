"""The output folder of a run: GeoPackage, workbooks, findings, map and summary (design.md §4)."""

import csv
import json
import re
import shutil
import time
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio

from geo.schema import BUILDING_COLUMNS, FINDING_COLUMNS
from report.folder import check_folder, replaced
from report.mappage import map_page
from report.plansheets import plan_sheets
from report.results import AREA_COLUMNS, Results
from report.survey import is_filled, survey_sheet
from report.workbooks import write_workbook

# What a run writes, what programs that have it open put beside it, and surveys kept from earlier runs.
OURS = re.compile(
    r"plan\.gpkg(-wal|-shm|-journal)?|plan\.xlsx|survey\.xlsx|survey-filled(-\d+)?\.xlsx|findings\.csv|map\.html|"
    r"summary\.json|rules\.toml|\.~lock\..*#|~\$.*\.xlsx"
)
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
# The columns that scripts rely on come first, then what else the plan knows and what else the source said.
_COUNTS = ("count", "count_status", "scope", "dwellings", "households", "owners")
_FIRST = ("community_id", "name", *_COUNTS, "area_id", "outcome", "reason_code", "reason", "below_min_group")
_WHEN_GIVEN = ("committee", "grids", "street_town", "lock", "former", "accepted")
_LAYER_COLUMNS = (
    "name",
    "source",
    "kind",
    "barrier_class",
    "never",
    "wall",
)  # of what was given beside the communities
_TAKEN = ("fid", "geom", "geometry", "ogc_fid")  # names a GeoPackage keeps for itself


def check_output(folder: Path) -> None:
    """Raise DataError where `folder` holds what no run wrote; meant for before the work begins."""
    check_folder(folder, ours=OURS)


def write_folder(results: Results, folder: Path) -> None:
    """Write all output files into `folder`, all or none.

    `seconds` of summary.json gets `write`, what the other files took. A survey sheet that somebody has filled in stays,
    as survey-filled.xlsx. Raises DataError where the folder holds anything else or cannot be written.
    """
    begun = time.perf_counter()
    with replaced(folder, ours=OURS) as new:
        _write_layers(results, new / "plan.gpkg")
        write_workbook(new / "plan.xlsx", list(plan_sheets(results)))
        write_workbook(new / "survey.xlsx", [survey_sheet(results)])
        _write_findings(results.findings, new / "findings.csv")
        (new / "map.html").write_text(map_page(results), encoding="utf-8")
        (new / "rules.toml").write_text(results.rules_text, encoding="utf-8")
        _keep_surveys(folder, new)
        seconds = {**results.summary.get("seconds", {}), "write": round(time.perf_counter() - begun, 3)}
        _write_summary({"title": results.title, **results.summary, "seconds": seconds}, new / "summary.json")


# --- plan.gpkg -------------------------------------------------------------------------------------


def _write_layers(results: Results, path: Path) -> None:
    layers = {
        "communities": _communities(results.communities),
        "areas": results.areas.sort_index()[[*AREA_COLUMNS, "geometry"]].rename_axis("area_id").reset_index(),
        "links": results.links.sort_values(["a", "b"]),
        "refused_links": results.refused_links.sort_values(["a", "b"]),
    }
    if results.buildings is not None:
        layers["buildings"] = results.buildings[[*BUILDING_COLUMNS, results.buildings.geometry.name]]
    if results.grounds is not None:
        layers["grounds"] = results.grounds.rename("geometry").rename_axis("community_id").reset_index()
    layers |= {
        key: table[[c for c in _LAYER_COLUMNS if c in table.columns] + [table.geometry.name]]
        for key, table in sorted(results.layers.items())
    }
    for name, table in layers.items():
        # One layer may hold points, outlines and rows without a place: the type of its geometry stays open.
        pyogrio.write_dataframe(table, path, layer=name, driver="GPKG", geometry_type="Unknown", append=False)
    tables = {
        "area_grid": results.area_grid,
        "community_grid": results.community_grid,
        "violations": results.violations,
        "certificate": results.certificate,
        "pairs": results.pairs,
        "beyond": results.beyond,
    }
    for name, rows in tables.items():
        if rows is not None and len(rows):
            pyogrio.write_dataframe(rows, path, layer=name, driver="GPKG")


def _communities(communities: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    table = communities.sort_index().rename_axis("community_id").reset_index()
    given = [column for column in _WHEN_GIVEN if (table[column] != "").any()]
    rest = [c for c in table.columns if c not in {*_FIRST, *_WHEN_GIVEN, table.geometry.name}]
    table = table[[*_FIRST, *given, *rest, table.geometry.name]]
    names = _distinct([str(c) for c in table.columns[:-1]])
    return gpd.GeoDataFrame(table.iloc[:, :-1].set_axis(names, axis=1), geometry=table.geometry)


def _distinct(names: list[str]) -> list[str]:
    """Return names that differ without regard to case, as columns of a GeoPackage must; the first keeps its own."""
    seen = set(_TAKEN)
    distinct = []
    for name in names:
        free, number = name, 2
        while free.lower() in seen:
            free, number = f"{name}_{number}", number + 1
        seen.add(free.lower())
        distinct.append(free)
    return distinct


# --- the rest --------------------------------------------------------------------------------------


def _write_findings(findings: pd.DataFrame, path: Path) -> None:
    """Write findings for spreadsheets: with a byte-order mark, and no cell that they would run as a formula."""
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(FINDING_COLUMNS)
        for row in findings[list(FINDING_COLUMNS)].itertuples(index=False, name=None):
            writer.writerow(_cell(value) for value in row)


def _cell(value: object) -> str:
    text = "" if pd.isna(value) else str(value)  # type: ignore[call-overload]
    return f"'{text}" if text.startswith(_FORMULA) else text


def _write_summary(summary: dict[str, object], path: Path) -> None:
    def plain(value: object) -> object:
        if isinstance(value, np.generic):
            return value.item()
        raise TypeError(type(value).__name__)

    text = json.dumps(summary, ensure_ascii=False, indent=2, allow_nan=False, default=plain)
    path.write_text(text + "\n", encoding="utf-8")


def _keep_surveys(old: Path, new: Path) -> None:
    """Carry over what people wrote into survey sheets of earlier runs."""
    kept = sorted(old.glob("survey-filled*.xlsx"))
    if (old / "survey.xlsx").is_file() and is_filled(old / "survey.xlsx"):
        kept.append(old / "survey.xlsx")
    for number, survey in enumerate(kept, 1):
        shutil.copy2(survey, new / ("survey-filled.xlsx" if number == 1 else f"survey-filled-{number}.xlsx"))
