"""How the desk looks: its style sheet and icon, and the files that the browser fetches from this machine."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import noto_cjk_sans_otc  # type: ignore[import-untyped]
import streamlit as st
from streamlit.components.v1 import declare_component
from streamlit.navigation.page import StreamlitPage

from geo.wording import say
from report.maps import ASSETS
from report.maptext import map_text
from ui.language import switch
from ui.panel import in_view
from ui.people import remember, show_standing

_HERE = Path(__file__).parent
_FONT = Path(noto_cjk_sans_otc.__file__).parent
ICON = _HERE / "icon.svg"

# Streamlit serves a component's folder under component/<module>.<name>/ and needs no further setting for it.
for _name, _folder in (("leaflet", ASSETS), ("font", _FONT)):
    declare_component(_name, path=str(_folder))
# The first is on the bar; they lead to each other in a row of their own.
FAMILY = ("procedure", "opinions", "register", "grids", "office", "rules")
LEAFLET = f"component/{__name__}.leaflet"  # as seen from any page of the desk


def set_look() -> None:
    """Put the style sheet into the page."""
    sheet = (_HERE / "desk.css").read_text(encoding="utf-8")
    words = {key: say(f"desk.word.{key}") for key in ("brand", "choose", "drop", "gone", "wait")}
    own = "".join(f"--word-{key}:{json.dumps(word, ensure_ascii=False)};" for key, word in words.items())
    st.html(f"<style>:root{{{own}}}\n{sheet}</style>")


def title() -> str:
    """Return what the browser writes on the tab."""
    return say("desk.title")


def page_title(name: str) -> str:
    """Return the title of a page by its name."""
    return say(f"desk.page.{name}")


def link_pages(pages: Sequence[StreamlitPage], *, current: StreamlitPage) -> None:
    """Put the links to the pages on top, on a phone as on a desk: Streamlit would hide them there behind a sign."""
    with st.container(key="pages", horizontal=True):
        for page in (one for one in pages if one.url_path not in FAMILY[1:]):
            here = "here" if _link_name(page) == _on_the_bar(current) else "there"
            with st.container(key=f"page-{here}-{_link_name(page)}"):
                st.page_link(page)
        in_view(f"page-here-{_on_the_bar(current)}", turn=current.url_path)
        remember()
        show_standing()
        switch()
    if current.url_path in FAMILY:
        _link_family(pages, current=current)


def _link_name(page: StreamlitPage) -> str:
    return page.url_path or "first"


def _on_the_bar(page: StreamlitPage) -> str:
    """Return the name of the link on the bar that stands for a page."""
    return FAMILY[0] if page.url_path in FAMILY else _link_name(page)


def _link_family(pages: Sequence[StreamlitPage], *, current: StreamlitPage) -> None:
    """Put the links between the pages of the procedure below the bar."""
    with st.container(key="family", horizontal=True):
        for page in (one for name in FAMILY for one in pages if one.url_path == name):
            with st.container(key=f"family-{'here' if page is current else 'there'}-{page.url_path}"):
                st.page_link(
                    page, label=say("desk.family.procedure") if page.url_path == FAMILY[0] else page.title
                )
        in_view(f"family-here-{current.url_path}", turn=current.url_path)


def tell(text: str, *, mark: Literal["plain", "fair", "bad"] = "plain") -> None:
    """Show a sentence that may hold text from data: Streamlit's own boxes would read it as Markdown."""
    st.html(f'<p class="desk-says {mark}" role="status">{map_text(text)}</p>')
