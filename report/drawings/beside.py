"""The words beside a map: facts, legend, notes, names by number, and what is to be signed."""

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd
import pyproj
import shapely

from geo.bounds import SIDES
from geo.wording import listed, say
from report.bounds import bounds_sentence
from report.drawings.atlas import Atlas, Subject
from report.drawings.lettering import printable
from report.drawings.names import Names
from report.drawings.panel import Field, Row, heading, legend_rows, listed_rows, paragraph
from report.drawings.sheet import View
from report.drawings.title_block import Kind, TitleBlock

LEGEND_ORDER = (
    "boundary", "sketch", "member", "building", "place", "gate", "facility", "neighbour", "other_building", "other_place",
    "street", "lane", "rail", "water", "park", "plot", "wall", "cliff", "grid", "town",
)  # fmt: skip


@dataclass(frozen=True)
class Told:
    """What is said beside a map, in words: `bounds` "" on a board, `legend` with the keys of its signs, `names` by number.

    `fields` are those to be signed, by key of "drawings.field", with what is known filled in.
    """

    facts: str
    bounds: str
    legend: tuple[tuple[str, str], ...]
    notes: tuple[str, ...]
    members: tuple[str, ...]
    names: tuple[str, ...]
    unnumbered: tuple[str, ...]
    fields: Mapping[str, Field]


def told_of(
    atlas: Atlas,
    subject: Subject,
    view: View,
    title_block: TitleBlock,
    *,
    kind: Kind,
    used: set[str],
    names: Names,
    public: bool,
) -> Told:
    """Return what is said beside the map of an area that shows the signs of these keys."""
    bounds = ""
    if kind == "bounds":
        bounds = bounds_sentence({side: str(atlas.bounds.loc[subject.area_id, side]) for side in SIDES})
    return Told(
        facts=_facts(subject),
        bounds=printable(bounds),
        legend=tuple((key, say(f"drawings.legend.{key}")) for key in LEGEND_ORDER if key in used),
        notes=tuple(_notes(atlas, subject, kind, used, public=public)),
        members=tuple(_members(subject)) if kind == "board" else (),
        names=names.listed,
        unnumbered=tuple(_unnumbered(names)),
        fields=_fields(atlas, view, title_block),
    )


def rows_beside(told: Told, width: float) -> list[Row]:
    """Return all that stands beside the map, the most wanted first: what has no room goes to the next page."""
    rows = [heading(say("drawings.head.area")), *paragraph(told.facts, width)]
    if told.bounds:
        rows += paragraph(say("drawings.bounds_line", bounds=told.bounds), width)
    rows += [heading(say("drawings.head.legend")), *legend_rows(told.legend, width)]
    rows += [heading(say("drawings.head.notes"))]
    rows += [row for note in told.notes for row in paragraph(note, width)]
    if told.members:
        rows += [heading(say("drawings.head.members")), *paragraph(listed(told.members), width)]
    if told.names:
        rows += [heading(say("drawings.head.names")), *listed_rows(told.names, width)]
    if told.unnumbered:
        rows += [heading(say("drawings.head.unnumbered"))]
        rows += [row for line in told.unnumbered for row in paragraph(line, width)]
    return rows


def _facts(subject: Subject) -> str:
    """Return the numbers of communities, buildings (where anything tells it) and households."""
    buildings = int(_building_counts(subject).sum())
    counts = subject.members["count"]
    key = "households" if counts.notna().all() else "households_known"
    told = [say("drawings.facts.communities", number=len(subject.members))]
    told += [say("drawings.facts.buildings", number=buildings)] if buildings else []
    told += [say(f"drawings.facts.{key}", number=int(counts.fillna(0).sum()))]
    return say("drawings.facts.line", facts=say("drawings.bound.join").join(told))


def _building_counts(subject: Subject) -> "pd.Series[int]":
    """Return the number of buildings by community: the ledger's, else of those that are drawn, else 0."""
    table = subject.buildings
    flat = table[shapely.get_dimensions(table.geometry.to_numpy()) == 2]
    drawn = flat.groupby("community_id").size().reindex(subject.members.index)
    counts: pd.Series[int] = subject.members["buildings"].fillna(drawn).fillna(0).astype("int64")
    return counts


def _members(subject: Subject) -> list[str]:
    """Return each community with the number of its buildings."""
    counts = _building_counts(subject)
    return [
        say("drawings.member", name=printable(str(name)), buildings=count)
        for name, count in zip(subject.members["name"], counts, strict=True)
        if count
    ]


def _notes(atlas: Atlas, subject: Subject, kind: Kind, used: set[str], *, public: bool) -> list[str]:
    told = {
        "sketch": subject.sketch,
        "sketch_only": not subject.sketch,
        "public": public and kind == "bounds",
        "corners": not public and kind == "bounds" and not subject.sketch,
        "no_buildings": "building" not in used,
        "no_ground": "barriers" not in atlas.results.layers,
        "on_site": kind == "board",
    }
    notes = [key for key, true in told.items() if true]
    return [
        say("drawings.numbered", number=n, text=say(f"drawings.note.{key}")) for n, key in enumerate(notes, 1)
    ]


def _unnumbered(names: Names) -> list[str]:
    by_community: dict[str, list[str]] = {}
    for community, number in names.unnumbered:
        by_community.setdefault(community, []).append(number)
    return [
        say("drawings.unnumbered", name=name, numbers=listed(numbers))
        for name, numbers in by_community.items()
    ]


def _fields(atlas: Atlas, view: View, title_block: TitleBlock) -> dict[str, Field]:
    """Return the fields to be signed, with what is known filled in."""
    said = {
        "scale": say("drawings.scale", scale=view.scale),
        "system": system_words(atlas.results.communities.crs),
        "data_date": title_block.data_date,
        "version": title_block.version,
        "drawn_by": title_block.drawn_by,
        "checked_by": title_block.checked_by,
        "approved_by": title_block.approved_by,
        "review_number": title_block.review_number,
        "issuer": title_block.issuer,
    }
    return {key: Field(say(f"drawings.field.{key}"), printable(text)) for key, text in said.items()}


def system_words(crs: pyproj.CRS) -> str:
    """Return the coordinate system in words: the national one by its belt, others by their own name."""
    operation = crs.coordinate_operation
    central = {p.name: p.value for p in operation.params} if operation else {}
    meridian = central.get("Longitude of natural origin")
    if "CGCS2000" in crs.name and "Gauss" in crs.name and meridian is not None:
        return say("drawings.cgcs2000", meridian=f"{meridian:g}")
    return printable(crs.name)
