"""办理下一步: which areas can go on, what is in the way of the others and where that is mended; the step itself."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import streamlit as st

from geo.days import iso_day
from geo.wording import listed, say
from jobs.proceeding import Blocker, Matter, blockers, proceed
from report.maptext import map_text
from store.access import act_of
from store.proceedings import EXITS, STATES, WITH_PAPER, Step, needs_reason
from ui import casework, people, session
from ui.casework import Work
from ui.look import tell

# Blocker → the page where it is mended.
MENDED_ON = {
    "unconfirmed": "office",
    "no_citation": "office",
    "unasked": "opinions",
    "doubted": "opinions",
    "disputes": "meeting",
    "sketch": "import",
    "lacking": "register",
    "no_filing_number": "register",
}
OF_THE_OFFICE = ("unconfirmed", "no_citation")  # in the way of every area alike
LINES = 5  # things in the way that are told in full
NAMED = 4  # areas that a sentence names; how many more there are is said
ALL, SOME = "all", "some"


@dataclass(frozen=True)
class Choice:
    """One step that areas can take: `free` are those with nothing in the way, `stuck` the others."""

    state: str
    free: tuple[Matter, ...]
    stuck: tuple[tuple[Matter, tuple[Blocker, ...]], ...]

    @property
    def matters(self) -> tuple[Matter, ...]:
        """Return all of them, by area id."""
        return tuple(sorted((*self.free, *(one for one, _ in self.stuck)), key=lambda m: m.area.area_id))

    @property
    def onward(self) -> tuple[Matter, ...]:
        """Return those whom the step leads on; to go aside or back, each is chosen by name."""
        return tuple(matter for matter in self.free if not _aside(matter, self.state))


def main_step(matter: Matter) -> str:
    """Return the step that leads on, "" where there is none: after freezing the consultation, a review only where one is wanted."""
    state = matter.course.state
    if matter.kept or state not in STATES:
        return ""
    onward = [s for s in matter.course.next_states() if s in STATES and STATES.index(s) > STATES.index(state)]
    return onward[-1] if onward else ""


def choices(work: Work, on: date) -> tuple[Choice, ...]:
    """Return the steps that areas of a version can take on a day, those that lead on first."""
    able: dict[str, list[Matter]] = {}
    for matter in work.matters:
        for state in () if matter.kept else matter.course.next_states():
            able.setdefault(state, []).append(matter)
    order = (*STATES, *EXITS)
    steps = [_choice(work, state, found, on) for state, found in able.items()]
    return tuple(
        sorted(steps, key=lambda c: (all(_aside(m, c.state) for m in c.matters), order.index(c.state)))
    )


def in_the_way(work: Work, matter: Matter, state: str, on: date) -> tuple[Blocker, ...]:
    """Return what is in the way of an area on a day."""
    told = work.docket
    return blockers(matter, state, on, rules_text=work.version.rules_text, office=told.office)


def _choice(work: Work, state: str, found: Sequence[Matter], on: date) -> Choice:
    ways = [(matter, in_the_way(work, matter, state, on)) for matter in found]
    return Choice(
        state, tuple(matter for matter, stop in ways if not stop), tuple(way for way in ways if way[1])
    )


def _aside(matter: Matter, state: str) -> bool:
    return needs_reason(matter.course.state, state)


# --- the form --------------------------------------------------------------------------------------


def step_form(work: Work) -> None:
    """Ask for the step, its areas, its day and, where needed, its reason; say what it does and what is in the way."""
    st.html(f'<h2 class="meet-head">{say("procedure.step.title")}</h2>')
    on = _day(work)
    found = {one.state: one for one in choices(work, on)}
    if not found:
        st.html(f'<p class="desk-note">{say("procedure.step.none")}</p>')
        return
    state = st.selectbox(
        say("procedure.step.which"),
        list(found),
        index=list(found).index(_likeliest(work, found)),
        format_func=lambda key: say(f"proceeding.state.{key}"),
        key=f"step-{work.key}",
    )
    step = found[state]
    st.html(f'<p class="desk-note">{counted_words(step)}</p>')
    chosen = _areas(work, step)
    reason = _reason(work, state, chosen)
    paper = _paper(work, state, chosen, on)
    _blocked(work, step, chosen)
    _button(work, step, chosen, on, reason, paper)


def counted_words(choice: Choice) -> str:
    """Return how many areas can take a step and how many cannot; those whom it would lead back beside those led on."""
    back = len(choice.free) - len(choice.onward) if choice.onward else 0
    told = say("procedure.step.counted", free=len(choice.free) - back, stuck=len(choice.stuck))
    return told + (say("procedure.step.back", number=back) if back else "")


def _likeliest(work: Work, found: Mapping[str, Choice]) -> str:
    """Return the step that most areas are waiting for."""
    waiting = Counter(step for matter in work.matters if (step := main_step(matter)))
    return max(found, key=lambda state: (waiting[state], len(found[state].onward)))


def _day(work: Work) -> date:
    """Ask for the day from which the step holds."""
    today = date.today()  # noqa: DTZ011 - the day of the office
    told = st.text_input(
        say("procedure.step.day"), value=today.isoformat(), max_chars=20, key=f"step-day-{work.key}"
    )
    known = iso_day(told)
    if not known:
        tell(say("opinions.day_wrong"), mark="bad")
    return date.fromisoformat(known) if known else today


def _areas(work: Work, choice: Choice) -> tuple[Matter, ...]:
    """Ask for the areas: all that can take the step, or some by name."""
    own = f"{choice.state}-{work.key}"
    aside = all(_aside(matter, choice.state) for matter in choice.matters)
    several = len(choice.onward) > 1
    which = SOME
    if several:
        which = st.radio(
            say("procedure.step.areas"),
            (ALL, SOME),
            format_func=lambda key: say(f"procedure.step.{key}"),
            horizontal=True,
            key=f"step-which-{own}",
        )
    if which == ALL:
        return choice.onward
    names = {matter.area.area_id: matter for matter in choice.matters}
    picked = st.multiselect(
        say("procedure.step.areas"),
        list(names),
        format_func=work.called,
        default=list(names) if len(names) == 1 and not aside else None,
        placeholder=say("desk.ask.choose"),
        label_visibility="collapsed" if several else "visible",
        key=f"step-areas-{own}",
    )
    return tuple(names[area_id] for area_id in picked)


def _reason(work: Work, state: str, chosen: Iterable[Matter]) -> str:
    needed = any(_aside(matter, state) for matter in chosen)
    label = say("procedure.step.reason_needed" if needed else "procedure.step.reason")
    return st.text_input(label, max_chars=300, key=f"step-reason-{state}-{work.key}-{work.seen}").strip()


def _paper(work: Work, state: str, chosen: Sequence[Matter], on: date) -> int | None:
    """Ask for the running number of the paper that goes out with a step; several areas get one after the other."""
    if state not in WITH_PAPER or not chosen:
        return None
    first = st.number_input(
        say("procedure.step.paper"),
        min_value=1,
        step=1,
        value=None,
        placeholder=say("procedure.step.paper_empty"),
        key=f"step-paper-{state}-{work.key}-{work.seen}",
    )
    if first is None:
        return None
    last = int(first) + len(chosen) - 1
    numbers = [paper_words(work, number, on) for number in dict.fromkeys((int(first), last))]
    key = "papers" if len(numbers) > 1 else "one_paper"
    st.html(
        f'<p class="desk-note">{map_text(say(f"procedure.step.{key}", first=numbers[0], last=numbers[-1]))}</p>'
    )
    return int(first)


def paper_words(work: Work, number: int, on: date) -> str:
    """Return the number of a document as the office writes it, the bare number where it has not said how."""
    return work.docket.office.document_number(on.year, number) or str(number)


def _blocked(work: Work, choice: Choice, chosen: Sequence[Matter]) -> None:
    """Say what is in the way, each thing once with its areas, and lead to where it is mended."""
    ids = {matter.area.area_id for matter in chosen} or {matter.area.area_id for matter, _ in choice.stuck}
    told: dict[tuple[str, str], list[str]] = {}
    for matter, stops in choice.stuck:
        for stop in stops if matter.area.area_id in ids else ():
            told.setdefault((stop.code, stop.text), []).append(work.called(matter.area.area_id))
    if not told:
        return
    lines = [_blocked_words(*stop, areas) for stop, areas in told.items()]
    rest = len(lines) - LINES
    lines = [*lines[:LINES], say("procedure.step.blocked_rest", number=rest)] if rest > 1 else lines
    st.html(f'<ul class="procedure-blocked">{"".join(f"<li>{map_text(line)}</li>" for line in lines)}</ul>')
    pages = dict.fromkeys(MENDED_ON[code] for code, _ in told if code in MENDED_ON)
    with st.container(horizontal=True):
        for page in pages:
            st.page_link(session.page(page), label=say("procedure.step.mend", page=say(f"desk.page.{page}")))


def _blocked_words(code: str, text: str, areas: Sequence[str]) -> str:
    if code in OF_THE_OFFICE:
        return text
    key = "blocked_some" if len(areas) > NAMED else "blocked"
    return say(f"procedure.step.{key}", areas=listed(areas[:NAMED]), number=len(areas), text=text)


def _button(
    work: Work, choice: Choice, chosen: Sequence[Matter], on: date, reason: str, paper: int | None
) -> None:
    """Say in one sentence what the button does, and do it."""
    stuck = {matter.area.area_id for matter, _ in choice.stuck}
    ids = tuple(matter.area.area_id for matter in chosen)
    lacks = not reason and any(_aside(matter, choice.state) for matter in chosen)
    last = max((matter.course.rows[-1].on for matter in chosen), default="")
    if last > on.isoformat():
        tell(say("procedure.step.too_early", last=last), mark="fair")
    ready = (
        bool(ids)
        and last <= on.isoformat()
        and stuck.isdisjoint(ids)
        and not lacks
        and people.ready(act_of(choice.state))
    )
    state = say(f"proceeding.state.{choice.state}")
    if ids:
        told = say("procedure.step.does", number=len(ids), on=on.isoformat(), state=state)
        st.html(f'<p class="desk-note">{map_text(told)}{say(f"procedure.means.{choice.state}")}</p>')
    st.button(
        say("procedure.step.take", state=state),
        type="primary",
        disabled=not ready,
        on_click=_taken,
        args=(work, Step(work.version.number, ids, choice.state, on.isoformat(), reason, paper), work.seen),
        key=f"step-take-{work.key}",
    )


def _taken(work: Work, step: Step, seen: int) -> None:
    """Take the step on what the page showed: who sees less than there is by now is told so, and nothing is written."""
    words = say("procedure.step.done", number=len(step.area_ids), state=say(f"proceeding.state.{step.state}"))
    casework.done(
        lambda: proceed(
            work.project,
            step.version,
            step.area_ids,
            step.state,
            on=step.on,
            reason=step.reason,
            who=people.who(),
            expected=seen,
            paper=step.paper,
        ),
        words,
    )


def office_ways(work: Work, on: date) -> Mapping[str, Blocker]:
    """Return by code what is in the way of every area of a version alike."""
    return {
        stop.code: stop
        for matter in work.matters
        if (state := main_step(matter))
        for stop in in_the_way(work, matter, state, on)
        if stop.code in OF_THE_OFFICE
    }
