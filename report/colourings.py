"""What the communities of a map can be coloured by, besides their areas: one choice at a time, each with its legend."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from types import MappingProxyType

import numpy as np
import pandas as pd

from geo.schema import COUNT_STATUSES, SCOPES
from geo.wording import say
from report.maptext import map_text
from report.results import OUTCOME_COLUMNS, Results

# ColorBrewer's YlOrBr, and Paul Tol's "light" (SRON/EPS/TN/09-002): both hold for colour-blind readers.
STEPS = ("#fff3c4", "#fed583", "#f5a23f", "#cf6516", "#8a3606")
KINDS = ("#77aadd", "#eedd88", "#ee8866", "#44bb99", "#ffaabb", "#bbcc33", "#99ddff")
UNKNOWN = "#d8d4cb"
_COMPLETE = "#6fb98f"
_LACKING = ("#ee8866", "#eedd88", "#ffaabb", "#77aadd", "#99ddff", "#cf6516")  # the last for all other ways
_STATES = {
    "count_status": dict(zip(COUNT_STATUSES, ("#a9d3b5", "#eedd88", "#c9c4b9"), strict=True)),
    "scope": dict(zip(SCOPES, ("#f7f2e4", "#99c1de", "#44bb99", "#b9b3a6"), strict=True)),
    "consent": {"not_asked": "#f0ebdf", "for": "#6fb98f", "against": "#e07b54", "frozen": "#99c1de"},
    "managed": {"yes": "#6fb98f", "no": "#f0c987", "both": "#99c1de"},
}
NOTHING: Mapping[str, str] = MappingProxyType({})
_DECADES = (1980, 1990, 2000, 2010)
_BATCH = re.compile("改造.*(批次|年度|计划|项目)|batch|renovation", re.IGNORECASE)


@dataclass(frozen=True)
class Colouring:
    """One choice: `classes` are words (as map text) and colour, `rows` the number of its class for each community."""

    key: str
    name: str
    classes: tuple[tuple[str, str], ...]
    rows: tuple[int, ...]


def colourings(
    results: Results, *, consents: Mapping[str, str], lacking: Mapping[str, str] = NOTHING
) -> list[Colouring]:
    """Return the choices that this plan has data for.

    `consents` holds states by community (store.drafts.CONSENTS), `lacking` by area, in words, who is missing for it, "" where nobody is.
    """
    table = results.communities
    asked = pd.Series([consents.get(c, "not_asked") for c in table.index], index=table.index)
    several = table["managed"].mask(table["managed"].str.contains("、"), "both")
    made = [
        _steps("count", table["count"]),
        _steps("dwellings", table["dwellings"]),
        _decades(table["built_year"]),
        _kinds("ownership", table["ownership"]),
        _states("managed", several),
        _kinds("managing_company", table["managing_company"]),
        _states("count_status", table["count_status"]),
        _states("scope", table["scope"]),
        _states("consent", asked),
        _lacking(table["area_id"], lacking),
        *(_kinds("batch", table[column]) for column in _batches(table)),
    ]
    return [one for one in made if one is not None]


def _lacking(area_of: "pd.Series[str]", lacking: Mapping[str, str]) -> Colouring | None:
    """Return a class for each way in which areas lack somebody, the most frequent first; where nobody is, and no area, last."""
    if not lacking:
        return None
    often = Counter(lacking[area_id] for area_id in area_of.dropna() if lacking[area_id])
    ways = sorted(often, key=lambda words: (-often[words], words))[: len(_LACKING) - 1]
    words = [*ways, say("map.class.other"), say("map.class.complete"), say("map.class.no_area")]
    fills = (*_LACKING[: len(ways)], _LACKING[-1], _COMPLETE, UNKNOWN)
    place = {told: n for n, told in enumerate(ways)} | {"": len(ways) + 1}
    rows = [
        len(ways) + 2 if pd.isna(area_id) else place.get(lacking[area_id], len(ways)) for area_id in area_of
    ]
    return _classed("lacking", words, fills, rows)


def _batches(table: pd.DataFrame) -> list[str]:
    ours = set(OUTCOME_COLUMNS)
    texts = (str(c) for c in table.columns if c not in ours and table[c].dtype == "str")
    return [c for c in texts if _BATCH.search(c)][:1]


def _steps(key: str, values: "pd.Series[int]") -> Colouring | None:
    """Return classes of about as many communities each, their bounds rounded to tens."""
    known = values.dropna().to_numpy(dtype=float)
    if len(set(known.tolist())) < 2:
        return None
    cuts = np.unique(np.round(np.quantile(known, [0.2, 0.4, 0.6, 0.8]), -1))
    cuts = cuts[(cuts > known.min()) & (cuts <= known.max())]
    words = [say("map.class.below", number=int(cuts[0]))] if len(cuts) else [say("map.class.all")]
    words += [say("map.class.between", first=int(a), last=int(b) - 1) for a, b in pairwise(cuts)]
    words += [say("map.class.from", number=int(cuts[-1]))] if len(cuts) else []
    number = np.searchsorted(cuts, values.fillna(-1).to_numpy(dtype=float), side="right")
    return _classed(key, words, _spread(len(words)), np.where(values.isna(), -1, number).tolist())


def _decades(years: "pd.Series[int]") -> Colouring | None:
    if years.isna().all():
        return None
    words = [say("map.class.before", year=_DECADES[0])]
    words += [say("map.class.decade", year=year) for year in _DECADES[:-1]]
    words += [say("map.class.since", year=_DECADES[-1])]
    number = np.searchsorted(_DECADES, years.fillna(0).to_numpy(dtype=float), side="right")
    return _classed("built_year", words, STEPS[::-1], np.where(years.isna(), -1, number).tolist())


def _kinds(key: str, values: "pd.Series[str]") -> Colouring | None:
    """Return the most frequent values as classes, the rest of them as one."""
    known = values[values != ""]
    if known.empty:
        return None
    often = known.value_counts()
    first = sorted(often.index, key=lambda value: (-int(often[value]), str(value)))
    named = first if len(first) <= len(KINDS) else first[: len(KINDS) - 1]
    place = {value: n for n, value in enumerate(named)}
    words = [map_text(value) for value in named] + (
        [say("map.class.other")] if len(named) < len(first) else []
    )
    rows = [place.get(value, len(named)) if value != "" else -1 for value in values]
    return _classed(key, words, KINDS, rows)


def _states(key: str, values: "pd.Series[str]") -> Colouring | None:
    colours = _STATES[key]
    if values[values != ""].nunique() < 2:  # where all are alike, a colour says nothing
        return None
    place = {value: n for n, value in enumerate(colours)}
    words = [say(f"map.{key}.{value}") for value in colours]
    return _classed(key, words, tuple(colours.values()), [place.get(value, -1) for value in values])


def _classed(key: str, words: list[str], fills: Iterable[str], rows: list[int]) -> Colouring:
    """Return the colouring with only the classes that occur, and one more for what is not known."""
    used = sorted(set(rows) - {-1})
    kinds = list(zip(words, fills, strict=False))
    classes = [kinds[n] for n in used] + ([(say("map.class.unknown"), UNKNOWN)] if -1 in rows else [])
    place = {n: k for k, n in enumerate(used)} | {-1: len(used)}
    return Colouring(key, say(f"map.colouring.{key}"), tuple(classes), tuple(place[n] for n in rows))


def _spread(number: int) -> tuple[str, ...]:
    """Return so many colours from light to dark."""
    return tuple(STEPS[round(n * (len(STEPS) - 1) / max(1, number - 1))] for n in range(number))
