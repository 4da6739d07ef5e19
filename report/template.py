"""The ledger as an empty form: the columns that are read, and a page that says how each is filled in."""

from pathlib import Path

import pandas as pd

from geo.wording import say
from report.workbooks import Sheet, write_workbook

COLUMNS = ("id", "name", "address", "street_town", "committee", "grids", "buildings", "households", "count_status",
           "built_year", "floor_area", "lift", "managed", "managing_company", "ownership", "lon", "lat")  # fmt: skip
EMPTY_ROWS = 30


def template_sheets() -> tuple[Sheet, Sheet]:
    """Return the form and the page of explanations; the form comes back through the reader without a question."""
    heads = [say(f"intake.template.{column}") for column in COLUMNS]
    blank = pd.DataFrame([[""] * len(heads)] * EMPTY_ROWS, columns=heads, dtype="str")
    told = [
        f"{head}：{say(f'intake.explained.{column}')}" for column, head in zip(COLUMNS, heads, strict=True)
    ]
    # Every line has a colon: so the reader takes the page for a form, and asks nobody which sheet is meant.
    about = pd.DataFrame({say("intake.template.column"): told}, dtype="str")
    name, title, lead = (say(f"intake.template.{key}") for key in ("about", "about_title", "lead"))
    return (
        Sheet(say("intake.template.sheet"), say("intake.template.title"), (), blank, fill_in=tuple(heads)),
        Sheet(name, title, (lead,), about),
    )


def write_template(path: Path) -> None:
    """Write the empty ledger as a workbook."""
    write_workbook(path, template_sheets())
