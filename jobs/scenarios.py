"""The cases a planner weighs, row by row: rules with other prices and minimums, graphs with other reaches and bounds."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, replace

import networkx as nx

from geo.adjacency import Reach, adjacency, to_graph
from geo.schema import DataError
from geo.wording import has, say
from jobs.district import constrained
from jobs.sources import Sources
from optimizer.rules import Prices, Rules

FACTORS = (0.0, 0.5, 1.0, 2.0, 4.0)  # of a price in use
MINIMUMS = (100, 150, 200, 300)
REACHES_M = {"point": (50.0, 80.0, 100.0, 150.0, 200.0), "outline": (10.0, 20.0, 30.0, 50.0)}
OPENED = "opened"  # class of a link that only an opened bound allows
OPENED_PRICE = 1e6  # household-metres: more than walking can save, so that as few pairs as can be are opened


@dataclass(frozen=True)
class Town:
    """What all cases share: the communities and layers, the rules and reach in use, and the `graph` they make."""

    sources: Sources
    rules: Rules
    reach: Reach
    graph: "nx.Graph[str]"


@dataclass(frozen=True)
class Scenario:
    """One row to be; `used` where it is what the plan in use was made with. The graph is made when it is needed."""

    value: str
    rules: Rules
    graph: Callable[[], "nx.Graph[str]"]
    used: bool = False


@dataclass(frozen=True)
class Question:
    """One table to be; `kind` is a key under "tradeoffs.table."."""

    kind: str
    title: str
    scenarios: tuple[Scenario, ...]


def questions(town: Town, prices: tuple[str, ...]) -> Iterator[Question]:
    """Yield a table for each price, for the minimum, for the reach between points and outlines, and for the bounds."""
    for name in prices:
        yield Question(
            "price",
            say("tradeoffs.table.price", name=price_words(name)),
            tuple(_with_prices(town, name)),
        )
    yield Question("minimum", say("tradeoffs.table.minimum"), tuple(_with_minimums(town)))
    for kind in _kinds_of_place(town.sources):
        yield Question(
            f"reach_{kind}", say(f"tradeoffs.table.reach_{kind}"), tuple(_with_reaches(town, kind))
        )
    columns = _parting(town.sources)
    if columns:
        yield Question("bound", say("tradeoffs.table.bound"), tuple(_with_bounds(town, columns)))


def linked(sources: Sources, reach: Reach, within: tuple[str, ...]) -> "nx.Graph[str]":
    """Return the graph of the communities for a reach and the columns whose values no link crosses."""
    links = adjacency(
        sources.communities, reach=reach, barriers=sources.barriers, within=within, given=sources.links
    )
    return constrained(to_graph(sources.communities, links.links), sources)


# --- prices and minimums ---------------------------------------------------------------------------


def price_of(prices: Prices, name: str) -> float:
    """Return the price of that name ("committee", "crossing.支路"); raises DataError where there is none, or it is 0."""
    tables = {f.name: getattr(prices, f.name) for f in fields(prices) if f.name in ("crossing", "unlike")}
    known = {f.name: getattr(prices, f.name) for f in fields(prices) if f.name not in tables}
    known |= {f"{table}.{key}": price for table, own in tables.items() for key, price in own.items()}
    if name not in known:
        raise DataError("tradeoffs.price", given=name, known=tuple(known))
    if not known[name]:
        raise DataError("tradeoffs.price_zero", given=name)
    return float(known[name])


def price_words(name: str) -> str:
    """Return the name of a price as people know it."""
    table, _, key = name.partition(".")
    return say(f"tradeoffs.price.{table}", detail=key)


def with_price(prices: Prices, name: str, price: float) -> Prices:
    """Return the prices with one of them changed."""
    table, _, key = name.partition(".")
    changed = {**getattr(prices, table), key: price} if key else price
    return Prices(**{f.name: getattr(prices, f.name) for f in fields(prices)} | {table: changed})


def _with_prices(town: Town, name: str) -> Iterator[Scenario]:
    price = price_of(town.rules.prices, name)
    for factor in FACTORS:
        rules = replace(town.rules, prices=with_price(town.rules.prices, name, factor * price))
        yield Scenario(f"{factor * price:g}", rules, lambda: town.graph, used=factor == 1)


def _with_minimums(town: Town) -> Iterator[Scenario]:
    """Yield each minimum and the one in use; the upper size as `--minimum` would have it."""
    for minimum in sorted({*MINIMUMS, town.rules.minimum}):
        rules = town.rules.override(minimum=minimum, upper=None, reach_m=None, most_areas=False)
        yield Scenario(str(minimum), rules, lambda: town.graph, used=minimum == town.rules.minimum)


# --- reaches ---------------------------------------------------------------------------------------


def _kinds_of_place(sources: Sources) -> Iterator[str]:
    shapes = sources.communities.geometry.dropna()
    points = shapes.geom_type.isin(["Point", "MultiPoint"])
    if points.any():
        yield "point"
    if not points.all():
        yield "outline"


def _with_reaches(town: Town, kind: str) -> Iterator[Scenario]:
    """Yield each reach and the one in use, with links found anew.

    Links of a larger reach cut down by their gap would be too many: cells are cut at the reach, and a pair nearer than
    that may touch only beyond it; a way through a gate may be too long for it.
    """
    now = {"point": town.reach.point_m, "outline": town.reach.outline_m}[kind]
    for reach_m in sorted({*REACHES_M[kind], now}):
        reach = replace(town.reach, **{f"{kind}_m": reach_m})
        rules = replace(town.rules, reach_outline_m=reach.outline_m, reach_point_m=reach.point_m)
        yield Scenario(f"{reach_m:g}", rules, _linking(town, reach), used=reach_m == now)


def _linking(town: Town, reach: Reach) -> Callable[[], "nx.Graph[str]"]:
    return lambda: linked(town.sources, reach, town.sources.within)


# --- bounds ----------------------------------------------------------------------------------------


def _parting(sources: Sources) -> tuple[str, ...]:
    """Return the columns of which the communities have several values."""
    values = {column: sources.communities[column] for column in sources.within}
    return tuple(column for column, known in values.items() if known[known != ""].nunique() > 1)


def _with_bounds(town: Town, columns: tuple[str, ...]) -> Iterator[Scenario]:
    """Yield the bounds as they are, each of `columns` opened, and all of them where there are several."""
    yield Scenario(say("tradeoffs.bound.none"), town.rules, lambda: town.graph, used=True)
    for column in columns:
        known = f"tradeoffs.bound.column.{column}"
        words = say(known) if has(known) else say("tradeoffs.bound.other", column=column)
        yield _opening(town, (column,), words)
    if len(columns) > 1:
        yield _opening(town, columns, say("tradeoffs.bound.all"))


def _opening(town: Town, opened: tuple[str, ...], words: str) -> Scenario:
    prices = town.rules.prices
    kept = tuple(column for column in town.sources.within if column not in opened)
    crossing = {**prices.crossing, OPENED: OPENED_PRICE}
    rules = replace(town.rules, within=kept, prices=replace(prices, crossing=crossing))
    return Scenario(words, rules, lambda: opened_graph(town.graph, linked(town.sources, town.reach, kept)))


def opened_graph(graph: "nx.Graph[str]", wider: "nx.Graph[str]") -> "nx.Graph[str]":
    """Return the wider graph in which each link that `graph` lacks crosses OPENED."""
    marked = wider.copy()
    for a, b, link in wider.edges(data=True):
        if not graph.has_edge(a, b):
            marked.edges[a, b]["crosses"] = (*link["crosses"], OPENED)
    return marked
