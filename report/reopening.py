"""A plan read back from the folder that a run wrote: what the desk opens."""

import json
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pyogrio

from geo.schema import (
    BUILDING_COLUMNS,
    COMMUNITY_COLUMNS,
    FINDING_COLUMNS,
    LINK_COLUMNS,
    REFUSED_COLUMNS,
    DataError,
)
from report.results import (
    AREA_COLUMNS,
    AREA_GRID_COLUMNS,
    BEYOND_COLUMNS,
    CERTIFICATE_COLUMNS,
    COMMUNITY_GRID_COLUMNS,
    LAYER_KEYS,
    OUTCOME_COLUMNS,
    PAIR_COLUMNS,
    VIOLATION_COLUMNS,
    Results,
)

NEEDED = ("summary.json", "plan.gpkg", "findings.csv", "rules.toml")
_MAY_BE_NULL = ("area_id", "below_min_group")


def is_plan(folder: Path) -> bool:
    """Say whether the folder holds the files of a finished run."""
    return all((folder / name).is_file() for name in NEEDED)


def read_results(folder: Path) -> Results:
    """Return the plan that `write_results` put into `folder`, tables and all.

    Raises DataError where the folder holds no whole plan.
    """
    if not is_plan(folder):
        raise DataError("desk.no_plan", folder=folder.name)
    try:
        return _read(folder)
    except (
        OSError,
        ValueError,
        KeyError,
        pyogrio.errors.DataSourceError,
        pyogrio.errors.DataLayerError,
    ) as error:
        raise DataError("desk.broken_plan", folder=folder.name) from error


def _read(folder: Path) -> Results:
    path = folder / "plan.gpkg"
    there = {name for name, _ in pyogrio.list_layers(path)}
    summary: dict[str, Any] = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    columns = COMMUNITY_COLUMNS | OUTCOME_COLUMNS
    return Results(
        communities=_layer(path, "communities", columns).set_index("community_id").sort_index(),
        areas=_layer(path, "areas", AREA_COLUMNS).set_index("area_id").sort_index(),
        links=_layer(path, "links", LINK_COLUMNS),
        refused_links=_layer(path, "refused_links", REFUSED_COLUMNS),
        findings=_findings(folder / "findings.csv"),
        violations=_plain(path, "violations", VIOLATION_COLUMNS, there),
        certificate=_plain(path, "certificate", CERTIFICATE_COLUMNS, there),
        summary=summary,
        rules_text=(folder / "rules.toml").read_text(encoding="utf-8"),
        title=str(summary["title"]),
        buildings=_layer(path, "buildings", BUILDING_COLUMNS) if "buildings" in there else None,
        area_grid=_plain_if(path, "area_grid", AREA_GRID_COLUMNS, there),
        community_grid=_plain_if(path, "community_grid", COMMUNITY_GRID_COLUMNS, there),
        grounds=_grounds(path) if "grounds" in there else None,
        beyond=_plain(path, "beyond", BEYOND_COLUMNS, there),
        pairs=_plain(path, "pairs", PAIR_COLUMNS, there),
        layers={key: gpd.read_file(path, layer=key) for key in LAYER_KEYS if key in there},
    )


def _layer(path: Path, name: str, columns: dict[str, str]) -> gpd.GeoDataFrame:
    table = gpd.read_file(path, layer=name)
    ids = [c for c in ("community_id", "area_id") if c in table.columns and c not in columns]
    return gpd.GeoDataFrame(_typed(table, columns | dict.fromkeys(ids, "str")), crs=table.crs)


def _plain(path: Path, name: str, columns: dict[str, str], there: set[str]) -> pd.DataFrame:
    if name not in there:
        return pd.DataFrame(columns=list(columns)).astype(columns)
    return _typed(pd.DataFrame(gpd.read_file(path, layer=name)), columns)


def _plain_if(path: Path, name: str, columns: dict[str, str], there: set[str]) -> pd.DataFrame | None:
    return _plain(path, name, columns, there) if name in there else None


def _grounds(path: Path) -> gpd.GeoSeries:
    table = gpd.read_file(path, layer="grounds").astype({"community_id": "str"})
    return table.set_index("community_id").geometry.rename(None)


def _typed(table: pd.DataFrame, columns: dict[str, str]) -> pd.DataFrame:
    """Return the table with the types of `columns`; text that the file leaves out or empty is ""."""
    texts = [c for c, kind in columns.items() if kind == "str" and c not in _MAY_BE_NULL]
    table = table.assign(**{c: "" for c in texts if c not in table.columns})
    # Prices come with versions: a plan made before one knows nothing of it, and paid nothing.
    table = table.assign(**{c: 0.0 for c in columns if c.startswith("cost_") and c not in table.columns})
    return table.astype(columns).fillna(dict.fromkeys(texts, ""))


def _findings(path: Path) -> pd.DataFrame:
    table = pd.read_csv(path, dtype="str", keep_default_na=False, encoding="utf-8-sig")
    texts = [c for c, kind in FINDING_COLUMNS.items() if kind == "str"]
    # The mark that keeps a spreadsheet from running a cell is not part of the text.
    table[texts] = table[texts].apply(lambda column: column.str.replace(r"^'(?=[=+\-@\t\r])", "", regex=True))
    return table.assign(row=pd.to_numeric(table["row"].where(table["row"] != "", None))).astype(
        FINDING_COLUMNS
    )
