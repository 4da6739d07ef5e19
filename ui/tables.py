"""Tables of a page: cells are text from data, and shown as such; what is too long is cut and says so."""

from collections.abc import Sequence

import pandas as pd

from geo.wording import say
from report.maptext import map_text

ROWS_SHOWN = 500  # the rest is in the workbook


def table_html(table: pd.DataFrame, name: str) -> str:
    """Return a table as it stands on a page; `name` is its own class of the style sheet."""
    return rows_html(list(table.columns), list(table.itertuples(index=False)), name)


def rows_html(heads: Sequence[str], rows: Sequence[Sequence[object]], name: str) -> str:
    """Return the same of headings and rows."""
    head = "".join(f"<th>{map_text(text)}</th>" for text in heads)
    labels = [f' data-label="{map_text(text)}"' for text in heads]  # on a phone a row is a card without heads
    body = "".join(
        "<tr>"
        + "".join(f"<td{label}>{map_text(cell)}</td>" for label, cell in zip(labels, row, strict=True))
        + "</tr>"
        for row in rows[:ROWS_SHOWN]
    )
    rest = say("desk.table.rest", shown=ROWS_SHOWN, number=len(rows)) if len(rows) > ROWS_SHOWN else ""
    note = f'<p class="desk-note">{rest}</p>' if rest else ""
    return (
        f'{note}<div class="desk-table {name}"><table><thead><tr>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )
