"""用我的数据 as a page: what it says beside the button while files are read, and after."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from geo.schema import DataError
from geo.wording import say
from jobs.district import plan_district
from jobs.previewing import Preview
from jobs.request import Request
from jobs.roles import LEDGER, Part
from ui import import_page, matching, reader, session
from ui.reader import Seen
from ui.runs import Refusal
from ui.uploads import Draft

ASKED = Seen(Preview(), Refusal("reading.no_count", {}))


REALDATA = Path(__file__).parent.parent.parent / "shared" / "realdata" / "chongqing"


@pytest.fixture(autouse=True)
def _desk(tmp_path, monkeypatch) -> Iterator[None]:
    """A desk with nothing open, on which nobody has chosen any column yet."""
    monkeypatch.setattr(sys, "argv", ["app.py"])
    monkeypatch.setattr(session, "page", lambda name: name)
    monkeypatch.setattr(st, "page_link", lambda *_, **__: None)  # the page it leads to is not here
    monkeypatch.setattr(matching, "FILE", tmp_path / "out" / "columns.json")
    yield
    st.cache_resource.clear()


def page() -> None:
    from ui import import_page, session

    session.keep_address()
    import_page.own_data()


def shown(*ledgers: str, text: str = "") -> AppTest:
    """The page, with ledgers of these names handed over; `text` is what stands in them."""
    app = AppTest.from_function(page, default_timeout=60)
    draft = Draft()
    for name in ledgers:
        (draft.folder.path / name).write_text(text, encoding="utf-8")
    draft.add([Part(draft.folder.path / name, None, LEDGER, 3) for name in ledgers])
    app.session_state["draft"] = draft
    return app.run()


@pytest.fixture
def read_here(monkeypatch) -> None:
    """Read without a process of its own."""

    def asked(order, **_):
        words = json.loads(json.dumps({**order, "language": "zh"}, default=str, ensure_ascii=False))
        return json.loads(json.dumps(reader.answered(words), default=str, ensure_ascii=False))

    monkeypatch.setattr(reader, "_asked", asked)


@pytest.fixture
def started(monkeypatch) -> list[Request]:
    """What was asked to be planned, instead of a run."""
    requests: list[Request] = []
    monkeypatch.setattr(session, "start_run", lambda request, *_, **__: requests.append(request))
    return requests


def press(app: AppTest, label: str, number: int = 0) -> AppTest:
    found = [one for one in app.button if one.label == label][number]
    assert not found.disabled
    found.click().run()
    assert not app.exception
    return app


def texts(app: AppTest) -> str:
    return "".join(element.proto.body for element in app.main if element.type == "html")


def said(app: AppTest) -> list[str]:
    """Return which of its sentences the page says beside the button."""
    keys = ("no_ledger", "reading", "mend_first", "answer_first", "ready")
    return [key for key in keys for _ in range(texts(app).count(f">{say(f'intake.{key}')}<"))]


def test_without_a_file_the_page_says_what_it_waits_for():
    assert said(shown()) == ["no_ledger"]


def test_while_files_are_read_the_page_no_longer_says_that_there_is_none(monkeypatch):
    told = []

    def parts_of(paths, **_):
        told.append(st.session_state[import_page.SAID])
        return [Part(path, None, LEDGER, 3) for path in paths]

    def seen_of(_):
        told.append(st.session_state[import_page.SAID])
        return ASKED

    monkeypatch.setattr(reader, "parts_of", parts_of)
    monkeypatch.setattr(reader, "seen_of", seen_of)
    app = shown()
    app.file_uploader[0].set_value(("台账.csv", b"1", "text/csv")).run()
    assert told == ["intake.reading"] * 2
    assert said(app) == ["answer_first"]


def test_where_reading_fails_the_page_does_not_go_on_reading(monkeypatch):
    def stops(*_: object, **__: object) -> None:
        raise DataError("intake.slow", seconds=120)

    monkeypatch.setattr(reader, "parts_of", stops)
    app = shown()
    app.file_uploader[0].set_value(("台账.csv", b"1", "text/csv")).run()
    assert "文件读了 120 秒还没有读完" in texts(app)
    assert said(app) == []


def test_two_ledgers_are_not_none():
    assert said(shown("甲.csv", "乙.csv")) == ["mend_first"]


# --- questions -------------------------------------------------------------------------------------

BARE = "小区名称,户数,经度,纬度\n甲院,60,105.9271,29.3562\n乙院,70,105.9291,29.3572\n"
TWO_COUNTS = "小区名称,户数,套数\n{0}院,60,66\n"


def test_bare_degrees_are_drawn_under_each_system_and_the_one_that_is_pointed_at_is_taken(read_here, started):
    app = shown("台账.csv", text=BARE)
    assert len(app.image) == 3
    assert all(say(f"desk.ask.{system}") in texts(app) for system in ("EPSG_4490", "gcj02", "bd09"))
    assert said(app) == ["answer_first"]
    press(app, say("intake.reading_of.this_one"), 2)
    assert said(app) == ["ready"]
    press(app, say("desk.import.start"))
    assert [request.crs for request in started] == ["bd09"]


def test_a_column_that_was_chosen_is_remembered_for_the_next_file_with_this_head(read_here, started):
    app = shown("三月.csv", text=TWO_COUNTS.format("甲"))
    app.selectbox(key="ask-count").set_value("套数").run()
    press(app, say("desk.ask.go_on"))
    press(app, say("desk.import.start"))
    later = shown("四月.csv", text=TWO_COUNTS.format("乙"))
    press(later, say("desk.import.start"))  # nothing is asked again
    assert [plan_district(request).summary["count"] for request in started] == ["套数", "套数"]
    other = shown("别的表.csv", text="小区名称,户数,套数,地址\n甲院,60,66,甲路\n")
    assert said(other) == ["answer_first"]


# --- ledgers as offices have them ------------------------------------------------------------------


@pytest.mark.realdata
@pytest.mark.skipif(not REALDATA.is_dir(), reason="../shared/realdata is not here")
@pytest.mark.parametrize(
    ("name", "rows", "held"), [("district_fuling_beike.csv", 408, 0), ("yongchuan_sofang.csv", 148, 126)]
)
def test_a_ledger_of_a_district_is_matched_asked_about_on_the_map_listed_and_planned(
    read_here, started, name, rows, held
):
    app = shown(name, text=(REALDATA / name).read_text(encoding="utf-8-sig"))
    press(app, say("intake.reading_of.this_one"), 2)
    _, seen = app.session_state[import_page.SEEN]
    told = seen.preview.rows
    assert (told.rows_in, told.used, len(told.held)) == (rows, rows, held)
    assert {"name", "count", "lonlat"} <= set(seen.preview.head.columns)
    assert seen.preview.findings
    press(app, say("desk.import.start"))
    (request,) = started
    summary = plan_district(request).summary
    assert (request.crs, summary["communities"], summary["held"]) == ("bd09", rows, held)
    assert summary["areas"] > 0
