"""交接单: what is open, what comes due, what was changed, who decided what; as a paper to sign and as a workbook."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd

from geo.wording import say
from report.handout import day_words
from report.papers import Imprint, Printed, printed
from report.workbooks import Sheet, write_workbook

# The sections in their order; of each the keys of its columns, and how wide they are on paper beside each other.
SECTIONS = {
    "tasks": {"kind": 3, "text": 14},
    "due": {"area": 8, "due": 9, "day": 4, "standing": 4},
    "disputes": {"number": 2, "place": 5, "parties": 5, "claim": 6, "evidence": 5, "state": 3, "decision": 6, "who": 4},
    "decisions": {"asked": 8, "text": 8, "who": 4, "at": 4},
    "rules": {"rule": 6, "standard": 5, "here": 5},
    "log": {"at": 4, "who": 4, "step": 12},
}  # fmt: skip


@dataclass(frozen=True)
class Section:
    """One table: `key` of SECTIONS, rows as long as its columns."""

    key: str
    rows: tuple[tuple[str, ...], ...]

    @property
    def heads(self) -> list[str]:
        """Return the headings."""
        return [say(f"handover.column.{column}") for column in SECTIONS[self.key]]


def handover_pdf(imprint: Imprint, sections: Sequence[Section]) -> Printed:
    """Return the sheet as a paper of A4."""
    data = {
        "title": imprint.title,
        "lead": _lead(imprint),
        "sections": [
            {
                "title": f"{number}. {say(f'handover.section.{one.key}')}",
                "about": say(f"handover.about.{one.key}"),
                "empty": say("handover.empty"),
                "heads": one.heads,
                "widths": list(SECTIONS[one.key].values()),
                "rows": [list(row) for row in one.rows],
            }
            for number, one in enumerate(sections, 1)
        ],
        "signed": say("handover.signed"),
    }
    return printed("handover", imprint, data)


def handover_xlsx(imprint: Imprint, sections: Sequence[Section]) -> bytes:
    """Return the sheet as a workbook, a sheet a section; text is text in every cell."""
    sheets = [
        Sheet(
            say(f"handover.section.{one.key}"),
            f"{imprint.title} · {say(f'handover.section.{one.key}')}",
            (_lead(imprint), say(f"handover.about.{one.key}")),
            pd.DataFrame([list(row) for row in one.rows], columns=one.heads, dtype="str"),
        )
        for one in sections
    ]
    with TemporaryDirectory() as folder:
        path = Path(folder) / "handover.xlsx"
        write_workbook(path, sheets)
        return path.read_bytes()


def _lead(imprint: Imprint) -> str:
    return say("handout.lead", office=imprint.office, day=day_words(imprint), source=imprint.source)
