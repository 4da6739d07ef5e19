"""谁能做什么: how names are known here, who has which role, and what each role may do; shown among the settings."""

import pandas as pd
import streamlit as st

from geo.wording import listed, say
from store.access import NEEDS, ROLES, Access, act_words, part_words
from ui import people
from ui.tables import table_html


def membership() -> None:
    """Show how names are known, the people and the roles."""
    known = people.access()
    st.html(f'<h2 class="meet-head">{say("access.title")}</h2>')
    st.html(f'<p class="desk-note">{say(f"access.about.{people.mode()}")}{say("access.where")}</p>')
    if not known.single:
        st.html(table_html(members_table(known), "members"))
        st.html(table_html(roles_table(), "roles"))


def members_table(known: Access) -> pd.DataFrame:
    """Return the people in the order of the file, each with role and part."""
    rows = [
        (one.name, say(f"access.role.{one.role}"), part_words(one) or say("access.everywhere"))
        for one in known.members
    ]
    return pd.DataFrame(rows, columns=[say(f"access.column.{key}") for key in ("name", "role", "part")])


def roles_table() -> pd.DataFrame:
    """Return what each role may do beside what those before it may."""
    rows = [
        (
            say(f"access.role.{role}"),
            listed(act_words(act) for act, needed in NEEDS.items() if needed == role) or say("access.looks"),
        )
        for role in ROLES
    ]
    return pd.DataFrame(rows, columns=[say(f"access.column.{key}") for key in ("role", "acts")])
