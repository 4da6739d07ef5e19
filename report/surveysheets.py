"""户数补录表 to hand out, a sheet a grid: whose count is asked for, in the order in which it helps most."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pandas as pd

from geo.wording import say
from report.results import Results
from report.survey import ALWAYS, KNOWN, to_fill_in
from report.titles import rules_line
from report.workbooks import Sheet, has_text

NAME_LENGTH = 31  # of a sheet: Excel takes no longer one
_UNSAFE = re.compile(r"[\[\]:*?/\\\x00-\x1f]")
PLACES = ("grids", "committee", "street_town")  # what the sheets are handed out by: the first that is known


@dataclass(frozen=True)
class Need:
    """A community whose count is asked for: `count` None where it is unknown, an estimate else.

    `households` wait for it elsewhere; `decides` where the grouping hangs on it; `why` says what it changes.
    """

    community_id: str
    name: str
    count: int | None
    households: int
    decides: bool
    why: str


def known_words(need: Need) -> str:
    """Return what is known of a count, in words."""
    return say("report.status.unknown") if need.count is None else say("survey.estimate", count=need.count)


def places_of(results: Results) -> "pd.Series[str]":
    """Return by community the grid it is handed out with, else its residents' committee, else its street; "" for none.

    One in several grids stands on the sheet of the first: a community is asked for once.
    """
    table = results.communities
    column = next((c for c in PLACES if has_text(table[c])), None)
    if column is None:
        return pd.Series("", index=table.index, dtype="str")
    first = [str(names).split("、")[0] for names in table[column].fillna("")]
    return pd.Series(first, index=table.index, dtype="str")


def survey_sheets(results: Results, needs: Sequence[Need]) -> Iterator[Sheet]:
    """Yield a sheet for each place that has anything to ask for, by name; communities without a place come last."""
    places = places_of(results).reindex([need.community_id for need in needs])
    taken: set[str] = set()
    for place in sorted(set(places), key=lambda name: (not name, name)):
        here = [need for need, at in zip(needs, places, strict=True) if at == place]
        name = sheet_name(place or say("survey.no_grid" if any(places) else "report.sheet.survey"), taken)
        yield _sheet(results, here, name, place)


def _sheet(results: Results, needs: Sequence[Need], name: str, place: str) -> Sheet:
    chosen = results.communities.loc[[need.community_id for need in needs]]
    table = pd.DataFrame(chosen).rename_axis("community_id").reset_index()
    known = [c for c in KNOWN if c in ALWAYS or has_text(table[c])]
    table = table[known].assign(known_count=[known_words(need) for need in needs])
    title = " · ".join(filter(None, [results.title, say("report.survey.title"), place]))
    first = sum(need.decides for need in needs)
    lines = (
        say("survey.sheet_order", number=len(needs), first=first) + rules_line(results.summary),
        say("report.survey.instruction"),
    )
    return to_fill_in(table, name=name, title=title, lines=lines)


def sheet_name(text: str, taken: set[str]) -> str:
    """Return a name that Excel takes and no other sheet has."""
    plain = _UNSAFE.sub("_", text).strip("' ")[:NAME_LENGTH] or "_"
    name, number = plain, 2
    while name.lower() in taken:
        end = f"_{number}"
        name, number = plain[: NAME_LENGTH - len(end)] + end, number + 1
    taken.add(name.lower())
    return name
