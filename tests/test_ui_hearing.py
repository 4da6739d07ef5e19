"""What a component told is handed on, and a page that was left meanwhile is no error."""

import pytest
import streamlit as st

from ui.hearing import hear


@pytest.mark.parametrize(
    ("state", "heard"),
    [
        ({"bar": {"who": "李敏", "undo": None}}, ["李敏"]),
        ({"bar": {"who": "", "undo": None}}, [""]),  # a name that was taken back
        (
            {"bar": {"who": None, "undo": None}},
            [],
        ),  # the component of the page that is shown now said nothing
        ({}, []),  # left before it was heard
    ],
    ids=["told", "told nothing", "another page's", "left"],
)
def test_what_was_told_is_handed_on_once(monkeypatch, state, heard):
    monkeypatch.setattr(st, "session_state", state)
    got: list[object] = []
    hear("bar", "who", got.append)
    assert got == heard
