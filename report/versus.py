"""Two plans side by side: figures, communities that moved, areas born and gone, conflicts; as tables and as a workbook."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from geo.schema import check_columns
from geo.wording import has, say
from optimizer.candidates import COST_PARTS
from report.results import Results
from report.titles import caveats_line, rules_line
from report.workbooks import Sheet, write_workbook

SIDES = ("one", "other")
# In the order of the table; those of COST_PARTS that are 0 in both plans stay away.
COUNTED = (
    *("communities", "total", "areas", "groups", "alone", "fixed", "exceptions", "exception_households"),
    *("held", "excluded", "smallest", "largest", "near_minimum", "cut", "packages", "packaged"),
    *("violations", "accepted", "mean_walk_m"),
)
COSTS = ("cost", *(f"cost_{part}" for part in COST_PARTS))
IDLE_IF_ZERO = {*COSTS[1:], "excluded", "accepted", "packages", "packaged", "cut", "near_minimum"}

FIGURE_COLUMNS = {
    "key": "str",
    "one": "float64",
    "other": "float64",
    "difference": "float64",
}  # nan: not known
# `one` and `other` are area ids, "" in none; outcomes are "" where the plan has no such community.
MOVED_COLUMNS = {
    "community_id": "str",
    "name": "str",
    "count": "Int64",
    "one": "str",
    "other": "str",
    "one_outcome": "str",
    "other_outcome": "str",
}
FATES = ("changed", "gone", "born", "same")
AREA_PAIR_COLUMNS = {
    "fate": "str",  # one of FATES
    "one": "str",
    "one_communities": "Int64",
    "one_count": "Int64",
    "other": "str",
    "other_communities": "Int64",
    "other_count": "Int64",
    "went": "str",  # names, joined by "、"
    "came": "str",
}
# What people decided on one plan and the other does not keep; `decided`: on which (one, other or both).
CONFLICT_COLUMNS = {"kind": "str", "place_id": "str", "place": "str", "decided": "str"}
GRID_COLUMNS = {
    "one": "str",
    "one_number": "Int64",
    "one_parts": "str",
    "other": "str",
    "other_number": "Int64",
    "other_parts": "str",
}
RULE_COLUMNS = {"key": "str", "one": "str", "other": "str"}  # only those that differ


@dataclass(frozen=True)
class Versus:
    """Two plans compared: what each is called, its results, and the tables of what differs."""

    titles: tuple[str, str]
    results: tuple[Results, Results]
    figures: pd.DataFrame
    moved: pd.DataFrame
    areas: pd.DataFrame
    conflicts: pd.DataFrame
    grids: pd.DataFrame
    rules: pd.DataFrame

    def __post_init__(self) -> None:
        """Check every table once, here; what writes and draws may trust them."""
        check_columns(self.figures, FIGURE_COLUMNS, "figures")
        check_columns(self.moved, MOVED_COLUMNS, "moved")
        check_columns(self.areas, AREA_PAIR_COLUMNS, "areas")
        check_columns(self.conflicts, CONFLICT_COLUMNS, "conflicts")
        check_columns(self.grids, GRID_COLUMNS, "grids")
        check_columns(self.rules, RULE_COLUMNS, "rules")

    @property
    def title(self) -> str:
        """Return what heads the comparison."""
        return say("versus.title", one=self.titles[0], other=self.titles[1])

    def fates(self) -> Mapping[str, int]:
        """Return how many areas share each fate."""
        found = self.areas["fate"].value_counts()
        return {fate: int(found.get(fate, 0)) for fate in FATES}

    def lines(self) -> tuple[str, ...]:
        """Return the comparison in sentences: what moved, what became of the areas, and what stands in the way."""
        households = int(self.moved["count"].fillna(0).sum())
        lines = [
            say("versus.moved_line", number=len(self.moved), households=households),
            say("versus.areas_line", **self.fates()),
        ]
        if len(self.conflicts):
            lines.append(say("versus.conflicts_line", number=len(self.conflicts)))
        if len(self.rules):
            told = [
                say("versus.rule_line", rule=r.rule, one=r.one, other=r.other)
                for r in _rules(self).itertuples()
            ]
            lines.append(say("versus.rules_line", rules=say("words.semicolon").join(told)))
        return tuple(lines)


def write_versus(versus: Versus, path: Path) -> None:
    """Write the comparison as a workbook."""
    write_workbook(path, list(_sheets(versus)))


# --- tables in words -------------------------------------------------------------------------------


def figures_table(versus: Versus) -> pd.DataFrame:
    """Return the figures in words: what, one, other, difference; "—" where a plan does not know."""
    rows = versus.figures
    told = {
        "figure": [figure_words(key) for key in rows["key"]],
        **{
            side: [figure_text(key, value) for key, value in zip(rows["key"], rows[side], strict=True)]
            for side in SIDES
        },
        "difference": [_signed(k, value) for k, value in zip(rows["key"], rows["difference"], strict=True)],
    }
    return _headed(pd.DataFrame(told), versus)


def moved_table(versus: Versus) -> pd.DataFrame:
    """Return the communities that are elsewhere, each with where it is in either plan."""
    table = versus.moved
    where = {side: [_where(versus, side, row) for row in table.to_dict("records")] for side in SIDES}
    return _headed(table[["community_id", "name", "count"]].assign(**where), versus)


def areas_table(versus: Versus) -> pd.DataFrame:
    """Return the areas of both plans beside each other, those that changed first."""
    table = versus.areas
    kept = table[["one_communities", "one_count", "other_communities", "other_count", "went", "came"]]
    told = kept.assign(
        fate=[say(f"versus.fate.{fate}") for fate in table["fate"]],
        **{side: [called(versus, side, area_id) for area_id in table[side]] for side in SIDES},
    )
    first, second = ([side, f"{side}_communities", f"{side}_count"] for side in SIDES)
    return _headed(told[["fate", *first, *second, "went", "came"]], versus)


def conflicts_table(versus: Versus) -> pd.DataFrame:
    """Return what was decided on one plan and the other does not keep, in sentences."""
    table = versus.conflicts
    titles = dict(zip(SIDES, versus.titles, strict=True)) | {"both": say("versus.both")}
    told = {
        "place": table["place"],
        "conflict": [say(f"versus.conflict.{kind}") for kind in table["kind"]],
        "decided": [titles[side] for side in table["decided"]],
    }
    return _headed(pd.DataFrame(told), versus)


def grids_table(versus: Versus) -> pd.DataFrame:
    """Return the areas that several grids cut in either plan, with the parts."""
    table = versus.grids
    told = table.assign(
        **{side: [called(versus, side, area_id) for area_id in table[side]] for side in SIDES}
    )
    return _headed(told, versus)


def called(versus: Versus, side: str, area_id: str) -> str:
    """Return what people call an area of one side, "" where there is none."""
    areas = versus.results[SIDES.index(side)].areas
    name = areas.at[area_id, "name"] if area_id in areas.index else ""
    return f"{area_id} {name}".strip()


def _where(versus: Versus, side: str, row: Mapping[object, object]) -> str:
    """Return where a community is in one plan: its area, or what becomes of it."""
    area_id, outcome = str(row[side]), str(row[f"{side}_outcome"])
    if area_id:
        return called(versus, side, area_id)
    minimum = versus.results[SIDES.index(side)].summary["minimum"]
    return say(f"report.outcome.{outcome}", minimum=minimum) if outcome else say("versus.absent")


def _rules(versus: Versus) -> pd.DataFrame:
    return versus.rules.assign(rule=[rule_words(key) for key in versus.rules["key"]])


def rule_words(key: str) -> str:
    """Return what people call a rule; prices by the name of their table and their key."""
    own = f"versus.rule.{key}"
    if has(own):
        return say(own)
    table, _, detail = key.partition(".")
    return say(f"tradeoffs.price.{table}", detail=detail)


def figure_words(key: str) -> str:
    """Return what a figure is called."""
    return say(f"report.column.{key}") if key in COSTS else say(f"versus.figure.{key}")


def figure_text(key: str, value: float) -> str:
    """Return a figure in digits, "—" where it is not known."""
    return "—" if pd.isna(value) else _plain(key, value)


def _signed(key: str, value: float) -> str:
    if pd.isna(value):
        return "—"
    told = _plain(key, abs(value))
    return told if not float(told.replace(",", "")) else f"{'+' if value > 0 else '−'}{told}"


def _plain(key: str, value: float) -> str:
    return f"{value:,.1f}" if key == "mean_walk_m" else f"{value:,.0f}"


def _headed(table: pd.DataFrame, versus: Versus) -> pd.DataFrame:
    """Return the table under the headings people read; the two plans are called by their titles."""
    titles = dict(zip(SIDES, versus.titles, strict=True))
    heads = [titles.get(c) or say(f"versus.column.{c}") for c in map(str, table.columns)]
    return table.set_axis(heads, axis=1)


# --- workbook --------------------------------------------------------------------------------------


def _sheets(versus: Versus) -> Iterator[Sheet]:
    about = tuple(
        say("versus.side_line", title=title, rules=rules_line(r.summary), caveats=caveats_line(r.summary))
        for title, r in zip(versus.titles, versus.results, strict=True)
    )
    yield _sheet(versus, "figures", _figure_numbers(versus), (*versus.lines(), *about))
    yield _sheet(versus, "moved", moved_table(versus))
    yield _sheet(versus, "areas", areas_table(versus))
    if len(versus.conflicts):
        yield _sheet(versus, "conflicts", conflicts_table(versus))
    if len(versus.grids):
        yield _sheet(versus, "grids", grids_table(versus))


def _figure_numbers(versus: Versus) -> pd.DataFrame:
    """Return the figures as numbers that a spreadsheet can reckon with; metres to a tenth, all else whole."""
    rows = versus.figures
    words = pd.Series([figure_words(key) for key in rows["key"]], index=rows.index, dtype="str")
    numbers = rows[[*SIDES, "difference"]]
    told = numbers.round(1).where(rows["key"] == "mean_walk_m", numbers.round())
    return _headed(told.assign(figure=words)[["figure", *told.columns]], versus)


def _sheet(versus: Versus, key: str, table: pd.DataFrame, lines: tuple[str, ...] = ()) -> Sheet:
    name = say(f"versus.sheet.{key}")
    return Sheet(name, f"{versus.title} · {name}", lines or (say(f"versus.about.{key}"),), table)
