"""Files handed to the desk: their names are tamed, their bytes kept, their roles become a request."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from geo.reading import layer_names
from jobs.cli import SAMPLE
from jobs.district import plan_district
from jobs.request import FileLayer
from jobs.sample import sample_request
from ui.uploads import Draft, safe_name


@dataclass
class Sent:
    name: str
    data: bytes = b"x"

    def getbuffer(self):
        return memoryview(self.data)


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("台账.xlsx", "台账.xlsx"),
        ("胜利路街道 (终稿).xlsx", "胜利路街道 (终稿).xlsx"),
        ("../../etc/passwd", "passwd"),
        ("C:\\用户\\台账.csv", "台账.csv"),
        ("..", "file"),
        (".bashrc", "bashrc"),
        ("", "file"),
        (".csv", "csv"),
        ("a:b|c?.csv", "a_b_c_.csv"),
        ("台账\n\x00.csv", "台账__.csv"),
        ("长" * 300 + ".xlsx", "长" * 115 + ".xlsx"),
    ],
)
def test_a_name_cannot_lead_out_of_its_folder(name, kept):
    assert safe_name(name) == kept
    assert Path(safe_name(name)).name == safe_name(name)


def test_files_become_a_request_by_their_roles():
    draft = Draft()
    draft.keep("communities", [Sent("台账.xlsx", b"abc")])
    draft.keep("barriers", [Sent("路.gpkg"), Sent("路.gpkg")])
    draft.keep("scope", [Sent("范围.csv")])
    draft.answers["crs"] = "bd09"
    ledger, (first, second) = draft.folder.path / "communities-0" / "台账.xlsx", draft.files["barriers"]
    draft.layers |= {ledger: ("表2",), first: ("道路", "河流")}
    request = draft.request(minimum=80)
    assert request.communities == FileLayer(ledger, "表2")
    assert request.communities.path.read_bytes() == b"abc"
    assert request.barriers == (FileLayer(first, "道路"), FileLayer(first, "河流"), FileLayer(second))
    assert request.scope.name == "范围.csv"
    assert (request.crs, request.minimum, request.grids, request.duties) == ("bd09", 80, None, ())
    assert all(path.is_relative_to(draft.folder.path) for path in request.files())


def test_a_new_ledger_takes_its_old_answers_with_it():
    draft = Draft()
    draft.keep("communities", [Sent("a.csv")])
    draft.answers["count_column"] = "套数"
    draft.keep("communities", [Sent("b.csv")])
    assert draft.answers == {}
    assert draft.names("communities") == ["b.csv"]


def test_the_folder_goes_with_the_draft():
    draft = Draft()
    draft.keep("communities", [Sent("a.csv")])
    folder = draft.folder.path
    assert folder.exists()
    del draft
    assert not folder.exists()


def test_the_files_of_the_sample_with_all_their_layers_give_the_plan_of_the_sample():
    asked = sample_request(SAMPLE)
    draft = Draft()
    for role in ("communities", "outlines", "buildings", "committees", "grids", "links", "scope"):
        given = getattr(asked, role)
        path = getattr(given, "path", given)
        draft.keep(role, [Sent(path.name, path.read_bytes())])
    for role, name in (("barriers", "base.gpkg"), ("duties", "duties.gpkg")):
        draft.keep(role, [Sent(name, (SAMPLE / name).read_bytes())])
        (path,) = draft.files[role]
        draft.layers[path] = tuple(layer_names(path))
    told = plan_district(draft.request()).summary
    assert (told["areas"], told["exceptions"], told["held"]) == (22, 6, 3)
