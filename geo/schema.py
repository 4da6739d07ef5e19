"""Names, units and types of every table that crosses a room's border, and the checks made there."""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from geo.wording import say

# --- words -----------------------------------------------------------------------------------------

SCOPES = ("to_group", "fixed", "host", "excluded")
COUNT_STATUSES = ("surveyed", "estimated", "unknown")
OUTCOMES = ("grouped", "alone", "fixed", "exception", "held", "excluded")
LINK_KINDS = ("found", "given")
GIVEN_KINDS = ("adjacent", "not_adjacent", "together", "apart")

# --- tables ----------------------------------------------------------------------------------------
# communities: GeoDataFrame in a metric CRS, index `community_id` (str, unique, sorted).
# The geometry is a point, a polygon or a multipolygon, and None where the row has no place.
COMMUNITY_COLUMNS = {
    "name": "str",
    "count": "Int64",  # the number judged; <NA> where unknown
    "count_status": "str",  # one of COUNT_STATUSES
    "scope": "str",  # one of SCOPES
    "address": "str",  # "" where not given, like every text column
    "street_town": "str",
    "committee": "str",
    "grids": "str",  # grid ids, joined by "、"
    "buildings": "Int64",
    "dwellings": "Int64",
    "households": "Int64",
    "owners": "Int64",
    "built_year": "Int64",
    "floor_area_m2": "Float64",
    "managing_company": "str",
    "ownership": "str",  # 产权性质, as the source says it; several joined by "、"
    "lift": "str",  # "yes", "no", both joined by "、", "" where unknown
    "managed": "str",  # by a property company: as `lift`
    "source_rows": "str",  # "ledger.xlsx[Sheet1]:5,6"
}
# Further columns of the source stay beside these, under their own heading, as text.

BUILDING_COLUMNS = {"community_id": "str", "name": "str", "count": "Int64", "storeys": "Int64"}

# links: GeoDataFrame, one row a pair, a < b, sorted by (a, b), geometry a LineString (bent at a crossing).
LINK_COLUMNS = {
    "a": "str",
    "b": "str",
    "gap_m": "float64",
    "crosses": "str",  # barrier classes crossed at a price, joined by "、"
    "wall_m": "float64",
    "kind": "str",  # one of LINK_KINDS
    "verified": "bool",  # False where no barrier layer was given
}
# refused_links: as links, with `cause` instead of `kind` and `verified`:
# not_adjacent, or the column or the class in "within:street_town", "barrier:主干路".
REFUSED_COLUMNS = {
    "a": "str",
    "b": "str",
    "gap_m": "float64",
    "crosses": "str",
    "wall_m": "float64",
    "cause": "str",
}

FINDING_COLUMNS = {
    "file": "str",  # file name, with [sheet or layer] where there are several
    "row": "Int64",  # row as the planner's program shows it (1 = first line); <NA> where the finding is of the file
    "column": "str",
    "code": "str",  # key of the catalogue: findings.<code>
    "found": "str",  # what was found, in words
    "done": "str",  # what was done about it
}


# --- errors ----------------------------------------------------------------------------------------


class DataError(ValueError):
    """The input or an option is wrong; the text says where and what to do.

    `code` is a key of the catalogue under "errors."; `values` fill its sentence.
    """

    def __init__(self, code: str, /, **values: object) -> None:
        self.code = code
        self.values = values
        super().__init__(say(f"errors.{code}", **values))


# --- findings --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Finding:
    """One repair or refusal made while reading: `code` is a key under "findings." with `.found` and `.done`."""

    code: str
    file: str = ""
    row: int | None = None
    column: str = ""
    values: tuple[tuple[str, object], ...] = ()

    def sentence(self, part: str) -> str:
        """Return what was "found" or "done", in words."""
        return say(f"findings.{self.code}.{part}", **dict(self.values))


def finding(
    code: str, /, file: str = "", row: int | None = None, column: str = "", **values: object
) -> Finding:
    """Make a finding; `values` fill its sentences."""
    return Finding(code, file, row, column, tuple(values.items()))


def findings_table(findings: Sequence[Finding]) -> pd.DataFrame:
    """Return findings as a table of FINDING_COLUMNS, in the order in which they were made."""
    rows = [(f.file, f.row, f.column, f.code, f.sentence("found"), f.sentence("done")) for f in findings]
    return pd.DataFrame(rows, columns=list(FINDING_COLUMNS)).astype(FINDING_COLUMNS)


# --- checks at the border --------------------------------------------------------------------------


def check_columns(table: pd.DataFrame, columns: dict[str, str], name: str) -> None:
    """Raise one ValueError with all faults where `table` lacks columns or holds other types than `columns` says."""
    faults = [f"missing {c}" for c in columns if c not in table.columns]
    faults += [
        f"{c}: expected {t}, given {table[c].dtype}"
        for c, t in columns.items()
        if c in table.columns and str(table[c].dtype) != t
    ]
    if faults:
        msg = f"table {name}: {'; '.join(faults)}"
        raise ValueError(msg)
