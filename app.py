"""The desk: `streamlit run app.py -- FOLDER` opens the plan in FOLDER; without one, it asks what to open."""

import streamlit as st

from ui import (
    compare_page,
    import_page,
    language,
    look,
    meeting_page,
    plan_page,
    scenario_page,
    session,
    start_page,
    survey_page,
)

language.keep_language()
st.set_page_config(page_title=look.title(), page_icon=str(look.ICON), layout="wide")
look.set_look()
session.keep_address()
pages = session.set_pages(
    {
        "start": st.Page(start_page.start, title=look.page_title("start")),
        "plan": st.Page(plan_page.plan, title=look.page_title("plan"), default=True),
        "compare": st.Page(compare_page.compare, title=look.page_title("compare")),
        "scenario": st.Page(scenario_page.weigh, title=look.page_title("scenario")),
        "survey": st.Page(survey_page.survey, title=look.page_title("survey")),
        "meeting": st.Page(meeting_page.meet, title=look.page_title("meeting")),
        "import": st.Page(import_page.own_data, title=look.page_title("import")),
    }
)
page = st.navigation(pages, position="hidden")
look.link_pages(pages, current=page)
page.run()
