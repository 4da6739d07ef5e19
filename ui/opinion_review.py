"""What has to be decided on the opinions of an area: forms in doubt, answers to themes, and when what is personal goes."""

from functools import partial

import streamlit as st

from geo.wording import say
from jobs.consulting import ruled, why_not_forget
from jobs.tallying import Suspicion, suspicions, themes_of
from report.maptext import map_text
from store.opinions import ADOPTED, RULINGS, Theme
from store.records import digest
from ui.consulted import Consulted, say_next, tried
from ui.opinion_entry import answer_words
from ui.people import ready, who

NONE, SEPARATE = "", "separate"  # choices beside the opinions: none of them counts; not one owner
DOUBTS_SHOWN = 20
APART = "not_the_same"  # the ruling that goes with it


# --- in doubt --------------------------------------------------------------------------------------


def suspected(found: Consulted) -> None:
    """Show the answers that contradict each other, each with what can be decided."""
    doubted = suspicions(found.forms)
    st.html(f"<h3>{say('opinions.suspicions_head')}</h3>")
    note = "suspicions_note" if doubted else "suspicions_none"
    st.html(f'<p class="desk-note">{say(f"opinions.{note}")}</p>')
    for one in doubted[:DOUBTS_SHOWN]:
        with st.container(border=True, key=f"doubt-{digest(one.forms)[:12]}-{found.key}"):
            _suspicion(found, one)
    if len(doubted) > DOUBTS_SHOWN:
        st.html(
            f'<p class="desk-note">{say("opinions.suspicions_more", number=len(doubted) - DOUBTS_SHOWN)}</p>'
        )


def _suspicion(found: Consulted, one: Suspicion) -> None:
    rows = "".join(
        f"<li>{map_text(say('opinions.suspicion_answer', form=form_no, words=answer_words(a), day=a.returned_on))}</li>"
        for form_no, a in one.answers
    )
    st.html(
        f'<p class="desk-field">{say(f"opinions.kind_of.{one.kind}")}</p><ul class="desk-kinds">{rows}</ul>'
    )
    own = f"{digest([one.forms, one.answers])[:12]}-{found.key}"
    opinions = sorted({answer.opinion for _, answer in one.answers})
    choices = [*opinions, NONE, *([SEPARATE] if one.kind == "signature" else [])]
    left, right = st.columns(2)
    with left:
        stands = st.selectbox(
            say("opinions.stands"),
            choices,
            index=None,
            format_func=_choice_words,
            placeholder=say("desk.ask.choose"),
            key=f"stands-{own}",
        )
    with right:
        reasons = [APART] if stands == SEPARATE else [reason for reason in RULINGS if reason != APART]
        why = st.selectbox(
            say("opinions.ruling"),
            reasons,
            format_func=lambda reason: say(f"opinions.ruling_of.{reason}"),
            key=f"ruling-{stands == SEPARATE}-{own}",
        )
    able = stands is not None and ready("put_forms")
    if st.button(say("opinions.rule"), disabled=not able, key=f"rule-{own}") and stands is not None:
        changes = ruled(one, found.forms, stands=NONE if stands == SEPARATE else stands, ruling=why)
        tried(lambda: found.project.put_forms(changes, who(), action="opinion_rule"))
        st.rerun()


def _choice_words(choice: str) -> str:
    if choice == SEPARATE:
        return say("opinions.separate")
    return say(f"opinions.opinion.{choice}") if choice else say("opinions.none_stands")


# --- themes ----------------------------------------------------------------------------------------


def themes(found: Consulted) -> None:
    """Show what forms say, and keep what is answered."""
    st.html(f"<h3>{say('opinions.themes_head')}</h3>")
    told = found.tally.themes
    if not told:
        st.html(f'<p class="desk-note">{say("opinions.themes_none")}</p>')
        return
    st.html(f'<p class="desk-note">{say("opinions.themes_note")}</p>')
    lines = {one.text: say("opinions.theme_line", text=one.text, number=one.forms) for one in told}
    marks = {one.text: say(f"forms.adopted.{one.adopted or 'open'}") for one in told}
    rows = "".join(
        f"<li>{map_text(line)} <b>{map_text(marks[text])}</b></li>" for text, line in lines.items()
    )
    st.html(f'<ul class="desk-kinds">{rows}</ul>')
    picked = st.selectbox(
        say("opinions.theme"), list(lines), format_func=lines.__getitem__, key=f"theme-{found.key}"
    )
    if picked is not None:
        _theme(found, picked)


def _theme(found: Consulted, text: str) -> None:
    kept = {theme.text: theme for theme in themes_of(found.project.opinion_themes(), found.course)}
    version, area_id = found.course.place
    known = kept.get(text, Theme(version, area_id, text))
    own = f"{digest([text, known.at])[:12]}-{found.key}"
    with st.form(f"theme-{own}", border=False):
        wording = st.text_input(say("opinions.theme_text"), value=text, max_chars=60, key=f"text-{own}")
        reply = st.text_area(
            say("opinions.reply"), value=known.reply, max_chars=300, height=68, key=f"reply-{own}"
        )
        adopted = st.radio(
            say("opinions.adopted"),
            ADOPTED,
            index=ADOPTED.index(known.adopted),
            format_func=lambda code: say(f"opinions.adopted_as.{code or 'none'}"),
            horizontal=True,
            key=f"adopted-{own}",
        )
        reason = st.text_input(say("opinions.reason"), value=known.reason, max_chars=200, key=f"reason-{own}")
        if st.form_submit_button(say("opinions.save"), disabled=not ready("put_theme"), width="stretch"):
            theme = Theme(known.version, known.area_id, wording, reply, adopted, reason, known.at)
            tried(lambda: found.project.put_theme(theme, who(), was=text))
            st.rerun()


# --- what is personal ------------------------------------------------------------------------------


def personal(found: Consulted) -> None:
    """Say of how many forms rooms or signatures are kept, and delete them once the case is closed."""
    places = [found.course.place, *found.course.earlier]
    kept = found.project.people_kept()
    number = sum(kept.get(place, 0) for place in places)
    st.html(f"<h3>{say('opinions.forget_head')}</h3>")
    if number:
        st.html(f'<p class="desk-note">{say("opinions.forget_kept", number=number)}</p>')
    why = why_not_forget(found.course, found.forms, number)
    if why:
        st.html(f'<p class="desk-note">{say(f"opinions.why_not_forget.{why}")}</p>')
        return
    st.html(f'<p class="desk-note">{say("opinions.forget_note")}</p>')
    sure = st.checkbox(say("opinions.forget_sure"), key=f"sure-{found.key}")
    if st.button(
        say("opinions.forget"), disabled=not (sure and ready("forget_people")), key=f"forget-{found.key}"
    ):
        for version, area_id in places:
            tried(partial(found.project.forget_people, version, area_id, who()))
        say_next(say("opinions.forgotten", number=number))
        st.rerun()
