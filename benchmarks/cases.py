"""The cases: drawn towns, public instances, and real input where `../shared/realdata` is present."""

import gzip
import shutil
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from functools import partial
from pathlib import Path
from typing import Any

import networkx as nx

from benchmarks.rivals import LONGEST_SECONDS
from benchmarks.towns import polygons, street_grid
from jobs.request import FileLayer, Request
from optimizer.rules import Prices, Rules

REALDATA = Path(__file__).parent.parent.parent / "shared" / "realdata"
PEERS = ("spopt", "pygeoda-greedy", "pygeoda-sa", "pygeoda-tabu", "gerrychain")
MAX_P = PEERS[:4]  # gerrychain lowers walking, not the distances of attributes


def walking_only(rules: Rules, /, **given: float) -> Rules:
    """Return the rules with all prices 0 but those given: what is left is walking."""
    nothing: dict[str, Any] = {f.name: 0.0 for f in fields(Prices) if isinstance(f.default, int | float)}
    return replace(rules, prices=Prices(**{**nothing, "unlike": {}, **given}))


@dataclass(frozen=True)
class Goal:
    """One run of ours: `seconds` is its limit; `prices` are those that count beside walking."""

    name: str
    seconds: float
    most_areas: bool = False
    prices: Mapping[str, float] | None = None

    def rules(self, minimum: int, upper: int) -> Rules:
        """Return the rules of this run."""
        return walking_only(Rules(minimum, upper, most_areas=self.most_areas), **(self.prices or {}))


@dataclass(frozen=True)
class Case:
    """A graph, what an area must reach, our runs and the peers beside them. `quick`: all of it within half a minute."""

    name: str
    title: str
    draw: Callable[[], "nx.Graph[str]"]
    goals: tuple[Goal, ...]
    minimum: int = 100
    upper: int = 500
    peers: tuple[str, ...] = PEERS
    peer_seconds: float = 60.0  # for the one peer that would go on for ever
    quick: bool = False
    real: bool = False


@dataclass(frozen=True)
class Public:
    """A public instance: each unit counts 1, or its weight; areas first, then the distance within them."""

    name: str
    instance: str
    title: str
    minimum: float
    weighted: bool = False
    peers: tuple[str, ...] = MAX_P
    quick: bool = True
    longest_seconds: float = LONGEST_SECONDS  # of a peer's run


def beike(city: str, reach_m: float) -> "nx.Graph[str]":
    """Return the graph of a district of Chongqing: compounds as points, found links within the reach."""
    source = REALDATA / "chongqing" / f"district_{city}_beike.csv"
    return _linked(_portal(source, reach_m=reach_m))


def zhengzhou(reach_m: float) -> "nx.Graph[str]":
    """Return the graph of 郑州, the largest of the four cities: 6,901 compounds with a count."""
    with tempfile.TemporaryDirectory() as folder:
        plain = Path(folder) / "four_cities.csv"
        with gzip.open(REALDATA / "four_cities.csv.gz") as packed, plain.open("wb") as opened:
            shutil.copyfileobj(packed, opened)
        return _linked(replace(_portal(plain, reach_m=reach_m), where=(("city_file", "郑州"),)))


def singapore(reach_m: float) -> "nx.Graph[str]":
    """Return the graph of all public-housing blocks of Singapore."""
    source = REALDATA / "singapore_hdb" / "hdb_blocks_geocoded.csv"
    return _linked(
        Request(
            FileLayer(source),
            crs="EPSG:4326",
            count_column="total_dwelling_units",
            where=(("residential", "Y"),),
            reach_m=reach_m,
        )
    )


def _portal(source: Path, *, reach_m: float) -> Request:
    return Request(
        FileLayer(source), crs="bd09", count_column="房屋总数", name_column="plot_name", reach_m=reach_m
    )


def _linked(request: Request) -> "nx.Graph[str]":
    """Return the graph a plan of this request would be made on."""
    from geo.adjacency import adjacency, to_graph
    from jobs.district import constrained
    from jobs.policy import read_policy
    from jobs.sources import clean_sources, read_sources

    policy = read_policy(request)
    sources = clean_sources(read_sources(request), request, policy)
    links = adjacency(sources.communities, reach=policy.reach, barriers=None, within=sources.within)
    return constrained(to_graph(sources.communities, links.links), sources)


def _grid(units: int, *goals: Goal, peers: tuple[str, ...] = PEERS, quick: bool = False) -> Case:
    title = f"street grid, {units:,} units"
    seconds = 10.0 if quick else 60.0
    draw = partial(street_grid, units)
    return Case(f"grid-{units}", title, draw, goals, peers=peers, peer_seconds=seconds, quick=quick)


COST = "least cost"
AREAS = "most areas"

CASES: tuple[Case | Public, ...] = (
    _grid(100, Goal(COST, 60), Goal(AREAS, 60, most_areas=True), quick=True),
    _grid(300, Goal(COST, 60), Goal(AREAS, 60, most_areas=True)),
    _grid(1_000, Goal(COST, 60), Goal(AREAS, 60, most_areas=True)),
    _grid(3_000, Goal(COST, 60), Goal(AREAS, 60, most_areas=True)),
    _grid(10_000, Goal(COST, 60), peers=("pygeoda-greedy",)),
    Case(
        "polygons-1000",
        "1,000 polygons of about 3,000 people",
        partial(polygons, 1_000),
        (Goal(AREAS, 60, most_areas=True), Goal(COST, 60)),
        minimum=20_000,
        upper=100_000,
    ),
    Public("mexico-4", "mexico", "mexico, 4 states or more", 4),
    Public("mexico-5", "mexico", "mexico, 5 states or more", 5),
    Public("mexico-10", "mexico", "mexico, 10 states or more", 10),
    Public("mexico-hectares", "mexico", "mexico, 20 million hectares or more", 20_000_000, weighted=True),
    Public(
        "sids2",
        "sids2",
        "sids2, 100,000 births or more",
        100_000,
        weighted=True,
        quick=False,
        longest_seconds=300,
    ),
    Case(
        "fuling",
        "Fuling, reach 150 m",
        partial(beike, "fuling", 150.0),
        (Goal(COST, 60), Goal("least cost, join 5,000", 60, prices={"join_self_sufficient": 5_000.0})),
        real=True,
        quick=True,
        peer_seconds=10.0,
    ),
    Case("zhengzhou", "郑州, reach 200 m", partial(zhengzhou, 200.0), (Goal(COST, 60),), real=True),
    Case(
        "singapore",
        "Singapore, reach 100 m, minimum 300",
        partial(singapore, 100.0),
        (Goal(COST, 120),),
        minimum=300,
        upper=1_500,
        real=True,
    ),
)


def chosen(names: tuple[str, ...], *, quick: bool) -> tuple[Case | Public, ...]:
    """Return the cases of these names (all where none is named), those that can be run here.

    Raises ValueError for a name that is not known.
    """
    known = {case.name for case in CASES}
    unknown = sorted(set(names) - known)
    if unknown:
        raise ValueError(f"no such case: {', '.join(unknown)}; there are {', '.join(c.name for c in CASES)}")
    here = [case for case in CASES if REALDATA.is_dir() or not (isinstance(case, Case) and case.real)]
    return tuple(case for case in here if (not names or case.name in names) and (case.quick or not quick))
