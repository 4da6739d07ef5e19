"""The summary of what the owners said (意见汇总表, D5): the tables of its workbook (report.forms), to be signed."""

from dataclasses import replace
from typing import Any

import pandas as pd

from geo.wording import say
from report.documents.case import Case
from report.documents.model import Block, Grid, Heading, Note, Paper
from report.documents.phrases import area_words, number_or, period_words
from report.forms import (
    FIGURES,
    MEASURES,
    figures_table,
    method_lines,
    shares_table,
    themes_table,
    verdicts_table,
)
from report.tally import Tally

NAME_WIDTH, FIGURE_WIDTH, KNOWN_WIDTH = 3.9, 1.2, 1.7
EMPTY_THEMES = 3
ROW_MM = 7.0  # where something is written by hand


def summary(case: Case) -> Paper:
    """Return every figure with what it is a part of, and how it was counted; empty tables where nothing is counted yet."""
    return Paper(
        say("documents.forms.summary.title", area=area_words(case.area)),
        (
            Note(period_words("documents.forms.summary.period", case.consult)),
            *(_counted(case.tally) if case.tally else _empty(case)),
        ),
        style="form",
        wide=True,
    )


def _counted(tally: Tally) -> list[Block]:
    measures = [one for one in MEASURES if one == "forms" or one in tally.profile.shown]
    blocks: list[Block] = []
    for measure in measures:
        blocks += [_head(measure), _figures(figures_table(tally, measure))]
    blocks += [_head("shares"), _grid(shares_table(tally), widths=(1.5, 4, 3, 3, 3, 2))]
    if tally.verdicts:
        blocks += [
            _head("verdicts"),
            _grid(verdicts_table(tally), widths=(4, 6, 2.5, 2.5, 1.8, 5), left=(0,)),
        ]
    blocks += [Note(line) for line in method_lines(tally)]
    themes = _grid(themes_table(tally), widths=(1, 6, 1.2, 5, 1.5, 5), left=(1, 3, 5))
    return [*blocks, _head("themes"), _signed(themes)]


def _empty(case: Case) -> list[Block]:
    """Return the tables to be filled in by hand."""
    names = [*(one.name for one in case.area.members), say("forms.total")]
    heads = (say("forms.column.community"), *(say(f"forms.figure.{figure}") for figure in FIGURES))
    figures = Grid(
        heads,
        tuple((name, *("",) * len(FIGURES)) for name in names),
        widths=(NAME_WIDTH, *(FIGURE_WIDTH,) * len(FIGURES)),
        left=(0,),
        high_mm=ROW_MM,
    )
    columns = ("number", "theme", "forms", "reply", "adopted", "reason")
    themes = Grid(
        tuple(say(f"forms.column.{column}") for column in columns),
        (("",) * len(columns),) * EMPTY_THEMES,
        widths=(1, 6, 1.2, 5, 1.5, 5),
        high_mm=ROW_MM,
    )
    silence = Note(say("forms.method.silence"))
    return [_head("forms"), figures, _head("area"), figures, silence, _head("themes"), _signed(themes)]


def _signed(last: Grid) -> Grid:
    return replace(last, signed=say("documents.forms.summary.signed"))


def _head(key: str) -> Heading:
    return Heading(say(f"documents.forms.summary.head_{key}"))


def _figures(table: pd.DataFrame) -> Grid:
    """Return a table of figures; of how many forms the area is known takes the room of two signs more."""
    told = [KNOWN_WIDTH if table[head].dtype == "str" else FIGURE_WIDTH for head in table.columns[1:]]
    return _grid(table, widths=(NAME_WIDTH, *told), left=(0,))


def _grid(table: pd.DataFrame, *, widths: tuple[float, ...], left: tuple[int, ...] = ()) -> Grid:
    """Return a table of the workbook as one of the paper; where it has no rows, an empty one to write in."""
    rows = tuple(tuple(map(_cell, row)) for row in table.itertuples(index=False, name=None))
    return Grid(tuple(table.columns), rows or (("",) * len(table.columns),), widths, left)


def _cell(value: Any) -> str:
    if isinstance(value, str):
        return value
    return say("documents.unknown") if pd.isna(value) else number_or(float(value))
