"""What one desk has open, and what of an error a page shows."""

import shutil
import sys

import pytest
from streamlit.testing.v1 import AppTest

from report.results import write_results
from tests import fakes
from ui import session


@pytest.fixture(autouse=True)
def _same_main(monkeypatch):
    """A tried page takes the place of `__main__`; give it back, for what starts other processes."""
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])


def texts(app: AppTest) -> str:
    return "".join(element.proto.body for element in app.main if element.type == "html")


def test_an_error_nobody_foresaw_shows_a_number_and_nothing_of_its_inside(caplog):
    def page():
        from ui.session import guarded

        with guarded():
            raise RuntimeError("/secret/path")

    app = AppTest.from_function(page).run()
    assert not app.exception
    assert "出了没有料到的问题（编号 " in texts(app)
    assert "secret" not in texts(app)
    assert "RuntimeError: /secret/path" in caplog.text


def test_a_data_error_shows_its_sentence_as_text():
    def page():
        from geo.schema import DataError
        from ui.session import guarded

        with guarded():
            raise DataError("reading.empty", file="<b>.csv")

    app = AppTest.from_function(page).run()
    assert "&#60;b&#62;.csv 是空文件" in texts(app)


def test_the_digest_is_of_the_content(tmp_path):
    write_results(fakes.results(), tmp_path / "a")
    assert session.digest_of(tmp_path / "none") == ""
    before = session.digest_of(tmp_path / "a")
    shutil.copytree(tmp_path / "a", tmp_path / "b")
    assert session.digest_of(tmp_path / "b") == before
    (tmp_path / "a" / "summary.json").write_text("{}")
    assert session.digest_of(tmp_path / "a") != before


@pytest.mark.parametrize("token", ["../../etc", "x" * 24, "a" * 23, "A" * 24])
def test_only_a_token_of_ours_is_taken_from_the_address(token):
    def page():
        import streamlit as st

        from ui.session import keep_address

        keep_address()
        st.text(f"[{st.session_state.plan}]")

    app = AppTest.from_function(page)
    app.query_params["plan"] = token
    assert app.run().text[0].value == "[]"


def test_a_token_stays_in_the_address():
    def page():
        import streamlit as st

        from ui.session import keep_address

        keep_address()
        st.text(f"[{st.session_state.plan}]")

    app = AppTest.from_function(page)
    app.query_params["plan"] = "a1" * 12
    app.run()
    assert app.text[0].value == f"[{'a1' * 12}]"
    app.query_params.clear()
    app.run()
    assert app.query_params["plan"] in ("a1" * 12, ["a1" * 12])
