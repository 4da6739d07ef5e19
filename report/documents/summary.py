"""The summary of what the owners said (意见汇总表, D5): the tables of its workbook (report.forms), to be signed."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pandas as pd

from geo.wording import say
from report.documents.case import Case
from report.documents.model import Block, Grid, Heading, Note, Paper
from report.documents.phrases import area_words, number_or, period_words
from report.documents.punctuation import widened
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

NAME_WIDTH, FIGURE_WIDTH, LONG_WIDTH, KNOWN_WIDTH = 4.2, 1.2, 1.5, 1.7
LONG = 4  # letters of a head that takes more room
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
        table = figures_table(tally, measure)
        told = _widened(table, ("area_known",)) if measure == "area" else table
        blocks += [_head(measure), _figures(told)]
    blocks += [
        _head("shares"),
        _grid(_widened(shares_table(tally), ("part", "whole")), widths=(1.5, 4, 3, 3, 3, 2)),
    ]
    if tally.verdicts:
        blocks += [
            _head("verdicts"),
            _grid(
                _widened(verdicts_table(tally), ("threshold", "part", "whole", "verdict")),
                widths=(4, 6, 2.5, 2.5, 1.8, 5),
                left=(0,),
            ),
        ]
    blocks += [Note(widened(line)) for line in method_lines(tally)]
    themes = _grid(themes_table(tally), widths=(1, 6, 1.2, 5, 1.5, 5), left=(1, 3, 5))
    return [*blocks, _head("themes"), _signed(themes)]


def _empty(case: Case) -> list[Block]:
    """Return the tables to be filled in by hand."""
    names = [*(one.name for one in case.area.members), say("forms.total")]
    heads = (say("forms.column.community"), *(say(f"forms.figure.{figure}") for figure in FIGURES))
    figures = Grid(
        heads,
        tuple((name, *("",) * len(FIGURES)) for name in names),
        widths=(NAME_WIDTH, *map(_width, heads[1:])),
        left=(0,),
        high_mm=ROW_MM,
    )
    columns = ("number", "theme", "forms", "reply", "adopted", "reason")
    themes = Grid(
        tuple(widened(say(f"forms.column.{column}")) for column in columns),
        (("",) * len(columns),) * EMPTY_THEMES,
        widths=(1, 6, 1.2, 5, 1.5, 5),
        high_mm=ROW_MM,
    )
    silence = Note(widened(say("forms.method.silence")))
    return [_head("forms"), figures, _head("area"), figures, silence, _head("themes"), _signed(themes)]


def _signed(last: Grid) -> Grid:
    return replace(last, signed=say("documents.forms.summary.signed"))


def _head(key: str) -> Heading:
    return Heading(say(f"documents.forms.summary.head_{key}"))


def _figures(table: pd.DataFrame) -> Grid:
    """Return a table of figures; of how many forms the area is known takes the room of two signs more."""
    told = [KNOWN_WIDTH if table[head].dtype == "str" else _width(head) for head in table.columns[1:]]
    return _grid(table, widths=(NAME_WIDTH, *told), left=(0,))


def _width(head: str) -> float:
    return LONG_WIDTH if len(head) >= LONG else FIGURE_WIDTH


def _grid(table: pd.DataFrame, *, widths: tuple[float, ...], left: tuple[int, ...] = ()) -> Grid:
    """Return a table of the workbook as one of the paper; where it has no rows, an empty one to write in."""
    rows = tuple(tuple(map(_cell, row)) for row in table.itertuples(index=False, name=None))
    return Grid(tuple(map(widened, table.columns)), rows or (("",) * len(table.columns),), widths, left)


def _widened(table: pd.DataFrame, columns: Iterable[str]) -> pd.DataFrame:
    """Return a table whose sentences, in these columns, have the marks of a paper; names and what owners said stay as they are."""
    heads = [say(f"forms.column.{column}") for column in columns]
    return table.assign(**{head: table[head].map(widened) for head in heads})


def _cell(value: Any) -> str:
    if isinstance(value, str):
        return value
    return say("documents.unknown") if pd.isna(value) else number_or(float(value))
