"""The desk: `streamlit run app.py -- FOLDER` opens the plan in FOLDER; without one, the sample street's."""

import streamlit as st

from ui import import_page, look, plan_page, session

st.set_page_config(page_title=look.TITLE, page_icon=str(look.ICON), layout="wide")
look.set_look()
pages = [
    st.Page(plan_page.plan, title=plan_page.TITLE, default=True),
    st.Page(import_page.own_data, title=import_page.TITLE),
]
page = st.navigation(pages, position="hidden")
look.link_pages(pages, current=page)
session.keep_address()
page.run()
