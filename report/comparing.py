"""The table of numbers behind "why this grouping" and "why not that one"."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import chain

import pandas as pd

from geo.wording import listed, say
from optimizer.candidates import COST_PARTS
from optimizer.questions import Comparison, Judged, summed
from report.reasoning import violation_sentence
from report.workbooks import half_widths

NAMES_SHOWN = 6  # a row with more names does not fit a screen
BETWEEN = "  "


@dataclass(frozen=True)
class Answered:
    """The answer to one question, in words: a table (None where the set can be no area) and sentences."""

    title: str
    table: pd.DataFrame | None
    sentences: tuple[str, ...]

    def lines(self) -> list[str]:
        """Return the answer as lines of plain text; columns stand below each other in type of fixed width."""
        body = [] if self.table is None else aligned(self.table)
        return ["", plain(self.title), *body, *map(plain, self.sentences)]


def answered(comparison: Comparison, names: Mapping[str, str]) -> Answered:
    """Return a comparison in words; a community without a name in `names` is called by its id."""
    difference = sum(comparison.difference.values())
    verdict = "same" if abs(difference) < 1 else "dearer" if difference > 0 else "cheaper"
    broken = chain.from_iterable(area.violations for area in comparison.after)
    sentences = [
        say(
            f"answers.{'verdict' if comparison.lawful else 'broken'}.{verdict}",
            cost=f"{abs(difference):,.0f}",
        )
    ]
    sentences += [violation_sentence(violation, names) for violation in dict.fromkeys(broken)]
    if comparison.newly:
        sentences.append(say("answers.newly", names=_names(comparison.newly, names)))
    title = say("answers.title", names=_names(comparison.asked.members, names))
    return Answered(title, comparison_table(comparison, names), tuple(sentences))


def refused(members: Iterable[str], why: str, names: Mapping[str, str]) -> Answered:
    """Return the answer for a set that can be no area, with the sentence that says why."""
    return Answered(say("answers.title", names=_names(members, names)), None, (why,))


def comparison_table(comparison: Comparison, names: Mapping[str, str]) -> pd.DataFrame:
    """Return the areas before and after with the parts of their cost, and the difference, under Chinese headings.

    Costs in household-metres, whole; parts that are 0 everywhere stay away.
    """
    before, after = comparison.before, comparison.after
    asked, *rests = after
    rows = [_row("before", area, names) for area in before]
    rows += [_sum("before_sum", before)] if len(before) != 1 else []
    rows += [_row("asked", asked, names), *(_row("rest", area, names) for area in rests)]
    rows += [_sum("after_sum", after)] if rests else []
    rows.append(_row_of("difference", comparison.difference))
    table = pd.DataFrame(rows).astype({"communities": "Int64", "count": "Int64"})
    idle = [part for part in COST_PARTS if (table[part] == 0).all()]
    shown = table.drop(columns=idle)
    return shown.set_axis([say(f"answers.column.{column}") for column in shown.columns], axis=1)


def aligned(table: pd.DataFrame) -> list[str]:
    """Return the table as lines: numbers to the right, text to the left, Chinese characters two wide."""
    cells = [[str(heading), *(_cell(value) for value in table[heading])] for heading in table.columns]
    right = [pd.api.types.is_numeric_dtype(table[heading]) for heading in table.columns]
    widths = [max(map(half_widths, column)) for column in cells]
    padded = [
        [_padded(cell, width, right=to_right) for cell in column]
        for column, width, to_right in zip(cells, widths, right, strict=True)
    ]
    return [BETWEEN.join(row).rstrip() for row in zip(*padded, strict=True)]


def _row(case: str, area: Judged, names: Mapping[str, str]) -> dict[str, object]:
    return _row_of(
        case, area.cost.parts, area.area_id, len(area.members), area.households, _names(area.members, names)
    )


def _sum(case: str, areas: tuple[Judged, ...]) -> dict[str, object]:
    members, households = sum(len(a.members) for a in areas), sum(a.households for a in areas)
    return _row_of(case, summed(areas), "", members, households)


def _row_of(
    case: str,
    parts: Mapping[str, float],
    area_id: str = "",
    communities: int | None = None,
    households: int | None = None,
    names: str = "",
) -> dict[str, object]:
    costs = {part: round(cost) for part, cost in parts.items()}
    head = {"case": say(f"answers.case.{case}"), "area_id": area_id}
    sizes = {"communities": communities, "count": households}
    return {**head, **sizes, "total": round(sum(parts.values())), **costs, "names": names}


def _names(members: Iterable[str], names: Mapping[str, str]) -> str:
    said = [names.get(i, i) for i in members]
    shown = listed(said[:NAMES_SHOWN])
    return shown if len(said) <= NAMES_SHOWN else say("answers.more", names=shown, number=len(said))


def _cell(value: object) -> str:
    if value is pd.NA:
        return ""
    return f"{value:,.0f}" if isinstance(value, int) else plain(str(value))


def _padded(cell: str, width: int, *, right: bool) -> str:
    blanks = " " * (width - half_widths(cell))
    return blanks + cell if right else cell + blanks


def plain(text: str) -> str:
    """Return text of data without what a terminal would obey."""
    return "".join(sign if sign.isprintable() else " " for sign in text)
