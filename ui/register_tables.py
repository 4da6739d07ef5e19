"""The register as tables: areas, papers at hand, what is still to be done; for the page and for the workbook."""

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd

from geo.wording import listed, say
from jobs.proceeding import Docket, filing_of, lacking
from jobs.registering import Due, Entry
from report.workbooks import Sheet, write_workbook
from store.given import Ids
from store.proceedings import IN_FORCE, Place

WORKBOOK = "register.xlsx"
OPEN = ("notice", *IN_FORCE)  # states in which papers for the filing are put together
Names = Mapping[Place, str]  # what areas are called, by version and area id


def register_table(
    entries: Sequence[Entry], told: Docket, names: Names, *, named: bool = False
) -> pd.DataFrame:
    """Return a line an area: where it stands, what was decided and filed, how many papers are missing; `named`, which."""
    rows = [
        (
            entry.area_id,
            names[entry.version, entry.area_id],
            listed(entry.members),
            entry.households,
            _state_words(entry, told),
            entry.on,
            entry.decided_on,
            entry.filing_no,
            entry.filed_on,
            _lacking_words(missing_of(entry, told), entry.state, named=named),
            entry.version,
        )
        for entry in entries
    ]
    keys = ("area", "name", "members", "households", "state", "on", "decided_on", "filing_no", "filed_on")
    heads = [say(f"register.column.{key}") for key in (*keys, "papers", "version")]
    table = pd.DataFrame(rows, columns=heads)
    numbers = {heads[3]: "Int64", heads[10]: "Int64"}
    return table.astype(dict.fromkeys(set(heads) - set(numbers), "str") | numbers)


def _state_words(entry: Entry, told: Docket) -> str:
    plan = told.version(entry.version).state.plan
    members = next(area.members for area in plan.areas if area.area_id == entry.area_id)
    stays = plan.outcomes[members[0]] == "fixed"
    return say("procedure.stays" if stays else f"proceeding.state.{entry.state}")


def missing_of(entry: Entry, told: Docket) -> Ids:
    """Return the keys of papers that the filing of an area still lacks."""
    return lacking(filing_of(told.filings, told.courses[entry.version, entry.area_id]))


def _lacking_words(missing: Ids, state: str, *, named: bool) -> str:
    if state not in OPEN:
        return ""
    if not missing:
        return say("register.complete")
    if named:
        return say("register.filing.lacking", number=len(missing), names=tuple(map(material_words, missing)))
    return say("register.lacking", number=len(missing))


def material_words(key: str) -> str:
    """Return what a paper of the list is called."""
    return say(f"documents.filing.material.{key}")


def dues_table(dues: Sequence[Due], names: Mapping[str, str]) -> pd.DataFrame:
    """Return the follow-ups, overdue first; `names` of areas by id."""
    rows = [
        (
            str(due.kept.number),
            names.get(due.kept.follow_up.area_id, due.kept.follow_up.area_id),
            say(f"register.kind.{due.kept.follow_up.kind}"),
            due.kept.follow_up.due,
            due_words(due),
            due.kept.follow_up.note,
            due.kept.who,
        )
        for due in dues
    ]
    keys = ("number", "area", "kind", "due", "standing", "note", "who")
    return pd.DataFrame(rows, columns=[say(f"register.due.{key}") for key in keys], dtype="str")


def due_words(due: Due) -> str:
    """Return how a follow-up stands: overdue by how long, due in how many days, done when."""
    if due.days is None:
        return say("register.done_on", on=due.kept.follow_up.done_on)
    if due.overdue:
        return say("register.overdue", number=-due.days)
    return say("register.due_in", number=due.days) if due.days else say("register.due_today")


def register_book(
    entries: Sequence[Entry], dues: Sequence[Due], told: Docket, names: Names, *, on: date
) -> bytes:
    """Return the register and the follow-ups as a workbook."""
    issuer = say("register.issuer", office=told.office.name or say("documents.blank"), on=on.isoformat())
    by_id = {area_id: f"{area_id} {name}" for (_, area_id), name in sorted(names.items())}
    sheets = (
        Sheet(
            say("register.sheet.areas"),
            say("register.sheet.areas"),
            (issuer,),
            register_table(entries, told, names, named=True),
        ),
        Sheet(say("register.sheet.dues"), say("register.sheet.dues"), (issuer,), dues_table(dues, by_id)),
    )
    with TemporaryDirectory() as folder:
        path = Path(folder) / WORKBOOK
        write_workbook(path, sheets, on=on)
        return path.read_bytes()
