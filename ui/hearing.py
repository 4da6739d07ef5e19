"""What a component of the browser told: handed on, unless the page it stands on was left meanwhile."""

from collections.abc import Callable
from typing import Any

import streamlit as st


def hear(key: str, event: str, then: Callable[[Any], None]) -> None:
    """Hand on what the component with this key told with an event.

    A component that speaks while its page is being left is heard on the next page, where Streamlit calls back but no
    longer knows what was told: that is nothing, and no error.
    """
    told = st.session_state.get(key)
    if told is not None and told[event] is not None:
        then(told[event])
