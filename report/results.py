"""Results: everything a finished run says, as plain tables ready to be written or drawn."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd

from geo.schema import COMMUNITY_COLUMNS, FINDING_COLUMNS, LINK_COLUMNS, REFUSED_COLUMNS, check_columns
from optimizer.candidates import COST_PARTS
from report.comparing import Answered
from report.titles import caveats_line, rules_line, summary_line

# What a plan adds to each community; text that is not there is null (`area_id`, `below_min_group`) or "".
OUTCOME_COLUMNS = {
    "area_id": "str",
    "outcome": "str",  # one of geo.schema.OUTCOMES
    "reason_code": "str",
    "reason": "str",  # sentences, "" where nothing needs a reason
    "repair": "str",  # sentence
    "accepted": "str",  # why and who lets an exception stay one, "" where nobody did
    "below_min_group": "str",
    "near_minimum": "bool",
    "changes_plan": "bool",  # held, and some count would change the plan
    "lock": "str",  # the locked area it was given in, "" without one
    "former": "str",  # its area in the plan that was in use, "" without one
}
PAIR_COLUMNS = {"a": "str", "b": "str", "kind": "str"}  # kind: together or apart
# Neighbours that only a larger reach would link; `cause` as in REFUSED_COLUMNS, "reach" where nothing stands between.
BEYOND_COLUMNS = {"a": "str", "b": "str", "gap_m": "float64", "cause": "str"}

# areas: GeoDataFrame, index `area_id`, geometry = outline, in the communities' CRS.
AREA_COLUMNS = {
    "center_id": "str",
    "communities": "int64",
    "count": "int64",
    "cost": "float64",
    **{f"cost_{part}": "float64" for part in COST_PARTS},  # what the cost is made of, in household-metres
    "kind": "str",  # grouped, alone or fixed
    "near_minimum": "bool",
    "names": "str",  # names of the members, joined by "、"
    "name": "str",  # what planners call it, "" where they do not
}
VIOLATION_COLUMNS = {
    "rule": "str",
    "place": "str",  # area_id, or the name of the community
    "place_id": "str",  # area_id or community_id
    "value": "str",
    "limit": "str",
    "text": "str",
    "accepted": "str",  # why and who lets it stand, "" where nobody did
}
# What is proven, one row a connected part (optimizer.solving.PartCertificate), the least proven first.
CERTIFICATE_COLUMNS = {
    "first_id": "str",
    "communities": "int64",
    "exceptions": "int64",
    "exceptions_bound": "int64",
    "areas": "int64",
    "areas_bound": "int64",
    "why_not_more": "str",  # one of optimizer.solving.WHY_NOT_MORE
    "cost": "float64",
    "bound": "float64",
    "optimal": "bool",
}
AREA_GRID_COLUMNS = {"area_id": "str", "grid": "str", "households": "int64"}
COMMUNITY_GRID_COLUMNS = {"community_id": "str", "grid": "str", "households": "int64"}
LAYER_KEYS = ("barriers", "crossings", "landmarks", "grids", "committees", "duties", "packages")


def no_rows(columns: Mapping[str, str]) -> pd.DataFrame:
    """Return an empty table of these columns."""
    return pd.DataFrame(columns=list(columns)).astype(dict(columns))


@dataclass(frozen=True)
class Results:
    """One finished plan.

    `communities` and `areas` are in one metric CRS and sorted by their index; `layers` holds GeoDataFrames with a
    `name` column under the keys of LAYER_KEYS (`barriers` also `barrier_class`); `summary` is what summary.json says,
    with `caveats`, codes under "report.caveat."; `rules_text` the rules file in use; `answers` are said, not
    written. What an edited plan is explained by comes along: `beyond`, `grounds` (geo.overlays.grounds_of) and
    `community_grid`, None where a plan was written without. Raises ValueError naming every fault where a table is not as
    described.
    """

    communities: gpd.GeoDataFrame
    areas: gpd.GeoDataFrame
    links: gpd.GeoDataFrame
    refused_links: gpd.GeoDataFrame
    findings: pd.DataFrame
    violations: pd.DataFrame
    summary: Mapping[str, Any]
    rules_text: str
    title: str
    certificate: pd.DataFrame = field(default_factory=lambda: no_rows(CERTIFICATE_COLUMNS))
    buildings: gpd.GeoDataFrame | None = None
    area_grid: pd.DataFrame | None = None
    community_grid: pd.DataFrame | None = None
    grounds: gpd.GeoSeries | None = None
    beyond: pd.DataFrame = field(default_factory=lambda: no_rows(BEYOND_COLUMNS))
    pairs: pd.DataFrame = field(default_factory=lambda: no_rows(PAIR_COLUMNS))
    layers: Mapping[str, gpd.GeoDataFrame] = field(default_factory=dict)
    answers: tuple[Answered, ...] = ()

    def __post_init__(self) -> None:
        """Check every table once, here; what writes and draws may trust them."""
        check_columns(self.communities, COMMUNITY_COLUMNS | OUTCOME_COLUMNS, "communities")
        check_columns(self.areas, AREA_COLUMNS, "areas")
        check_columns(self.links, LINK_COLUMNS, "links")
        check_columns(self.refused_links, REFUSED_COLUMNS, "refused_links")
        check_columns(self.findings, FINDING_COLUMNS, "findings")
        check_columns(self.violations, VIOLATION_COLUMNS, "violations")
        check_columns(self.certificate, CERTIFICATE_COLUMNS, "certificate")
        check_columns(self.pairs, PAIR_COLUMNS, "pairs")
        check_columns(self.beyond, BEYOND_COLUMNS, "beyond")
        if self.area_grid is not None:
            check_columns(self.area_grid, AREA_GRID_COLUMNS, "area_grid")
        if self.community_grid is not None:
            check_columns(self.community_grid, COMMUNITY_GRID_COLUMNS, "community_grid")

    def lines(self) -> list[str]:
        """Return what the run comes to, in lines for a terminal."""
        return [self.title, summary_line(self.summary), rules_line(self.summary), caveats_line(self.summary)]


def write_results(results: Results, folder: Path) -> None:
    """Write the output files of design.md §4 into `folder`, all or none; a folder that an earlier run wrote is replaced.

    Raises DataError where the folder holds anything else or cannot be written.
    """
    from report.tables import write_folder

    write_folder(results, folder)
