"""The desk: `streamlit run app.py -- FOLDER` opens the plan in FOLDER; without one, it asks what to open."""

import streamlit as st

from ui import language, look, session
from ui.pages import PAGES

language.keep_language()
st.set_page_config(page_title=look.title(), page_icon=str(look.ICON), layout="wide")
look.set_look()
session.keep_address()
found = {
    name: st.Page(show, title=look.page_title(name), default=name == "plan") for name, show in PAGES.items()
}
page = st.navigation(pages := session.set_pages(found), position="hidden")
look.link_pages(pages, current=page)
page.run()
