"""The desk: `streamlit run app.py -- FOLDER` opens the plan in FOLDER; without one, it asks what to open."""

import streamlit as st

from ui import language, look, lost_page, session
from ui.pages import PAGES

language.keep_language()
st.set_page_config(page_title=look.title(), page_icon=str(look.ICON), layout="wide")
look.set_look()
session.admit()
session.keep_address()
found = {
    name: st.Page(show, title=look.page_title(name), default=name == "plan") for name, show in PAGES.items()
}
session.set_pages(found)
lost = lost_page.asked_for(st.context.url, {page.url_path for page in found.values()})
nowhere = [st.Page(lost_page.lost, title=look.page_title("lost"), url_path=lost)] if lost else []
page = st.navigation([*found.values(), *nowhere], position="hidden")
look.link_pages(list(found.values()), current=page)
page.run()
