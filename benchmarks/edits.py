"""How long the desk thinks after an edit: a command on a draft, and the draft's results, on drawn towns of some size.

Run: python -m benchmarks.edits [COMMUNITIES ...]   (300 and 2000 where nothing is given)
"""

import sys
import tempfile
import time
from pathlib import Path
from statistics import median

import geopandas as gpd
import networkx as nx
import numpy as np
import shapely

from benchmarks.towns import street_grid
from jobs.district import plan_district
from jobs.reopened import reopened
from jobs.request import FileLayer, Request
from jobs.revised import revised
from report.reopening import read_results
from report.results import Results, write_results
from store.drafts import Draft
from store.edits import Command, Merge, Move, SetLink, SetScope, TakeOut, applied

CRS = "EPSG:4544"
PITCH_M = 90.0
SIDES_M = (55.0, 74.0)
UNKNOWN = 0.03  # share of communities without a count
EDITS = 50
OTHER = 4  # of five edits the last is no move
SOLVE_SECONDS = 20.0


def main(sizes: list[int]) -> None:
    """Print a row for each size of town: median and longest time of command and results, in seconds of this process."""
    print("communities  areas  exceptions   command s (median, most)   results s (median, most)")
    for size in sizes:
        with tempfile.TemporaryDirectory() as folder:
            base = planned(size, Path(folder))
        commands, results = edited(base)
        print(
            f"{size:11d}{base.summary['areas']:7d}{base.summary['exceptions']:12d}"
            f"{median(commands):19.3f}{max(commands):8.3f}{median(results):19.3f}{max(results):8.3f}"
        )


def planned(size: int, folder: Path) -> Results:
    """Return a street grid of compounds between main roads, with grids and committees, planned, written and read back."""
    rng = np.random.default_rng(size)
    counts = np.array([node["count"] for _, node in street_grid(size).nodes(data=True)], dtype=object)
    counts[rng.random(size) < UNKNOWN] = None
    across = int(np.ceil(np.sqrt(size)))
    row, column = np.divmod(np.arange(size), across)
    half = rng.uniform(*SIDES_M, (2, size)) / 2
    x, y = 500_000 + PITCH_M * column, 3_250_000 - PITCH_M * row
    compounds = shapely.box(x - half[0], y - half[1], x + half[0], y + half[1])
    ids = [f"C{k:05d}" for k in range(size)]
    own = {"编号": ids, "名称": [f"{i}院" for i in ids], "户数": counts}
    layers = {
        "town": gpd.GeoDataFrame(own, geometry=compounds, crs=CRS),
        "grids": _tiles(across, 5),
        "committees": _tiles(across, 15),
        "roads": _roads(across),
    }
    for name, layer in layers.items():
        layer.to_file(folder / f"{name}.gpkg")
    file = {name: FileLayer(folder / f"{name}.gpkg") for name in layers}
    request = Request(
        file["town"],
        barriers=(file["roads"],),
        grids=file["grids"],
        committees=file["committees"],
        seconds=SOLVE_SECONDS,
    )
    write_results(plan_district(request), folder / "out")
    return read_results(folder / "out")


def edited(base: Results) -> tuple[list[float], list[float]]:
    """Return the seconds that each of EDITS commands took, and the results after it."""
    town = reopened(base)
    draft, last = Draft(town.plan), base
    rng = np.random.default_rng(0)
    commands, results = [], []
    for number in range(EDITS):
        command = _command(rng, number, draft, town.graph)
        start = time.process_time()
        draft = applied(draft, command, town.graph)
        commanded = time.process_time()
        last = revised(base, town, draft, last=last)
        commands.append(commanded - start)
        results.append(time.process_time() - commanded)
    return commands, results


def _command(rng: np.random.Generator, number: int, draft: Draft, graph: "nx.Graph[str]") -> Command:
    """Return a move of a community to the area of a neighbour; each fifth time something else."""
    area_of = {c: area for c, area in draft.plan.area_of().items() if c not in draft.scopes}
    pairs = sorted(tuple(sorted(pair)) for pair in graph.edges)
    across = [(a, b) for a, b in pairs if a in area_of and b in area_of and area_of[a] != area_of[b]]
    one, other = across[rng.integers(len(across))]
    if number % 5 != OTHER:
        return Move((one,), area_of[other])
    others = (
        Merge((area_of[one], area_of[other])),
        TakeOut((one,)),
        SetScope((one,), "excluded"),
        SetLink(one, other, "forbidden", "围墙"),
    )
    return others[number // 5 % len(others)]


def _tiles(across: int, side: int) -> gpd.GeoDataFrame:
    """Return squares of so many compounds a side."""
    step_m, number = side * PITCH_M, -(-across // side)
    row, column = np.divmod(np.arange(number * number), number)
    west, north = 500_000 - PITCH_M / 2 + step_m * column, 3_250_000 + PITCH_M / 2 - step_m * row
    names = [f"{side}-{k}" for k in range(len(row))]
    return gpd.GeoDataFrame(
        {"名称": names}, geometry=shapely.box(west, north - step_m, west + step_m, north), crs=CRS
    )


def _roads(across: int) -> gpd.GeoDataFrame:
    """Return main roads: one after each seventh column, and after each ninth row."""
    west, north, side_m = 500_000 - PITCH_M / 2, 3_250_000 + PITCH_M / 2, across * PITCH_M
    x, y = west + PITCH_M * np.arange(7, across, 7), north - PITCH_M * np.arange(9, across, 9)
    down = [shapely.LineString([(at, north), (at, north - side_m)]) for at in x]
    along = [shapely.LineString([(west, at), (west + side_m, at)]) for at in y]
    lines = [*down, *along]
    return gpd.GeoDataFrame({"类别": ["主干路"] * len(lines)}, geometry=lines, crs=CRS)


if __name__ == "__main__":
    main([int(word) for word in sys.argv[1:]] or [300, 2000])
