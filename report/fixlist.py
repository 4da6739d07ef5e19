"""修改清单: what was found while reading, as a list that an office mends its files by, with a column for what it should say."""

from collections.abc import Hashable, Mapping, Sequence
from pathlib import Path

import pandas as pd

from geo.wording import say
from report.workbooks import Sheet, write_workbook

# Kinds that people mend in different ways, in the order in which they matter; the first whose beginning fits the code.
KINDS: Mapping[str, tuple[str, ...]] = {
    "count": ("cleaning.count_", "cleaning.unknown_filled"),
    "place": ("coordinates.no_place", "coordinates.unreadable", "coordinates.impossible", "coordinates.nowhere",
              "coordinates.far_away", "cleaning.join_"),
    "identity": ("cleaning.no_id", "cleaning.name_repeated", "cleaning.building_repeated", "cleaning.rows_merged",
                 "cleaning.row_nameless", "cleaning.no_name", "cleaning.running_number"),
    "refused": ("cleaning.row_",),
    "cell": ("cleaning.area_", "cleaning.year_", "cleaning.flag", "reading.long_number", "reading.merged_", "reading.same_heading",
             "reading.unnamed"),
    "outline": ("coordinates.", "cleaning.outline_", "cleaning.building_", "reading.outline_broken", "drawn."),
    "personal": ("reading.personal_",),
    "file": ("",),
}  # fmt: skip
# Nobody has to do anything about these: they say what was read, or left out on purpose.
JUST_TOLD = ("personal", "file")
_COLUMNS = ("file", "row", "column", "value", "found", "done", "mend", "instead")


def kind_of(code: str) -> str:
    """Return the kind of a finding."""
    return next(kind for kind, beginnings in KINDS.items() if code.startswith(beginnings))


def valued(findings: pd.DataFrame, frames: Mapping[str, pd.DataFrame]) -> tuple[Mapping[str, str], ...]:
    """Return findings (FINDING_COLUMNS) as rows of text with the cell's `value`; `frames` by file, their index the row."""
    columns = ("file", "row", "column", "code", "found", "done")
    texts = findings.astype({"row": "object"}).fillna("").astype("str")
    rows = texts[list(columns)].to_dict("records")
    return tuple({**{str(c): str(v) for c, v in row.items()}, "value": _cell(row, frames)} for row in rows)


def _cell(row: Mapping[Hashable, str], frames: Mapping[str, pd.DataFrame]) -> str:
    """Return what stands in the cell that a finding is of, "" where it is of none."""
    frame = frames.get(row["file"])
    if frame is None or row["column"] not in frame.columns or not row["row"]:
        return ""
    number = int(row["row"])
    return str(frame.at[number, row["column"]]) if number in frame.index else ""


def fix_sheet(findings: Sequence[Mapping[str, str]], *, title: str) -> Sheet:
    """Return the sheet: what is to be mended first, a last column left empty for what it should say."""
    kinds = list(KINDS)
    there = [row for row in findings if kind_of(row["code"]) not in JUST_TOLD]
    there = sorted(
        there, key=lambda row: (kinds.index(kind_of(row["code"])), row["file"], int(row["row"] or 0))
    )
    table = pd.DataFrame(
        [{**row, "mend": say(f"intake.mend.{kind_of(row['code'])}"), "instead": ""} for row in there],
        columns=list(_COLUMNS),
    ).astype("str")
    heads = [say(f"intake.fix.{column}") for column in _COLUMNS]
    name = say("intake.fix.sheet")
    lines = (say("intake.fix.lead", number=len(there)),)
    return Sheet(name, f"{title} · {name}", lines, table.set_axis(heads, axis=1), fill_in=(heads[-1],))


def write_fix_list(path: Path, findings: Sequence[Mapping[str, str]], *, title: str) -> None:
    """Write the list as a workbook; every cell is text."""
    write_workbook(path, [fix_sheet(findings, title=title)])
