"""What areas are called in papers: by their main street, else by the community in their middle; unique in the plan."""

import re
from collections.abc import Iterator
from itertools import count

import pandas as pd

from geo.wording import say
from report.results import Results

_STREET = re.compile(r"[\u4e00-\u9fff]{1,8}?(?:大道|路|街|巷)(?=(?:[一二三四五六]段)?\s*\d)")
# What stands before the street in an address; 小区 and 市场 are no districts and no cities.
_BEFORE = re.compile(r"^.*(?:省|市(?!场|民|政)|(?<!小)区|县|镇|乡|街道|社区)")
_IN_FULL = re.compile(r"物业管理区域$")
_PLAIN = re.compile(r"(?:小区|片区)$")


def area_names(results: Results) -> dict[str, str]:
    """Return what each area is called, by area_id, without 物业管理区域; what a planner calls it comes first.

    An area of one community is called by it. The main street is the one at which most of its households have their address. Where several areas share it, the one
    with most households there is called by it, the others by their middle. What is called alike gets a number.
    """
    given = {str(area_id): _IN_FULL.sub("", name.strip()) for area_id, name in results.areas["name"].items()}
    streets = _main_streets(results)
    names: dict[str, str] = {}
    taken: set[str] = set()
    for area_id in sorted(given, key=lambda one: (not given[one], -streets.get(one, ("", 0))[1], one)):
        told = (
            [given[area_id]] if given[area_id] else _found(results, area_id, streets.get(area_id, ("", 0))[0])
        )
        names[area_id] = next(name for name in _candidates(told) if name not in taken)
        taken.add(names[area_id])
    return dict(sorted(names.items()))


def _found(results: Results, area_id: str, street: str) -> list[str]:
    """Return names for an area that nobody named, the best first; a single community keeps its own."""
    center = results.communities.loc[results.areas.at[area_id, "center_id"]]
    middle = _PLAIN.sub("", center["name"]) or center["name"]
    told = [street, middle, f"{street}{middle}", f"{center['committee']}{middle}"]
    own = [center["name"]] if results.areas.at[area_id, "communities"] == 1 else []
    return [*own, *(say("documents.naming.area", name=name) for name in told if name)]


def _candidates(told: list[str]) -> Iterator[str]:
    """Yield names, then the last of them with a number, without end."""
    yield from told
    plain = _PLAIN.sub("", told[-1])
    for number in count(2):
        yield say("documents.naming.numbered", name=plain, number=number)


def _main_streets(results: Results) -> dict[str, tuple[str, int]]:
    """Return the main street of each area that has one, and its households there; a community without a count weighs 1."""
    table = results.communities[results.communities["area_id"].notna()]
    known = _known_streets(results)
    streets = [_street(address, known) for address in table["address"]]
    weights = table["count"].fillna(0).clip(lower=1).astype("int64")
    rows = pd.DataFrame({"area": table["area_id"], "street": streets, "weight": weights})
    found: dict[str, tuple[str, int]] = {}
    for area_id, part in rows[rows["street"] != ""].groupby("area", sort=True):
        most = {str(name): int(weight) for name, weight in part.groupby("street")["weight"].sum().items()}
        street = min(most, key=lambda name: (-most[name], name))
        found[str(area_id)] = (street, most[street])
    return found


def _known_streets(results: Results) -> list[str]:
    """Return the names of the streets that were given, the longest first."""
    barriers = results.layers.get("barriers")
    names = set() if barriers is None else {str(name) for name in barriers["name"].dropna()}
    return sorted((name for name in names if _STREET.match(f"{name}1")), key=lambda name: (-len(name), name))


def _street(address: str, known: list[str]) -> str:
    """Return the street that an address names, "" where none is found."""
    given = next((name for name in known if re.search(rf"{re.escape(name)}\d", address)), "")
    if given:
        return given
    found = _STREET.search(_BEFORE.sub("", address))
    return found.group() if found else ""
