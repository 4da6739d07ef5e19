"""What came of the ledgers of several offices: one layer of communities, and a workbook with what two of them share."""

import re
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyogrio

from geo.wording import listed, say
from report.folder import replaced
from report.workbooks import Sheet, write_workbook

LAYER, BOOK = "collected.gpkg", "collected.xlsx"
OURS = re.compile(r"collected\.gpkg(-wal|-shm|-journal)?|collected\.xlsx|\.~lock\..*#|~\$.*\.xlsx")


@dataclass(frozen=True)
class Shared:
    """A block that two or more offices list: counted once, as `kept` has it; `why` is "id", "place" or "words" (name and address).

    `offices`, `streets`, `counts` (None where unknown) and `sources` stand beside each other.
    """

    community_id: str
    name: str
    offices: tuple[str, ...]
    streets: tuple[str, ...]
    counts: tuple[int | None, ...]
    kept: str
    why: str
    sources: tuple[str, ...]


@dataclass(frozen=True)
class Across:
    """A group that the bound between two 镇街 forbids: its members, its households, and the links to open.

    `undecided` are blocks that two offices claim.
    """

    pairs: tuple[tuple[str, str], ...]
    members: tuple[str, ...]
    total: int
    communities: gpd.GeoDataFrame
    undecided: frozenset[str] = frozenset()

    def called(self, community: str) -> str:
        """Return a community by name, street and count; one whose street is to be decided says so."""
        row = self.communities.loc[community]
        street = say("collecting.to_be_decided") if community in self.undecided else row["street_town"]
        return say("collecting.member", name=row["name"], street=street, count=row["count"])


@dataclass(frozen=True)
class Collected:
    """The communities of `offices` offices, each block once; `rows` in, used and refused while reading."""

    communities: gpd.GeoDataFrame
    shared: tuple[Shared, ...]
    across: tuple[Across, ...]
    findings: pd.DataFrame
    offices: int
    rows: tuple[int, int, int]

    def lines(self) -> list[str]:
        """Return what there is to say in lines for a terminal."""
        came, used, refused = self.rows
        merged = sum(len(one.offices) - 1 for one in self.shared)
        return [
            say("collecting.rows", offices=self.offices, came=came, used=used, refused=refused),
            say(
                "collecting.merged", communities=len(self.communities), shared=len(self.shared), merged=merged
            ),
            say("collecting.across", number=len(self.across)),
        ]

    def write(self, folder: Path) -> None:
        """Write the workbook into the folder."""
        write_workbook(folder / BOOK, list(self._sheets()))

    def _sheets(self) -> Iterator[Sheet]:
        findings = self.findings[["file", "row", "column", "found", "done"]]
        findings = findings.set_axis([say(f"report.column.{c}") for c in findings.columns], axis=1)
        tables = {"shared": shared_table(self), "across": across_table(self), "findings": findings}
        for key, table in tables.items():
            name = say(f"collecting.sheet.{key}")
            yield Sheet(name, name, tuple(self.lines()), table)


def shared_table(collected: Collected) -> pd.DataFrame:
    """Return the blocks of which it is to be decided to whom they belong, under headings that people read."""
    rows = [
        {
            "community_id": one.community_id,
            "name": one.name,
            "offices": listed(one.streets),
            "counts": listed(
                say(
                    "collecting.count_of",
                    street=street,
                    count=say("report.status.unknown") if n is None else n,
                )
                for street, n in zip(one.streets, one.counts, strict=True)
            ),
            "kept": one.kept,
            "why": say(f"collecting.why.{one.why}"),
            "sources": listed(one.sources),
            "belongs": say("collecting.to_be_decided"),
        }
        for one in collected.shared
    ]
    return _headed(rows, ("community_id", "name", "offices", "counts", "kept", "why", "sources", "belongs"))


def across_table(collected: Collected) -> pd.DataFrame:
    """Return what the district has to settle between two 镇街, under headings that people read."""
    rows = [
        {
            "group": listed(one.called(member) for member in one.members),
            "total": str(one.total),
            "pairs": listed(f"{one.called(a)}—{one.called(b)}" for a, b in one.pairs),
            "streets": listed(sorted({one.communities.at[m, "street_town"] for m in one.members})),
        }
        for one in collected.across
    ]
    return _headed(rows, ("streets", "group", "total", "pairs"))


def written_folder(out: Path) -> AbstractContextManager[Path]:
    """Hand over a folder that takes the place of `out` where all went well; raises DataError as `report.folder`."""
    return replaced(out, ours=OURS)


def write_communities(communities: gpd.GeoDataFrame, folder: Path) -> Path:
    """Write the communities as the layer that `plan` reads; return its path."""
    path = folder / LAYER
    table = communities.rename_axis("community_id").reset_index()
    # One layer may hold points, outlines and rows without a place: the type of its geometry stays open.
    pyogrio.write_dataframe(table, path, layer="communities", driver="GPKG", geometry_type="Unknown")
    return path


def _headed(rows: list[dict[str, str]], columns: tuple[str, ...]) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=list(columns), dtype="str")
    return table.set_axis([say(f"collecting.column.{column}") for column in columns], axis=1)
