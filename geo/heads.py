"""The head of a table: where it stands, what its headings are, and the rows below it as a frame of text."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from geo.schema import DataError, Finding, finding
from geo.wording import say
from geo.workbooks import Grid

_NUMBER = re.compile(r"[\d.,%+\-/:年月日 ]+")
_FORM_LINE = re.compile(r"[:：]\s*\S")  # "填报单位:中山路街道" is a line of a form, not a heading
_LOOK_ROWS = 200
_HEAD_LINES_MAX = 3
# A number of a whole estate, written once beside its blocks, must not be counted once for every block.
_QUANTITY = re.compile(
    "数|面积|[户套]$|[户套][(（]|人口|金额|余额|费|count|units|area|dwellings|households|owners",
    re.IGNORECASE,
)
_LABEL = re.compile("编号|代码|号$|名|码$|id$|code$", re.IGNORECASE)


@dataclass(frozen=True)
class Head:
    """Lines of a head, counted from 0, both inside; `spans` are its merged rectangles."""

    top: int
    bottom: int
    spans: tuple[tuple[int, int, int, int], ...]


def frame_of(grid: Grid, *, file: str) -> tuple[pd.DataFrame, tuple[Finding, ...]]:
    """Return the rows below the head as a frame of text, index "row" = line as people see it, and what was repaired.

    Blank lines are no rows; a repetition of the head (printed pages) is left out and said. Raises DataError naming
    `file` where no head is found or nothing stands below it.
    """
    head = find_head(grid)
    if head is None:
        raise DataError("reading.no_head" if not grid.blank else "reading.blank", file=file)
    width = max(len(row) for row in grid.rows)
    headings = _headings(grid, head, width)
    lines, fills = _filled_down(grid, head, headings)
    body = {i + 1: row for i, row in lines.items() if any(grid.rows[i])}
    repeated = [n for n, row in body.items() if _repeats(row, grid, head)]
    body = {n: row for n, row in body.items() if n not in set(repeated)}
    if not body:
        raise DataError("reading.no_rows", file=file, row=head.bottom + 1)
    columns = list(zip(*(_padded(row, width) for row in body.values()), strict=True))
    used = [j for j in range(width) if headings[j] or any(columns[j])]
    names = unique_headings([headings[j] or say("errors.reading.unnamed", column=j + 1) for j in used])
    index = pd.Index(list(body), name="row")
    frame = pd.DataFrame(
        {n: pd.Series(columns[j], index, dtype="str") for n, j in zip(names, used, strict=True)}
    )
    named = {j: n for n, j in zip(names, used, strict=True)}
    findings = (
        *_about_head(head, headings, file=file),
        *_about_unnamed(frame, {n: j for j, n in named.items() if not headings[j]}, file=file),
        *(finding("reading.repeated_head", file, n) for n in repeated),
        *(finding("reading.merged_down" if down else "reading.merged_number", file, row, named[j], cells=cells)
          for (j, down), (row, cells) in fills.items()),
        *_about_long_numbers(grid, head, named, file=file),
    )  # fmt: skip
    return frame, findings


def find_head(grid: Grid) -> Head | None:
    """Return the first line that reads like headings and is about as wide as the table, with the lines joined to it."""
    look = range(min(len(grid.rows), _LOOK_ROWS))
    widest = max((sum(map(bool, grid.rows[i])) for i in look), default=0)
    for i in look:
        texts = [t for t in _spread(grid, i) if t]
        two_lines = _is_lower_line(grid, i)
        wide = two_lines or 2 * len(texts) >= widest
        if texts and wide and _reads_like_head(texts, widest):
            return _with_lower_lines(grid, i, two_lines=two_lines)
    return None


def _reads_like_head(texts: Sequence[str], widest: int) -> bool:
    distinct = len(set(texts))
    words = sum(not _NUMBER.fullmatch(t) for t in texts)
    forms = sum(bool(_FORM_LINE.search(t)) for t in texts)
    return distinct >= min(widest, 2) and 2 * words > len(texts) and 2 * forms < len(texts)


def _spread(grid: Grid, line: int) -> list[str]:
    """Return one line with the text of merged cells in each of their columns."""
    texts = list(grid.rows[line])
    for top, left, _, right in grid.merged:
        if top == line:
            texts[left : right + 1] = [texts[left]] * (right + 1 - left)
    return texts


def _is_lower_line(grid: Grid, line: int) -> bool:
    """Say whether the line below holds the lower headings of a two-level head whose cells are not (or no longer) merged.

    Then its texts, all words, stand exactly under what is blank in `line` or begins a group of blanks there.
    """
    if line + 1 >= len(grid.rows):
        return False
    width = max(len(grid.rows[line]), len(grid.rows[line + 1]))
    upper, lower = _padded(grid.rows[line], width), _padded(grid.rows[line + 1], width)
    end = max((j for j in range(width) if upper[j] or lower[j]), default=-1) + 1
    groups = [j for j in range(end) if upper[j] and lower[j]]
    below_blank = [j for j in range(end) if lower[j] and not upper[j]]
    plain = [j for j in range(end) if upper[j] and not lower[j]]
    hole = any(not upper[j] and not lower[j] for j in range(end))
    begins = all(j + 1 < end and not upper[j + 1] and lower[j + 1] for j in groups)
    words = not any(_NUMBER.fullmatch(t) for t in lower if t)
    return bool(groups and below_blank and plain) and begins and words and not hole


def _with_lower_lines(grid: Grid, top: int, *, two_lines: bool) -> Head:
    spans = tuple(m for m in grid.merged if m[0] == top)
    bottom = max([top + two_lines, *(m[2] for m in spans)])
    wide = [m for m in spans if m[3] > m[1] and m[2] == top]
    if (
        wide
        and top + 1 < len(grid.rows)
        and any(grid.rows[top + 1][j] for m in wide for j in range(m[1], m[3] + 1))
    ):
        bottom = max(bottom, top + 1)
    bottom = min(bottom, top + _HEAD_LINES_MAX - 1, len(grid.rows) - 1)
    return Head(top, bottom, tuple(m for m in grid.merged if top <= m[0] <= bottom))


def _headings(grid: Grid, head: Head, width: int) -> list[str]:
    """Return one heading a column: the lowest where it is unlike all others, else "upper/lower"; "" where none."""
    levels = [_padded(grid.rows[i], width) for i in range(head.top, head.bottom + 1)]
    for top, left, bottom, right in head.spans:
        for i in range(top, min(bottom, head.bottom) + 1):
            levels[i - head.top][left : right + 1] = [grid.rows[top][left]] * (right + 1 - left)
    if (
        not head.spans and len(levels) > 1
    ):  # cells once merged: a group reaches as far as there are lower headings
        for j in range(1, width):
            levels[0][j] = levels[0][j] or (levels[0][j - 1] if levels[1][j] else "")
    chains = [list(dict.fromkeys(t for t in column if t)) for column in zip(*levels, strict=True)]
    lowest = Counter(chain[-1] for chain in chains if chain)
    return [("/".join(c) if lowest[c[-1]] > 1 else c[-1]) if c else "" for c in chains]


def _filled_down(
    grid: Grid, head: Head, headings: Sequence[str]
) -> tuple[dict[int, list[str]], dict[tuple[int, bool], tuple[int, int]]]:
    """Return the lines below the head with merged words repeated in each of their lines.

    And, by column and whether it was filled, the first line (as people see it) and the number of cells merged.
    """
    lines = {i: list(grid.rows[i]) for i in range(head.bottom + 1, len(grid.rows))}
    fills: dict[tuple[int, bool], tuple[int, int]] = {}
    for top, left, bottom, _ in sorted(grid.merged):
        text = grid.rows[top][left]
        if top <= head.bottom or bottom == top or not text:
            continue
        down = not _QUANTITY.search(headings[left]) or bool(_LABEL.search(headings[left]))
        if down:
            for i in range(top + 1, bottom + 1):
                lines[i][left] = text
        first, cells = fills.get((left, down), (top + 1, 0))
        fills[left, down] = (first, cells + bottom - top)
    return lines, fills


def _repeats(row: Sequence[str], grid: Grid, head: Head) -> bool:
    return any(list(row) == list(grid.rows[i]) for i in range(head.top, head.bottom + 1))


def _padded(row: Sequence[str], width: int) -> list[str]:
    return [*row, *[""] * (width - len(row))]


def unique_headings(names: Sequence[str]) -> list[str]:
    """Return names of which the second of its kind is "name (2)" and so on."""
    taken = set(names)
    seen: Counter[str] = Counter()
    result = []
    for name in names:
        seen[name] += 1
        unique = name
        while seen[name] > 1 and unique in taken:
            unique = f"{name} ({seen[name]})"
            if unique in taken:
                seen[name] += 1
        taken.add(unique)
        result.append(unique)
    return result


# --- what is said ----------------------------------------------------------------------------------


def _about_head(head: Head, headings: Sequence[str], *, file: str) -> list[Finding]:
    found = []
    if head.top > 0:
        found.append(finding("reading.lines_above", file, head.top + 1, lines=head.top))
    for name, times in Counter(h for h in headings if h).items():
        if times > 1:
            found.append(finding("reading.same_heading", file, head.bottom + 1, name, times=times))
    return found


def _about_unnamed(frame: pd.DataFrame, unnamed: dict[str, int], *, file: str) -> list[Finding]:
    found = []
    for name, j in unnamed.items():
        filled = frame.index[frame[name] != ""]
        found.append(
            finding("reading.unnamed", file, int(filled[0]), name, column_number=j + 1, cells=len(filled))
        )
    return found


def _about_long_numbers(grid: Grid, head: Head, named: dict[int, str], *, file: str) -> list[Finding]:
    places = [(j, i + 1) for i, j in grid.long_numbers if i > head.bottom and j in named]
    first = dict(sorted(places, reverse=True))
    cells = Counter(j for j, _ in places)
    return [
        finding("reading.long_number", file, row, named[j], cells=cells[j])
        for j, row in sorted(first.items())
    ]
