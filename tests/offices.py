"""An office's project of a small town in a row: what the tests of `store` stand on."""

from pathlib import Path

import geopandas as gpd
import networkx as nx
import pandas as pd
from shapely import MultiPolygon, Point, box

from geo.schema import COMMUNITY_COLUMNS, FINDING_COLUMNS
from optimizer.plan import Area, Plan, linked_exceptions, outcomes_of
from optimizer.rules import Rules
from store.drafts import Draft
from store.edits import Rename
from store.project import Project, create


def row_town() -> "nx.Graph[str]":
    """Four in a row, two small ones apart from them; f fixed, h held, x excluded, each alone."""
    graph: nx.Graph[str] = nx.Graph(together=(), apart=())
    counts = {"a": 60, "b": 50, "c": 60, "d": 70, "e": 20, "y": 30, "f": 300, "h": None, "x": 40}
    scope = {"f": "fixed", "x": "excluded"}
    for at, (c, count) in enumerate(counts.items()):
        graph.add_node(c, count=count, x=50.0 * at, y=0.0, scope=scope.get(c, "to_group"), lock=None)
    for a, b in zip("abce", "bcdy", strict=True):
        graph.add_edge(a, b, gap_m=50.0, crosses=(), wall_m=0.0, kind="found")
    return graph


def row_plan(graph: "nx.Graph[str]") -> Plan:
    """Area 1 = a b (centre a), 2 = c d (centre d), 3 = f; e and y are left out."""
    areas = (
        Area("PMA-001", ("a", "b"), "a"),
        Area("PMA-002", ("c", "d"), "d"),
        Area("PMA-003", ("f",), "f"),
    )
    outcomes = outcomes_of(graph, areas)
    return Plan(areas, outcomes, linked_exceptions(graph, outcomes), next_number=4)


GRAPH = row_town()
START = Draft(row_plan(GRAPH))
RULES = Rules(minimum=100, within=())


def ledger() -> gpd.GeoDataFrame:
    """The communities of the row: polygons, one in two parts, one a point, one nowhere."""
    table = pd.DataFrame(index=pd.Index(sorted(GRAPH), name="community_id", dtype="str"))
    for name, kind in COMMUNITY_COLUMNS.items():
        table[name] = pd.Series("" if kind == "str" else None, index=table.index, dtype=kind)
    table["name"] = [f"{c}小区{{{{7*7}}}}" for c in table.index]
    table["count"] = pd.array([GRAPH.nodes[c]["count"] for c in table.index], dtype="Int64")
    table["floor_area_m2"] = pd.array([1.5] * len(table), dtype="Float64")
    table["备注"] = "改造"
    table["areas"] = range(len(table))
    shapes = [box(50 * at, 0, 50 * at + 40, 30) for at in range(len(table))]
    two = MultiPolygon([box(0, 0, 9, 9), box(20, 0, 29, 9)])
    return gpd.GeoDataFrame(table, geometry=[*shapes[:-3], two, Point(7, 8), None], crs="EPSG:4544")


def office(path: Path) -> Project:
    """A project of the row."""
    found = pd.DataFrame(
        [("台账.xlsx", 7, "户数", "cleaning.no_count", "户数为空", "标为待核")], columns=list(FINDING_COLUMNS)
    ).astype(FINDING_COLUMNS)
    return create(
        path, title="永川", communities=ledger(), findings=found, rules_text="# 规则\n", who="李科长"
    )


def rename(number: int) -> Rename:
    return Rename("PMA-001", f"第{number}名")
