"""Tables of a page: cells are text from data, and shown as such; what is too long is cut and says so."""

import pandas as pd

from geo.wording import say
from report.maptext import map_text

ROWS_SHOWN = 500  # the rest is in the workbook


def table_html(table: pd.DataFrame, name: str) -> str:
    """Return a table as it stands on a page; `name` is its own class of the style sheet."""
    heads = "".join(f"<th>{map_text(head)}</th>" for head in table.columns)
    rows = "".join(
        f"<tr>{''.join(f'<td>{map_text(cell)}</td>' for cell in row)}</tr>"
        for row in table.head(ROWS_SHOWN).itertuples(index=False)
    )
    rest = say("desk.table.rest", shown=ROWS_SHOWN, number=len(table)) if len(table) > ROWS_SHOWN else ""
    return (
        f'<p class="desk-note">{rest}</p><div class="desk-table {name}"><table><thead><tr>{heads}</tr></thead>'
        f"<tbody>{rows}</tbody></table></div>"
    )
