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
from ui.people import remember

_HERE = Path(__file__).parent
_FONT = Path(noto_cjk_sans_otc.__file__).parent
ICON = _HERE / "icon.svg"

# Streamlit serves a component's folder under component/<module>.<name>/ and needs no further setting for it.
for _name, _folder in (("leaflet", ASSETS), ("font", _FONT)):
    declare_component(_name, path=str(_folder))
LEAFLET = f"component/{__name__}.leaflet"  # as seen from any page of the desk


def set_look() -> None:
    """Put the style sheet into the page."""
    sheet = (_HERE / "desk.css").read_text(encoding="utf-8")
    words = {key: say(f"desk.word.{key}") for key in ("brand", "choose", "drop")}
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
        for page in pages:
            with st.container(
                key=f"page-{'here' if page is current else 'there'}-{page.url_path or 'first'}"
            ):
                st.page_link(page)
        remember()
        switch()


def tell(text: str, *, mark: Literal["plain", "fair", "bad"] = "plain") -> None:
    """Show a sentence that may hold text from data: Streamlit's own boxes would read it as Markdown."""
    st.html(f'<p class="desk-says {mark}" role="status">{map_text(text)}</p>')
