"""征求意见: the forms of an area, what came back, what it comes to; counts only, never a room or a name."""

from collections.abc import Mapping, Sequence
from functools import partial

import streamlit as st

from geo.wording import say
from jobs.consulting import new_forms, new_forms_of, slips_of, units_of
from jobs.tallying import same_signature
from report.forms import (
    FIGURES,
    amount_words,
    form_sheets,
    ledger_sheets,
    method_lines,
    percent_words,
    summary_sheets,
    verdicts_table,
    workbook,
)
from report.maptext import map_text
from report.results import Results
from report.tally import Amount, CommunityTally, Tally
from store.opinions import Form
from store.versions import Version
from ui import casework, consulted, opinion_entry, opinion_review, people, session, start_page
from ui.consulted import Consulted, tried
from ui.look import tell
from ui.people import ready, who
from ui.session import Opened, guarded
from ui.tables import table_html

# What a role may not do is said in the order of a consultation.
ACTS = ("read_opinions", "prepare_forms", "put_forms", "put_theme", "forget_people")
LARGE = ("sent", "returned", "valid", "agree", "disagree", "other")  # the figures one looks for first


def opinions() -> None:
    """Show one area's consultation, and take in what came back."""
    with guarded():
        if not session.is_open():
            start_page.doors()
            return
        st.html(
            f'<div class="desk-head"><h1>{say("desk.page.opinions")}</h1><p>{say("opinions.lead")}</p></div>'
        )
        opened = session.current()
        found = consulted.chosen(opened, partial(_names, opened), partial(_results, opened))
        if found is None:
            return
        consulted.said()
        people.ask_who("opinions", *ACTS)
        _carried(found)
        _figures(found)
        if not people.may("read_opinions"):  # single forms, remarks and what comes back may tell of persons
            return
        left, right = st.columns([3, 2], gap="large")
        with left:
            _forms(found)
            if found.forms and found.course.carried_to is None:
                opinion_entry.entry(found)
        with right:
            if found.forms:
                opinion_review.suspected(found)
                opinion_review.themes(found)
                opinion_review.personal(found)


def _names(opened: Opened, number: int) -> Mapping[str, str]:
    """Return what papers call the areas of a version."""
    return casework.work_of(opened, casework.docket_of(opened), number).frozen.names


def _results(opened: Opened, version: Version) -> Results:
    """Return what a version says of communities, by the data it was frozen on."""
    return casework.work_of(opened, casework.docket_of(opened), version.number).frozen.results


def _carried(found: Consulted) -> None:
    """Say where the area comes from, and where it goes on."""
    course = found.course
    if course.earlier:
        tell(say("opinions.carried", version=course.earlier[-1][0]))
    if course.carried_to is not None:
        tell(say("opinions.goes_on", version=course.carried_to), mark="fair")


# --- the forms -------------------------------------------------------------------------------------


def _forms(found: Consulted) -> None:
    """Prepare the forms, and hand out the workbooks."""
    st.html(f"<h3>{say('opinions.prepare_head')}</h3>")
    missing = new_forms(found.results, found.course, found.members, found.forms)
    numbers = [form.form_no for form in found.forms]
    if numbers:
        told = say("opinions.prepared", number=len(numbers), first=numbers[0], last=numbers[-1])
        st.html(f'<p class="desk-note">{map_text(told)}</p>')
    unknown = [found.names[c] for c in sorted(found.members) if units_of(found.results, c) is None]
    if unknown:
        tell(say("opinions.units_unknown", names=tuple(unknown)), mark="fair")
    if missing and found.course.carried_to is None:
        key = "none_yet" if not numbers else "prepare_rest"
        st.html(f'<p class="desk-note">{say(f"opinions.{key}", number=len(missing))}</p>')
        _prepare(found, missing)
    if numbers:
        _downloads(found)


def _prepare(found: Consulted, missing: Sequence[Form]) -> None:
    """Offer to prepare the forms of this area, or of every area of the version that is to be consulted."""
    with st.container(horizontal=True):
        words = say("opinions.prepare", number=len(missing))
        one = st.button(
            words, type="primary", disabled=not ready("prepare_forms"), key=f"prepare-{found.key}"
        )
        every = st.button(
            say("opinions.prepare_all"),
            disabled=not ready("prepare_forms"),
            key=f"prepare-all-{found.key}",
        )
    if one and tried(lambda: found.project.prepare_forms(missing, who())):
        st.rerun()
    if every:
        with st.spinner(say("opinions.preparing")):
            for forms in new_forms_of(found.project, found.results, found.version):
                tried(partial(found.project.prepare_forms, forms, who()))
        st.rerun()


def _downloads(found: Consulted) -> None:
    with st.container(horizontal=True):
        for name, make in (("forms", _forms_file), ("ledger", _ledger_file), ("summary", _summary_file)):
            st.download_button(
                say(f"opinions.download_{name}"),
                data=partial(make, found),
                file_name=f"{name}-{found.version.number:02d}-{found.area_id}.xlsx",
                on_click="ignore",
                key=f"{name}-{found.key}",
            )


def _forms_file(found: Consulted) -> bytes:
    imprint = found.imprint()
    own = {form.form_no: form for form in found.forms}
    slips = slips_of(tuple(own.values()), found.names)
    first = {slip.form_no: slip for slip in reversed(slips)}
    return workbook(list(form_sheets(imprint, [first[number] for number in own])), imprint)


def _ledger_file(found: Consulted) -> bytes:
    imprint = found.imprint()
    return workbook(list(ledger_sheets(imprint, slips_of(found.forms, found.names))), imprint)


def _summary_file(found: Consulted) -> bytes:
    imprint = found.imprint()
    return workbook(list(summary_sheets(imprint, found.tally)), imprint)


# --- what it comes to ------------------------------------------------------------------------------


def _figures(found: Consulted) -> None:
    """Show the figures large, then the progress of each community, and how it was counted."""
    tally = found.tally
    if not found.forms:
        return
    large = "".join(_figure(tally, figure, large=True) for figure in LARGE)
    small = "".join(_figure(tally, figure, large=False) for figure in FIGURES if figure not in LARGE)
    st.html(f'<dl class="opinion-figures">{large}</dl><dl class="opinion-figures small">{small}</dl>')
    tell(_verdict(tally), mark="bad" if tally.passed is False else "plain")
    if tally.verdicts:
        st.html(table_html(verdicts_table(tally), "opinion-verdicts"))
    rows = "".join(_progress(one) for one in tally.communities)
    st.html(f'<h3>{say("opinions.progress_head")}</h3><ul class="opinion-progress">{rows}</ul>')
    if alike := same_signature(found.forms):
        tell(say("opinions.same_signature", number=len(alike), forms=tuple(alike[0])), mark="fair")
    with st.expander(say("opinions.method")):
        lines = "".join(f"<li>{map_text(line)}</li>" for line in method_lines(tally))
        st.html(f'<ul class="desk-kinds">{lines}</ul>')


def _figure(tally: Tally, figure: str, *, large: bool) -> str:
    """Return one figure: owners, forms, floor area with of how many forms it speaks, and its share of what."""
    amount: Amount = getattr(tally.total, figure)
    lines = [say("opinions.forms", number=amount.forms)]
    if "area" in tally.profile.shown and large:
        lines.append(_area_words(amount))
    for share in tally.shares:
        if share.of == figure and share.by == "number" and large and share.whole:
            base = say(f"forms.figure.{share.base}")
            told = {
                "base": base,
                "whole": amount_words(share.whole, "number"),
                "percent": percent_words(share),
            }
            lines.append(say("opinions.share", **told))
    told_lines = "".join(f"<dd>{map_text(line)}</dd>" for line in lines)
    head = amount_words(amount.owners, "number")
    return f'<div class="{figure}"><dt>{say(f"forms.figure.{figure}")}</dt><dd><b>{head}</b></dd>{told_lines}</div>'


def _area_words(amount: Amount) -> str:
    told = {"number": amount_words(amount.area_m2, "area"), "known": amount.area_forms, "forms": amount.forms}
    return say("opinions.by_area_known" if amount.area_missing else "opinions.by_area", **told)


def _verdict(tally: Tally) -> str:
    if not tally.verdicts:
        return say("opinions.advisory")
    key = {True: "passed", False: "failed", None: "open"}[tally.passed]
    return say(f"opinions.{key}")


def _progress(one: CommunityTally) -> str:
    """Return one community: two bars, and the numbers behind them."""
    counts = one.counts
    asked = max(counts.asked.forms, 1)
    told = say(
        "opinions.progress",
        sent=counts.sent.forms,
        asked=counts.asked.forms,
        returned=counts.returned.forms,
    )
    bars = "".join(
        f'<i class="{name}" style="width:{100 * amount.forms / asked:.1f}%"></i>'
        for name, amount in (("sent", counts.sent), ("returned", counts.returned))
    )
    return f"<li><b>{map_text(one.name)}</b><span>{map_text(told)}</span><div>{bars}</div></li>"
