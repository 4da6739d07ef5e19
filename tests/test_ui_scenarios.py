"""Scenarios on the desk: what can be wished, what is wished in words, and a run of it that leaves the draft alone."""

import json
from dataclasses import asdict, replace
from pathlib import Path

import geopandas as gpd
import pytest

from geo.schema import DataError
from geo.wording import speaking
from jobs.reopened import reopened
from jobs.weighing import Weighing, Wish
from optimizer.rules import Rules
from report.reopening import read_results
from report.results import write_results
from store.drafts import Draft
from store.records import plain
from tests import fakes
from ui import worker
from ui.runs import Refusal, sentence
from ui.scenarios import values_of, wish_of, wish_words

BASE = fakes.results()
NOW = values_of(Rules(), BASE)


def weighing(folder: Path, **wish: object) -> Weighing:
    return Weighing(folder, plain(Draft(reopened(BASE).plan)), asdict(Wish(**wish)), "最低户数 120")


def test_what_can_be_wished_is_as_it_is_now():
    assert (NOW["minimum"], NOW["upper"], NOW["grid"], NOW["unlike.lift"]) == (100, 500, 1000, 500)


def test_only_the_reach_of_places_that_are_there_can_be_wished():
    points = gpd.GeoSeries(BASE.communities.geometry.representative_point(), crs=BASE.communities.crs)
    dotted = replace(BASE, communities=BASE.communities.set_geometry(points))
    assert "reach_outline_m" not in values_of(Rules(), dotted)
    assert "reach_point_m" in values_of(Rules(), dotted)
    shapes = BASE.communities[BASE.communities.geom_type.isin(["Polygon", "MultiPolygon"])]
    assert "reach_point_m" not in values_of(Rules(), replace(BASE, communities=shapes))


def test_a_wish_is_what_differs():
    assert wish_of(NOW, NOW) == Wish()
    given = {**NOW, "minimum": 150.0, "grid": 0.0, "unlike.lift": 900.0, "reach_outline_m": 45.0}
    wish = wish_of(NOW, given)
    assert wish == Wish(minimum=150, reach_outline_m=45.0, prices={"grid": 0.0, "unlike.lift": 900.0})
    assert isinstance(wish.minimum, int)


def test_a_wish_in_words():
    wish = Wish(minimum=1500, reach_outline_m=45.0, prices={"grid": 0.0})
    assert wish_words(wish) == "最低户数 1,500；相邻距离上限（轮廓，米） 45；每多一个网格 0"
    assert wish_words(Wish()) == ""
    with speaking("en"):
        assert wish_words(Wish(upper=300)) == "upper limit 300"


# --- the other process -----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def written(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("plan") / "plan"
    write_results(BASE, folder)
    return folder


def test_a_question_goes_through_words_unchanged(written):
    asked = weighing(written, minimum=120)
    assert worker.weighing_of(json.loads(json.dumps(asdict(asked), default=str))) == asked


def test_the_other_process_writes_a_folder_of_its_own(written, tmp_path):
    before = {path.name: path.read_bytes() for path in written.iterdir()}
    news = []
    worker.weigh(weighing(written, minimum=120), tmp_path / "out", news.append)
    assert news[-1] == {"outcome": "done"}
    results = read_results(tmp_path / "out")
    assert (results.summary["minimum"], results.summary["scenario"]) == (120, "最低户数 120")
    assert {path.name: path.read_bytes() for path in written.iterdir()} == before


def test_a_wish_that_contradicts_itself_is_refused_in_words(written, tmp_path):
    news = []
    worker.weigh(weighing(written, minimum=150, upper=120), tmp_path / "out", news.append)
    assert sentence(Refusal(**news[-1]["refusal"])) == str(DataError("rules.upper", given=120, minimum=150))
    assert not (tmp_path / "out").exists()


def test_what_nobody_foresaw_is_told_as_a_number_only(written, tmp_path, monkeypatch, caplog):
    def fail(*_, **__):
        raise RuntimeError("/secret/path")

    monkeypatch.setattr("jobs.weighing.solve", fail)
    news = []
    worker.weigh(weighing(written, minimum=150), tmp_path / "out", news.append)
    assert news[-1].keys() == {"outcome", "incident"}
    assert news[-1]["incident"] in caplog.text
