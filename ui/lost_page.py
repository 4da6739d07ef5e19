"""没有这一页: what an address shows that leads nowhere, in our own words; Streamlit's would be English."""

from collections.abc import Collection
from urllib.parse import unquote, urlsplit

import streamlit as st

from geo.wording import say
from ui import session
from ui.session import guarded

AHEAD = ("start", "plan")  # where most want to go


def asked_for(address: str | None, known: Collection[str]) -> str:
    """Return the page that an address asks for and that is none of the known ones, "" where all is well."""
    path = unquote(urlsplit(address or "").path).strip("/")
    return "" if path in known or "/" in path else path


def lost() -> None:
    """Say that there is no such page, and lead on."""
    with guarded():
        st.html(f'<div class="desk-head"><h1>{say("desk.page.lost")}</h1><p>{say("desk.lost")}</p></div>')
        for name in AHEAD:
            st.page_link(session.page(name))
