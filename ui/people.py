"""Who works here, and what they may do: a name said once and kept by the browser, or told by a proxy; a role from a file.

The store refuses by itself what a role does not allow (store.access); here pages learn it beforehand, and say it.
"""

import os
import re
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from urllib.parse import unquote

import streamlit as st
from streamlit.components.v2 import component

from geo.schema import DataError
from geo.wording import say
from report.maptext import map_text
from store.access import (
    EVERYBODY,
    NEEDS,
    ROLES,
    ROLES_FILE,
    WHOLE,
    Access,
    act_words,
    part_words,
    read_access,
)
from ui.hearing import hear

WHO = "who"
_SHOWN = "who-shown"
_NAME, _POST = "start-name", "start-post"  # the fields of the start page
_WITH_POST = re.compile(r"(.+?)\(([^()]+)\)")  # as the bar of the desk takes it apart (bar.js)
_HERE_ONLY = ("127.0.0.1", "::1", "localhost")
_REMEMBERED = component("zutuan_people", js=(Path(__file__).parent / "people.js").read_text(encoding="utf-8"))


# --- who -------------------------------------------------------------------------------------------


@st.cache_resource(show_spinner=False)
def access() -> Access:
    """Return who may do what, read once; raises DataError where the file is wrong: then nothing opens.

    A header can be believed only where no browser reaches the desk but through the proxy.
    """
    file = os.environ.get(ROLES_FILE, "")
    found = read_access(Path(file)) if file else EVERYBODY
    served = str(st.get_option("server.address") or "")
    if found.header and served not in _HERE_ONLY:
        raise DataError("access.not_local", given=served or "0.0.0.0")  # noqa: S104 - told, not listened on
    return found


def proven() -> bool:
    """Tell whether names are proven by somebody who signs people in."""
    return bool(access().header)


def who() -> str:
    """Return who works here, "" where nobody said or signed in."""
    if not proven():
        return str(st.session_state.get(WHO, ""))
    told = set(st.context.headers.get_all(access().header))
    return access().named(account_of(told.pop())) if len(told) == 1 else ""  # two would be one too many


def account_of(header: str) -> str:
    """Return the account in a header, which holds no Chinese but percent-encoded or as the bytes of UTF-8."""
    with suppress(UnicodeError):  # it is as it was meant
        header = header.encode("latin-1").decode("utf-8")
    return unquote(header).strip()


def remember() -> None:
    """Let the browser keep who works here, and say so again in a session that does not know; shows nothing."""
    if not proven():
        _REMEMBERED(key="people", data={"who": who()}, on_who_change=_recalled)


def introduce(name: str) -> None:
    """Take a name that was typed; who signed in is who they are."""
    if not proven():
        st.session_state[WHO] = name.strip()


def named(name: str, post: str) -> str:
    """Return who this is in the log: the name, with the post behind it in brackets; "" without a name."""
    name, post = name.strip(), post.strip()
    return f"{name}({post})" if name and post else name


def name_and_post(told: str) -> tuple[str, str]:
    """Return name and post of who this is in the log, "" for a post that was not told."""
    found = _WITH_POST.fullmatch(told)
    return (found[1], found[2]) if found else (told, "")


def ask_first() -> None:
    """Ask at the start who works here, by name and post; whom the browser remembers stands in the fields already."""
    with st.container(key="who-first"):
        words, name, post = st.columns([5, 3, 3], gap="small", vertical_alignment="center")
        with words:
            st.html(f"<h2>{say('access.start.title')}</h2><p>{map_text(_first_words())}</p>")
        if proven():
            return
        state = st.session_state
        if named(state.get(_NAME, ""), state.get(_POST, "")) != who():  # told elsewhere, or by the browser
            state[_NAME], state[_POST] = name_and_post(who())
        for place, key, asked in ((name, _NAME, "name"), (post, _POST, "post")):
            with place:
                st.text_input(
                    say(f"access.start.{asked}"),
                    key=key,
                    max_chars=40,
                    placeholder=say(f"access.start.{asked}_example"),
                    on_change=_told_first,
                )


def is_asked_first() -> bool:
    """Tell whether nothing opens before somebody says a name: where roles go by the name that is written."""
    return mode() == "unproven" and not who()


def _first_words() -> str:
    if proven():
        return here(access(), who())
    return say("access.start.known", who=who()) if who() else say(f"access.start.{mode()}")


def _told_first() -> None:
    introduce(named(st.session_state[_NAME], st.session_state[_POST]))


# --- what they may do ------------------------------------------------------------------------------


def may(act: str) -> bool:
    """Tell whether who works here may do it; `act` is a key of store.access.NEEDS."""
    return access().allows(who(), act)


def ready(act: str) -> bool:
    """Tell whether it can be done here and now: somebody is named, and may."""
    return bool(who()) and may(act)


def require(act: str) -> None:
    """Raise DataError where who works here may not do it: before what is written beside a project."""
    access().require(who(), act)


def ask_who(place: str, *acts: str) -> None:
    """Show the field as long as nobody is known, then which of these acts their role does not allow.

    `place` tells the field from those of other pages.
    """
    if not who() and proven():
        _note(say("access.nobody_signed_in"))
    elif not who():
        key = f"who-{place}"
        st.text_input(say("desk.dock.who"), key=key, max_chars=40, on_change=_introduced, args=(key,))
    say_refused(*acts)


def say_refused(*acts: str) -> None:
    """Show which of these acts the role of who works here does not allow."""
    for words in refusals(access(), who(), acts):
        _note(words)


def refusals(known: Access, name: str, acts: Iterable[str]) -> list[str]:
    """Return what they may not do, in one sentence for each role it takes, and who may."""
    refused = [act for act in acts if not known.allows(name, act)]
    member = known.member(name)
    told = []
    for role in ROLES:
        if of_role := [act for act in refused if NEEDS[act] == role]:
            whole = member.limited and of_role[0] in WHOLE
            told.append(
                say(
                    f"access.cannot{'_whole' if whole else ''}",
                    who=standing(known, name),
                    acts=tuple(map(act_words, of_role)),
                    needed=say(f"access.role.{role}"),
                    names=known.able(of_role[0]),
                )
            )
    return told


def refused_words(*acts: str) -> dict[str, str]:
    """Return under "no_" and the act what is said in the place of an act that the role does not allow."""
    told = {act: refusals(access(), who(), (act,)) for act in acts}
    return {f"no_{act}": words[0] for act, words in told.items() if words}


def standing(known: Access, name: str) -> str:
    """Return in words who this is here: the role, and the part of the office it is limited to."""
    if known.single:
        return say("access.single")
    member = known.member(name)
    role = say(f"access.role.{member.role}")
    return say("access.limited", role=role, part=part_words(member)) if member.limited else role


def is_other() -> bool:
    """Tell whether who works here is another than the page shows on top: a part of it that runs alone cannot say so."""
    return bool(st.session_state.get(_SHOWN, "") != here(access(), who()))


def here(known: Access, name: str) -> str:
    """Return in words who works here, as what, and whether the name is proven."""
    if known.single:
        return say("access.single")
    if known.header and not name:
        return say("access.nobody_signed_in")
    mark = say(f"access.mark.{'proven' if known.header else 'unproven'}")
    return say("access.here", who=name or say("access.nobody"), standing=standing(known, name), mark=mark)


def mode() -> str:
    """Return how names are known here: single (anybody does everything), unproven (as they are written), proven."""
    known = access()
    return "single" if known.single else "proven" if known.header else "unproven"


def show_standing() -> None:
    """Show who works here, as what, and whether the name is proven."""
    st.session_state[_SHOWN] = here(access(), who())
    about = say(f"access.about.{mode()}")
    st.html(
        f'<p class="desk-standing {mode()}" title="{map_text(about)}">{map_text(st.session_state[_SHOWN])}</p>'
    )


def _note(words: str) -> None:
    st.html(f'<p class="desk-says fair" role="status">{map_text(words)}</p>')


def _introduced(key: str) -> None:
    introduce(str(st.session_state.get(key, "")))


def _recalled() -> None:
    hear("people", "who", lambda name: introduce(str(name)))
