"""The page of grid workers: what it says without grids, what it makes beside the desk, and what it hands out."""

import io
import json
import sys
import zipfile
from dataclasses import asdict, replace
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from geo.schema import DataError
from jobs.projects import project_of
from report.results import write_results
from tests import fakes
from tests.gridtowns import town
from ui import grids_page, session, worker
from ui.runs import Gridding, Refusal, sentence

DAY = "2026-11-23"


@pytest.fixture(autouse=True)
def _same_main(monkeypatch):
    """A tried page takes the place of `__main__`; give it back, for what starts other processes."""
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])


def opened(results, folder: Path, monkeypatch) -> Path:
    """Put a plan behind the desk; return its project file."""
    write_results(results, folder / "plan")
    monkeypatch.setattr(session, "SHELF", folder / "projects")
    monkeypatch.setattr(session, "PLANS", folder / "desk")
    monkeypatch.setattr(sys, "argv", ["app", str(folder / "plan")])
    monkeypatch.setattr(session, "page", lambda name: f"{name}.py")
    monkeypatch.setattr("streamlit.page_link", lambda *_args, **_more: None)
    session._taken.clear()
    session._opened.clear()
    return project_of(folder / "plan", folder / "projects")


def page() -> AppTest:
    def shown():
        from ui import grids_page, session

        session.set_pages({})
        session.keep_address()
        grids_page.grids()

    app = AppTest.from_function(shown, default_timeout=60)
    app.session_state["pages"] = {}
    return app.run()


def texts(app: AppTest) -> str:
    return "".join(element.proto.body for element in app.main if element.type == "html")


def without_lines(results, grids: str):
    """A plan without the layer of grids, and what its ledger says of each community."""
    layers = {key: layer for key, layer in results.layers.items() if key != "grids"}
    table = results.communities.assign(grids=grids).astype({"grids": "str"})
    return replace(results, communities=table, layers=layers, area_grid=None, community_grid=None)


def test_without_grids_the_page_says_what_is_missing(tmp_path, monkeypatch):
    opened(without_lines(fakes.results(), ""), tmp_path, monkeypatch)
    app = page()
    assert not app.exception
    assert "这个方案没有网格界线，台账里也没有所属网格" in texts(app)
    assert not app.button


def test_a_list_in_the_ledger_is_enough(tmp_path, monkeypatch):
    project = opened(without_lines(town(), "第2网格"), tmp_path, monkeypatch)
    app = page()
    assert [one.label for one in app.button] == ["编印网格员页面"]
    worker.lay_out_grids(Gridding(project, DAY), folder_of(tmp_path), lambda _: None)
    assert page().selectbox[0].options == ["第2网格"]


def test_pages_are_made_beside_the_desk_and_handed_out(tmp_path, monkeypatch):
    project = opened(town(), tmp_path, monkeypatch)
    app = page()
    assert not app.exception
    assert "还没有定稿的版本，按最近改动的草稿编印" in texts(app)
    assert [one.label for one in app.button] == ["编印网格员页面"]
    news: list[dict[str, object]] = []
    worker.lay_out_grids(Gridding(project, DAY), folder_of(tmp_path), news.append)
    assert news[-1] == {"outcome": "done"}
    assert {"stage": "grids", "pieces": (4, 4)} in news
    app = page()
    assert "编印。方案、办理进度或意见有改动后，请重新编印。" in texts(app)
    assert app.selectbox[0].options == ["第1网格", "第2网格", "第3网格", "第10网格"]


def folder_of(tmp_path: Path) -> Path:
    """Return where the page of this plan looks for its pages."""
    return tmp_path / "desk" / "grids" / session.digest_of(tmp_path / "plan")[:12]


def test_a_day_that_is_none_makes_nothing(tmp_path, monkeypatch):
    opened(town(), tmp_path, monkeypatch)
    app = page()
    app.text_input[0].set_value("哪天").run()
    assert next(one for one in app.button if one.label == "编印网格员页面").disabled


def test_an_address_no_phone_can_open_is_refused_in_words(tmp_path, monkeypatch):
    project = opened(town(), tmp_path, monkeypatch)
    news: list[dict[str, object]] = []
    worker.lay_out_grids(Gridding(project, DAY, "javascript:1"), tmp_path / "out", news.append)
    assert sentence(Refusal(**news[-1]["refusal"])) == str(
        DataError("gridpages.address", given="javascript:1")
    )
    assert not (tmp_path / "out").exists()


def test_a_wish_survives_the_way_to_the_other_process():
    wish = Gridding(Path("a.gpkg"), DAY, "http://10.0.0.8/g")
    assert worker.gridding_of(json.loads(json.dumps(asdict(wish), default=str))) == wish


def test_the_same_pages_make_the_same_zip(tmp_path):
    (tmp_path / "b.html").write_text("b")
    (tmp_path / "a.png").write_bytes(b"a")
    first = grids_page.zipped(tmp_path)
    (tmp_path / "b.html").touch()
    assert grids_page.zipped(tmp_path) == first
    assert zipfile.ZipFile(io.BytesIO(first)).namelist() == ["a.png", "b.html"]
