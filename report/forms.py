"""The workbooks of a consultation: 意见表 with stubs (D3), 发放回收台账 (D4), 意见汇总表 (D5); plain tables for A4.

The ledger is filled in and read back (`report.handed_in`). Nothing personal is ever written: rooms and signatures stand on paper,
and in the ledger only as what the office itself fills in.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd

from geo.wording import has, say
from report.handed_in import CODES, COLUMNS, FILLED_IN, PERSONAL, word
from report.handout import day_words
from report.papers import Imprint
from report.surveysheets import sheet_name
from report.tally import Amount, Counts, Share, Tally, Verdict
from report.workbooks import Sheet, write_workbook

SPARE = (
    "holder",
    "themes",
    "words",
)  # the last columns of the ledger: for the screen, where the page is too narrow
FORM_LINES = (
    "form_no",
    "community",
    "building",
    "room",
    "area_m2",
    "choice",
    "text",
    "signature",
    "agent",
    "date",
)
STUB_COLUMNS = ("form_no", "community", "building", "room", "area_m2", "received_by", "received_on")
# What the summary counts, in its order; sums of Counts among its fields.
FIGURES = (
    "asked",
    "not_reached",
    "sent",
    "unanswered",
    "returned",
    "suspected",
    "invalid",
    "valid",
    "agree",
    "disagree",
    "other",
)
MEASURES = ("forms", "number", "area")
_TO_CONFIRM = "to_be_confirmed"


@dataclass(frozen=True)
class Slip:
    """One form as the ledger shows it; days ISO, texts in words, "" where nothing is known yet. Nothing personal."""

    form_no: str
    community_id: str
    community: str
    building: str = ""
    area_m2: float | None = None
    units: int = 1
    holder: str = ""
    sent_on: str = ""
    way: str = ""
    returned_on: str = ""
    opinion: str = ""
    fault: str = ""
    themes: tuple[str, ...] = ()


# --- D3 and D4 -------------------------------------------------------------------------------------


def ledger_sheets(imprint: Imprint, slips: Sequence[Slip]) -> Iterator[Sheet]:
    """Yield the ledger to fill in, a sheet a community in the order of the forms; what is known stands in it already."""
    taken: set[str] = set()
    for community_id in dict.fromkeys(slip.community_id for slip in slips):
        own = [slip for slip in slips if slip.community_id == community_id]
        table = pd.DataFrame([_ledger_row(slip) for slip in own], columns=list(COLUMNS), dtype="str")
        yield Sheet(
            sheet_name(own[0].community, taken),
            f"{imprint.title} · {say('forms.ledger')} · {own[0].community}",
            (_lead(imprint), say("forms.ledger_note"), say("forms.words", **_known_words())),
            table.set_axis(_heads(COLUMNS), axis=1),
            fill_in=tuple(_heads(FILLED_IN)),
            spare=tuple(_heads(SPARE)),
        )


def form_sheets(imprint: Imprint, slips: Sequence[Slip]) -> Iterator[Sheet]:
    """Yield the form as it is printed once for every number, and the stubs that stay with who hands it out."""
    head, blank = say("forms.item"), say("forms.entry")
    rows = [
        (say(f"forms.line.{line}"), say(f"forms.choice.{line}") if has(f"forms.choice.{line}") else "")
        for line in FORM_LINES
    ]
    lines = (_lead(imprint), say("forms.form_note"))
    table = pd.DataFrame(rows, columns=[head, blank], dtype="str")
    yield Sheet(
        say("forms.form"), f"{imprint.title} · {say('forms.form')}", lines, table, fill_in=(head, blank)
    )
    stubs = pd.DataFrame(
        [(s.form_no, s.community, s.building, "", _number(s.area_m2), "", "") for s in slips],
        columns=_stub_heads(),
        dtype="str",
    )
    title = f"{imprint.title} · {say('forms.stubs')}"
    by_hand = tuple(_stub_heads()[3:])
    yield Sheet(say("forms.stubs"), title, (_lead(imprint), say("forms.stubs_note")), stubs, fill_in=by_hand)


def workbook(sheets: Sequence[Sheet], imprint: Imprint) -> bytes:
    """Return the sheets as a workbook; the same sheets of the same day are the same bytes."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "forms.xlsx"
        write_workbook(path, sheets, on=imprint.on)
        return path.read_bytes()


def _ledger_row(slip: Slip) -> tuple[str, ...]:
    answered = bool(slip.opinion or slip.fault)
    told = {
        "form_no": slip.form_no,
        "community": slip.community,
        "building": slip.building,
        "area_m2": _number(slip.area_m2),
        "units": str(slip.units) if slip.units != 1 else "",
        "holder": slip.holder,
        "sent_on": slip.sent_on,
        "way": word("way", slip.way),
        "returned_on": slip.returned_on,
        "opinion": word("opinion", slip.opinion),
        "valid": word("valid", "no" if slip.fault else "yes") if answered else "",
        "fault": word("fault", slip.fault),
        "themes": say("words.semicolon").join(slip.themes),
    } | dict.fromkeys(PERSONAL, "")
    return tuple(told[column] for column in COLUMNS)


def _known_words() -> dict[str, object]:
    return {column: tuple(word(column, code) for code in codes) for column, codes in CODES.items()}


def _heads(columns: Sequence[str]) -> list[str]:
    return [say(f"opinions.column.{column}") for column in columns]


def _stub_heads() -> list[str]:
    return [say(f"forms.line.{column}") for column in STUB_COLUMNS]


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}".rstrip("0").rstrip(".")


def _lead(imprint: Imprint) -> str:
    return say("handout.lead", office=imprint.office, day=day_words(imprint), source=imprint.source)


# --- D5 --------------------------------------------------------------------------------------------


def summary_sheets(imprint: Imprint, tally: Tally) -> Iterator[Sheet]:
    """Yield the summary: by forms, by owners, by area, shares with what they are of, what is asked for, themes."""
    lines = tuple(method_lines(tally))
    shown = [m for m in MEASURES if m == "forms" or m in tally.profile.shown]
    for measure in shown:
        name = say(f"forms.by.{measure}")
        title = f"{imprint.title} · {say('forms.summary')} · {name}"
        note = say(f"forms.by_note.{measure}")
        yield Sheet(name, title, (_lead(imprint), note, say("forms.signed")), figures_table(tally, measure))
    title = f"{imprint.title} · {say('forms.shares')}"
    yield Sheet(say("forms.shares"), title, (_lead(imprint), *lines), shares_table(tally))
    if tally.verdicts:
        title = f"{imprint.title} · {say('forms.verdicts')}"
        yield Sheet(say("forms.verdicts"), title, (_lead(imprint), *lines), verdicts_table(tally))
    title = f"{imprint.title} · {say('forms.themes')}"
    yield Sheet(say("forms.themes"), title, (_lead(imprint), say("forms.themes_note")), themes_table(tally))


def method_lines(tally: Tally) -> Iterator[str]:
    """Yield how it was counted: the procedure and its source, the head count, what silence is, what cannot be counted."""
    profile, procedure = tally.profile, tally.procedure
    rule = say("forms.method.thresholds" if procedure.thresholds else "forms.method.advisory")
    told = {"name": profile.name, "kind": say(f"forms.kind.{tally.kind}"), "rule": rule}
    yield say("forms.method.profile", **told, source=_sourced(procedure.source, procedure.status))
    source = _sourced(profile.head_count_source, profile.head_count_status)
    yield say("forms.method.head_count", rule=say(f"forms.head_count.{profile.head_count}"), source=source)
    yield say("forms.method.silence")
    if "area" in profile.shown:
        yield say("forms.method.area")
    if tally.total.suspected.forms:
        yield say("forms.method.suspected", number=tally.total.suspected.forms)
    if tally.copies:
        yield say("forms.method.copies", number=tally.copies)
    yield from (say("forms.method.also", text=text) for text in procedure.also)


def _sourced(source: str, status: str) -> str:
    return say("forms.to_confirm", source=source) if status == _TO_CONFIRM else source


def figures_table(tally: Tally, measure: str) -> pd.DataFrame:
    """Return the figures by one of MEASURES, a row a community, the total last; by area with how many forms it speaks of."""
    rows = [(one.name, one.units, one.counts) for one in tally.communities]
    known = [units for _, units, _ in rows if units is not None]
    whole = sum(known) if len(known) == len(rows) else None
    rows.append((say("forms.total"), whole, tally.total))
    heads = [say("forms.column.community"), *([say("forms.column.units")] if measure == "forms" else [])]
    table = pd.DataFrame({heads[0]: [name for name, _, _ in rows]})
    if measure == "forms":
        table[heads[1]] = pd.array([units for _, units, _ in rows], dtype="Int64")
    for figure in FIGURES:
        cells = [_figure(counts, figure, measure) for _, _, counts in rows]
        table[say(f"forms.figure.{figure}")] = pd.array(
            cells, dtype="Float64" if measure == "area" else "Int64"
        )
    if measure == "area":
        known_of = [say("forms.known_of", known=c.asked.area_forms, number=c.asked.forms) for _, _, c in rows]
        table[say("forms.column.area_known")] = known_of
    return table


def _figure(counts: Counts, figure: str, measure: str) -> float:
    amount: Amount = getattr(counts, figure)
    return amount.forms if measure == "forms" else round(amount.by(measure), 2)


def shares_table(tally: Tally) -> pd.DataFrame:
    """Return each share with its part, what it is of, and the whole."""
    rows = [
        (say(f"forms.by.{one.by}"), say(f"forms.share.{one.of}_{one.base}"), amount_words(one.part, one.by),
         say(f"forms.figure.{one.base}"), amount_words(one.whole, one.by), percent_words(one))
        for one in tally.shares
    ]  # fmt: skip
    return pd.DataFrame(
        rows, columns=_columns("by", "share", "part", "base", "whole", "percent"), dtype="str"
    )


def verdicts_table(tally: Tally) -> pd.DataFrame:
    """Return each threshold beside what there is."""
    rows = [
        (one.community or say("forms.whole_area"), threshold_words(one), amount_words(one.share.part, one.share.by),
         amount_words(one.share.whole, one.share.by), percent_words(one.share), verdict_words(one))
        for one in tally.verdicts
    ]  # fmt: skip
    heads = _columns("community", "threshold", "part", "whole", "percent", "verdict")
    return pd.DataFrame(rows, columns=heads, dtype="str")


def themes_table(tally: Tally) -> pd.DataFrame:
    """Return what forms say, how many say it, and what became of it."""
    rows = [
        (str(t.number), t.text, str(t.forms), t.reply, say(f"forms.adopted.{t.adopted or 'open'}"), t.reason)
        for t in tally.themes
    ]
    heads = _columns("number", "theme", "forms", "reply", "adopted", "reason")
    return pd.DataFrame(rows, columns=heads, dtype="str")


def amount_words(amount: float, by: str) -> str:
    """Return an amount with its unit: owners, or m²."""
    return (
        say("forms.m2", number=_number(amount) or "0")
        if by == "area"
        else say("forms.owners", number=int(amount))
    )


def percent_words(share: Share) -> str:
    """Return the share in percent, a dash where the whole is nothing."""
    return say("forms.no_share") if share.percent is None else f"{share.percent:.1f}%"


def threshold_words(verdict: Verdict) -> str:
    """Return what is asked for: 同意人数超过应征询人数的 1/2."""
    one = verdict.threshold
    told = {
        "of": say(f"forms.figure.{one.of}"),
        "base": say(f"forms.figure.{one.base}"),
        "by": say(f"forms.by.{one.by}"),
        "least": f"{one.least.numerator}/{one.least.denominator}",
    }
    return say("forms.threshold.more" if one.more else "forms.threshold.least", **told)


def verdict_words(verdict: Verdict) -> str:
    """Return whether it is reached, or why that cannot be told."""
    if verdict.passed is None:
        return say(f"forms.open.{verdict.why_open}")
    return say("forms.reached" if verdict.passed else "forms.missed")


def _columns(*keys: str) -> list[str]:
    return [say(f"forms.column.{key}") for key in keys]
